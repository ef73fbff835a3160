"""A worklist that comes back: what is taken, what is refused, and that every refusal says why."""

from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula
from small_worklist import AS_OF, Paper, publish, published

from orchestration.decisions.answer import write_answer
from orchestration.decisions.worklist import read_worklist
from orchestration.settings.labels import labels
from orchestration.warehouse.worklist import WorklistError

PAYOUT = {"code": "E402", "level": "payout_bank", "open_amount": Decimal("900.00"), "amount": Decimal("900.00")}
FEE = {"code": "E201", "level": "fee", "open_amount": Decimal("0.30"), "left_amount": Decimal("2.98")}


@pytest.fixture
def paper(tmp_path):
    with published({}, PAYOUT, FEE, {"code": "E002", "open_amount": Decimal(0), "left_amount": None}) as snapshot:
        yield Paper(snapshot, tmp_path)


@pytest.fixture
def english(tmp_path):
    with published({}) as snapshot:
        yield Paper(snapshot, tmp_path, "en")


def taken(paper, exception_id="x1"):
    worklist = paper.read()
    assert () == worklist.refused
    (proposal,) = [proposal for proposal in worklist.taken if proposal.exception_id == exception_id]
    return proposal


def test_rows_without_a_decision_are_left_alone(paper):
    worklist = paper.read()
    assert ((), ()) == (worklist.taken, worklist.refused)
    assert ("run-1", "head-1", "zh") == (worklist.run_id, worklist.head, worklist.words.language)


def test_a_filled_row_becomes_a_proposal_about_the_published_exception(paper):
    paper.fill("x3", action="核销", amount=0.3, cause="规则变化", note="  按新\n合同  ")
    proposal = taken(paper, "x3")
    assert ("E201", "write_off", Decimal("0.30"), "CNY") == (
        proposal.code,
        proposal.action,
        proposal.amount,
        proposal.currency,
    )
    assert ("rule_change", "按新 合同", None, None, None) == (
        proposal.cause,
        proposal.note,
        proposal.assignee,
        proposal.key,
        proposal.posted_on,
    )
    assert ("RA 对账会计", paper.cell("x3", "action").row) == (proposal.sheet, proposal.line)


@pytest.mark.parametrize("given", ["认可时间差", "accept as timing", "accept_timing", "Accept as timing"])
def test_a_decision_is_understood_in_either_language(paper, given):
    paper.fill("x1", action=given, posted_on=datetime(2026, 10, 20, tzinfo=None))  # noqa: DTZ001 - cells have no zone
    assert ("accept_timing", date(2026, 10, 20)) == (taken(paper).action, taken(paper).posted_on)


@pytest.mark.parametrize("given", ["2026-10-20", "2026/10/20", "2026.10.20", "2026年10月20日", "２０２６-10-20"])
def test_a_day_may_be_typed_as_text(paper, given):
    paper.fill("x1", action="暂停提醒", posted_on=given)
    assert date(2026, 10, 20) == taken(paper).posted_on


@pytest.mark.parametrize(
    ("given", "amount"),
    [(12.5, "12.50"), (7, "7.00"), ("100.10", "100.10"), ("１２.５", "12.50"), (120.5, "120.50"), (0.01, "0.01")],
)
def test_an_amount_is_exact(paper, given, amount):
    paper.fill("x1", action="核销", amount=given, note="n")
    assert Decimal(amount) == taken(paper).amount


def test_without_an_amount_the_whole_open_amount_is_meant(paper):
    paper.fill("x1", action="核销", note="n")
    assert Decimal("120.50") == taken(paper).amount
    paper.fill("x1", action="确定原因", note=None, cause="人工录入")
    assert taken(paper).amount is None


