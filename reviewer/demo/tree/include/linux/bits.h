/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LINUX_BITS_H
#define LINUX_BITS_H

#define BIT(nr)		(1UL << (nr))

#endif
