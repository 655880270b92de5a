# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review behaviour`` as a person calls it."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema

from reviewer.cli import main


def run(capsys, *arguments):
    status = main(["behaviour", *map(str, arguments)])
    return status, capsys.readouterr()


def test_two_kernels(capsys, linux_6_1, linux_6_12):
    path = "fs/proc/page.c"
    status, said = run(
        capsys,
        linux_6_1 / path,
        linux_6_12 / path,
        "--function=stable_page_flags",
        "--format=json",
    )
    assert status == 1
    data = json.loads(said.out)
    schema = resources.files("reviewer.output").joinpath("schema.json")
    jsonschema.validate(data, json.loads(schema.read_text()))
    assert (data["schema"], data["series"], data["findings"]) == (1, None, [])
    assert data["tree"]["kernel"].startswith("6.12.")
    (function,) = data["functions"]
    outputs = {output["output"]: output for output in function["outputs"]}
    ksm = outputs["KPF_KSM"]
    assert (ksm["verdict"], ksm["before"], ksm["after"]) == ("differs", "0", "1")
    assert any("anon" in fact for fact in ksm["witness"]["when"])
    assert outputs["KPF_COMPOUND_HEAD"]["verdict"] == "equal"
    assert outputs["KPF_COMPOUND_TAIL"]["verdict"] == "equal"


def test_the_table(capsys, linux_6_1, linux_6_12):
    path = "fs/proc/page.c"
    function = "--function=stable_page_flags"
    _, said = run(capsys, linux_6_1 / path, linux_6_12 / path, function)
    (row,) = [line for line in said.out.splitlines() if "KPF_KSM " in line]
    assert row.split()[:3] == ["KPF_KSM", "0", "1"]
    assert "assuming: " in said.out


def test_a_mail_says_once_what_is_true_of_many_bits(capsys, linux_6_1, linux_6_12):
    path = "fs/proc/page.c"
    function = "--function=stable_page_flags"
    _, said = run(
        capsys, linux_6_1 / path, linux_6_12 / path, function, "--format=mail"
    )
    told = " ".join(said.out.split())
    assert "KPF_LOCKED, KPF_REFERENCED" in told
    assert "page: not that flag, page's folio: that flag" in told
    assert "KPF_ARCH_3: 0 -> 1 when order-0 page, page: PG_arch_3" in told


def test_a_series(capsys, pytestconfig):
    demo = pytestconfig.rootpath / "reviewer/demo"
    status, said = run(
        capsys, demo / "series.mbox", "--tree", demo / "tree", "--format=mail"
    )
    assert status == 1
    assert "stable_page_flags() no longer computes the same" in said.out
    assert "KPF_KSM: 0 -> 1" in said.out
    assert max(map(len, said.out.splitlines())) <= 72


def test_what_cannot_be_compared_is_one_line(capsys, linux_6_12, tmp_path):
    status, said = run(capsys, tmp_path / "no.c", linux_6_12 / "fs/proc/page.c")
    assert status == 3
    assert said.err.count("\n") == 1
    status, said = run(capsys, "a", "b", "c")
    assert status == 2
    status, said = run(capsys, "x.mbox", "--without", "gravity", "--offline")
    assert status == 2
    assert "tails-have-heads" in said.err
