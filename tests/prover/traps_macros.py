# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Traps of the preprocessor, ours; the form is that of ``traps``."""

SAME: dict[str, tuple[str, ...]] = {
    "a choice of two voids": (
        "#define ASSERT(c) ((c) ? (void)0 : fail(3))\nvoid fail(int line); int g(int);\n",
        "int f(int x){ int y = g(x); ASSERT(y > 0); return y ? 2 : 3; }",
        "int f(int x){ int y = g(x); ASSERT(0 < y); return 3 - !!y; }",
    ),
    "sum in a product": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "int f(int x){ return 2 * ADD(x, 1); }",
        "int f(int x){ return 2 * x + 1; }",
    ),
    "object in a product": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "int f(int x){ return 2 * N; }",
        "int f(int x){ return 3; }",
    ),
    "?: behind a sum": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "int f(int x){ return 1 + CH(x); }",
        "int f(int x){ return (1 + x) ? 1 : 2; }",
    ),
    "else goes to the if of a macro": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "void f(int x, int y) { if (y) IFA(x); else b(); }",
        "void f(int x, int y) { if (y) { if (x) a(); else b(); } }",
    ),
    "two statements under an if": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "void f(int x) { if (x) TWO; }",
        "void f(int x) { if (x) a(); b(); }",
    ),
    "two statements of a call under an if": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "void f(int x) { if (x) BA(x); }",
        "void f(int x) { if (x) a(); b(); }",
    ),
    "sign behind a sign": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "int f(int x) { return 3 - NEG; }",
        "int f(int x) { return 3 + x; }",
    ),
    "macro's name as an argument": (
        "#define H(v) v - 28\n#define G(f, v) f(v) - f(v)\n",
        "int f(int x){ return G(H, x); }",
        "int f(int x){ return x - 28 - x - 28; }",
    ),
    "not in front of &&": (
        "#define B(a, b) a && b\nint ext(int);",
        "int f(int x,int y){ return !B(ext(x), ext(y)); }",
        "int f(int x,int y){ return !ext(x) && ext(y); }",
    ),
    "not in front of &": (
        "#define N x & 34\n",
        "int f(int x){ return !N; }",
        "int f(int x){ return !x & 34; }",
    ),
    "defined inside the function": (
        "",
        "int f(int x){\n#define x (x + 38)\nint y = x;\n#undef x\nreturn y - x; }",
        "int f(int x){ return 38; }",
    ),
    "the second statement is always run": (
        "#define DO(v) sink(v); sink(v + 59)\nvoid sink(int);",
        "void f(int x,int y){ if (!x) DO(y - 1); }",
        "void f(int x,int y){ if (!x) sink(y - 1); sink(y - 1 + 59); }",
    ),
    "undefined, then an enum": (
        "#define K 15\n#undef K\nenum { K = 51 };\n",
        "int f(int x){ return x + K; }",
        "int f(int x){ return 51 + x; }",
    ),
    "defined again": (
        "#define K 15\n#undef K\n#define K 2\n",
        "int f(int x){ return x + K; }",
        "int f(int x){ return 2 + x; }",
    ),
    "assignment that goes on": (
        "#define SET(p, m, e) (p)->m = e\nstruct in { int w; }; struct s { struct in in; };",
        "void f(struct s *p,int x){ SET(p, in.w, x) + 34; }",
        "void f(struct s *p,int x){ p->in.w = x + 34; }",
    ),
    "?: in ?:": (
        "#define IF(c, a, b) c ? a : b\n",
        "int f(int x,int y){ return IF(x, 1, IF(y, 2, 3)) + 56; }",
        "int f(int x,int y){ return x ? 1 : y ? 2 : 3 + 56; }",
    ),
    "own name in its text": (
        "static int foo(int x) { return x * 3; }\n#define foo(x) foo(x + 1)\n",
        "int f(int x){ return foo(x); }",
        "int f(int x){ return (x + 1) * 3; }",
    ),
    "own name in its argument": (
        "static int foo(int x) { return x * 3; }\n#define foo(x) foo(x + 1)\n",
        "int f(int x){ return foo(foo(x)); }",
        "int f(int x){ return ((x + 1) * 3 + 1) * 3; }",
    ),
    "an argument that is empty": (
        "#define opt(a, b) (a b)\n",
        "int f(int x){ return opt(, x) + opt(x, ); }",
        "int f(int x){ return x + x; }",
    ),
    "a comma in a comment between arguments": (
        "#ifdef CONFIG_A\n#define both(a, b) ((a) + (b))\n#else\n#define both(a, b) ((b) + (a))\n#endif\n",
        "int f(int x){ return both(x, /* a, b */ 1); }",
        "int f(int x){ return x + 1; }",
    ),
    "an operator is an argument": (
        "#define bin(a, op, b) ((a) op (b))\n",
        "int f(int x){ return bin(x, +, 1) - bin(x, ==, 4); }",
        "int f(int x){ return x + 1 - (x == 4); }",
    ),
    "the number of arguments": (
        "#define COUNT_(_0, _1, _2, _3, n, X...) n\n#define COUNT(X...) COUNT_(, ##X, 3, 2, 1, 0)\n",
        "int f(int x){ return COUNT(x, x) * 10 + COUNT(); }",
        "int f(int x){ return 20; }",
    ),
    "an operator within a macro's text": (
        "#define bin(a, op, b) ((a) op (b))\n#define more(a) bin(a, +, 2)\n",
        "int f(int x){ return more(x); }",
        "int f(int x){ return x + 2; }",
    ),
    "a pasted name is called": (
        "#define op(n) do_##n\nstatic inline int do_inc(int a) { return a + 1; }\n",
        "int f(int x){ return op(inc)(x); }",
        "int f(int x){ return x + 1; }",
    ),
    "an argument on a line that goes on": (
        "#define second(a, b, ...) (b)\n",
        "int f(int x){ return second(1, \\\n\tx, 3); }",
        "int f(int x){ return x; }",
    ),
    "a directive whose word goes on": (
        "",
        "int f(int x){\n#if 1\n#els\\\ne\n\tx = 3;\n#endif\n\treturn x; }",
        "int f(int x){ return x; }",
    ),
    "more arguments than are used": (
        "#define second(a, b, ...) (b)\n",
        "int f(int x){ return second(1, x, 3); }",
        "int f(int x){ return x; }",
    ),
    "pasted after it is expanded": (
        "#define CAT(a, b) a##b\n#define XCAT(a, b) CAT(a, b)\n#define A foo\n#define foo1 7\n#define A1 9\n",
        "int f(void){ return XCAT(A, 1) * 10 + CAT(A, 1); }",
        "int f(void){ return 79; }",
    ),
    "spelled after it is expanded": (
        "#define STR(x) #x\n#define XSTR(x) STR(x)\n#define V abc\n",
        "int f(void){ return sizeof(XSTR(V)) * 100 + sizeof(STR(V)); }",
        "int f(void){ return 402; }",
    ),
    "a member's name": (
        "struct s { struct { int b; } a; };\n#define ab a.b\n",
        "int f(struct s *p){ return p->ab; }",
        "int f(struct s *p){ return p->a.b; }",
    ),
    "two arguments in one": (
        "#define PAIR 1, 2\nint g(int, int);\n",
        "int f(void){ return g(PAIR); }",
        "int f(void){ return g(1, 2); }",
    ),
    "nothing as a part of an argument": (
        "#define EMPTY\nint g(int);\n",
        "int f(int x){ return g(EMPTY x); }",
        "int f(int x){ return g(x); }",
    ),
    "return in a macro": (
        "#define RET(x) if (x) return 5\n",
        "int f(int x){ RET(x); return 1; }",
        "int f(int x){ return x ? 5 : 1; }",
    ),
    "goto in a macro": (
        "#define SKIP(x) if (x) goto out\nvoid a(void);",
        "int f(int x){ SKIP(x); a(); out: return 1; }",
        "int f(int x){ if (!x) a(); return 1; }",
    ),
    "declaration in a macro": (
        "#define DECL int y = 4\nextern int y;",
        "int f(int x){ DECL; return x + y; }",
        "int f(int x){ return x + 4; }",
    ),
    "argument without parentheses": (
        "#define SQ(x) x * x\n",
        "int f(int x){ return SQ(x + 1); }",
        "int f(int x){ return x + 1 * x + 1; }",
    ),
    "argument evaluated twice": (
        "#define SQ(x) ((x) * (x))\n",
        "int f(int x){ int y = x; return SQ(y++) + y; }",
        "int f(int x){ int y = x; int r = y++; r *= y++; return r + y; }",
    ),
    "sizeof a sum": (
        "#define SZ (x) + 1\n",
        "int f(int x){ return sizeof SZ; }",
        "int f(int x){ return 5; }",
    ),
}
OTHER: dict[str, tuple[str, ...]] = {
    "an argument that is empty, the other one": (
        "#define opt(a, b) (8 a - 1 b)\n",
        "int f(int x){ return opt(* x, ); }",
        "int f(int x){ return opt(, * x); }",
    ),
    "another operator is an argument": (
        "#define bin(a, op, b) ((a) op (b))\n",
        "int f(int x){ return bin(x, +, 1); }",
        "int f(int x){ return bin(x, -, 1); }",
    ),
    "a pasted name is called, another one": (
        "#define op(n) do_##n\nstatic inline int do_inc(int a) { return a + 1; }\nstatic inline int do_dec(int a) { return a - 1; }\n",
        "int f(int x){ return op(inc)(x); }",
        "int f(int x){ return op(dec)(x); }",
    ),
    "a directive whose word goes on, inside the other branch": (
        "",
        "int f(int x){\n#if 0\n#els\\\ne\n\tx = 3;\n#endif\n\treturn x; }",
        "int f(int x){ return x; }",
    ),
    "sum in a product as if in parentheses": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "int f(int x){ return 2 * ADD(x, 1); }",
        "int f(int x){ return 2 * x + 2; }",
    ),
    "?: behind a sum as if in parentheses": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "int f(int x){ return 1 + CH(x); }",
        "int f(int x){ return 1 + (x ? 1 : 2); }",
    ),
    "else goes to the if outside": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "void f(int x, int y) { if (y) IFA(x); else b(); }",
        "void f(int x, int y) { if (y) { if (x) a(); } else b(); }",
    ),
    "two statements as a block": (
        "#define ADD(p, q) p + q\n#define N 1 + 1\n#define NEG -x\n#define CH(c) c ? 1 : 2\n#define IFA(x) if (x) a()\n#define TWO a(); b()\n#define BA(x) a(); b()\nvoid a(void); void b(void); void sink(int);\n",
        "void f(int x) { if (x) BA(x); }",
        "void f(int x) { if (x) { a(); b(); } }",
    ),
    "moved behind another definition": (
        "#define K 15\n",
        "int f(int x){ return x + K; }\n#undef K\n#define K 2",
        "int f(int x){ return K + x; }",
        "#define K 15\n#undef K\n#define K 2\n",
    ),
    "assignment that goes on, cut": (
        "#define SET(p, m, e) (p)->m = e\nstruct in { int w; }; struct s { struct in in; };",
        "void f(struct s *p,int x){ SET(p, in.w, x) + 34; }",
        "void f(struct s *p,int x){ p->in.w = x; }",
    ),
    "a sum made of another macro": (
        "#define M(v) v + K\n#define K 54\n",
        "int f(int x){ return 2 * M(x); }",
        "int f(int x){ return 2 * (x + 54); }",
    ),
    "argument called twice": (
        "#define MAX(a,b) ((a) > (b) ? (a) : (b))\nint g(int);",
        "int f(int x){ return MAX(g(x), 1); }",
        "int f(int x){ int y = g(x); return y > 1 ? y : 1; }",
    ),
}
UNDECIDED = {
    "argument called twice": "it hangs on g()",
    "else goes to the if outside": "the order of calls and stores",
    "two statements as a block": "the order of calls and stores",
}
