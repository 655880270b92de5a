# SPDX-License-Identifier: GPL-2.0-or-later
"""Interfaces that many call, with the file and the function to read what they return.

What a name returns is read from the body that the tree under review has, so that a
kernel in which it is otherwise is judged by what it does.
"""

from __future__ import annotations

import re

from msgspec import Struct

from reviewer.facts import Facts
from reviewer.kit.acquire_release import PAIRS, How
from reviewer.models import Evidence

# names ; the file ; the function in it that decides (a name may be a macro around it)
_TABLE = """
platform_get_resource ; drivers/base/platform.c ; platform_get_resource
platform_get_resource_byname ; drivers/base/platform.c ; platform_get_resource_byname
devm_kmalloc devm_kzalloc devm_kcalloc devm_kmalloc_array ; drivers/base/devres.c ; devm_kmalloc
devm_kstrdup ; drivers/base/devres.c ; devm_kstrdup
devm_kasprintf ; drivers/base/devres.c ; devm_kvasprintf
devm_ioremap devm_ioremap_wc ; lib/devres.c ; __devm_ioremap
devm_request_region devm_request_mem_region ; kernel/resource.c ; __devm_request_region
devm_iio_device_alloc ; drivers/iio/industrialio-core.c ; devm_iio_device_alloc
devm_input_allocate_device ; drivers/input/input.c ; devm_input_allocate_device
debugfs_create_dir ; fs/debugfs/inode.c ; debugfs_create_dir
debugfs_create_file ; fs/debugfs/inode.c ; __debugfs_create_file
of_match_node ; drivers/of/base.c ; __of_match_node
proc_create_data ; fs/proc/generic.c ; proc_create_reg
devm_ioremap_resource devm_platform_ioremap_resource ; lib/devres.c ; __devm_ioremap_resource
devm_platform_get_and_ioremap_resource ; lib/devres.c ; __devm_ioremap_resource
devm_platform_ioremap_resource_byname ; lib/devres.c ; __devm_ioremap_resource
devm_clk_get devm_clk_get_enabled devm_clk_get_prepared ; drivers/clk/clk-devres.c ; __devm_clk_get
devm_regulator_get devm_regulator_get_exclusive ; drivers/regulator/devres.c ; _devm_regulator_get
devm_regmap_init_i2c devm_regmap_init_spi devm_regmap_init_mmio ; drivers/base/regmap/regmap.c ; __devm_regmap_init
devm_regmap_init ; drivers/base/regmap/regmap.c ; __devm_regmap_init
devm_memremap ; kernel/iomem.c ; devm_memremap
drmm_encoder_alloc drmm_plain_encoder_alloc ; drivers/gpu/drm/drm_encoder.c ; __drmm_encoder_alloc
drmm_universal_plane_alloc ; drivers/gpu/drm/drm_plane.c ; __drmm_universal_plane_alloc
drmm_crtc_alloc_with_planes ; drivers/gpu/drm/drm_crtc.c ; __drmm_crtc_alloc_with_planes
devm_drm_dev_alloc ; drivers/gpu/drm/drm_drv.c ; __devm_drm_dev_alloc
drm_property_create drm_property_create_range drm_property_create_signed_range ; drivers/gpu/drm/drm_property.c ; drm_property_create
drm_property_create_enum drm_property_create_bitmask ; drivers/gpu/drm/drm_property.c ; drm_property_create
devm_phy_get ; drivers/phy/phy-core.c ; devm_phy_get
devm_pwm_get ; drivers/pwm/core.c ; devm_pwm_get
devm_hwmon_device_register_with_info ; drivers/hwmon/hwmon.c ; devm_hwmon_device_register_with_info
devm_hwmon_device_register_with_groups ; drivers/hwmon/hwmon.c ; devm_hwmon_device_register_with_groups
hwmon_device_register_with_info hwmon_device_register_with_groups ; drivers/hwmon/hwmon.c ; __hwmon_device_register
device_create device_create_with_groups ; drivers/base/core.c ; device_create_groups_vargs
kthread_run kthread_create ; kernel/kthread.c ; __kthread_create_on_node
platform_device_register_full ; drivers/base/platform.c ; platform_device_register_full
power_supply_register ; drivers/power/supply/power_supply_core.c ; __power_supply_register
devm_power_supply_register ; drivers/power/supply/power_supply_core.c ; devm_power_supply_register
devm_rtc_allocate_device ; drivers/rtc/class.c ; devm_rtc_allocate_device
devm_nvmem_register ; drivers/nvmem/core.c ; devm_nvmem_register
devm_gpiod_get devm_gpiod_get_index ; drivers/gpio/gpiolib-devres.c ; devm_gpiod_get_index
devm_reset_control_get devm_reset_control_get_exclusive ; drivers/reset/core.c ; __devm_reset_control_get
devm_reset_control_get_shared ; drivers/reset/core.c ; __devm_reset_control_get
devm_of_iomap ; lib/devres.c ; devm_of_iomap
devm_regmap_field_alloc ; drivers/base/regmap/regmap.c ; devm_regmap_field_alloc
dev_get_regmap ; drivers/base/regmap/regmap.c ; dev_get_regmap
syscon_regmap_lookup_by_phandle ; drivers/mfd/syscon.c ; syscon_regmap_lookup_by_phandle
syscon_regmap_lookup_by_compatible ; drivers/mfd/syscon.c ; syscon_regmap_lookup_by_compatible
devm_extcon_dev_allocate extcon_dev_allocate ; drivers/extcon/extcon.c ; extcon_dev_allocate
of_device_get_match_data ; drivers/of/device.c ; of_device_get_match_data
of_match_device ; drivers/of/device.c ; of_match_device
devm_pinctrl_get ; drivers/pinctrl/core.c ; devm_pinctrl_get
pinctrl_lookup_state ; drivers/pinctrl/core.c ; pinctrl_lookup_state
i2c_new_client_device ; drivers/i2c/i2c-core-base.c ; i2c_new_client_device
devm_i2c_new_dummy_device ; drivers/i2c/i2c-core-base.c ; devm_i2c_new_dummy_device
syscon_node_to_regmap ; drivers/mfd/syscon.c ; device_node_get_regmap
backlight_device_register ; drivers/video/backlight/backlight.c ; backlight_device_register
devfreq_add_device ; drivers/devfreq/devfreq.c ; devfreq_add_device
devm_devfreq_add_device ; drivers/devfreq/devfreq.c ; devm_devfreq_add_device
typec_register_port ; drivers/usb/typec/class.c ; typec_register_port
devm_regulator_register ; drivers/regulator/devres.c ; devm_regulator_register
devm_iio_channel_get ; drivers/iio/inkern.c ; devm_iio_channel_get
mbox_request_channel ; drivers/mailbox/mailbox.c ; mbox_request_channel
clk_register ; drivers/clk/clk.c ; __clk_register
clk_hw_register_fixed_rate clk_hw_register_fixed_factor ; drivers/clk/clk-fixed-factor.c ; __clk_hw_register_fixed_factor
"""  # noqa: E501
INTERFACES = {
    name: (path.strip(), function.strip())
    for names, path, function in (row.split(";") for row in _TABLE.split("\n") if row)
    for name in names.split()
}