def test_digits_of_a_number_survive_and_lost_ones_are_noticed(paper):
    paper.fill("x1", action="补单号", key="4200002026092700000000000541")
    assert "4200002026092700000000000541" == taken(paper).key
    paper.fill("x1", key=20260927)
    assert "20260927" == taken(paper).key
    assert "表格已丢失末尾数字" in paper.reasons(key=4200002026092700000)[0]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"note": "look at it"}, "no decision is chosen"),
        ({"action": "pay it"}, "pay it is no decision; choose one of: accept as timing, match by hand"),
        ({"action": "split", "amount": 1, "key": "T1"}, "split is not allowed for E101 while it is open"),
        ({"action": "reverse"}, "reverse the decision is not allowed for E101 while it is open"),
        ({"action": "write off"}, "write off needs Note"),
        ({"action": "write off", "note": "n", "key": "T1"}, "write off does not use Number or value; leave it empty"),
        ({"action": "assign", "assignee": "li", "amount": 3}, "assign does not use Amount"),
        ({"action": "write off", "note": "n", "amount": 120.51}, "120.51 is more than the open amount 120.50"),
        ({"action": "write off", "note": "n", "amount": 0}, "0 is no amount"),
        ({"action": "write off", "note": "n", "amount": -1}, "-1 is no amount"),
        ({"action": "write off", "note": "n", "amount": 1.005}, "1.005 is no amount"),
        ({"action": "write off", "note": "n", "amount": True}, "True is no amount"),
        ({"action": "write off", "note": "n", "amount": 1e300}, "1e+300 is no amount"),
        ({"action": "write off", "note": "n", "amount": "all"}, "all is no amount"),
        ({"action": "write off", "note": "n", "amount": "1,2"}, "1,2 is no amount"),
        ({"action": "accept as timing"}, "accept as timing needs Date"),
        ({"action": "accept as timing", "posted_on": "soon"}, "soon is no day"),
        ({"action": "accept as timing", "posted_on": "2026-02-30"}, "2026-02-30 is no day"),
        ({"action": "snooze the message"}, "snooze the message needs Date"),
        ({"action": "dispute", "key": "D1", "posted_on": "2026-10-03"}, "must lie after 2026-10-03"),
        ({"action": "dispute", "key": "D1", "posted_on": "2062-10-20"}, "within a year"),
        ({"action": "cause", "cause": "bad luck"}, "bad luck is no cause; choose one of: timing, source error"),
        ({"action": "correct one field", "key": "120.50", "note": "n"}, "not of the form field=value"),
        ({"action": "write off", "note": "n" * 1001}, "Note is longer than 1000 characters"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(english, values, reason):
    assert reason in english.reasons(**values)[0]


def test_every_reason_is_given_at_once(english):
    reasons = english.reasons(action="write off", amount=500, key="T1", cause="luck")
    starts = ["write off needs Note", "write off does not use", "500.00 is more than", "luck is no cause"]
    assert starts == [reason[: len(start)] for reason, start in zip(reasons, starts, strict=True)]


def test_a_part_is_smaller_than_the_whole(paper):
    paper.fill("x2", action="拆分", key="B1", amount=400)
    assert Decimal("400.00") == taken(paper, "x2").amount
    paper.fill("x2", amount=900)
    assert ["900.00 不是未结金额 900.00 的一部分；拆分金额须小于未结金额"] == list(paper.read().refused[0].reasons)


def test_where_no_money_is_open_none_is_decided(paper):
    paper.fill("x4", action="确定原因", cause="未知", amount=1)
    assert "不使用金额" in paper.read().refused[0].reasons[0]


def test_nobody_proposes_more_than_anybody_may_approve(paper):
    paper.fill("x1", action="核销", note="n")
    paper.fill("x2", action="申诉", key="D1", posted_on="2026-11-01")
    worklist = paper.read(limit=Decimal(50))
    assert ["dispute"] == [proposal.action for proposal in worklist.taken]
    assert ["120.50 超过任何人的审批限额（50.00）"] == list(worklist.refused[0].reasons)
    assert 2 == len(paper.read(limit=Decimal("120.50")).taken)


def test_a_formula_is_never_read_whatever_it_would_say(english):
    assert ["Z2 holds a formula; only values are read: type the value"] == list(
        english.reasons(action="write off", note="n", amount="=1+1")
    )
    english.fill("x1", amount=None, note='=HYPERLINK("http://evil.example")')
    assert [f"{english.cell('x1', 'note').coordinate} holds a formula; only values are read: type the value"] == list(
        english.read().refused[0].reasons
    )
    english.fill("x1", note=ArrayFormula("AE2", "=1"), action=None)
    assert "holds a formula" in english.read().refused[0].reasons[0]


def test_a_formula_written_as_text_is_not_read_either(english):
    english.fill("x1", action="write off")
    note = english.cell("x1", "note")
    note.value, note.data_type = "=cmd|'/c calc'!A1", "s"
    assert f"{note.coordinate} holds a formula" in english.read().refused[0].reasons[0]


@pytest.mark.parametrize("text", ["@SUM(1+1)", "+1 parcel", "- see the mail"])
def test_text_that_only_begins_like_a_formula_stays_text(english, tmp_path, text):
    english.fill("x1", action="write off", note=text)
    worklist = english.read()
    assert text == worklist.taken[0].note
    answer = openpyxl.load_workbook(write_answer(english.path, worklist, tmp_path / "a.xlsx"))
    cell = answer.worksheets[0][english.cell("x1", "note").coordinate]
    assert (text, "s", True) == (cell.value, cell.data_type, cell.quotePrefix)


@pytest.mark.parametrize("column", ["difference", "open_amount", "order_no", "explanation", "code", "due_at", "level"])
def test_a_changed_protected_cell_refuses_its_row_and_is_named(english, column):
    cell = english.cell("x1", column)
    value = 1 if isinstance(cell.value, float) else "2026-10-09" if column == "due_at" else "E201"
    (reason,) = english.reasons(action="write off", note="n", **{column: value})
    assert f"protected cells were changed: {cell.coordinate} {labels('en').of('column', column)};" in reason


def test_cells_sorted_apart_from_their_hidden_numbers_are_noticed(paper):
    hidden = ("exception_id", "fingerprint", "seal")
    cells = [[paper.cell(name, column) for column in hidden] for name in ("x1", "x2")]
    for one, other in zip(*cells, strict=True):
        one.value, other.value = other.value, one.value
    paper.fill("x1", action="指派", assignee="li")
    (refused,) = paper.read().refused
    assert "受保护的单元格被修改" in refused.reasons[0]


def test_a_row_copied_twice_is_refused_both_times(english):
    sheet = english.book.worksheets[0]
    english.fill("x1", action="assign", assignee="li")
    for cell in list(sheet[2]):
        sheet.cell(3, cell.column).value = cell.value
    worklist = english.read()
    assert () == worklist.taken
    assert [
        "this exception is filled in on several rows (RA Reconciliation 2, RA Reconciliation 3); leave one of them"
    ] * 2 == [row.reasons[0] for row in worklist.refused]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("delete from marts.exceptions", "has no such exception any more"),
        ("update marts.exceptions set status = 'cleared', open_amount = 0", "its status is cleared now"),
        ("update marts.exceptions set status = 'timing'", "its status is waiting now"),
        ("update marts.exceptions set open_amount = 20", "has changed since this sheet was exported: Open amount;"),
        ("update marts.exceptions set left_key = 'B', order_no = 'B'", "exported: Order no., Left no.;"),
        ("update marts.exceptions set level = 'bills'", "exported: Left – right;"),
        ("update marts.exceptions set status = 'proposed'", "write off is not allowed for E101 while it is proposed"),
    ],
)
def test_a_stale_row_is_refused(english, change, reason):
    english.snapshot.execute(change)
    assert reason in english.reasons(action="write off", note="n")[0]


