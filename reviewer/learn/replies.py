# SPDX-License-Identifier: GPL-2.0-or-later
"""Judging an inline reply: its form, and its remarks against the engine's.

Documentation/process/submitting-patches.rst: "Use trimmed interleaved replies in
email discussions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from reviewer.learn.conditions import compare, is_expression
from reviewer.learn.course import Exercise
from reviewer.learn.judgement import Judgement, judged_right, judged_wrong
from reviewer.learn.reviews import paper
from reviewer.learn.workbench import RITA, Workbench
from reviewer.models import Judged, Patch
from reviewer.patterns import regex

IDENTITY = f"{RITA.name} <{RITA.email}>"
WIDTH = 78  # columns: 72 is the aim, a word may reach over it
MOST_QUOTED = 20  # lines without a word of one's own
LONGEST = 200_000
_TOP_POSTING = "Own text above the quote is top posting: answer below what you answer."
_CODE = regex(r"`([^`]+)`|^(?: {2,}|\t)(\S.*)$|\bif (\(.+\))", re.MULTILINE)


class WrittenRemark(Struct, frozen=True):
    """Own text, and the quoted line above it."""

    text: str
    quoted: str  # without the "> ", "" where nothing is quoted above


def blank_reply(bench: Workbench, exercise: Exercise) -> str:
    """Returns what a mail program would open: headers, attribution, everything
    quoted."""
    from reviewer.output.draft.reply import header_lines

    patch = bench.patch_of(exercise).patches[0]
    head = "\n".join(header_lines(patch, RITA))
    lines = f"{patch.message}\n---\n{patch.diff}".split("\n")
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    return f"{head}\n\n{attribution(patch)}\n{quoted}\n"


def attribution(patch: Patch) -> str:
    """Returns ``On DATE, NAME wrote:``."""
    who = f"{patch.author.name} <{patch.author.email}>"
    return f"On {patch.headers.date}, {who} wrote:"


def model_reply(bench: Workbench, exercise: Exercise) -> str:
    """Returns the engine's own draft."""
    from reviewer.output.draft.draft import drafts

    report = bench.reviewed(bench.patch_of(exercise))
    made = drafts(report, identity=IDENTITY, command="kpf-review learn")
    return made[0].text if made else ""


def judge_reply(bench: Workbench, exercise: Exercise, answer: str) -> Judgement:
    """Judges form first; then every remark against what the engine finds."""
    if len(answer) > LONGEST:
        return judged_wrong("This is longer than any reply should be.")
    patch = bench.patch_of(exercise).patches[0]
    head, _, body = answer.replace("\r\n", "\n").partition("\n\n")
    body = re.split(r"(?m)^-- $", body)[0]
    says = [*_headers(head, patch), *_form(body, patch)]
    says += _content(bench, exercise, tuple(_remarks(body)))
    return judged_wrong(*says) if says else judged_right()


# --- form ---------------------------------------------------------------------------


def _headers(head: str, patch: Patch) -> Iterator[str]:
    from email import message_from_string

    mail = message_from_string(head + "\n\n")
    wanted = f"<{patch.headers.message_id}>"
    if (mail["In-Reply-To"] or "").strip() != wanted:
        yield f"In-Reply-To must be {wanted}, or the reply is lost from the thread."
    if wanted not in (mail["References"] or wanted):
        yield "References must end in the message-id of the patch."
    if not (mail["Subject"] or "").lower().startswith("re: "):
        yield "The subject of a reply begins with 'Re: '."
    people = f"{mail['To'] or ''} {mail['Cc'] or ''}"
    for person in (patch.author, *patch.headers.to):
        if person.email not in people:
            yield f"{person.email} does not get it: reply to all."


