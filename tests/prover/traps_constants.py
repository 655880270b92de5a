# SPDX-License-Identifier: GPL-2.0-or-later
"""Traps of what is a number at all times, or the same number on every machine."""

from __future__ import annotations

_T = (
    "typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32;\n"
    "typedef unsigned long long u64;\n#define N 1, 2\n"
    "#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))\n"
)
SAME: dict[str, tuple[str, ...]] = {
    "a static const local is its number": (
        _T,
        "int f(int x) { static const int n = 5; return n + x; }",
        "int f(int x) { return 5 + x; }",
    ),
    "a static const local of a narrow type": (
        _T,
        "int f(int x) { static const u8 n = 300; return n + x; }",
        "int f(int x) { return 44 + x; }",
    ),
    "as many elements as are given": (
        _T,
        "int f(void) { int q[] = { 1, 2, 3 }; return ARRAY_SIZE(q); }",
        "int f(void) { return 3; }",
    ),
    "a character of a string": (
        _T,
        'int f(void) { return "abc"[1] + "abc"[3]; }',
        "int f(void) { return 'b'; }",
    ),
    "bytes that change places": (
        _T,
        "u16 f(u16 x) { return swab16(x); }",
        "u16 f(u16 x) { return (x << 8) | (x >> 8); }",
    ),
    "bytes of a word that change places twice": (
        _T,
        "u32 f(u32 x) { return __builtin_bswap32(swab32(x)); }",
        "u32 f(u32 x) { return x; }",
    ),
    "there and back again": (
        _T,
        "u32 f(u32 x) { return le32_to_cpu(cpu_to_le32(x)); }",
        "u32 f(u32 x) { return be32_to_cpu(cpu_to_be32(x)); }",
    ),
    "one of two orders is that of the machine": (
        _T,
        "u32 f(u32 x) { return le32_to_cpu(x) ^ be32_to_cpu(x); }",
        "u32 f(u32 x) { return x ^ swab32(x); }",
    ),
    "a wider number loses its upper bytes": (
        _T,
        "u64 f(u64 x) { return be16_to_cpu(x) ^ cpu_to_be16(x); }",
        "u64 f(u64 x) { return 0; }",
    ),
    "a macro of several elements": (
        _T,
        "int f(void) { int q[] = { N, 3 }; return ARRAY_SIZE(q); }",
        "int f(void) { return 3; }",
    ),
    "a designator counts from there": (
        _T,
        "int f(void) { int q[] = { [4] = 1, 2 }; return ARRAY_SIZE(q); }",
        "int f(void) { return 6; }",
    ),
    "a static const local whose address is taken": (
        f"{_T}int g(const int *);",
        "int f(int x) { static const int n = 5; return g(&n) + n; }",
        "int f(int x) { static const int n = 5; return g(&n) + 5; }",
    ),
}
OTHER: dict[str, tuple[str, ...]] = {
    "a static local that is not const": (
        _T,
        "int f(int x) { static int n = 5; n += x; return n; }",
        "int f(int x) { int n = 5; n += x; return n; }",
    ),
    "a pointer to const is no constant": (
        f"{_T}extern const int a, b;",
        "int f(int x) { static const int *n = &a; if (x) n = &b; return *n; }",
        "int f(int x) { const int *n = &a; if (x) n = &b; return *n; }",
    ),
    "another number of elements": (
        _T,
        "int f(void) { int q[] = { 1, 2, 3 }; return ARRAY_SIZE(q); }",
        "int f(void) { return 4; }",
    ),
    "another character": (
        _T,
        'int f(void) { return "abc"[1]; }',
        "int f(void) { return 'c'; }",
    ),
    "a number as it is in memory": (
        _T,
        "u32 f(u32 x) { return le32_to_cpu(x); }",
        "u32 f(u32 x) { return x; }",
    ),
    "the other order": (
        _T,
        "u32 f(u32 x) { return le32_to_cpu(x); }",
        "u32 f(u32 x) { return be32_to_cpu(x); }",
    ),
    "too few bytes change places": (
        _T,
        "u32 f(u32 x) { return swab16(x); }",
        "u32 f(u32 x) { return swab32(x); }",
    ),
}
UNDECIDED = {
    "a designator counts from there": "it hangs on sizeof(..[= { [4] = 1, 2 }])",
    "a static const local whose address is taken": "a static local variable",
    "a static local that is not const": "a static local variable",
    "a pointer to const is no constant": "a static local variable",
}
SAME |= {
    "an array of locals by its index": (
        _T,
        "int f(int i) { int q[2] = { 1, 2 }; return q[i & 1]; }",
        "int f(int i) { return (i & 1) + 1; }",
    ),
    "the rest of an array is 0": (
        _T,
        "int f(int i) { u8 q[4] = { 300, i }; return q[i & 3]; }",
        "int f(int i) { int j = i & 3; return j == 0 ? 44 : j == 1 ? (u8)i : 0; }",
    ),
    "an array of unknown size is as large as its list": (
        _T,
        "int f(int x, int y) { int a[] = { x, y }, *p = a; return p[1] + sizeof(a); }",
        "int f(int x, int y) { return y + 8; }",
    ),
}
OTHER |= {
    "an element that is written before it is read": (
        _T,
        "int f(int i) { int q[2] = { 1, 2 }; q[i & 1] = 5; return q[0]; }",
        "int f(int i) { return 1; }",
    ),
    "the other element": (
        _T,
        "int f(int x, int y) { int a[] = { x, y }; return a[1]; }",
        "int f(int x, int y) { return x; }",
    ),
}
