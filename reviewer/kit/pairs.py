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
    OTHER = "other"  # what a function's own error exits show to be a pair


class Pair(Struct, frozen=True):
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
        for path in self.headers:
            header = facts.header(path)
            if header is None:
                continue
            code = without_comments(header.text)  # many of them are macros
            found = re.search(rf"(?<!\w){re.escape(self.acquire)}\b", code)
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
pm_runtime_enable always 0 ; pm_runtime_disable ; 0 ; include/linux/pm_runtime.h
"""
_REGIONS = """
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
"""


def _pairs(table: str, sort: Sort) -> Iterator[Pair]:
    for row in filter(None, table.split("\n")):
        first, releases, taken, headers = (part.split() for part in row.split(";"))
        acquire, how, given = first
        yield Pair(
            acquire,
            How(how.replace("_", " ")),
            None if given in ("-", ".") else int(given.lstrip("&")),
            tuple(releases),
            None if taken == ["."] else int(taken[0]),
            sort,
            tuple(headers),
        )


PAIRS: dict[str, Pair] = {
    pair.acquire: pair
    for table, sort in (
        (_MEMORY, Sort.MEMORY),
        (_REFERENCES, Sort.REFERENCE),
        (_LOCKS, Sort.LOCK),
        (_POWER, Sort.POWER),
        (_REGIONS, Sort.REGION),
    )
    for pair in _pairs(table, sort)
}
RELEASES = frozenset(name for pair in PAIRS.values() for name in pair.releases)
