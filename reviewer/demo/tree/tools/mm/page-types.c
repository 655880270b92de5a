// SPDX-License-Identifier: GPL-2.0-or-later
#include "../../include/uapi/linux/kernel-page-flags.h"

static const char * const page_flag_names[] = {
	[KPF_LOCKED]		= "L:locked",
	[KPF_REFERENCED]	= "R:referenced",
	[KPF_UPTODATE]		= "U:uptodate",
	[KPF_DIRTY]		= "D:dirty",
	[KPF_LRU]		= "l:lru",
	[KPF_HWPOISON]		= "X:hwpoison",
	[KPF_KSM]		= "x:ksm",
	[KPF_THP]		= "t:thp",
};
