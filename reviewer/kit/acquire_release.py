# SPDX-License-Identifier: GPL-2.0-or-later
"""What is acquired by which function and released by which: one table.

Each row has the header that declares the acquiring function; ``declared`` looks it up
in the tree under review, and a pair that this tree does not declare is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from reviewer.c.file_memory import once_per_subject
from reviewer.c.text import without_comments
from reviewer.facts import Facts
from reviewer.models import Evidence


class How(StrEnum):
    """How the caller learns whether it has the resource, and what it is known by."""

    POINTER = "pointer"  # by the result, NULL where it failed
    ERROR_POINTER = "error pointer"  # by the result, ERR_PTR() where it failed
    REFERENCE = "reference"  # by the result, which may be NULL and need not be tested
    STATUS = "status"  # by an argument; 0 is success
    TRUTH = "truth"  # by an argument; true is success
    ALWAYS = "always"  # by an argument; it does not fail, or counts even then


class Sort(StrEnum):
    """What kind of thing it is."""

    MEMORY = "memory"
    REFERENCE = "reference"
    LOCK = "lock"
    POWER = "power"  # clocks, regulators, resets, runtime PM
    REGION = "region"  # interrupts, memory regions, mappings
    REGISTERED = "registered"  # what a subsystem was told of
    OTHER = "other"  # what a function's own error exits show to be a pair


# What nothing but the one release undoes: memory and references have other owners
NO_OTHER_OWNER = (Sort.POWER, Sort.REGION, Sort.REGISTERED)


class Acquirer(Struct, frozen=True):
    """A function that acquires, and those that release what it gave."""

    acquire: str
    how: How
    given: int | None  # the argument that names the resource; None: the result
    releases: tuple[str, ...]
    taken: int | None  # the argument of the release that names it; None: it has none
    sort: Sort
    headers: tuple[str, ...]

    def declared(self, facts: Facts) -> Evidence | None:
        """Says where this tree declares the acquiring function, None if it does not."""
        return _declared(facts, self.acquire, self.headers)


@once_per_subject
def _declared(facts: Facts, name: str, headers: tuple[str, ...]) -> Evidence | None:
    for path in headers:
        header = facts.header(path)
        if header is None:
            continue
        code = without_comments(header.text)  # many of them are macros
        found = re.search(rf"(?<!\w){re.escape(name)}\b", code)
        if found is not None:
            return header.evidence(code.count("\n", 0, found.start()) + 1)
    return None


_KFREE = "kfree kfree_sensitive kvfree kfree_rcu kfree_const"
_SKB = (
    "kfree_skb dev_kfree_skb dev_kfree_skb_any dev_kfree_skb_irq consume_skb nlmsg_free"
)
_PUT = "put_device"
_RPM = (
    "pm_runtime_put pm_runtime_put_sync pm_runtime_put_autosuspend "
    "pm_runtime_put_noidle pm_runtime_put_sync_suspend pm_runtime_put_sync_autosuspend "
    "__pm_runtime_put_autosuspend"
)
_SLAB = "include/linux/slab.h"
_STRING = "include/linux/string.h"
_OF = "include/linux/of.h"
_PROPERTY = "include/linux/property.h"
_CLK = "include/linux/clk.h"
_SPIN = "include/linux/spinlock.h"
_RW = "include/linux/rwlock.h"
_CRYPTO = "include/crypto/"
_REGULATOR = "include/linux/regulator/consumer.h"
_WORKQUEUE = "include/linux/workqueue.h"
_PLATFORM = "include/linux/platform_device.h"
_PINCTRL = "include/linux/pinctrl/consumer.h"
_CPU = "include/linux/cpuhplock.h include/linux/cpu.h"
_MMAP = "include/linux/mmap_lock.h"
_IIO = "include/linux/iio/iio.h"
_SPI = "include/linux/spi/spi.h"
_MEDIA = "include/media/"
_DRM = "include/drm/"
_LINUX = "include/linux/"
_PCI = "include/linux/pci.h"
_RESET = "include/linux/reset.h"
_CLAIM = "iio_device_claim_direct_mode"

# acquire; how; argument; releases; argument; header (or headers)
_MEMORY = f"""
kmalloc pointer - ; {_KFREE} ; 0 ; {_SLAB}
kzalloc pointer - ; {_KFREE} ; 0 ; {_SLAB}
kmalloc_node pointer - ; {_KFREE} ; 0 ; {_SLAB}
kzalloc_node pointer - ; {_KFREE} ; 0 ; {_SLAB}
kcalloc pointer - ; {_KFREE} ; 0 ; {_SLAB}
kmalloc_array pointer - ; {_KFREE} ; 0 ; {_SLAB}
kvmalloc pointer - ; kvfree kvfree_sensitive ; 0 ; {_SLAB} include/linux/mm.h
kvzalloc pointer - ; kvfree kvfree_sensitive ; 0 ; {_SLAB} include/linux/mm.h
kvcalloc pointer - ; kvfree kvfree_sensitive ; 0 ; {_SLAB} include/linux/mm.h
kvmalloc_array pointer - ; kvfree kvfree_sensitive ; 0 ; {_SLAB} include/linux/mm.h
vmalloc pointer - ; vfree kvfree ; 0 ; include/linux/vmalloc.h
vzalloc pointer - ; vfree kvfree ; 0 ; include/linux/vmalloc.h
kmemdup pointer - ; {_KFREE} ; 0 ; {_STRING}
kmemdup_nul pointer - ; {_KFREE} ; 0 ; {_STRING}
kstrdup pointer - ; {_KFREE} ; 0 ; {_STRING}
kstrndup pointer - ; {_KFREE} ; 0 ; {_STRING}
kasprintf pointer - ; {_KFREE} ; 0 ; include/linux/sprintf.h include/linux/kernel.h
memdup_user error_pointer - ; {_KFREE} ; 0 ; {_STRING}
memdup_user_nul error_pointer - ; {_KFREE} ; 0 ; {_STRING}
strndup_user error_pointer - ; {_KFREE} ; 0 ; {_STRING}
vmemdup_user error_pointer - ; kvfree ; 0 ; {_STRING}
bitmap_alloc pointer - ; bitmap_free ; 0 ; include/linux/bitmap.h
bitmap_zalloc pointer - ; bitmap_free ; 0 ; include/linux/bitmap.h
kmem_cache_alloc pointer - ; kmem_cache_free ; 1 ; {_SLAB}
kmem_cache_zalloc pointer - ; kmem_cache_free ; 1 ; {_SLAB}
mempool_alloc pointer - ; mempool_free ; 0 ; include/linux/mempool.h
alloc_page pointer - ; __free_page put_page ; 0 ; include/linux/gfp.h
__get_free_page pointer - ; free_page ; 0 ; include/linux/gfp.h
get_zeroed_page pointer - ; free_page ; 0 ; include/linux/gfp.h
alloc_percpu pointer - ; free_percpu ; 0 ; include/linux/percpu.h
dma_alloc_coherent pointer - ; dma_free_coherent ; 2 ; include/linux/dma-mapping.h
dma_pool_alloc pointer - ; dma_pool_free ; 1 ; include/linux/dmapool.h
dma_pool_zalloc pointer - ; dma_pool_free ; 1 ; include/linux/dmapool.h
alloc_workqueue pointer - ; destroy_workqueue ; 0 ; {_WORKQUEUE}
alloc_ordered_workqueue pointer - ; destroy_workqueue ; 0 ; {_WORKQUEUE}
create_singlethread_workqueue pointer - ; destroy_workqueue ; 0 ; {_WORKQUEUE}
usb_alloc_urb pointer - ; usb_free_urb usb_put_urb ; 0 ; include/linux/usb.h
alloc_skb pointer - ; {_SKB} ; 0 ; include/linux/skbuff.h
dev_alloc_skb pointer - ; {_SKB} ; 0 ; include/linux/skbuff.h
netdev_alloc_skb pointer - ; {_SKB} ; 0 ; include/linux/skbuff.h
nlmsg_new pointer - ; {_SKB} ; 0 ; include/net/netlink.h
genlmsg_new pointer - ; {_SKB} ; 0 ; include/net/genetlink.h
alloc_etherdev pointer - ; free_netdev ; 0 ; include/linux/etherdevice.h
alloc_netdev pointer - ; free_netdev ; 0 ; include/linux/netdevice.h
iio_device_alloc pointer - ; iio_device_free ; 0 ; {_IIO}
iio_trigger_alloc pointer - ; iio_trigger_free ; 0 ; include/linux/iio/trigger.h
input_allocate_device pointer - ; input_free_device ; 0 ; include/linux/input.h
platform_device_alloc pointer - ; platform_device_put ; 0 ; {_PLATFORM}
spi_alloc_host pointer - ; spi_controller_put ; 0 ; {_SPI}
spi_alloc_master pointer - ; spi_controller_put spi_master_put ; 0 ; {_SPI}
scsi_host_alloc pointer - ; scsi_host_put ; 0 ; include/scsi/scsi_host.h
mempool_create_kmalloc_pool pointer - ; mempool_destroy ; 0 ; include/linux/mempool.h
mempool_create_slab_pool pointer - ; mempool_destroy ; 0 ; include/linux/mempool.h
crypto_alloc_shash error_pointer - ; crypto_free_shash ; 0 ; {_CRYPTO}hash.h
crypto_alloc_ahash error_pointer - ; crypto_free_ahash ; 0 ; {_CRYPTO}hash.h
crypto_alloc_skcipher error_pointer - ; crypto_free_skcipher ; 0 ; {_CRYPTO}skcipher.h
crypto_alloc_aead error_pointer - ; crypto_free_aead ; 0 ; {_CRYPTO}aead.h
"""
_REFERENCES = f"""
of_node_get reference - ; of_node_put ; 0 ; {_OF}
of_find_node_by_name reference - ; of_node_put ; 0 ; {_OF}
of_find_node_by_path reference - ; of_node_put ; 0 ; {_OF}
of_find_compatible_node reference - ; of_node_put ; 0 ; {_OF}
of_find_matching_node reference - ; of_node_put ; 0 ; {_OF}
of_parse_phandle reference - ; of_node_put ; 0 ; {_OF}
of_get_child_by_name reference - ; of_node_put ; 0 ; {_OF}
of_get_compatible_child reference - ; of_node_put ; 0 ; {_OF}
of_get_parent reference - ; of_node_put ; 0 ; {_OF}
of_get_next_parent reference - ; of_node_put ; 0 ; {_OF}
of_graph_get_remote_node reference - ; of_node_put ; 0 ; include/linux/of_graph.h
of_graph_get_port_by_id reference - ; of_node_put ; 0 ; include/linux/of_graph.h
of_graph_get_endpoint_by_regs reference - ; of_node_put ; 0 ; include/linux/of_graph.h
fwnode_handle_get reference - ; fwnode_handle_put ; 0 ; {_PROPERTY}
device_get_named_child_node reference - ; fwnode_handle_put ; 0 ; {_PROPERTY}
fwnode_get_named_child_node reference - ; fwnode_handle_put ; 0 ; {_PROPERTY}
fwnode_find_reference error_pointer - ; fwnode_handle_put ; 0 ; {_PROPERTY}
bus_find_device pointer - ; {_PUT} ; 0 ; include/linux/device/bus.h
device_find_child pointer - ; {_PUT} ; 0 ; include/linux/device.h
class_find_device pointer - ; {_PUT} ; 0 ; include/linux/device/class.h
get_device always 0 ; {_PUT} ; 0 ; include/linux/device.h
fget pointer - ; fput ; 0 ; include/linux/file.h
filp_open error_pointer - ; filp_close fput ; 0 ; include/linux/fs.h
dma_buf_get error_pointer - ; dma_buf_put ; 0 ; include/linux/dma-buf.h
eventfd_ctx_fdget error_pointer - ; eventfd_ctx_put ; 0 ; include/linux/eventfd.h
usb_get_dev always 0 ; usb_put_dev ; 0 ; include/linux/usb.h
usb_get_intf always 0 ; usb_put_intf ; 0 ; include/linux/usb.h
pci_dev_get always 0 ; pci_dev_put ; 0 ; include/linux/pci.h
pci_get_device pointer - ; pci_dev_put ; 0 ; include/linux/pci.h
pci_get_domain_bus_and_slot pointer - ; pci_dev_put ; 0 ; include/linux/pci.h
dev_get_by_name pointer - ; dev_put ; 0 ; include/linux/netdevice.h
dev_get_by_index pointer - ; dev_put ; 0 ; include/linux/netdevice.h
i2c_get_adapter pointer - ; i2c_put_adapter ; 0 ; include/linux/i2c.h
get_task_struct always 0 ; put_task_struct ; 0 ; include/linux/sched/task.h
get_pid_task pointer - ; put_task_struct ; 0 ; include/linux/pid.h
find_get_pid pointer - ; put_pid ; 0 ; include/linux/pid.h
try_module_get truth 0 ; module_put ; 0 ; include/linux/module.h
clk_get error_pointer - ; clk_put ; 0 ; {_CLK}
of_clk_get error_pointer - ; clk_put ; 0 ; {_CLK}
of_clk_get_by_name error_pointer - ; clk_put ; 0 ; {_CLK}
regulator_get error_pointer - ; regulator_put ; 0 ; {_REGULATOR}
gpiod_get error_pointer - ; gpiod_put ; 0 ; include/linux/gpio/consumer.h
gpiod_get_optional error_pointer - ; gpiod_put ; 0 ; include/linux/gpio/consumer.h
pinctrl_get error_pointer - ; pinctrl_put ; 0 ; {_PINCTRL}
dma_request_chan error_pointer - ; dma_release_channel ; 0 ; include/linux/dmaengine.h
phy_get error_pointer - ; phy_put ; 1 ; include/linux/phy/phy.h
kobject_create_and_add pointer - ; kobject_put ; 0 ; include/linux/kobject.h
kset_create_and_add pointer - ; kset_unregister ; 0 ; include/linux/kobject.h
class_create error_pointer - ; class_destroy ; 0 ; include/linux/device/class.h
request_firmware status &0 ; release_firmware ; 0 ; include/linux/firmware.h
sb_bread pointer - ; brelse put_bh ; 0 ; include/linux/buffer_head.h
bio_alloc pointer - ; bio_put ; 0 ; include/linux/bio.h
nvmem_cell_get error_pointer - ; nvmem_cell_put ; 0 ; include/linux/nvmem-consumer.h
"""
_LOCKS = f"""
mutex_lock always 0 ; mutex_unlock ; 0 ; include/linux/mutex.h
mutex_lock_nested always 0 ; mutex_unlock ; 0 ; include/linux/mutex.h
mutex_lock_interruptible status 0 ; mutex_unlock ; 0 ; include/linux/mutex.h
mutex_lock_killable status 0 ; mutex_unlock ; 0 ; include/linux/mutex.h
mutex_trylock truth 0 ; mutex_unlock ; 0 ; include/linux/mutex.h
spin_lock always 0 ; spin_unlock ; 0 ; {_SPIN}
spin_lock_bh always 0 ; spin_unlock_bh ; 0 ; {_SPIN}
spin_lock_irq always 0 ; spin_unlock_irq ; 0 ; {_SPIN}
spin_lock_irqsave always 0 ; spin_unlock_irqrestore ; 0 ; {_SPIN}
raw_spin_lock always 0 ; raw_spin_unlock ; 0 ; {_SPIN}
raw_spin_lock_irq always 0 ; raw_spin_unlock_irq ; 0 ; {_SPIN}
raw_spin_lock_irqsave always 0 ; raw_spin_unlock_irqrestore ; 0 ; {_SPIN}
read_lock always 0 ; read_unlock ; 0 ; {_RW}
read_lock_bh always 0 ; read_unlock_bh ; 0 ; {_RW}
write_lock always 0 ; write_unlock ; 0 ; {_RW}
write_lock_bh always 0 ; write_unlock_bh ; 0 ; {_RW}
write_lock_irq always 0 ; write_unlock_irq ; 0 ; {_RW}
down_read always 0 ; up_read ; 0 ; include/linux/rwsem.h
down_write always 0 ; up_write downgrade_write ; 0 ; include/linux/rwsem.h
down_read_killable status 0 ; up_read ; 0 ; include/linux/rwsem.h
down_write_killable status 0 ; up_write downgrade_write ; 0 ; include/linux/rwsem.h
down_interruptible status 0 ; up ; 0 ; include/linux/semaphore.h
mmap_read_lock always 0 ; mmap_read_unlock ; 0 ; {_MMAP}
mmap_write_lock always 0 ; mmap_write_unlock mmap_write_downgrade ; 0 ; {_MMAP}
inode_lock always 0 ; inode_unlock ; 0 ; include/linux/fs.h
device_lock always 0 ; device_unlock ; 0 ; include/linux/device.h
spi_bus_lock always 0 ; spi_bus_unlock ; 0 ; {_SPI}
lock_sock always 0 ; release_sock ; 0 ; include/net/sock.h
rcu_read_lock always . ; rcu_read_unlock ; . ; include/linux/rcupdate.h
rtnl_lock always . ; rtnl_unlock ; . ; include/linux/rtnetlink.h
cpus_read_lock always . ; cpus_read_unlock ; . ; {_CPU}
{_CLAIM} status 0 ; iio_device_release_direct_mode ; 0 ; {_IIO}
"""
_POWER = f"""
clk_prepare_enable status 0 ; clk_disable_unprepare ; 0 ; {_CLK}
clk_enable status 0 ; clk_disable clk_disable_unprepare ; 0 ; {_CLK}
clk_prepare status 0 ; clk_unprepare clk_disable_unprepare ; 0 ; {_CLK}
clk_bulk_prepare_enable status 1 ; clk_bulk_disable_unprepare ; 1 ; {_CLK}
clk_bulk_enable status 1 ; clk_bulk_disable clk_bulk_disable_unprepare ; 1 ; {_CLK}
regulator_enable status 0 ; regulator_disable regulator_force_disable ; 0 ; {_REGULATOR}
regulator_bulk_enable status 1 ; regulator_bulk_disable ; 1 ; {_REGULATOR}
reset_control_deassert status 0 ; reset_control_assert ; 0 ; include/linux/reset.h
phy_init status 0 ; phy_exit ; 0 ; include/linux/phy/phy.h
phy_power_on status 0 ; phy_power_off ; 0 ; include/linux/phy/phy.h
pm_runtime_get_sync always 0 ; {_RPM} ; 0 ; include/linux/pm_runtime.h
pm_runtime_resume_and_get status 0 ; {_RPM} ; 0 ; include/linux/pm_runtime.h
pm_runtime_get_noresume always 0 ; {_RPM} ; 0 ; include/linux/pm_runtime.h
pm_runtime_enable always 0 ; pm_runtime_disable ; 0 ; include/linux/pm_runtime.h
clk_bulk_prepare status 1 ; clk_bulk_unprepare clk_bulk_disable_unprepare ; 1 ; {_CLK}
clk_rate_exclusive_get status 0 ; clk_rate_exclusive_put ; 0 ; {_CLK}
reset_control_bulk_deassert status 1 ; reset_control_bulk_assert ; 1 ; {_RESET}
usb_phy_init status 0 ; usb_phy_shutdown ; 0 ; include/linux/usb/phy.h
pm_clk_create status 0 ; pm_clk_destroy ; 0 ; include/linux/pm_clock.h
"""
_REGIONS = f"""
pci_enable_device status 0 ; pci_disable_device ; 0 ; include/linux/pci.h
pci_enable_device_mem status 0 ; pci_disable_device ; 0 ; include/linux/pci.h
pci_request_regions status 0 ; pci_release_regions ; 0 ; include/linux/pci.h
pci_iomap pointer - ; pci_iounmap ; 1 ; include/asm-generic/pci_iomap.h
ioremap pointer - ; iounmap ; 0 ; include/asm-generic/io.h
of_iomap pointer - ; iounmap ; 0 ; include/linux/of_address.h
memremap pointer - ; memunmap ; 0 ; include/linux/io.h
request_irq status 0 ; free_irq ; 0 ; include/linux/interrupt.h
request_threaded_irq status 0 ; free_irq ; 0 ; include/linux/interrupt.h
request_mem_region pointer 0 ; release_mem_region ; 0 ; include/linux/ioport.h
request_region pointer 0 ; release_region ; 0 ; include/linux/ioport.h
gpio_request status 0 ; gpio_free ; 0 ; include/linux/gpio.h
pci_enable_msi status 0 ; pci_disable_msi pci_free_irq_vectors ; 0 ; {_PCI}
pci_alloc_irq_vectors status 0 ; pci_free_irq_vectors ; 0 ; include/linux/pci.h
pci_request_selected_regions status 0 ; pci_release_selected_regions ; 0 ; {_PCI}
pci_request_mem_regions status 0 ; pci_release_mem_regions ; 0 ; {_PCI}
dev_pm_set_wake_irq status 0 ; dev_pm_clear_wake_irq ; 0 ; include/linux/pm_wakeirq.h
"""
_REGISTERED = f"""
component_add status 0 ; component_del ; 0 ; {_LINUX}component.h
component_master_add_with_match status 0 ; component_master_del ; 0 ; \
  {_LINUX}component.h
