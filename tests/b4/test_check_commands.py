# SPDX-License-Identifier: GPL-2.0-or-later
"""The check commands: what b4 pipes, what b4 makes of what we print."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from pathlib import Path

import pytest

from reviewer.b4 import stdin
from reviewer.limits import DEFAULT
from reviewer.mail.local import read_local

SERIES = "20240304100500.1-{}-nadia@example.org"
PAGE_C = "fs/proc/page.c"
TEST = "\tif (PageKsm(page))\n"
WRONG = "\tif ((unsigned long)page->mapping & PAGE_MAPPING_KSM)\n"


def results(text: str) -> dict:
    """The one object that b4 gets; details unpacked."""
    (result,) = json.loads(text)
    assert isinstance(result["details"], str)
    return result | {"details": json.loads(result["details"] or "[]")}


def recoded(mail: bytes, encoding: str) -> bytes:
    """The mail with a header that announces an encoding, its body plain: b4's way."""
    header, _, body = mail.partition(b"\n\n")
    kept = [
        line
        for line in header.split(b"\n")
        if not line.lower().startswith((b"content-", b"mime-version"))
    ]
    return b"\n".join([*kept, encoding.encode(), b"", body])


ENCODINGS = [
    "Content-Transfer-Encoding: quoted-printable",
    "Content-Transfer-Encoding: base64",
    'Content-Type: multipart/signed; boundary="x";\n\tmicalg=pgp-sha512',
    "Content-Type: text/plain; charset=us-ascii; format=flowed",
]


@pytest.fixture(scope="module")
def lab(new_lab):
    return new_lab(wired=False)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_body_is_decoded_already(lab, mails, encoding):
    """``mapping &=3D`` must stay what it is, and base64 must not be undone twice."""
    piped = recoded(mails[1], encoding)
    assert piped.count(b"=") > 3
    found = results(lab.kpf("b4-check", stdin=piped))
    assert found["status"] == "fail"
    assert lab.stderr == ""
    contexts = [detail["context"] for detail in found["details"]]
    assert contexts == ["fs/proc/page.c:29:6", "fs/proc/page.c:38:34"]
    lines = lab.kpf("b4-check", "--format", "checkpatch", stdin=piped).splitlines()
    assert [code_at(piped, line) for line in lines] == [
        "+\tif (mapping & PAGE_MAPPING_KSM)",
        "+\tif (folio_test_large(folio) && (k & PG_lru))",
    ]


def test_the_formats_of_the_main_command_will_do_as_well(lab, mails):
    piped = recoded(mails[1], ENCODINGS[0])
    assert results(lab.kpf("--format", "b4-check", "-", stdin=piped))["summary"] == (
        "2 high"
    )
    assert lab.stderr == ""
    lines = lab.kpf("--format", "checkpatch", "-", stdin=piped).splitlines()
    assert len(lines) == 2
    assert lab.stderr == ""


def code_at(mail: bytes, line: str) -> str:
    """The line of the mail that a line of output names."""
    number = re.match(r"-:(\d+): ERROR: [A-Z_]+: ", line)
    assert number, line
    return mail.decode().split("\n")[int(number[1]) - 1]


@pytest.mark.parametrize(
    ("header", "body", "decoded"),
    [
        ("Content-Transfer-Encoding: quoted-printable", "a =3D 1;=20\n", False),
        ("Content-Transfer-Encoding: quoted-printable", "soft =\nbreak\n", False),
        ("Content-Transfer-Encoding: quoted-printable", "a = 1;\n", True),
        ("Content-Transfer-Encoding: quoted-printable", "if (a == b)\n", True),
        ("Content-Transfer-Encoding: base64", "ZGlmZiAtLWdpdA==\n", False),
        ("Content-Transfer-Encoding: base64", "diff --git a/x b/x\n", True),
        (
            'Content-Type: multipart/mixed;\n boundary="ab"',
            "--ab\n\nx\n--ab--\n",
            False,
        ),
        ('Content-Type: multipart/mixed;\n boundary="ab"', "diff --git a/x\n", True),
        ("Content-Type: text/plain", "a =3D 1\n", False),
    ],
)
def test_telling_a_decoded_body(header, body, decoded):
    mail = f"From: a@example.org\n{header}\nSubject: x\n\n{body}".encode()
    assert stdin.is_decoded(mail) is decoded