def _form(body: str, patch: Patch) -> Iterator[str]:
    lines = body.strip("\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    if not re.match(r"On .*wrote:$", first.strip()):
        yield "The first line says who is quoted: 'On DATE, NAME wrote:'."
        if not first.startswith(">"):
            yield _TOP_POSTING
    elif _own_before_quote(lines[1:]):
        yield _TOP_POSTING
    original = {f"{line}".rstrip() for line in _mail_lines(patch)}
    for line in lines:
        if line.startswith(">"):
            text = line[2:] if line.startswith("> ") else line[1:]
            if text.rstrip() not in original and text.strip() not in (
                "[...]",
                "[…]",
                "",
            ):
                yield f"Quotes are left as they were; changed: {text.strip()[:60]}"
                break
    yield from _trimmed(lines)
    long = [line for line in lines if not line.startswith(">") and len(line) > WIDTH]
    if [line for line in long if not line.startswith(("On ", " ", "\t"))]:
        yield f"Own text is wrapped at 72 columns; one line has {max(map(len, long))}."


def _own_before_quote(lines: list[str]) -> bool:
    for line in lines:
        if line.startswith(">"):
            return False
        if line.strip():
            return True
    return False


def _trimmed(lines: list[str]) -> Iterator[str]:
    quotes = [line.startswith(">") for line in lines]
    if not any(quotes):
        yield "Nothing is quoted: nobody sees which line is meant."
        return
    own = [n for n, line in enumerate(lines) if line.strip() and not quotes[n]]
    last_quote = max(n for n, is_quote in enumerate(quotes) if is_quote)
    if own and last_quote > max(own):
        yield "What is quoted below your last remark is of no use: cut it off."
    run = longest = 0
    for is_quote in quotes:
        run = run + 1 if is_quote else 0
        longest = max(longest, run)
    if longest > MOST_QUOTED:
        yield (
            f"{longest} lines are quoted in a row: keep the file, the @@ line and about"
            " five lines above each remark."
        )


def _mail_lines(patch: Patch) -> list[str]:
    head = [f"Subject: {patch.headers.subject}", "---", ""]
    return [*head, *patch.message.split("\n"), *patch.diff.split("\n")]


# --- content ------------------------------------------------------------------------


def _remarks(body: str) -> Iterator[WrittenRemark]:
    """Each block of own text below a quote, with the last quoted line above it."""
    quoted, own = "", []
    for line in [*body.split("\n"), "> "]:
        if not line.startswith(">"):
            own.append(line)
            continue
        text = "\n".join(own).strip("\n")
        if text.strip() and quoted:
            yield WrittenRemark(text, quoted)
        own = []
        if line[1:].strip():
            quoted = line[2:] if line.startswith("> ") else line[1:]


def _content(
    bench: Workbench, exercise: Exercise, remarks: tuple[WrittenRemark, ...]
) -> Iterator[str]:
    sheet = paper(bench, exercise)
    wanted = {one.line: one.finding for one in sheet.expected}
    texts = [row.text.rstrip() for row in sheet.rows]
    met = set()
    for remark in remarks:
        places = [
            n for n, text in enumerate(texts, 1) if text == remark.quoted.rstrip()
        ]
        on = [n for n in wanted if any(n <= place <= n + 1 for place in places)]
        if not on:
            yield _false(exercise, remark)
            continue
        met.update(on)
        if len(re.findall(r"\w{2,}", remark.text)) < 3:
            yield f"'{remark.text.strip()[:40]}' does not say what happens."
        for number in on:
            yield from _remedies(bench, wanted[number], remark)
    missed = [n for n in wanted if n not in met]
    if missed and remarks:
        yield "There is a line left about which a reviewer would say something."
    elif missed:
        yield "There is no remark below any quoted line yet."


def _false(exercise: Exercise, remark: WrittenRemark) -> str:
    for part, why in exercise.fine:
        if part in remark.quoted:
            return f"'{remark.quoted.strip()}' is right. {why}"
    return f"Nothing is wrong with '{remark.quoted.strip()}': that remark is false."


def _remedies(
    bench: Workbench, finding: Judged, remark: WrittenRemark
) -> Iterator[str]:
    """What the prover says about code that the remark suggests."""
    reference = finding.fields.get("suggestion")
    if not isinstance(reference, str) or not is_expression(reference):
        return
    tested = str(finding.fields.get("test", ""))
    for match in _CODE.finditer(remark.text):
        code = next(group for group in match.groups() if group).strip().rstrip("?.,;")
        code = re.sub(r"^if (\(.*\))$", r"\1", code)
        if "&" not in code or not is_expression(code):
            continue
        if " ".join(code.strip("()").split()) == " ".join(tested.split()):
            continue  # the wrong test itself, quoted
        judged = compare(bench, code, reference, "1")
        if judged.right is False:
            yield f"The remedy '{code}' is wrong as well. {judged.says[0]}"