drm_bridge_add always 0 ; drm_bridge_remove ; 0 ; {_DRM}drm_bridge.h
drm_panel_add always 0 ; drm_panel_remove ; 0 ; {_DRM}drm_panel.h
drm_dev_register status 0 ; drm_dev_unregister drm_dev_unplug ; 0 ; {_DRM}drm_drv.h
drm_mode_config_init always 0 ; drm_mode_config_cleanup ; 0 ; {_DRM}drm_mode_config.h
mipi_dsi_attach status 0 ; mipi_dsi_detach ; 0 ; {_DRM}drm_mipi_dsi.h
mipi_dsi_host_register status 0 ; mipi_dsi_host_unregister ; 0 ; {_DRM}drm_mipi_dsi.h
v4l2_device_register status 1 ; v4l2_device_unregister v4l2_device_put ; 0 ; \
  {_MEDIA}v4l2-device.h
v4l2_ctrl_handler_init status 0 ; v4l2_ctrl_handler_free ; 0 ; {_MEDIA}v4l2-ctrls.h
v4l2_async_register_subdev status 0 ; v4l2_async_unregister_subdev ; 0 ; \
  {_MEDIA}v4l2-async.h
video_register_device status 0 ; video_unregister_device \
  vb2_video_unregister_device ; 0 ; {_MEDIA}v4l2-dev.h
