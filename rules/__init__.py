"""The rules, by name.  A rule runs if, and only if, it stands here."""

RULES: tuple[str, ...] = (
    "bit-number-as-mask",
    "logical-vs-bitwise",
    "mask-precedence",
    "mask-vs-equality",
)
