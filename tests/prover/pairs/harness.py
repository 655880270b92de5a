# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""What gcc's code does: both states of many pairs, compiled and run on many inputs.

Each side is a program of its own (-O0 -fwrapv -fno-strict-aliasing -funsigned-char)
that runs every f@() on the same inputs and prints a hash of each run: the result, the
memory, and every call of an unknown function with its arguments and the memory then.
Memory lies at a fixed address, so that pointers compare, too.  Volatile objects lie in
a page of their own without access: each access traps, is told, and reads another value
each time, as a device's register does.
"""

from __future__ import annotations

import random
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .draft import Files, Pair

FLAGS = ["-O0", "-w", "-std=gnu11", "-fwrapv", "-fno-strict-aliasing", "-funsigned-char", "-no-pie", "-nostdinc",
         "-fno-stack-protector"]  # fmt: skip
FOLDERS = ["include", "arch/x86/include", "."]
KCONFIG = """#ifndef _LINUX_KCONFIG_H
#define _LINUX_KCONFIG_H
#define __ARG_PLACEHOLDER_1 0,
#define __take_second_arg(i, v, ...) v
#define __is_defined(x) ___is_defined(x)
#define ___is_defined(v) ____is_defined(__ARG_PLACEHOLDER_##v)
#define ____is_defined(j) __take_second_arg(j 1, 0)
#define __or(x, y) ___or(x, y)
#define ___or(x, y) ____or(__ARG_PLACEHOLDER_##x, y)
#define ____or(j, y) __take_second_arg(j 1, y)
#define IS_BUILTIN(option) __is_defined(option)
#define IS_MODULE(option) __is_defined(option##_MODULE)
#define IS_ENABLED(option) __or(IS_BUILTIN(option), IS_MODULE(option))
#endif
"""
BUILDS = (
    [],
    ["-DCONFIG_KPF_B=1", "-DCONFIG_KPF_M=1"],
    ["-DCONFIG_KPF_M_MODULE=1"],
)  # of pairs with options
ROWS = 64  # inputs of a pair
EDGES = [0, 1, 2, 3, 4, 7, 8, 31, 32, 63, 127, 128, 200, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x3FFFFFFF,
         0x40000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 32, 1 << 40, (1 << 63) - 1, 1 << 63]  # fmt: skip
TYPES = """#ifndef _LINUX_TYPES_H
#define _LINUX_TYPES_H
typedef unsigned char u8; typedef signed char s8; typedef unsigned short u16; typedef short s16;
typedef unsigned int u32; typedef int s32; typedef unsigned long long u64; typedef long long s64;
typedef _Bool bool;
#endif
"""
WORLD = r"""
/* what the functions cannot know: memory, unknown functions, a device */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
typedef unsigned char u8; typedef unsigned long long u64;
enum { SLOT = 1024, SLOTS = 4, ARENA = SLOT * SLOTS };
u8 *const arena = (u8 *)0x200000000000;
u8 *const device = (u8 *)0x30000000; /* in reach of the code, for extern volatile */
u64 hash, seed; int mode, shown;
static u64 count; static int held, pointers;
static struct { u8 *at; unsigned long size; } shared[16]; static int nshared;
static u64 mix(u64 v) { v ^= v >> 31; v *= 0x9e3779b97f4a7c15ULL; v ^= v >> 29; v *= 0xbf58476d1ce4e5b9ULL; return v ^ v >> 32; }
void note(u64 v) { hash = mix(hash ^ v) + 1; if (shown) fprintf(stderr, " %llx", v); }
static const u64 *given; /* the row's words: numbers that the pair may look for */
static u64 some(void) { u64 v = mix(seed + 77 * ++count); if ((v & 24) == 8) return given[v >> 5 & 3]; return (v & 3) ? (v & 4 ? v >> 8 : v >> 8 & 3) : -(u64)(v >> 8 & 1); }
static void memory(void)
{
	u64 sum = 0;
	for (int i = 0; i < ARENA; i++) sum = mix(sum ^ arena[i]);
	for (int n = 0; n < nshared; n++) for (unsigned long i = 0; i < shared[n].size; i++) sum = mix(sum ^ shared[n].at[i]);
	note(sum);
}
static void scribble(int all)
{
	for (int n = 0; n < nshared; n++) for (unsigned long i = 0; i < shared[n].size; i++) shared[n].at[i] = some();
	if (all && !pointers) for (int i = 0; i < ARENA; i++) arena[i] = some();
}
int ext(int v) { note(1); note(v); memory(); if (mode & 16) scribble(1); return some(); }
int ext2(int v, int w) { note(2); note(v); note(w); memory(); if (mode & 16) scribble(1); return some(); }
void sink(long v) { note(3); note(v); memory(); if (mode & 32) scribble(1); }
void touch(void) { note(4); memory(); if (mode & 3) scribble(1); }
void take(void *p) { note(5); note(*(int *)p); if (mode & 1) *(int *)p = some(); }
void look(const void *p) { u64 v; memcpy(&v, p, 8); note(8); note(v); memory(); }
void share(void *p, unsigned long size) { shared[nshared].at = p; shared[nshared++].size = size; }
void *place(int which, unsigned long size)
{
	switch (mode & 3) {
	case 1: return arena;
	case 2: return arena + which * size;
	case 3: return arena + (which ? 0 : size);
	}
	return arena + which * SLOT;
}
void *reg(int which) { return device + 256 + which * (mode & 1 ? 0 : 64); }
void begin(u64 row, const u64 *in, int pointed)
{
	int how = in[4];
	given = in; mode = how; pointers = pointed; nshared = 0; hash = row; seed = row * 31 + how; count = 0;
	for (int i = 0; i < ARENA; i += 4) { unsigned v = some(); memcpy(arena + i, &v, 4); }
}
void fill(void) { scribble(0); }
u64 end(void) { memory(); return hash; }
/* the device: a trap before each access and one after it */
static void *hit; static int writes;
static void before(int s, siginfo_t *i, void *c)
{
	ucontext_t *u = c;
	u8 *at = i->si_addr;
	if (at < device || at >= device + 4096 || held) { fprintf(stderr, "crash at %p\n", (void *)at); _exit(9); }
	hit = at; writes = u->uc_mcontext.gregs[REG_ERR] >> 1 & 1; held = 1;
	mprotect(device, 4096, PROT_READ | PROT_WRITE);
	u64 v = some(); memcpy(at, &v, 8);
	note(6 + writes); note(at - device);
	if (!writes) note(v);
	u->uc_mcontext.gregs[REG_EFL] |= 0x100;
}
static void after(int s, siginfo_t *i, void *c)
{
	ucontext_t *u = c;
	if (writes) { u64 v; memcpy(&v, hit, 8); note(v); }
	mprotect(device, 4096, PROT_NONE); held = 0;
	u->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}
