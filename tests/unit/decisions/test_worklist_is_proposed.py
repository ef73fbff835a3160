"""From a filled-in worklist to the log: what the desk takes, what it refuses, and that the answer says so."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import desk_of
import openpyxl
import pytest
from small_worklist import published
from typer.testing import CliRunner

from orchestration.cli.main import app
from orchestration.decisions import DecisionError, approve, store_of
from orchestration.decisions.intake import highest_limit, propose_worklist
from orchestration.decisions.worklist import Proposal, Worklist
from orchestration.settings.labels import labels, name_of

ROW = Proposal(
    exception_id="e1",
    fingerprint="f",
    code="E103",
    action="write_off",
    amount=Decimal("0.30"),
    currency="CNY",
    posted_on=None,
    key=None,
    cause=None,
    assignee=None,
    note="too small",
    sheet="RA",
    line=2,
)


@pytest.fixture
def settings(tmp_path):
    return desk_of.made(tmp_path)


def proposed(settings, *rows, name="lin"):
    worklist = Worklist("run-1", "head-1", labels("en"), tuple(rows), ())
    return propose_worklist(settings, worklist, name, desk_of.now)


def reasons(worklist):
    return [row.reasons[0] for row in worklist.refused]


def test_each_row_is_a_signed_proposal_of_the_person_who_brings_it(settings):
    assign = replace(ROW, exception_id="e2", action="assign", amount=None, assignee="wang", note=None, line=3)
    done = proposed(settings, ROW, assign)
    assert ((ROW, assign), ()) == (done.taken, done.refused)
    said = [
        (event.kind, event.person, event.facts["exception_id"], event.facts["amount"])
        for event in store_of(settings).events()
    ]
    assert [("proposed", "lin", "e1", "0.30"), ("proposed", "lin", "e2", None)] == said
    approve(settings, "wang", [store_of(settings).events()[0].decision_id], desk_of.now)


def test_a_row_that_the_desk_refuses_leaves_the_others(settings):
    more = replace(ROW, exception_id="e2", amount=Decimal("7000.01"), line=3)
    nobody = replace(ROW, exception_id="e2", action="assign", amount=None, assignee="nobody", line=4)
    done = proposed(settings, more, ROW, nobody)
    assert (ROW,) == done.taken
    (too_much, unknown) = reasons(done)
    assert "e2 is about 7000.00 CNY: more is not written off" in too_much
    assert "nobody is not in the rule table people" in unknown


def test_the_same_worklist_twice_proposes_nothing_twice(settings):
    assert 1 == len(proposed(settings, ROW).taken)
    again = proposed(settings, ROW)
    assert ((), True) == (again.taken, "is decided in" in reasons(again)[0])
    assert 1 == len(store_of(settings).events())


def test_a_worklist_brought_again_after_its_approval_says_nothing_new(settings):
    to_wang = replace(ROW, action="assign", amount=None, assignee="wang", note=None)
    for row in (to_wang, replace(to_wang, assignee="zhao")):
        assert (row,) == proposed(settings, row).taken
        approve(settings, "mei", [], desk_of.now, everything=True)
    again = proposed(settings, replace(to_wang, assignee="zhao"))
    assert ((), True) == (again.taken, "exactly this is decided in" in reasons(again)[0])
    assert (to_wang,) == proposed(settings, to_wang).taken


def test_what_belongs_to_the_message_is_no_decision(settings):
    done = proposed(settings, replace(ROW, action="snooze", amount=None, posted_on=desk_of.now().date()))
    assert ["a message is snoozed, never a record: tieout alerts snooze INCIDENT --until DAY"] == reasons(done)
    assert [] == store_of(settings).events()


def test_a_part_is_split_off_and_a_dispute_has_its_reference(settings):
    part = replace(ROW, action="split", key="B1", amount=Decimal("0.10"), note=None)
    dispute = replace(ROW, action="dispute", amount=None, key="D-1", posted_on=desk_of.now().date(), note=None)
    assert (part,) == proposed(settings, part).taken
    assert (dispute,) == proposed(settings, dispute).taken
    assert [("56.90", "B1"), ("D-1", "D-1")] == [
        (facts.get("new_value") or facts["reference"], facts.get("part_ref") or facts["note"])
        for facts in (event.facts for event in store_of(settings).events())
    ]


def test_reject_and_reverse_find_the_one_decision_they_mean(settings):
    reject = replace(ROW, action="reject", amount=None, note="not so")
    assert ["0 decisions about it may be meant; name one: tieout reject ID"] == reasons(proposed(settings, reject))
    proposed(settings, ROW)
    assert (reject,) == proposed(settings, reject, name="wang").taken
    number = desk_of.written_off(settings)
    approve(settings, "wang", [number], desk_of.now)
    reverse = replace(ROW, action="reverse", amount=None, note="was a tip")
    assert (reverse,) == proposed(settings, reverse).taken
    assert number == store_of(settings).events()[-1].facts["reverses"]
    proposed(settings, replace(ROW, action="cause", amount=None, cause="timing"))
    proposed(settings, replace(ROW, action="dispute", key="D-1", posted_on=desk_of.now().date()))
    assert "decisions about it may be meant" in reasons(proposed(settings, reject))[0]


def test_a_workbook_goes_out_and_comes_back_by_two_commands(settings, monkeypatch):
    monkeypatch.chdir(settings.path.parent)
    snapshot = settings.data_dir / "published" / "tieout.duckdb"
    snapshot.unlink()
    record = {"record_type": "order", "record_key": "o", "record_fingerprint": "f"}
    with published(record, {**record, "order_no": "B"}, path=snapshot):
        pass
    run = partial(CliRunner().invoke, app)
    assert 0 == run(["export", "exceptions", "--language", "en", "--output", "list.xlsx"]).exit_code
    book = openpyxl.load_workbook("list.xlsx")
    at = {name_of("column", cell.value): cell.column for cell in book.worksheets[0][1]}
    for line, values in ((2, {"action": "name the cause", "cause": "timing"}), (3, {"action": "write off"})):
        for column, value in values.items():
            book.worksheets[0].cell(line, at[column]).value = value
    book.save("list.xlsx")

    done = run(["import", "list.xlsx", "--as", "lin"])
    answer = settings.data_dir / "reports" / "list-answer.xlsx"
    assert (0, True) == (done.exit_code, f"1 rows taken, 1 refused: {answer}" in done.stdout)
    assert "RA Reconciliation 3: write off needs Note" in done.stderr
    assert ["lin"] == [event.person for event in store_of(settings).events()]
    assert "0 rows taken, 1 refused" in run(["import", str(answer), "--as", "lin"]).stdout
    for arguments, said in (
        (["none.xlsx", "--as", "lin"], "is no file"),
        (["list.xlsx", "--as", "eve"], "eve is not in"),
    ):
        refused = run(["import", *arguments])
        assert (2, True) == (refused.exit_code, said in refused.stderr)


def test_a_person_whom_nobody_knows_proposes_nothing(settings):
    with pytest.raises(DecisionError, match="eve is not in the rule table people"):
        proposed(settings, ROW, name="eve")


@pytest.mark.parametrize(
    ("people", "limit"),
    [
        ("lin,RA,,\nwang,RA,,\n", Decimal(50)),
        ("lin,FM,,\nwang,RA,,\n", Decimal(50)),
        ("lin,RA,,\nwang,supervisor,300,\n", Decimal(300)),
        ("lin,RA,,\nmei,FM,,\n", None),
        ("lin,FM,,\n", Decimal(0)),
    ],
)
def test_nobody_approves_his_own_so_the_limit_is_that_of_the_others(tmp_path, people, limit):
    settings = desk_of.made(tmp_path, f"person,roles,limit_amount,public_key\n{people}")
    assert limit == highest_limit(settings, "lin")