def test_a_latin_1_body_keeps_its_charset():
    mail = (
        b"From: a@example.org\nContent-Type: text/plain; charset=iso-8859-1\n"
        b"Content-Transfer-Encoding: quoted-printable\n\nJ\xf6rg =3D\n"
    )
    piped = stdin.read(mail, DEFAULT)
    assert b"charset=iso-8859-1" in piped.raw
    assert b"quoted-printable" not in piped.raw
    assert piped.raw.endswith(b"\n\nJ\xf6rg =3D\n")
    assert piped.body_line == 5


@pytest.mark.parametrize("form", ["b4-check", "checkpatch"])
@pytest.mark.parametrize(
    "piped",
    [
        b"",
        b"no mail",
        b"From: a@example.org\nSubject: hello\n\nNo diff.\n",
        b"\xff\n\n",
    ],
)
def test_what_is_no_patch_is_no_failure_of_ours(lab, piped, form):
    """b4 shows a warning that nothing was checked; stderr would be a failed check."""
    out = lab.kpf("b4-check", "--format", form, stdin=piped)
    assert lab.stderr == ""
    assert out.count("\n") == 1
    if form == "b4-check":
        assert json.loads(out)[0]["status"] == "warn"
    else:
        assert out.startswith("-:1: WARNING: NOT_CHECKED: ")


def test_silence_is_success(lab, mails):
    """A clean patch prints no line and ends with 0: anything else fails in b4."""
    lab.git("config", "kpf.preexisting", "true")
    assert lab.kpf("b4-check", "--format", "checkpatch", stdin=mails[2]) == ""
    assert lab.stderr == ""
    found = results(lab.kpf("b4-check", stdin=mails[2]))
    assert (found["status"], found["details"]) == ("pass", [])
    lab.git("config", "--unset", "kpf.preexisting")


def test_a_patch_that_does_not_apply_is_said_in_a_line(lab, mails):
    moved = mails[1].replace(b"\tif (!page)\n", b"\tif (!page || moved)\n")
    assert moved != mails[1]
    out = lab.kpf("b4-check", "--format", "checkpatch", stdin=moved)
    assert "-:1: WARNING: NOT_CHECKED: fs/proc/page.c: " in out
    assert lab.stderr == ""


# --- b4 runs them ---------------------------------------------------------------------


def test_b4_am(new_lab, posted, tmp_path):
    lab = new_lab()
    copies = tmp_path / "piped"
    lab.git("config", "--add", "b4.am-perpatch-check-cmd", f"tee -a {copies}")
    said = lab.b4("am", "--check", "-o", tmp_path, SERIES.format(1))
    ours = re.findall(r"(?:kpf-review|python\S*): (\d+): (ERROR: [A-Z_]+)", said)
    assert [kind for _, kind in ours] == [
        "ERROR: MASK_VS_EQUALITY",
        "ERROR: BIT_NUMBER_AS_MASK",
    ]
    piped = copies.read_text().split("\n")
    assert [piped[int(number) - 1] for number, _ in ours] == [
        "+\tif (mapping & PAGE_MAPPING_KSM)",
        "+\tif (folio_test_large(folio) && (k & PG_lru))",
    ]


