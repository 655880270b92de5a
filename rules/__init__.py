"""The rules, by name.  A rule runs if, and only if, it stands here."""

RULES: tuple[str, ...] = (
    "aliased-flag-bit",
    "bit-number-as-mask",
    "flag-pair-mismatch",
    "kpf-abi",
    "logical-vs-bitwise",
    "mask-precedence",
    "mask-vs-equality",
    "pageflags-enum-growth",
    "shift-width",
    "submission-attribution",
    "submission-base-commit",
    "submission-changelog",
    "submission-message-lost",
    "submission-recipients",
    "submission-tags",
    "submission-trailers",
    "undocumented-change",
    "zero-valued-flag",
)