extern void all(void);
int main(int argc, char **argv)
{
	struct sigaction a = { .sa_sigaction = before, .sa_flags = SA_SIGINFO }, b = { .sa_sigaction = after, .sa_flags = SA_SIGINFO };
	mmap(arena, ARENA + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mmap(device, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	sigaction(SIGSEGV, &a, 0); sigaction(SIGTRAP, &b, 0);
	alarm(60);
	shown = argc > 1;
	all();
	return 0;
}
"""
DECLARED = """
extern void note(unsigned long long), share(void *, unsigned long), fill(void), begin(unsigned long long, const unsigned long long *, int);
extern void *place(int, unsigned long), *reg(int);
extern unsigned long long end(void);
extern int printf(const char *, ...);
extern int mode, shown;
"""


@dataclass(frozen=True)
class Row:
    """An input: words for the parameters, how the world is, and what is set then."""

    words: tuple[int, ...]
    mode: int
    statements: str = ""


Rows = dict[int, list[Row]]


@dataclass(frozen=True)
class Run:
    """The hash of each run of a pair on each side."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return self.before != self.after


def inputs(pair: Pair) -> list[Row]:
    """Rows of four words: edges, the pair's own numbers and their neighbours."""
    rng = random.Random(pair.number)
    text = "".join(pair.files(False).values()) + "".join(pair.files(True).values())
    own = {int(n) for n in re.findall(r"(?<![\w@])\d{1,4}(?![\w@])", text)}
    near = sorted({n + step for n in own for step in (-1, 0, 1)})
    rows = []
    for number in range(ROWS):
        source = (EDGES, near, near + [-n for n in near], None)[number % 4]
        row = [rng.choice(source) if source else rng.getrandbits(64) for _ in range(4)]
        if number % 8 == 0:
            row = [number // 8 % 4, number // 16 % 3 - 1, *row[2:]]
        if number % 8 == 5:
            row[1] = row[0]
        words = tuple(n & (1 << 64) - 1 for n in row)
        rows.append(Row(words, number * 7 % 61))
    return rows


def runner(pair: Pair, rows: list[Row], returns: str) -> str:
    """C that runs f@() on each row and prints what came of it."""
    draft = pair.draft
    declared, passed = [], []
    pointed = 0
    for place, parameter in enumerate(draft.args.split(",")):
        found = re.fullmatch(r"\s*(.*?)(\*?)\s*(\w+)\s*", parameter)
        assert found is not None, parameter
        kind, star, name = found[1].strip(), found[2], found[3]
        if star and ("volatile" in kind or "struct r@" in kind or name == "w"):
            declared.append(f"{kind} *{name} = reg({pointed});")
        elif star:
            declared.append(f"{kind} *{name} = place({pointed}, sizeof(*{name}));")
        else:
            declared.append(f"{kind} {name} = ({kind})in[{place % 4}];")
        pointed += bool(star)
        passed.append(name)
    shared = "".join(f" share((void *)&{v}, sizeof({v}));" for v in draft.shared)
    call = f"f@({', '.join(passed)})"
    told = f"{call};" if returns == "void" else f"note((unsigned long long){call});"
    table = ",".join(
        "{" + ",".join(f"{n}ULL" for n in (*row.words, row.mode)) + "}" for row in rows
    )
    set_ = " ".join(
        f"if (row == {n}) {{ {row.statements} }}"
        for n, row in enumerate(rows)
        if row.statements
    )
    text = (
        f"static const unsigned long long in@[][5] = {{{table}}};\n"
        f"static void run@(void)\n{{\n\tfor (int row = 0; row < {len(rows)}; row++) {{\n"
        f"\t\tconst unsigned long long *in = in@[row];\n\t\tbegin(row, in, {int(draft.pointers)});{shared} fill();\n"
        f"\t\t{' '.join(declared)} {draft.setup} {set_}\n\t\t{told}\n"
        f'\t\tprintf("@ %llx\\n", end());\n\t}}\n}}\n'
    )
    return pair.text(text)


def units(files: Files) -> list[list[str]]:
    """The .c files that are compiled: the pairs' own in one unit, the others' in another."""
    included = set(re.findall(r'#include "([^"]*\.c)"', "".join(files.values())))
    found = [p for p in files if p.endswith(".c") and Path(p).name not in included]
    other = [p for p in found if p.endswith("_other.c")]
    return [[p for p in found if p not in other], other]


def side(
    folder: Path, pairs: list[Pair], after: bool, rows: Rows, build: list[str]
) -> Path:
    """The program of one state of all pairs, with more rows for some of them."""
    files: Files = {"include/linux/types.h": TYPES, "include/linux/kconfig.h": KCONFIG}
    for pair in pairs:
        files.update(pair.files(after))
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    own, other = units(files)
    returns = {}
    for pair in pairs:
        text = pair.files(after)[pair.text("kernel/kpf_@.c")]
        found = re.search(
            rf"^([a-z]\w*)[\w \*]*?\b{pair.function}\(", text, re.MULTILINE
        )
        returns[pair.number] = found[1] if found else "int"
    main = "".join(f'#include "{path}"\n' for path in own) + DECLARED
    main += "".join(pair.text(f'asm(".globl {name}\\n.set {name}, 0x30000010");\n')
                    for pair in pairs for name in pair.draft.registers)  # fmt: skip
    main += "".join(
        runner(p, inputs(p) + rows.get(p.number, []), returns[p.number]) for p in pairs
    )
    calls = " ".join(f"run{pair.number}();" for pair in pairs)
    main += f"void all(void)\n{{\n\t{calls}\n}}\n"
    (folder / "main.c").write_text(main)
    (folder / "other.c").write_text("".join(f'#include "{path}"\n' for path in other))
    (folder / "world.c").write_text(WORLD)
    places = [f"-I{name}" for name in FOLDERS]
    places += [f"-I{p}" for p in sorted({str(Path(f).parent) for f in files if f.startswith("drivers/")})]  # fmt: skip
    for name, flags in (
        ("main", FLAGS + build),
        ("other", FLAGS + build),
        ("world", ["-O1", "-w"]),
    ):
        compiled(["gcc", *flags, *places, "-c", f"{name}.c", "-o", f"{name}.o"], folder)
    compiled(["gcc", "-no-pie", "main.o", "other.o", "world.o", "-o", "program"], folder)  # fmt: skip
    return folder / "program"


def compiled(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"gcc does not take the pairs: {done.stderr[:2000]}")


def observed(
    folder: Path, pairs: list[Pair], rows: Rows | None = None
) -> dict[int, Run]:
    """What came of every run of every pair, before and after its change.

    A pair with options of the build is run once for each of some builds.
    """
    found = once(folder, pairs, rows or {}, [])
    optional = [p for p in pairs if "CONFIG_KPF" in "".join(p.files(True).values())]
    for number, build in enumerate(BUILDS[1:]) if optional else ():
        more = once(folder / f"build{number}", optional, rows or {}, build)
        for place, run in more.items():
            one = found[place]
            found[place] = Run(run.before + one.before, run.after + one.after)
    return found


def once(
    folder: Path, pairs: list[Pair], rows: Rows, build: list[str]
) -> dict[int, Run]:
    """The runs in one build."""
    sides = []
    for name, after in (("before", False), ("after", True)):
        program = side(folder / name, pairs, after, rows, build)
        sides.append(told(program, pairs))
    one, two = sides
    return {p.number: Run(one[p.number], two[p.number]) for p in pairs}


def told(program: Path, pairs: list[Pair]) -> dict[int, tuple[str, ...]]:
    """What a program prints, by pair."""
    done = subprocess.run([program], capture_output=True, text=True, timeout=120)
    if done.returncode:
        last = done.stdout.splitlines()[-1:]
        where = f"{program}: rc {done.returncode} {done.stderr[-300:]} after {last}"
        raise RuntimeError(where)
    found: dict[int, list[str]] = {pair.number: [] for pair in pairs}
    for line in done.stdout.splitlines():
        number, value = line.split()
        found[int(number)].append(value)
    return {number: tuple(values) for number, values in found.items()}