class Failing(Struct, frozen=True):
    """What an interface returns where it fails, and the place that shows it."""

    is_error: bool  # an error pointer, not NULL
    evidence: Evidence
    in_body: bool  # the return itself; else the declaration


def returned_on_failure(facts: Facts, name: str) -> Failing | None:
    """Says what an interface returns where it fails; None where the name is not known,
    or its body shows both."""
    pair = PAIRS.get(name)
    if pair is not None:
        failing = (How.POINTER, How.ERROR_POINTER, How.REFERENCE)
        declared = pair.declared(facts) if pair.how in failing else None
        if declared is None or pair.given is not None:
            return None
        is_error = pair.how is How.ERROR_POINTER
        shown = _by_body(facts, declared.file, name)
        if shown is not None and shown.is_error == is_error:
            return shown
        return Failing(is_error, declared, in_body=False)
    return _by_body(facts, *INTERFACES[name]) if name in INTERFACES else None


def _by_body(facts: Facts, path: str, function: str) -> Failing | None:
    """By the body of the one function of that name in a file."""
    header = facts.header(path)
    bodies = header.functions_named(function) if header is not None else ()
    if header is None or len(bodies) != 1:
        return None
    body = bodies[0].body
    error = re.search(
        r"\breturn\b[^;]*\b(\w*ERR_PTR|ERR_CAST|dev_err_ptr_probe)\s*\(", body
    )
    error = error or re.search(r"=\s*ERR_PTR\s*\(", body)
    null = re.search(r"\breturn\s+NULL\b", body)
    found = error or null
    if found is None or (error is not None and null is not None):
        return None
    start = bodies[0].end - len(body) + found.start()
    evidence = header.evidence(header.code.count("\n", 0, start) + 1)
    return Failing(error is not None, evidence, in_body=True)
