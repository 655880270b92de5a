# SPDX-License-Identifier: GPL-2.0-or-later
"""Code around a struct that gains a member: what it does not touch is what it was."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.facts.header import header
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.verdict import Verdict

STRUCTS = """typedef unsigned char u8;
typedef unsigned long size_t;
typedef unsigned short __be16;
struct list { struct list *next; };
struct inner { int id; u8 raw[4]; };
struct own {
	struct s *up;
	int len;
	u8 name[8];
	struct inner in;
@own@	__be16 wire;
	struct list head;
};
struct row { struct own *to; u8 key[8]; int n; struct row *also; };
struct wire { int a; @wire@	__be16 b; };
struct pack { struct s *to; @pack@	int b; } __attribute__((packed));
struct box { struct own own; int n; };
void *memcpy(void *to, const void *from, size_t n);
int take(void *p, size_t n);
int sink(const u8 *p);
struct own *the_own(int n);
struct row *the_row(int n);
struct wire *the_wire(int n);
struct pack *the_pack(int n);
struct box *the_box(int n);
#define holds(p, m, at) (&(p)->m == (at))
#define page_of(x) ((unsigned long)(x) >> 12)
#define first_of(x) (*(u8 *)(x))
struct either { void (*go)(struct own *o); union { int a; struct own *to; } u; };
struct either *the_either(int n);
#define LIMIT 4
#define BITS 8
#define BITS_OF(x) (sizeof(x) * BITS)
#define FIRST_BIT_OF(x) (sizeof(x) * BITS + first_of(x))
#define q 4
"""
NAMES = ("own", "wire", "pack")
OLD = HEAD + STRUCTS
NEW = {}
for name in NAMES:
    NEW[name] = OLD.replace(f"@{name}@", "\tint more;\n")
for name in NAMES:
    OLD = OLD.replace(f"@{name}@", "")
    NEW = {key: text.replace(f"@{name}@", "") for key, text in NEW.items()}
LOOP = "while (a--)\n\t\task(p);\n\t"  # that the structure alone has an answer for

SAME = {
    "the size of a struct that only points to it": (
        "struct row *r = the_row(a);\n\t" + LOOP + "return take(r, sizeof(*r));"
    ),
    "by the type": "struct row *r = the_row(a);\n\t" + LOOP
    + "return take(r, sizeof(struct row));",
    "the size of a member": "struct own *o = the_own(a);\n\t" + LOOP
    + "return take(o->name, sizeof(o->name));",
    "the bits of a member": "struct own *o = the_own(a);\n\t" + LOOP
    + "return o->len >= BITS_OF(o->name);",
    "of what is in a member": "struct own *o = the_own(a);\n\t" + LOOP
    + "return take(o->in.raw, sizeof(o->in.raw));",
    "of a row of numbers": "u8 b[4];\n\t" + LOOP + "return take(b, sizeof(b));",
    "a copy of other bytes": "struct own *o = the_own(a);\n\t"
    "struct row *r = the_row(a);\n\tu8 b[8];\n\t" + LOOP
    + "memcpy(b, r->key, 8);\n\treturn sink(b) + o->len;",
    "a copy of one member": "struct own *o = the_own(a);\n\tu8 b[8];\n\t" + LOOP
    + "memcpy(b, o->name, sizeof(o->name));\n\treturn sink(b);",
    "whether an address is that of a member": "struct own *o = the_own(a);\n\t"
    "struct list *l = get(a);\n\t" + LOOP + "return holds(o, head, l);",
    "a place in one that only points to it": "struct row *r = the_row(a);"
    "\n\tint *n;\n\t" + LOOP + "n = &r->n;\n\treturn ask(get(*n));",
    "a number of a member": "struct own *o = the_own(a);\n\t" + LOOP
    + "return page_of(o->len) + page_of(o->up);",
    "the size of what points to it": "struct row *r = the_row(a);\n\t" + LOOP
    + "return take(r, sizeof(*r->also));",
    "a cast of other data": "struct row *r = the_row(a);\n\tstruct inner *i;\n\t"
    + LOOP + "i = (struct inner *)r;\n\treturn i->id;",
    "a union that points to it": "struct either *e = the_either(a);\n\t" + LOOP
    + "return e->u.a;",
    "a copy by pointers": "struct own *o = the_own(a);\n\tu8 b[8];\n\t" + LOOP
    + "memcpy(b, o->up, o->len);\n\treturn sink(b);",
    "bytes by a pointer to the first of another": "struct row *r = the_row(a);"
    "\n\tu8 *b;\n\t" + LOOP + "b = &r->key[0];\n\treturn b[2];",
    "a member beside one of another byte order": "struct own *o = the_own(a);\n\t"
    + LOOP + "return o->len + o->wire;",
}  # fmt: skip
OTHERS = {
    "its own bits": "struct own *o = the_own(a);\n\t" + LOOP
    + "return o->len >= BITS_OF(*o);",
    "the bits of a member and its bytes": "struct own *o = the_own(a);\n\t" + LOOP
    + "return o->len >= FIRST_BIT_OF(o->name);",
    "its own size": "struct own *o = the_own(a);\n\t" + LOOP
    + "return take(o, sizeof(*o));",
    "the size of one that holds it": "struct box *b = the_box(a);\n\t" + LOOP
    + "return take(b, sizeof(*b));",
    "the size of what a pointer leads to": "struct row *r = the_row(a);\n\t" + LOOP
    + "return take(r, sizeof(*r->to));",
    "of a place behind it": "struct own *o = the_own(a);\n\tint n;\n\t" + LOOP
    + "n = (char *)&o->head - (char *)o;\n\treturn n;",
    "a copy of all of it": "struct own *o = the_own(a);\n\tu8 b[64];\n\t" + LOOP
    + "memcpy(b, o, 40);\n\treturn sink(b);",
    "a copy from one member into the next": "struct own *o = the_own(a);\n\tu8 b[64];"
    "\n\t" + LOOP + "memcpy(b, &o->in, 14);\n\treturn sink(b);",
    "the number of a place": "struct own *o = the_own(a);\n\t" + LOOP
    + "return page_of(&o->len);",
    "the number of an array in it": "struct own *o = the_own(a);\n\t" + LOOP
    + "return page_of(o->name);",
    "of one deeper in it": "struct own *o = the_own(a);\n\t" + LOOP
    + "return page_of(o->in.raw);",
    "of one that a pointer leads to": "struct row *r = the_row(a);\n\t" + LOOP
    + "return page_of(r->to->name);",
    "of one that a call gives": LOOP + "return page_of(the_own(a)->name);",
    "a byte of it": "struct own *o = the_own(a);\n\t" + LOOP
    + "return first_of(o->name + 9);",
    "of two members": "struct own *o = the_own(a);\n\tu8 b[64];\n\t" + LOOP
    + "memcpy(b, o->name, sizeof(o->name) + sizeof(o->in));\n\treturn sink(b);",
    "the struct as other data": "struct own *o = the_own(a);\n\tstruct row *r;\n\t"
    + LOOP + "r = (struct row *)o;\n\treturn r->n;",
    "through a void pointer": "void *o = the_own(a);\n\tu8 b[64];\n\t" + LOOP
    + "memcpy(b, o, 40);\n\treturn sink(b);",
    "one that a device lays out": "struct wire *w = the_wire(a);\n\t" + LOOP
    + "return w->b;",
    "one without gaps": "struct pack *w = the_pack(a);\n\t" + LOOP + "return w->b;",
    "bytes by a pointer to the first": "struct own *o = the_own(a);\n\tu8 *b;\n\t"
    + LOOP + "b = &o->in.raw[0];\n\treturn b[6];",
    "bytes of the first that a pointer leads to": "struct row *r = the_row(a);"
    "\n\tu8 *b;\n\t" + LOOP + "b = &r->to[0].in.raw[0];\n\treturn b[6];",
    "which of two lies in front": "struct own *o = the_own(a);\n\t" + LOOP
    + "return (void *)&o->head < get(a);",
}  # fmt: skip


def verdicts(body: str) -> set[Verdict]:
    """What is said when the struct that a body has to do with gains a member, and
    when it loses one."""
    name = next((one for one in NAMES[1:] if f"struct {one}" in body), "own")
    heads = (OLD, NEW[name]), (NEW[name], OLD)
    return {judged(body, body, *both).verdict for both in heads}


@pytest.mark.parametrize("body", SAME.values(), ids=SAME.keys())
def test_code_that_does_not_touch_what_is_new(body: str) -> None:
    assert verdicts(body) == {Verdict.EQUAL}


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS.keys())
def test_code_that_sees_where_members_lie(body: str) -> None:
    assert Verdict.EQUAL not in verdicts(body)


QUOTE = (
    LOOP
    + """if (a == '"' || a == LIMIT || a == '"')
		return 1;
	return 0;"""
)
LETTER = LOOP + "return a == 'q' || ask(p) == '\\q';"


def test_a_quote_as_a_character_hides_nothing() -> None:
    other = OLD.replace("LIMIT 4", "LIMIT 5")
    assert judged(QUOTE, QUOTE, OLD, other).verdict is not Verdict.EQUAL


def test_a_character_is_no_name() -> None:
    other = OLD.replace("q 4", "q 5")
    assert judged(LETTER, LETTER, OLD, other).verdict is Verdict.EQUAL


def test_a_word_in_a_string_is_no_name_but_in_assembler() -> None:
    text = '#define CHIP "chip" MORE\n#define CALL asm("call chip")\n'
    uses = meanings_of(header("a.c", text.encode())).uses
    assert "chip" not in uses["CHIP"]
    assert "MORE" in uses["CHIP"]
    assert "chip" in uses["CALL"]
