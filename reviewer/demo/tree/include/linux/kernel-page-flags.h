/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LINUX_KERNEL_PAGE_FLAGS_H
#define LINUX_KERNEL_PAGE_FLAGS_H

#include <uapi/linux/kernel-page-flags.h>

/* For debugging: may change. */
#define KPF_RESERVED		32
#define KPF_MLOCKED		33
#define KPF_PRIVATE		35
#define KPF_ARCH		38

#endif