media_device_init always 0 ; media_device_cleanup ; 0 ; {_MEDIA}media-device.h
media_device_register status 0 ; media_device_unregister ; 0 ; {_MEDIA}media-device.h
cec_register_adapter status 0 ; cec_unregister_adapter ; 0 ; {_MEDIA}cec.h
iio_triggered_buffer_setup status 0 ; iio_triggered_buffer_cleanup ; 0 ; \
  {_LINUX}iio/triggered_buffer.h
iio_device_register status 0 ; iio_device_unregister ; 0 ; {_IIO}
iio_trigger_register status 0 ; iio_trigger_unregister ; 0 ; {_LINUX}iio/trigger.h
register_netdev status 0 ; unregister_netdev ; 0 ; {_LINUX}netdevice.h
register_candev status 0 ; unregister_candev ; 0 ; {_LINUX}can/dev.h
ieee80211_register_hw status 0 ; ieee80211_unregister_hw ; 0 ; include/net/mac80211.h
rfkill_register status 0 ; rfkill_unregister ; 0 ; {_LINUX}rfkill.h
mdiobus_register status 0 ; mdiobus_unregister ; 0 ; {_LINUX}phy.h
of_mdiobus_register status 0 ; mdiobus_unregister ; 0 ; {_LINUX}of_mdio.h
of_phy_register_fixed_link status 0 ; of_phy_deregister_fixed_link ; 0 ; \
  {_LINUX}of_mdio.h