def test_what_time_alone_changes_makes_no_row_stale(english):
    english.snapshot.execute(
        "update marts.exceptions set days_open = 5, nearest_candidates = null, assignee = 'li', sla_state = 'overdue',"
        " status = 'acknowledged'"
    )
    english.snapshot.execute("insert into marts.run_ledger values (2, 'run-2', ?, 'head-2')", [AS_OF])
    english.fill("x1", action="write off", note="n")
    assert 1 == len(english.read().taken)


def test_a_proposal_can_only_be_rejected_and_a_decision_only_reversed(tmp_path):
    with published({"status": "proposed"}, {"status": "approved"}) as snapshot:
        paper = Paper(snapshot, tmp_path)
        paper.fill("x1", action="驳回提议", note="n")
        paper.fill("x2", action="撤销决定", note="n")
        assert {"reject", "reverse"} == {proposal.action for proposal in paper.read().taken}


def test_columns_may_be_moved_and_sheets_added(english):
    sheet = english.book.worksheets[0]
    english.fill("x1", action="assign", assignee="li")
    english.book.create_sheet("my notes")["A1"] = "=1+1"
    sheet.insert_cols(3)
    assert 1 == len(english.read().taken)


@pytest.mark.parametrize("made", ["text", "other book", "torn", "old format", "no column"])
def test_a_file_that_is_no_worklist_is_told_in_one_sentence(english, made):
    english.book.save(english.path)
    book = openpyxl.Workbook() if made == "other book" else english.book
    if made == "old format":
        book["tieout"]["B1"] = "worklist 0"
    if made == "no column":
        book.worksheets[0].delete_cols(english.cell("x1", "posted_on").column)
    book.save(english.path)
    if made == "text":
        english.path.write_text("code,action\n", encoding="utf-8")
    if made == "torn":
        english.path.write_bytes(english.path.read_bytes().replace(b"PK\x03\x04", b"PK\x03\x05", 3))
    with pytest.raises(WorklistError, match=r"damaged workbook|no XLSX|no worklist|another version|lacks posted_on"):
        read_worklist(english.path, english.snapshot)


