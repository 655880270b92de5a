# SPDX-License-Identifier: GPL-2.0-or-later
"""The course as static pages: chapters, lessons, and a page of contents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from reviewer import __version__, rulebook
from reviewer.learn.course import chapters, rules_of
from reviewer.learn.judge import facts_of
from reviewer.learn.lesson import exercise_text, solution
from reviewer.learn.workbench import Workbench
from reviewer.output import html_ascii_art
from reviewer.output.html import our_markup, page, paragraphs
from reviewer.output.html_code import with_code_marked
from reviewer.visible_text import spelt_out

if TYPE_CHECKING:
    from markdown_it.token import Token

    from reviewer.learn.course import Chapter, Exercise

FOOTER = f"kpf-review {__version__}. The course at the terminal: kpf-review learn"


def course_pages() -> dict[str, str]:
    """Returns file name -> page, index.html first."""
    pages = {"index.html": _contents()}
    with Workbench.open() as bench:
        for one in chapters():
            pages[_file(one)] = _chapter(bench, one)
    for name in rulebook.names():
        pages[_lesson_file(name)] = lesson_page(name)
    return pages


def _file(one: Chapter) -> str:
    return f"{one.number}-{one.name}.html"


def _lesson_file(rule: str) -> str:
    return f"rule-{rule}.html"


def _contents() -> str:
    shown = [
        {
            "file": _file(one),
            "title": one.title,
            "first": " ".join(one.text.split("\n\n")[0].split()),
        }
        for one in chapters()
    ]
    rules = [
        (name, rulebook.load(name).rule.summary, _lesson_file(name))
        for name in rulebook.names()
    ]
    return page(
        "contents.html.j2",
        title="Reviewing page-flag patches",
        lead="A course from a review that ended wrong: nine chapters, each with an"
        " exercise.",
        chapters=shown,
        rules=rules,
        footer=FOOTER,
    )


def _chapter(bench: Workbench, one: Chapter) -> str:
    question = one.question
    every = chapters()
    place = every.index(one)
    truth = "" if question.options else ", ".join(sorted(facts_of(bench, question)))
    return page(
        "chapter.html.j2",
        title=one.title,
        number=one.number,
        paragraphs=paragraphs(one.text),
        last=len(every),
        picture=our_markup(html_ascii_art.drawing(one.picture, "picture", one.title)),
        ask=paragraphs(question.ask),
        options=[
            {
                "letter": chr(ord("a") + n),
                "text": o.text,
                "right": o.right,
                "why": o.why,
            }
            for n, o in enumerate(question.options)
        ],
        truth=truth,
        explain=question.explain,
        exercises=[_exercise(bench, one, n) for n in range(len(one.exercises))],
        rules=[(rule, _lesson_file(rule)) for rule in rules_of(one)],
        before=_link(every[place - 1]) if place else None,
        after=_link(every[place + 1]) if place + 1 < len(every) else None,
        footer=FOOTER,
    )


def _link(one: Chapter) -> dict[str, str]:
    return {"file": _file(one), "title": one.title}


def _exercise(bench: Workbench, one: Chapter, number: int) -> dict[str, Any]:
    exercise: Exercise = one.exercises[number]
    return {
        "task": paragraphs(exercise.task),
        "shown": exercise_text(bench, exercise),
        "hints": exercise.hints,
        "answer": solution(bench, exercise),
        "done": exercise.done,
        "command": f"kpf-review learn {one.number} --step {number + 1} --answer ...",
    }


# --- lessons --------------------------------------------------------------------------


def lesson_page(name: str) -> str:
    """Returns the lesson of a rule as a page of HTML."""
    rule = rulebook.load(name)
    every = rulebook.names()
    place = every.index(name)
    return page(
        "lesson.html.j2",
        title=name,
        summary=rule.rule.summary,
        text=our_markup(html_of(rule.lesson)),
        before=_rule_link(every[place - 1]) if place else None,
        after=_rule_link(every[place + 1]) if place + 1 < len(every) else None,
        footer=FOOTER,
    )


def _rule_link(name: str) -> dict[str, str]:
    return {"file": _lesson_file(name), "title": name}


def html_of(markdown: str) -> str:
    """Returns the HTML of a lesson, Markdown of ours, without its first heading.

    Code and tables can be reached with the keyboard, for they may be wider than the
    window.  Markup in the text is shown as text, and addresses are no links.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["autolink", "html_block", "html_inline"])
    renderer = {"text": _text, "fence": _code, "code_block": _code, **_TABLE}
    for kind, rule in renderer.items():
        parser.add_render_rule(kind, rule)
    heading, _, rest = markdown.partition("\n")
    return str(parser.render(spelt_out(rest if heading.startswith("# ") else markdown)))


def _text(_: Any, tokens: Sequence[Token], at: int, *_more: Any) -> str:
    return str(with_code_marked(tokens[at].content))


def _code(_: Any, tokens: Sequence[Token], at: int, *_more: Any) -> str:
    from markupsafe import escape

    text = escape(tokens[at].content.rstrip("\n"))
    return f'<pre tabindex="0" role="group" aria-label="code">{text}</pre>\n'


def _always(markup: str) -> Callable[..., str]:
    return lambda *_: markup


_TABLE = {
    "table_open": _always(
        '<div class="scroll" tabindex="0" role="group" aria-label="table"><table>'
    ),
    "table_close": _always("</table></div>\n"),
    "th_open": _always('<th scope="col">'),
    "td_open": _always("<td>"),
}
