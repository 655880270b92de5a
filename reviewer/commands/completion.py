# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review completion SHELL``: completion for a shell, read from the parsers."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterable

from reviewer.commands import Result, Session
from reviewer.commands.surface import Argument, Command, commands

HELP = "completion for bash, zsh or fish, and the manual page"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish", "man"))


def run(args: argparse.Namespace, session: Session) -> Result:
    """Returns the script for one shell, or the manual page."""
    if args.shell == "man":
        from reviewer.commands import manual

        return Result(manual.page(commands()))
    make = {"bash": bash, "zsh": zsh, "fish": fish}[args.shell]
    return Result(make(commands()))


# --- bash -----------------------------------------------------------------------------

BASH = """\
# Completion of kpf-review for bash; made by 'kpf-review completion bash'.
_kpf_review() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}
  local name= words=
  local rules="{rules}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -gt 1 ]; then
    case ${{COMP_WORDS[1]}} in
      {names}) name=${{COMP_WORDS[1]}} ;;
    esac
  fi
  case "$name $prev" in
{values}
  esac
  case "$name" in
{options}
  esac
  case "$cur" in
    -*) ;;
    *) case "$name" in
{positionals}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
# Where nothing of it fits, names of files.
complete -o default -o bashdefault -F _kpf_review kpf-review
"""


def bash(all_commands: Iterable[Command]) -> str:
    """Returns the completion script for bash, which offers subcommands, options and
    fixed values, and names of files everywhere else."""
    values, options, positionals, names = [], [], [], []
    for command in all_commands:
        names += [command.name] if command.name else []
        words = [name for option in command.options for name in option.names]
        options.append(f'    "{command.name}") words="{" ".join(words)}" ;;')
        for option in command.options:
            if option.takes_value:
                values.append(_bash_value(command, option))
        fixed = [_bash_words(a) for a in command.positionals if a.values]
        if command.name and fixed:
            positionals.append(f'      "{command.name}") words="{" ".join(fixed)}" ;;')
        elif command.name:
            positionals.append(f'      "{command.name}") return ;;')
    first = f'      "") [ "$COMP_CWORD" -eq 1 ] || return; words="{" ".join(names)}" ;;'
    from reviewer import rulebook

    return BASH.format(
        rules=" ".join(rulebook.names()),
        names="|".join(names),
        values="\n".join(values),
        options="\n".join(options),
        positionals="\n".join([first, *positionals]),
    )


def _bash_value(command: Command, option: Argument) -> str:
    patterns = "|".join(f'"{command.name} {name}"' for name in option.names)
    if option.values:
        found = f'$(compgen -W "{_bash_words(option)}" -- "$cur")'
    elif option.kind == "folder":
        found = '$(compgen -d -- "$cur")'
    else:
        return f"    {patterns}) return ;;"
    return f"    {patterns}) COMPREPLY=({found}); return ;;"


def _bash_words(argument: Argument) -> str:
    from reviewer import rulebook

    return (
        "$rules" if argument.values == rulebook.names() else " ".join(argument.values)
    )


# --- zsh ------------------------------------------------------------------------------

ZSH = """\
#compdef kpf-review
# Completion of kpf-review for zsh; made by 'kpf-review completion zsh'.
_kpf_review() {{
  local -a subcommands
  subcommands=(
{names}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe -t commands subcommand subcommands
    _files
    return
  fi
  local name=$words[2]
  case $name in
{cases}
  esac
}}
if [ "$funcstack[1]" = "_kpf_review" ]; then _kpf_review "$@"
else compdef _kpf_review kpf-review; fi
"""


def zsh(all_commands: Iterable[Command]) -> str:
    """Returns one ``_arguments`` call a subcommand."""
    names, cases = [], []
    main = ""
    for command in all_commands:
        specs = [_zsh_option(option, name) for option in command.options
                 for name in option.names]  # fmt: skip
        specs += [_zsh_positional(argument) for argument in command.positionals]
        call = " \\\n        ".join(["_arguments", *(shlex.quote(s) for s in specs)])
        if command.name:
            about = f"{command.name}:{_zsh_text(command.help)}"
            names.append(f"    {shlex.quote(about)}")
            shift = "shift words; (( CURRENT-- ))"
            cases.append(f"    {command.name}) {shift}\n      {call} ;;")
        else:
            main = f"    *)\n      {call} ;;"
    return ZSH.format(names="\n".join(names), cases="\n".join([*cases, main]))


def _zsh_option(option: Argument, name: str) -> str:
    text = f"*{name}[{_zsh_text(option.help)}]"
    return f"{text}:{_zsh_values(option)}" if option.takes_value else text


def _zsh_positional(argument: Argument) -> str:
    return ("*:" if argument.several else ":") + _zsh_values(argument)


def _zsh_values(argument: Argument) -> str:
    label = _zsh_text(argument.names[-1] if argument.names else argument.metavar)
    if argument.values:
        return f"{label}:({' '.join(argument.values)})"
    action = {"folder": "_files -/", "file": "_files"}.get(argument.kind, " ")
    return f"{label}:{action}"


def _zsh_text(text: str) -> str:
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


# --- fish -----------------------------------------------------------------------------


def fish(all_commands: Iterable[Command]) -> str:
    """Returns a line an option and subcommand."""
    found = tuple(all_commands)
    names = " ".join(command.name for command in found if command.name)
    lines = [
        "# Completion of kpf-review for fish; made by 'kpf-review completion fish'."
    ]
    for command in found:
        if command.name:
            here = f"__fish_seen_subcommand_from {command.name}"
            first = f"not __fish_seen_subcommand_from {names}"
            lines.append(
                _fish(first, "-a", command.name, "-d", _fish_text(command.help))
            )
        else:
            here = f"not __fish_seen_subcommand_from {names}"
        for option in command.options:
            lines.append(_fish(here, *_fish_option(option)))
        for argument in command.positionals:
            if argument.values:
                lines.append(_fish(here, "-f", "-a", " ".join(argument.values)))
    return "\n".join(lines) + "\n"


def _fish(condition: str, *words: str) -> str:
    return shlex.join(["complete", "-c", "kpf-review", "-n", condition, *words])


def _fish_option(option: Argument) -> list[str]:
    words = []
    for name in option.names:
        words += ["-l", name[2:]] if name.startswith("--") else ["-s", name[1:]]
    if option.values:
        words += ["-x", "-a", " ".join(option.values)]
    elif option.kind == "folder":
        words += ["-x", "-a", "(__fish_complete_directories)"]
    elif option.takes_value:
        words += ["-r"]
    return [*words, "-d", _fish_text(option.help)]


def _fish_text(text: str) -> str:
    return text.replace("\\", "/")
