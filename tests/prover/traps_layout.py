# SPDX-License-Identifier: GPL-2.0-or-later
"""A struct gains a member: what is read in it stays, where its members lie does not."""

from __future__ import annotations

_ROOT = "struct node { struct node *left; }; struct root { struct node *top; };\n"
OLD = f"{_ROOT}struct s {{ int x; struct root tree; struct node *m; int word; }};\n"
NEW = OLD.replace("struct s { int x;", "struct s { long more; int x;")

SAME: dict[str, tuple[str, ...]] = {
    "a marked read in a struct that grew, compared with NULL": (
        OLD,
        "int f(struct s *p) { return READ_ONCE(p->tree.top) == NULL; }",
        "int f(struct s *p) { return READ_ONCE(p->tree.top) == NULL; }",
        NEW,
    ),
    "a marked read by way of a pointer into a struct that grew": (
        OLD,
        "int f(struct s *p) { return READ_ONCE((&p->tree)->top) != p->m; }",
        "int f(struct s *p) { return READ_ONCE((&p->tree)->top) != p->m; }",
        NEW,
    ),
    "what a call gives that was shown a member": (
        f"{OLD}struct node *g(struct root *);",
        "int f(struct s *p) { return g(&p->tree) == NULL; }",
        "int f(struct s *p) { return g(&p->tree) == NULL; }",
        f"{NEW}struct node *g(struct root *);",
    ),
    "a volatile member of a struct that grew": (
        "struct s { int x; struct s *volatile v; };",
        "int f(struct s *p) { return p->v == NULL; }",
        "int f(struct s *p) { return p->v == NULL; }",
        "struct s { int y, x; struct s *volatile v; };",
    ),
}
OTHER: dict[str, tuple[str, ...]] = {
    "how far a member is from its struct": (
        OLD,
        "int f(struct s *p) { return (char *)&p->word - (char *)p == 24; }",
        "int f(struct s *p) { return (char *)&p->word - (char *)p == 24; }",
        NEW,
    ),
    "whether a member is where the struct is": (
        OLD,
        "int f(struct s *p) { return (void *)&p->x == (void *)p; }",
        "int f(struct s *p) { return (void *)&p->x == (void *)p; }",
        NEW,
    ),
}
UNDECIDED = dict.fromkeys(OTHER, "s is laid out otherwise")
