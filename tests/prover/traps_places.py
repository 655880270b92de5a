# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Traps of values and words that depend on where they stand, ours; as ``traps``."""

SAME: dict[str, tuple[str, ...]] = {
    "a load before and behind a look at a string": (
        "int strcmp(const char *one, const char *two);\nstruct s { int a; };\n",
        "int f(struct s *s, const char *n, const char *m){ int a = s->a; if (strcmp(n, m)) return 0; return a; }",
        "int f(struct s *s, const char *n, const char *m){ if (strcmp(n, m)) return 0; return s->a; }",
    ),
    "const is its value": (
        "static const int n = 21;\n",
        "int f(int x){ return x + 21; }",
        "int f(int x){ return n + x; }",
    ),
    "what nobody writes is its value": (
        "static int lim = 5;\n",
        "int f(int x){ return x > lim; }",
        "int f(int x){ return x > 5; }",
    ),
    "ifdef of what is defined above": (
        "#define N 4\n",
        "int f(int x){\n#ifdef N\nreturn 1;\n#else\nreturn 2;\n#endif\n}",
        "int f(int x){ return 1; }",
    ),
    "ifdef of what is undefined above": (
        "#define N 4\n#undef N\n",
        "int f(int x){\n#ifdef N\nreturn 1;\n#else\nreturn 2;\n#endif\n}",
        "int f(int x){ return 2; }",
    ),
    "name of the function": (
        "int g(const char *);",
        "int f(void){ return g(__func__); }",
        'int f(void){ return g("f"); }',
    ),
    "line kept": (
        "",
        "int f(int x) { return __LINE__; }",
        "int f(int x) { return (__LINE__); }",
    ),
    "sizeof the name of the function": (
        "",
        "int f(int x) { return sizeof(__func__) + x; }",
        "int f(int x) { return x + 2; }",
    ),
    "sizeof the name in a callee": (
        "static inline int h(int v) { return sizeof(__func__) + v; }",
        "int f(int x) { return h(x); }",
        "int f(int x) { return x + 2; }",
    ),
    "sizeof the name in a macro": (
        "#define W() sizeof(__func__)\n",
        "int f(int x) { return W(); }",
        "int f(int x) { return 2; }",
    ),
}
OTHER: dict[str, tuple[str, ...]] = {
    "a load before and behind a namesake that stores": (
        "struct s { int a; };\nstatic int strcmp(struct s *one, const char *two){ one->a++; return one->a > 3; }\n",
        "int f(struct s *s, const char *m){ int a = s->a; if (strcmp(s, m)) return 0; return a; }",
        "int f(struct s *s, const char *m){ if (strcmp(s, m)) return 0; return s->a; }",
    ),
    "first value of what nobody writes": (
        "static int lim = 5;\n",
        "int f(int x){ return x > lim; }",
        "int f(int x){ return x > lim; }",
        "static int lim = 6;\n",
    ),
    "first value of what somebody writes": (
        "static int lim = 5;\nvoid set(int v) { lim = v; }\n",
        "int f(int x){ return x > lim; }",
        "int f(int x){ return x > lim; }",
        "static int lim = 6;\nvoid set(int v) { lim = v; }\n",
    ),
    "a parameter of a module is none": (
        "static int lim = 5;\nmodule_param(lim, int, 0644);\n",
        "int f(int x){ return x > lim; }",
        "int f(int x){ return x > 5; }",
    ),
    "a global is none": (
        "int lim = 5;\n",
        "int f(int x){ return x > lim; }",
        "int f(int x){ return x > 5; }",
    ),
    "cleanup in a macro, and another call": (
        "#define __cleanup(f) __attribute__((__cleanup__(f)))\n#define HOLD(v) int h_ __cleanup(done) = v\nint ext(int); void sink(int); void done(int*);",
        "int f(int x,int y){ HOLD(x); return ext(y); }",
        "int f(int x,int y){ int r = ext(y); sink(x); return r; }",
    ),
    "cleanup in a macro": (
        "#define __cleanup(f) __attribute__((__cleanup__(f)))\n#define HOLD(v) int h_ __cleanup(done) = v\nint ext(int); void sink(int); void done(int*);",
        "int f(int x,int y){ HOLD(x); return y; }",
        "int f(int x,int y){ return y; }",
    ),
    "name of another function": (
        "int g(const char *);",
        "int f(void){ return g(__func__); }",
        'int f(void){ return g("h"); }',
    ),
    "line moved": (
        "",
        "int f(int x) { return __LINE__; }",
        "\nint f(int x) { return (__LINE__); }",
    ),
    "line in a macro moved": (
        "#define LN __LINE__\n",
        "int f(int x) { return LN; }",
        "\nint f(int x) { return (LN); }",
    ),
    "line that is printed": (
        "void say(int);\n",
        "void f(int x) { say(__LINE__); }",
        "\nvoid f(int x) { say((__LINE__)); }",
    ),
    "counter": (
        "",
        "int f(int x) { return __COUNTER__ + x; }",
        "int f(int x) { return x + __COUNTER__; }",
    ),
}
UNDECIDED = {
    "first value of what somebody writes": "lim begins with another value",
    "cleanup in a macro, and another call": "what `__cleanup ( done )` stands for is not read",
    "cleanup in a macro": "what `__cleanup ( done )` stands for is not read",
    "line that is printed": "argument 1 of say(): it hangs on __line_3",
    "counter": "it hangs on __COUNTER__ (line 2), which may mean something else",
}