WIDER = """\
diff --git a/fs/proc/page.c b/fs/proc/page.c
--- a/fs/proc/page.c
+++ b/fs/proc/page.c
@@ -33,3 +33,3 @@
{blank}
-\tif (PageHead(page) && PageLRU(page))
+\tif (PageHead(page) && (PageLRU(page) || PageTable(page)))
 \t\tu |= 1 << KPF_THP;
"""
FAR = """\
diff --git a/Kbuild b/Kbuild
--- a/Kbuild
+++ b/Kbuild
@@ -1 +1,2 @@
+# more
 {kbuild}
"""
WORDS = """\
diff --git a/Documentation/admin-guide/mm/pagemap.rst b/Documentation/admin-guide/mm/pagemap.rst
--- a/Documentation/admin-guide/mm/pagemap.rst
+++ b/Documentation/admin-guide/mm/pagemap.rst
@@ -1,3 +1,4 @@
+.. THP is said of more pages.
 {words}
"""  # noqa: E501


@pytest.fixture
def documented(new_lab, inbox):
    """A lab, and a series in the archive whose 3/3 has the documentation of 1/3."""
    lab = new_lab()
    lab.git("config", "kpf.select", "undocumented-change")
    rst = (lab.repo / "Documentation/admin-guide/mm/pagemap.rst").read_text()
    words = "\n ".join(rst.split("\n")[:3])
    kbuild = (lab.repo / "Kbuild").read_text().split("\n")[0]
    stamp = uuid.uuid4().hex[:8]
    diffs = [
        WIDER.format(blank=" "),
        FAR.format(kbuild=kbuild),
        WORDS.format(words=words),
    ]
    for number, diff in enumerate(diffs, start=1):
        above = f"In-Reply-To: <{stamp}.1@kpf>\nReferences: <{stamp}.1@kpf>\n"
        mail = (
            f"From: Nadia <nadia@example.org>\nDate: Mon, 4 Mar 2024 10:0{number}:00 "
            f"+0000\nSubject: [PATCH {number}/3] part {number}\nTo: l@example.org\n"
            f"Message-ID: <{stamp}.{number}@kpf>\n{above if number > 1 else ''}\n"
            f"Why.\n\nSigned-off-by: Nadia <nadia@example.org>\n---\n{diff}-- \n2.40\n"
        )
        inbox.add([mail.encode()])
    return lab, f"{stamp}.{{}}@kpf"


@pytest.mark.parametrize("asked", [1, 2])
def test_what_the_last_patch_documents_is_no_fault_of_the_first(
    documented, tmp_path, asked
):
    lab, name = documented
    said = lab.b4("am", "--check", "-o", tmp_path, name.format(asked))
    assert said.count("kpf-review: passed all checks") == 3, said
    kept = list(Path(lab.env["XDG_RUNTIME_DIR"]).glob("kpf-review/*.json"))
    assert len(kept) == 3  # made at once, for all


def test_alone_it_is_not_accused_either(documented, tmp_path):
    """Piped by hand: b4 has no thread of it."""
    lab, name = documented
    lab.b4("am", "-o", tmp_path, "--no-cache", name.format(1))
    (box,) = tmp_path.glob("*.mbx")
    mail = next(one for one in read_local(box) if b"part 1" in one)
    shutil.rmtree(lab.env["XDG_CACHE_HOME"])
    out = lab.kpf("b4-check", "--format", "b4-check", stdin=mail)
    (result,) = json.loads(out)
    assert result["status"] == "pass"
    assert "patches of its series are not here" in result["details"]


@pytest.fixture
def branch(new_lab):
    """A b4 prep branch on the tree."""
    lab = new_lab()
    lab.git("checkout", "-q", "-b", "start")
    lab.b4("prep", "-n", "kpageflags", "-f", "main")
    return lab


SIGNED = "\n\nSigned-off-by: Rita Reviewer <rita@example.org>"


def test_b4_prep_on_a_clean_branch(branch):
    branch.commit(
        PAGE_C, "head, tail, or neither", "Head, tail or neither", "a" + SIGNED
    )
    said = branch.b4("prep", "--check")
    assert "Success: 1, Warning: 0, Error: 0" in said