i2c_add_adapter status 0 ; i2c_del_adapter ; 0 ; {_LINUX}i2c.h
i2c_add_numbered_adapter status 0 ; i2c_del_adapter ; 0 ; {_LINUX}i2c.h
of_clk_add_provider status 0 ; of_clk_del_provider ; 0 ; {_LINUX}clk-provider.h
of_clk_add_hw_provider status 0 ; of_clk_del_provider ; 0 ; {_LINUX}clk-provider.h
gpiochip_add_data status 0 ; gpiochip_remove ; 0 ; {_LINUX}gpio/driver.h
pwmchip_add status 0 ; pwmchip_remove ; 0 ; {_LINUX}pwm.h
reset_controller_register status 0 ; reset_controller_unregister ; 0 ; \
  {_LINUX}reset-controller.h
icc_provider_register status 0 ; icc_provider_deregister ; 0 ; \
  {_LINUX}interconnect-provider.h
pm_genpd_init status 0 ; pm_genpd_remove ; 0 ; {_LINUX}pm_domain.h
of_genpd_add_provider_simple status 0 ; of_genpd_del_provider ; 0 ; {_LINUX}pm_domain.h
of_genpd_add_provider_onecell status 0 ; of_genpd_del_provider ; 0 ; {_LINUX}pm_domain.h
iommu_device_register status 0 ; iommu_device_unregister ; 0 ; {_LINUX}iommu.h
iommu_device_sysfs_add status 0 ; iommu_device_sysfs_remove ; 0 ; {_LINUX}iommu.h
dma_async_device_register status 0 ; dma_async_device_unregister ; 0 ; \
  {_LINUX}dmaengine.h
