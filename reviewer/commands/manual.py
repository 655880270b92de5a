# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual page, read from the parsers and the table of settings.

``reviewer/man/kpf-review.1`` is what ``kpf-review completion man`` prints; a test says
when it is out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewer import __version__
from reviewer.commands.surface import Argument, Command

ABOUT = """\
kpf-review fetches a patch series with b4, applies it in memory to the kernel tree that
it is made for, reads the facts from that tree's own headers, and prints what it has
found or drafts the inline reply. It sends nothing. A first argument that is no
subcommand is a series: a message-id, the URL of an archive, a mailbox, a maildir, a
patch, or - for standard input."""
EXIT = (
    ("0", "nothing to say"),
    ("1", "findings"),
    ("2", "usage or internal error"),
    ("3", "could not fetch, parse or apply; findings in the rest are still shown"),
    ("130", "interrupted"),
)
EXAMPLES = (
    ("kpf-review 20240314161526.2123-1-someone@example.org", "review a series"),
    ("kpf-review --output drafts/ series.mbox", "one draft reply a patch"),
    ("kpf-review check", "the commits of this branch, before they are sent"),
    ("kpf-review setup b4 --write --check", "have b4 call it, and see that it works"),
    ("vim -q <(kpf-review --format quickfix x.patch)", "step through the findings"),
)


def page(commands: Iterable[Command]) -> str:
    """Returns the page in the man macros of roff."""
    main, *others = commands
    lines = [
        f'.TH KPF-REVIEW 1 "" "kpf-review {_text(__version__)}"',
        ".SH NAME",
        r"kpf-review \- patch-review assistant for mailing-list workflows",
        ".SH SYNOPSIS",
        ".B kpf-review",
        r"[\fIoptions\fR] \fIseries\fR",
        ".br",
        ".B kpf-review",
        r"\fIsubcommand\fR [\fIoptions\fR] [\fIarguments\fR]",
        ".SH DESCRIPTION",
        *(_text(line) for line in ABOUT.split("\n")),
        ".SH OPTIONS",
        *_arguments(main),
        ".SH SUBCOMMANDS",
        _text("All of them take --offline; most use no network anyway."),
    ]
    for command in others:
        lines += [f".SS {_text(_usage(command))}", _sentence(command.help)]
        lines += _own_arguments(command, main)
    lines += [".SH EXIT STATUS", *_pairs(EXIT)]
    lines += [".SH CONFIGURATION", *_settings()]
    lines += [".SH EXAMPLES", *_pairs(EXAMPLES)]
    lines += [".SH SEE ALSO", r"\fBb4\fR(5), \fBgit\-config\fR(1), \fBmutt\fR(1)"]
    return "\n".join(lines) + "\n"


def _usage(command: Command) -> str:
    words = [command.name]
    for argument in command.positionals:
        word = argument.metavar + ("..." if argument.several else "")
        words.append(f"[{word}]" if argument.optional else word)
    return " ".join(words)


def _arguments(command: Command) -> Iterator[str]:
    for argument in (*command.positionals, *command.options):
        yield from _argument(argument)


def _own_arguments(command: Command, main: Command) -> Iterator[str]:
    """Those that have not been described with the main command's."""
    from reviewer.commands.parser import NO_NETWORK

    known = set(main.options)
    own = [option for option in command.options if option not in known]
    own = [option for option in own if option.help != NO_NETWORK]
    described = [argument for argument in command.positionals if argument.help]
    for argument in (*described, *own):
        yield from _argument(argument)
    shared = [o.names[-1] for o in command.options if o in known and o.help]
    shared = [name for name in shared if name not in COMMON]
    if shared:
        yield ".PP"
        yield f"Also, as above: {', '.join(_bold(name) for name in shared)}."


COMMON = ("--help", "--quiet", "--debug", "--color")


def _argument(argument: Argument) -> Iterator[str]:
    value = f" {_italic(argument.metavar)}" if argument.takes_value else ""
    yield ".TP"
    if argument.names:
        yield ", ".join(_bold(name) for name in argument.names) + value
    else:
        yield value.strip()
    yield _sentence(argument.help or "one of these")


def _pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, text in pairs:
        yield ".TP"
        yield _bold(term)
        yield _sentence(text)


def _settings() -> Iterator[str]:
    from reviewer.config import KNOWN

    yield _text("Settings are those of git config, of the user and of the repository,")
    yield _text("in the section [kpf]; 'kpf-review config' shows where each came from.")
    for name, (default, meaning) in KNOWN.items():
        yield ".TP"
        yield f"{_bold('kpf.' + name)} (default: {_text(default) or 'empty'})"
        yield _sentence(meaning)
    yield ".TP"
    yield _bold("kpf.PATH.ignore")
    yield _sentence("rules that do not hold for files below that path")


def _sentence(text: str) -> str:
    first = text.split(" ", 1)[0].rstrip(",:;")
    if first.isalpha():  # not a name such as kpf.color or mask-vs-equality
        text = text[:1].upper() + text[1:]
    return _text(text if text.endswith((".", "?")) else f"{text}.")


def _bold(text: str) -> str:
    return rf"\fB{_text(text)}\fR"


def _italic(text: str) -> str:
    return rf"\fI{_text(text)}\fR"


def _text(text: str) -> str:
    """Plain text: no line begins a request, a minus stays one."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    return rf"\&{text}" if text.startswith(".") else text