def test_b4_prep_on_a_branch_with_a_seeded_mistake(branch):
    """The mistake is in 2/3, which applies on top of 1/3 only."""
    branch.commit(
        PAGE_C, "head, tail, or neither", "Head, tail or neither", "proc: a" + SIGNED
    )
    branch.commit(
        PAGE_C,
        f"{TEST}\t\tu |= 1 << KPF_KSM;\n\n\t/* Head, tail or neither",
        f"{WRONG}\t\tu |= 1 << KPF_KSM;\n\n\t/* Head, tail or neither",
        "proc: read the mapping" + SIGNED,
    )
    branch.commit(PAGE_C, "/* Head, tail", "/* head, tail", "proc: c" + SIGNED)
    said = branch.b4("prep", "--check")
    assert "Warning: 0, Error: 1" in said
    assert re.search(r"ERROR: MASK_VS_EQUALITY: .*\(fs/proc/page\.c:\d+:\d+\)", said)
    assert "NOT_CHECKED" not in said


def test_the_series_is_the_one_of_the_record(lab, mails, tmp_path):
    """b4 may pipe a reply to the cover: the record says which series it is."""
    reply = (
        b"From: rita@example.org\nSubject: Re: [PATCH v3 0/2] kpageflags: follow\n"
        b"Message-ID: <reply@example.org>\n\nNo diff in here.\n"
    )
    base = lab.git("rev-parse", "HEAD").strip()
    lab.git("checkout", "-q", "-b", "b4/review/20240304-folio")
    for mail in mails[1:]:
        lab.git("am", "-q", stdin=mail)
    first = lab.git("rev-parse", "HEAD~1").strip()
    lab.git("commit", "-q", "--allow-empty", "-m", "tracking")
    lab.git("checkout", "-q", "main")
    record = {
        "series": {"change-id": "20240304-folio", "first-patch-commit": first},
        "patches": [{"header-info": {"msgid": SERIES.format(n)}} for n in (1, 2)],
    }
    tip = "the cover\n\n--- b4-review-tracking ---\n# b4\n" + json.dumps(record)
    lab.git("checkout", "-q", "b4/review/20240304-folio")
    lab.git("commit", "-q", "--amend", "--allow-empty", "-m", tip, "--cleanup=verbatim")
    lab.git("checkout", "-q", "main")
    assert lab.git("rev-parse", "HEAD").strip() == base
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record))
    env = {"B4_TRACKING_FILE": str(file)}
    found = results(lab.kpf("b4-check", "--series", stdin=reply, env=env))
    assert (found["status"], found["summary"]) == ("fail", "2 high")
    assert lab.stderr == ""
    # A patch of the series is looked up in the branch, by its message-id.
    second = results(lab.kpf("b4-check", stdin=mails[2], env=env))
    assert (second["status"], second["summary"]) == ("pass", "nothing to say")
    # Without the record the reply's thread is not at hand: said, and no failure.
    alone = lab.kpf("b4-check", "--series", stdin=reply)
    assert json.loads(alone)[0]["status"] == "warn"


@pytest.mark.parametrize(
    "record",
    [
        "",
        "[]",
        "{",
        '{"series": 1}',
        '{"series": {"change-id": "--help", "header-info": {"msgid": "$(x)@y"}}}',
        "[" * 5000,
    ],
)
def test_a_damaged_record_harms_nothing(lab, mails, tmp_path, record):
    file = tmp_path / "record.json"
    file.write_text(record)
    env = {"B4_TRACKING_FILE": str(file)}
    found = results(lab.kpf("b4-check", stdin=mails[1], env=env))
    assert found["summary"] == "2 high"
    said = json.loads(lab.kpf("b4-check", "--series", stdin=mails[1], env=env))
    assert said[0]["status"] in ("warn", "fail")
    assert lab.stderr == ""