def test_the_answer_says_of_every_row_what_came_of_it_and_takes_nothing_twice(paper, tmp_path):
    offered = [rule.formula1 for rule in paper.book.worksheets[0].data_validations.dataValidation]
    paper.fill("x1", action="指派", assignee="li")
    paper.fill("x2", action="拆分", key="=1+1", amount=1)
    paper.fill("x3", action="核销")
    answer = write_answer(paper.path, paper.read(), tmp_path / "answers" / "a.xlsx")
    paper.book = openpyxl.load_workbook(answer)
    assert ["已接受", "已拒绝", "已拒绝", None] == [paper.cell(f"x{n}", "result").value for n in (1, 2, 3, 4)]
    assert [None, "核销必须填写备注"] == [paper.cell(f"x{n}", "reason").value or None for n in (1, 3)]
    assert ("s", "=1+1") == (paper.cell("x2", "key").data_type, paper.cell("x2", "key").value)
    sheet = paper.book.worksheets[0]
    assert sheet.protection.sheet
    assert offered == [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert sheet.auto_filter.ref.endswith(
        paper.cell("x1", "reason").coordinate.rstrip("0123456789") + str(sheet.max_row)
    )

    paper.fill("x3", note="按新合同")
    paper.fill("x2", key="B1")
    again = paper.read()
    assert {"x2", "x3"} == {proposal.exception_id for proposal in again.taken}
    paper.book = openpyxl.load_workbook(write_answer(paper.path, again, tmp_path / "b.xlsx"))
    assert ["已接受"] * 3 == [paper.cell(f"x{n}", "result").value for n in (1, 2, 3)]
    assert 1 == [cell.value for cell in paper.book.worksheets[0][1]].count("结果")


def test_an_exception_that_came_after_the_sheet_changes_nothing(paper):
    publish(paper.snapshot, {"exception_id": "x9", "order_no": "late"})
    paper.fill("x1", action="指派", assignee="li")
    assert "x1" == taken(paper).exception_id
