# SPDX-License-Identifier: GPL-2.0-or-later
"""Words that kernel C adds to the language, by form and by name.

An annotation has no meaning for the value of an expression, so it may vanish from
the parse.  The names here are the long-lived ones (include/linux/compiler*.h,
init.h, cache.h, linkage.h); ``annotations_of_file`` reads those that a file defines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reviewer.patterns import regex

# Stand alone: static int __init foo(void)
_ALONE = b"""
__init __exit __initdata __exitdata __initconst __exitconst __initconst_or_module
__initdata_or_module __init_or_module __init_or_cpufreq __meminit __memexit
__meminitdata __memexitdata __meminitconst __memexitconst __cpuinit __cpuinitdata
__devinit __devexit __ref __refdata __refconst __net_init __net_exit __net_initdata
__net_initconst __init_memblock __initdata_memblock __init_refok __exit_call
__sched __lockfunc __kprobes __irq_entry __softirq_entry __exception_irq_entry
__entry_text __noinstr_section noinstr __cpuidle __cpuidle_text __percpu_first
__iomem __user __kernel __percpu __rcu __force __bitwise __bitwise__ __nocast
__private __safe __chk_user_ptr __refdata_or_module __must_check __must_hold_lock
__always_inline __always_unused __maybe_unused __unused __used __weak __pure
__attribute_const__ __const __cold __hot __malloc __noreturn __visible __deprecated
__packed __packed2__ __naked __flatten __noclone __gnu_inline __inline __inline__
__inline_for_extern __noretpoline __no_profile __noscs __noendbr __nocfi __cficanonical
__no_kasan_or_inline __no_kcsan __no_sanitize_address __no_sanitize_thread
__no_sanitize_undefined __no_sanitize_coverage __no_sanitize_memory
__no_sanitize_or_inline __no_kmsan_checks __no_caller_saved_registers
__no_stack_protector __no_randomize_layout __randomize_layout __designated_init
__no_fgcse __noinitretpoline __optimize __latent_entropy __read_mostly
__ro_after_init __ro_mostly __mb_aligned __aligned_largest __page_aligned_data
__page_aligned_bss __nosavedata __attribute __extension__ __restrict __restrict__
__volatile__ __bpf_kfunc __bpf_hook_start __bpf_kptr __bpf_kptr_untrusted __ksym __kptr
__kconfig __arena __arg_ctx __arg_nonnull __arg_nullable __arg_trusted __hidden
__nonstring __counted_by_none __signed_wrap __no_context_analysis
__malloc_like __assume_unused __xdp_md __tracepoint_string __force_order
__uninitialized __private_extern __vsyscall __nosave __nosavedata __ipi
__interrupt __tls __shared_aligned __section_init __lsm_ro_after_init
__devinitdata __devinitconst __cpuinitconst __uml_exitcall __nocapture
__intr_enabled_only __secondary_init __initcall_data __head __startup_64
noinline noinline_for_stack noinline_for_tracing notrace asmlinkage asmlinkage_protect
inline_for_kasan noinline_for_kasan fastcall __diag_ignored __cacheline_aligned
__cacheline_aligned_in_smp ____cacheline_aligned ____cacheline_aligned_in_smp
____cacheline_internodealigned_in_smp ____cacheline_internodealigned
__read_mostly_or_ro __ro_after_init_or_mostly randomized_struct_fields_start
randomized_struct_fields_end nokprobe_inline compat_noinline
__no_sanitize __no_kstack_erase __no_randomize __nomlock __compiletime_object_size
__ubsan __no_ubsan_wraparound __noipa __cpu_possible __deprecated_for_modules
STATIC INLINE ATTRIBUTE_UNUSED STATIC_INLINE UNUSED FASTCALL EFIAPI ACPI_EXPORT_SYMBOL
ACPI_INTERNAL_VAR_XFACE ACPI_PRINTF_LIKE_EMPTY __efi_rt __init_cpu __efiapi
KBUILD_PROTECTED __visible_for_testing VISIBLE_IF_KUNIT INTERNAL_SLAB BPF_INLINE
FORCE_INLINE_ATTR HINT_INLINE MEM_STATIC FORCE_INLINE_TEMPLATE UNUSED_ATTR
FORCE_NOINLINE ZSTDLIB_API ZSTD_FORCE_INLINE CASS_INLINE XXH_PUBLIC_API
"""

# With arguments: __printf(1, 2), __free(kfree)
_CALLED = b"""
__attribute__ __attribute __printf __scanf __acquires __releases __acquire_shared
__must_hold __cond_acquires __cond_lock_attr __acquires_shared __releases_shared
__must_hold_shared __cond_releases __free __cleanup __aligned __section __alias
__assume_aligned __counted_by __counted_by_le __counted_by_be __counted_by_ptr
__guarded_by __pt_guarded_by __alloc_size __realloc_size __malloc_like __copy_access
__nonnull __returns_nonnull __no_sanitize __mode __align __target __compiletime_error
__compiletime_warning __compiletime_error_if __diagnose_as __diagnose_as_builtin
__overloadable_if __error__ __sized_by __access __regparm __btf_type_tag
__access_ok_attr __nonstring_array __format __init_section __copy __alignof_attr
__requires_capability __context_unsafe __printf_format __gcc_attr __element_count
ACPI_PRINTF_LIKE PRINTF SCANF ATTRIBUTE_PRINTF __bpf_md_ptr_attr __section__
__exclusive_locks_required __no_thread_safety_analysis __excludes __releases_mm
__cond_acquires_shared __must_not_hold __used_section __weak_alias __tls_model
__must_check_fn __fortify_size __pass_object_size __pass_dynamic_object_size
__bos_attr POS POS0 __noreturn_if __init_or __cacheline_group_aligned
__attribute_aligned __kaslr_offset_attr ____cacheline_aligned_to
"""

ALONE: frozenset[bytes] = frozenset(_ALONE.split())
CALLED: frozenset[bytes] = frozenset(_CALLED.split()) - {b"POS", b"POS0"}

_DEFINITION = regex(
    rb"[ \t]*#[ \t]*define[ \t]+(\w+)(\([^()\n]*\))?((?:[^\n\\]|\\.)*+)", re.DOTALL
)
_WORDS = regex(
    rb"[\s\\]*+(?:(?:__attribute(?:__)?[ \t]*\(\(.*?\)\)+|__section[ \t]*\(.*?\)"
    rb"|__aligned[ \t]*\(.*?\)|__attribute_const__|__\w*inline\w*|__no_\w+|__always_\w+"
    rb"|__(?:net_)?(?:init|exit|ro|read|mem|may|un|pa|we|us|ref|co|ho|ma)\w*"
    rb"|_*cacheline\w*|_\w*aligned\w*|no[it]\w+|static|inline|const|extern|volatile|register|asmlinkage)[\s\\]*+)*+\Z",
    re.DOTALL,
)
_NO_ANNOTATION = regex(
    rb".*(?:_t|_[HD]|_h|__[usbl]e?\d+|\d)_*\Z|(?:CONFIG|pr|DEBUG|VERBOSE)_?\w*\Z"
    rb"|unsigned|bool|true|false"
)


def annotation_name(define: bytes) -> bytes | None:
    """Returns the name that a #define makes an annotation or nothing, else None."""
    match = _DEFINITION.match(define)
    if match is None or (match[2] and not match[3].strip()):
        return None  # foo(x) defined as nothing reads well as it stands
    if _NO_ANNOTATION.match(match[1]) or not _WORDS.match(match[3]):
        return None
    return match[1]


def annotations_of_file(defines: Iterable[bytes]) -> frozenset[bytes]:
    """Returns the names that are annotations by each #define of them among these."""
    names: set[bytes] = set()
    others: set[bytes] = set()
    for define in defines:
        name = annotation_name(define)
        if name is not None:
            names.add(name)
        elif names:
            match = _DEFINITION.match(define)
            if match is not None:
                others.add(match[1])
    return frozenset(names - others)
