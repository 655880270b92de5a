# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Edits of real functions, by us: (file, function, [(old, new), ...]).

KEEPING keep the behaviour, CHANGING change it.  ``SHIMS`` is what each function needs
to be compiled alone: types, constants and the objects its arguments point at.
"""

MM = "include/linux/mm.h"
PAGE = "fs/proc/page.c"

KEEPING: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "inverted condition": (MM, "vmf_error", [(
        "if (err == -ENOMEM)\n\t\treturn VM_FAULT_OOM;\n\telse if (err == -EHWPOISON)\n"
        "\t\treturn VM_FAULT_HWPOISON;\n\treturn VM_FAULT_SIGBUS;",
        "if (err != -ENOMEM) {\n\t\tif (err == -EHWPOISON)\n\t\t\treturn VM_FAULT_HWPOISON;"
        "\n\t\treturn VM_FAULT_SIGBUS;\n\t}\n\treturn VM_FAULT_OOM;",
    )]),
    "if to switch": (MM, "vmf_fs_error", [(
        "if (err == 0)\n\t\treturn VM_FAULT_LOCKED;\n\tif (err == -EFAULT || err == -EAGAIN)"
        "\n\t\treturn VM_FAULT_NOPAGE;\n\tif (err == -ENOMEM)\n\t\treturn VM_FAULT_OOM;",
        "switch (err) {\n\tcase 0:\n\t\treturn VM_FAULT_LOCKED;\n\tcase -EAGAIN:\n\tcase -EFAULT:"
        "\n\t\treturn VM_FAULT_NOPAGE;\n\tcase -ENOMEM:\n\t\treturn VM_FAULT_OOM;\n\t}",
    )]),
    "De Morgan": (MM, "vma_is_initial_heap", [(
        "return vma->vm_start < vma->vm_mm->brk &&\n\t\tvma->vm_end > vma->vm_mm->start_brk;",
        "return !(vma->vm_start >= vma->vm_mm->brk ||\n\t\tvma->vm_mm->start_brk >= vma->vm_end);",
    )]),
    "early return": (MM, "range_in_vma", [(
        "return (vma && vma->vm_start <= start && end <= vma->vm_end);",
        "if (!vma)\n\t\treturn false;\n\tif (start < vma->vm_start)\n\t\treturn false;\n"
        "\treturn end <= vma->vm_end;",
    )]),
    "one return": (MM, "vma_is_temporary_stack", [(
        "if ((vma->vm_flags & VM_STACK_INCOMPLETE_SETUP) ==\n\t\t\t\t\t\tVM_STACK_INCOMPLETE_SETUP)"
        "\n\t\treturn true;\n\n\treturn false;",
        "return !(~vma->vm_flags & VM_STACK_INCOMPLETE_SETUP);",
    )]),
    "nested ifs joined": (MM, "check_data_rlimit", [(
        "if (rlim < RLIM_INFINITY) {\n\t\tif (((new - start) + (end_data - start_data)) > rlim)\n"
        "\t\t\treturn -ENOSPC;\n\t}",
        "if (rlim < RLIM_INFINITY && rlim < new - start + end_data - start_data)\n"
        "\t\treturn -ENOSPC;",
    )]),
    "result in a local": (MM, "vm_fault_to_errno", [
        ("if (vm_fault & VM_FAULT_OOM)\n\t\treturn -ENOMEM;",
         "int err = -EFAULT;\n\n\tif (vm_fault & VM_FAULT_OOM)\n\t\treturn -ENOMEM;"),
        ("return (foll_flags & FOLL_HWPOISON) ? -EHWPOISON : -EFAULT;",
         "{\n\t\tif (foll_flags & FOLL_HWPOISON)\n\t\t\terr = -EHWPOISON;\n\t\treturn err;\n\t}"),
    ]),
    "goto out": ("mm/internal.h", "vma_address", [
        ("address = -EFAULT;\n\t} else if", "goto fault;\n\t} else if"),
        ("} else {\n\t\taddress = -EFAULT;\n\t}\n\treturn address;",
         "} else {\n\t\tgoto fault;\n\t}\n\treturn address;\nfault:\n\treturn -EFAULT;"),
    ]),
    "mask complement": ("fs/proc/task_mmu.c", "pagemap_scan_is_interesting_vma", [(
        "if ((categories & required) != required)\n\t\treturn false;\n\n\treturn true;",
        "return !(required & ~categories);",
    )]),
    "conditions joined": ("fs/proc/task_mmu.c", "pagemap_scan_is_interesting_page", [(
        "if ((categories & p->arg.category_mask) != p->arg.category_mask)\n\t\treturn false;\n"
        "\tif (p->arg.category_anyof_mask && !(categories & p->arg.category_anyof_mask))\n"
        "\t\treturn false;\n\n\treturn true;",
        "return (categories & p->arg.category_mask) == p->arg.category_mask &&\n"
        "\t\t(!p->arg.category_anyof_mask || (categories & p->arg.category_anyof_mask));",
    )]),
    "shift for division": ("mm/readahead.c", "get_next_ra_size", [
        ("max / 16", "max >> 4"), ("4 * cur", "cur << 2"),
    ]),
    "else if chain": ("mm/ksm.c", "skip_age", [(
        "if (age <= 3)\n\t\treturn 1;\n\tif (age <= 5)\n\t\treturn 2;\n\tif (age <= 8)\n\t\treturn 4;",
        "if (age > 8)\n\t\treturn 8;\n\tif (age > 5)\n\t\treturn 4;\n\tif (age > 3)\n\t\treturn 2;"
        "\n\tif (age >= 0)\n\t\treturn 1;",
    )]),
    "negated guard": ("mm/memory.c", "should_zap_cows", [(
        "if (!details)\n\t\treturn true;", "if (details == NULL)\n\t\treturn 1;",
    )]),
    "order of masks": ("mm/util.c", "kmalloc_gfp_adjust", [(
        "flags |= __GFP_NOWARN;\n", "flags = __GFP_NOWARN | flags;\n",
    ), ("flags &= ~__GFP_NOFAIL;", "flags = flags & ~__GFP_NOFAIL;")]),
    "subtraction as mask": ("mm/util.c", "folio_anon_vma", [(
        "mapping - PAGE_MAPPING_ANON", "mapping & ~PAGE_MAPPING_FLAGS",
    )]),
    "update spelled out": ("mm/compaction.c", "next_search_order", [
        ("order--;\n\tif (order < 0)\n\t\torder = cc->order - 1;",
         "order = order > 0 && order - 1 >= 0 ? order - 1 : order - 1 < 0 ? cc->order - 1 : order - 1;"),
        ("cc->search_order--;", "cc->search_order -= 1;"),
    ]),
    "helper extracted": (PAGE, "stable_page_flags", [
        ("\tif (page_mapped(page))\n\t\tu |= 1 << KPF_MMAP;", "\tu |= mapped_bit(page);"),
        ("u64 stable_page_flags(",
         "static u64 mapped_bit(const struct page *page)\n{\n\tif (!page_mapped(page))\n\t\treturn 0;"
         "\n\treturn 1 << KPF_MMAP;\n}\n\nu64 stable_page_flags("),
    ]),
    "#ifdefs merged": (PAGE, "stable_page_flags", [(
        "#ifdef CONFIG_ARCH_USES_PG_ARCH_2\n\tu |= kpf_copy_bit(k, KPF_ARCH_2,\tPG_arch_2);\n#endif\n"
        "#ifdef CONFIG_ARCH_USES_PG_ARCH_3\n",
        "#if defined(CONFIG_ARCH_USES_PG_ARCH_2)\n\tu |= kpf_copy_bit(k, KPF_ARCH_2,\tPG_arch_2);\n"
        "#endif\n#if defined(CONFIG_ARCH_USES_PG_ARCH_3)\n",
    )]),
    "local inlined": (PAGE, "stable_page_flags", [
        ("\tis_anon = mapping & PAGE_MAPPING_ANON;\n", ""),
        ("\tbool is_anon;\n", ""),
        ("\tif (is_anon) {", "\tif (mapping & PAGE_MAPPING_ANON) {"),
    ]),
    "branches swapped": (PAGE, "stable_page_flags", [(
        "if (page == &folio->page)\n\t\tu |= kpf_copy_bit(k, KPF_COMPOUND_HEAD, PG_head);\n\telse\n"
        "\t\tu |= 1 << KPF_COMPOUND_TAIL;",
        "if (page != &folio->page)\n\t\tu |= 1 << KPF_COMPOUND_TAIL;\n\telse\n"
        "\t\tu |= kpf_copy_bit(k, KPF_COMPOUND_HEAD, PG_head);",
    )]),
}  # fmt: skip

CHANGING: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "wrong error": (MM, "vmf_error", [("err == -EHWPOISON", "err == EHWPOISON")]),
    "case lost": (MM, "vmf_fs_error", [("err == -EFAULT || err == -EAGAIN", "err == -EFAULT")]),
    "off by one": (MM, "vma_is_initial_heap", [("vm_start < ", "vm_start <= ")]),
    "wrong end": (MM, "range_in_vma", [("end <= vma->vm_end", "end < vma->vm_end")]),
    "any for all": (MM, "vma_is_temporary_stack", [(
        "(vma->vm_flags & VM_STACK_INCOMPLETE_SETUP) ==\n\t\t\t\t\t\tVM_STACK_INCOMPLETE_SETUP",
        "vma->vm_flags & VM_STACK_INCOMPLETE_SETUP")]),
    "and for or": (MM, "vma_is_initial_stack", [("start_stack &&", "start_stack ||")]),
    "bound": (MM, "check_data_rlimit", [("> rlim)", ">= rlim)")]),
    "mask halved": (MM, "vm_fault_to_errno", [("VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV", "VM_FAULT_SIGBUS")]),
    "swapped results": (MM, "vm_fault_to_errno", [("? -EHWPOISON : -EFAULT", "? -EFAULT : -EHWPOISON")]),
    "int for long": ("mm/internal.h", "vma_address", [
        ("((pgoff - vma->vm_pgoff) << PAGE_SHIFT)", "((unsigned int)(pgoff - vma->vm_pgoff) << PAGE_SHIFT)")]),
    "lost minus one": ("mm/internal.h", "vma_address", [("pgoff + nr_pages - 1 >=", "pgoff + nr_pages >=")]),
    "or for xor": ("fs/proc/task_mmu.c", "pagemap_scan_is_interesting_vma", [("categories ^=", "categories |=")]),
    "negation lost": ("fs/proc/task_mmu.c", "pagemap_scan_is_interesting_page", [
        ("!(categories & p->arg.category_anyof_mask)", "(categories & p->arg.category_anyof_mask)")]),
    "factor": ("mm/readahead.c", "get_next_ra_size", [("2 * cur", "3 * cur")]),
    "signed shift": ("mm/compaction.c", "compaction_restarting", [("1UL << zone->compact_defer_shift", "2UL << zone->compact_defer_shift")]),
    "step": ("mm/ksm.c", "skip_age", [("age <= 5", "age < 5")]),
    "flag lost": ("mm/util.c", "kmalloc_gfp_adjust", [("flags |= __GFP_NORETRY", "flags &= ~__GFP_NORETRY")]),
    "mask for equality": ("mm/util.c", "folio_anon_vma", [
        ("(mapping & PAGE_MAPPING_FLAGS) != PAGE_MAPPING_ANON", "!(mapping & PAGE_MAPPING_ANON)")]),
    "store lost": ("mm/compaction.c", "next_search_order", [("\t\tcc->search_order--;\n", "")]),
    "null check": ("mm/memory.c", "should_zap_cows", [("return true;", "return false;")]),
}  # fmt: skip

_VMA = """struct mm { unsigned long brk, start_brk, start_stack; };
struct vm_area_struct { unsigned long vm_start, vm_end, vm_pgoff, vm_flags; struct mm *vm_mm; };
static struct mm vm_mm_; static struct vm_area_struct vma_;
#define OBJECTS O(vm_mm_) O(vma_)
#define SETUP vma_.vm_mm = &vm_mm_;
"""
_FAULT = """typedef unsigned vm_fault_t;
#define VM_FAULT_OOM 1
#define VM_FAULT_SIGBUS 2
#define VM_FAULT_HWPOISON 0x10
#define VM_FAULT_HWPOISON_LARGE 0x20
#define VM_FAULT_SIGSEGV 0x40
#define VM_FAULT_NOPAGE 0x100
#define VM_FAULT_LOCKED 0x200
#define FOLL_HWPOISON 0x40
#define FOLL_HWPOISON_ 0
"""
_SCAN = """struct arg { u64 category_inverted, category_mask, category_anyof_mask; };
struct pagemap_scan_private { union {
	struct arg arg; struct { u64 category_inverted, category_mask, category_anyof_mask; };
}; };
#define PAGE_IS_WPALLOWED 1
static struct pagemap_scan_private p_;
#define OBJECTS O(p_)
"""
# function -> (shim, types of the arguments, how each is passed)
SHIMS: dict[str, tuple[str, list[str]]] = {
    "vmf_error": (_FAULT, ["int err"]),
    "vmf_fs_error": (_FAULT, ["int err"]),
    "vm_fault_to_errno": (_FAULT, ["vm_fault_t vm_fault", "int foll_flags"]),
    "vma_is_initial_heap": (_VMA, ["&vma"]),
    "vma_is_initial_stack": (_VMA, ["&vma"]),
    "range_in_vma": (_VMA, ["&vma", "unsigned long start", "unsigned long end"]),
    "vma_is_temporary_stack": (
        _VMA + "#define VM_GROWSDOWN 0x100\n#define VM_GROWSUP 0\n"
        "#define VM_STACK_INCOMPLETE_SETUP (CONFIG_STACK_GROWSUP ? 0x18100 : 0x18000)\n", ["&vma"]),
    "check_data_rlimit": ("#define RLIM_INFINITY (~0UL)\n", [
        "unsigned long rlim", "unsigned long new", "unsigned long start",
        "unsigned long end_data", "unsigned long start_data"]),
    "vma_address": (
        _VMA + "typedef unsigned long pgoff_t;\n",
        ["&vma", "pgoff_t pgoff", "unsigned long nr_pages"]),
    "pagemap_scan_is_interesting_vma": (_SCAN, ["unsigned long categories", "&p"]),
    "pagemap_scan_is_interesting_page": (_SCAN, ["unsigned long categories", "&p"]),
    "get_next_ra_size": (
        "struct file_ra_state { unsigned size; };\nstatic struct file_ra_state ra_;\n"
        "#define OBJECTS O(ra_)\n", ["&ra", "unsigned long max"]),
    "compaction_restarting": (
        "struct zone { unsigned compact_considered, compact_defer_shift; int compact_order_failed; };\n"
        "static struct zone zone_;\n#define OBJECTS O(zone_)\n#define COMPACT_MAX_DEFER_SHIFT 6\n",
        ["&zone", "int order"]),
    "skip_age": ("typedef u8 rmap_age_t;\n", ["rmap_age_t age"]),
    "kmalloc_gfp_adjust": (
        "typedef unsigned gfp_t;\n#define __GFP_NOWARN 0x2000u\n"
        "#define __GFP_RETRY_MAYFAIL 0x4000u\n#define __GFP_NOFAIL 0x8000u\n#define __GFP_NORETRY 0x10000u\n",
        ["gfp_t flags", "unsigned long size"]),
    "folio_anon_vma": (
        "struct folio { void *mapping; };\nstatic struct folio folio_;\n#define OBJECTS O(folio_)\n"
        "#define PAGE_MAPPING_ANON 1\n#define PAGE_MAPPING_FLAGS 3\n", ["&folio"]),
    "next_search_order": (
        "struct compact_control { int order; short search_order; };\n"
        "static struct compact_control cc_;\n#define OBJECTS O(cc_)\n", ["&cc", "int order"]),
    "should_zap_cows": (
        "struct zap_details { bool even_cows; };\nstatic struct zap_details details_;\n"
        "#define OBJECTS O(details_)\n", ["&details"]),
}  # fmt: skip