of_dma_controller_register status 0 ; of_dma_controller_free ; 0 ; {_LINUX}of_dma.h
spi_register_controller status 0 ; spi_unregister_controller ; 0 ; {_SPI}
mmc_add_host status 0 ; mmc_remove_host ; 0 ; {_LINUX}mmc/host.h
nand_scan status 0 ; nand_cleanup ; 0 ; {_LINUX}mtd/rawnand.h
scsi_add_host status 0 ; scsi_remove_host ; 0 ; include/scsi/scsi_host.h
blk_mq_alloc_tag_set status 0 ; blk_mq_free_tag_set ; 0 ; {_LINUX}blk-mq.h
usb_add_hcd status 0 ; usb_remove_hcd ; 0 ; {_LINUX}usb/hcd.h
usb_add_phy_dev status 0 ; usb_remove_phy ; 0 ; {_LINUX}usb/phy.h
hid_hw_start status 0 ; hid_hw_stop ; 0 ; {_LINUX}hid.h
hid_hw_open status 0 ; hid_hw_close ; 0 ; {_LINUX}hid.h
misc_register status 0 ; misc_deregister ; 0 ; {_LINUX}miscdevice.h
watchdog_register_device status 0 ; watchdog_unregister_device ; 0 ; {_LINUX}watchdog.h
led_classdev_register status 1 ; led_classdev_unregister ; 0 ; {_LINUX}leds.h
rproc_add status 0 ; rproc_del ; 0 ; {_LINUX}remoteproc.h
uart_add_one_port status 1 ; uart_remove_one_port ; 1 ; {_LINUX}serial_core.h
of_platform_populate status 3 ; of_platform_depopulate ; 0 ; {_LINUX}of_platform.h
mfd_add_devices status 0 ; mfd_remove_devices ; 0 ; {_LINUX}mfd/core.h
snd_soc_register_component status 0 ; snd_soc_unregister_component ; 0 ; \
  include/sound/soc.h
"""


def _pairs(table: str, sort: Sort) -> Iterator[Acquirer]:
    for row in filter(None, table.split("\n")):
        first, releases, taken, headers = (part.split() for part in row.split(";"))
        acquire, how, given = first
        yield Acquirer(
            acquire,
            How(how.replace("_", " ")),
            None if given in ("-", ".") else int(given.lstrip("&")),
            tuple(releases),
            None if taken == ["."] else int(taken[0]),
            sort,
            tuple(headers),
        )


PAIRS: dict[str, Acquirer] = {
    pair.acquire: pair
    for table, sort in (
        (_MEMORY, Sort.MEMORY),
        (_REFERENCES, Sort.REFERENCE),
        (_LOCKS, Sort.LOCK),
        (_POWER, Sort.POWER),
        (_REGIONS, Sort.REGION),
        (_REGISTERED, Sort.REGISTERED),
    )
    for pair in _pairs(table, sort)
}
RELEASES = frozenset(name for pair in PAIRS.values() for name in pair.releases)
