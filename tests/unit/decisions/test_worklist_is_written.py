"""A worklist that accountants can work with: what stands where, what it offers, what it protects."""

import re
import tracemalloc
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from small_worklist import AS_OF, SOUND, Paper, heading, publish, published

from orchestration.reports.worklist import EPOCH, FROZEN, write_worklist
from orchestration.settings.labels import labels
from orchestration.warehouse.worklist import (
    ACTIONS,
    ANSWERS,
    FACTS,
    KEPT,
    ON_EVERY_CODE,
    WorklistError,
    code_rows,
    decisions_for,
)

COLUMNS = [column.name for column in (*FACTS, *ANSWERS)]


def place(column):
    return get_column_letter(COLUMNS.index(column) + 1)


def values(sheet, line):
    return {name: sheet[f"{place(name)}{line}"].value for name in COLUMNS}


@pytest.fixture
def paper(tmp_path):
    with published(
        {"severity": "S3", "code": "E201", "name": "FEE_DIFF"},
        {"severity": "S1", "code": "E105", "name": "DUP_PAYMENT", "due_at": AS_OF - timedelta(hours=2)},
        {"owner": "FM", "code": "E408", "open_amount": Decimal("12345678901234.56")},
        {"status": "timing"},
        {"status": "cleared"},
        {"status": "proposed"},
    ) as snapshot:
        yield Paper(snapshot, tmp_path)


def test_each_owner_has_a_sheet_with_what_is_to_be_done_gravest_first(paper):
    assert ["RA 对账会计", "FM 财务经理", "代码说明", "tieout"] == paper.book.sheetnames
    assert "hidden" == paper.book["tieout"].sheet_state
    accountant = paper.book["RA 对账会计"]
    assert ["S1", "S2", "S3"] == [accountant[f"{place('severity')}{line}"].value for line in (2, 3, 4)]
    assert 4 == accountant.max_row


def test_only_the_days_that_were_asked_for_are_in_it(tmp_path):
    days = [{"business_date": date(2026, 10, day)} for day in (1, 2, 3)]
    with published(*days) as snapshot:
        written = write_worklist(snapshot, tmp_path / "w.xlsx", labels("zh"), date(2026, 10, 2), date(2026, 10, 3))
        assert {"RA": 2} == written.rows
        publish(snapshot, {"exception_id": "x4", "business_date": None})
        assert {"RA": 4} == write_worklist(snapshot, tmp_path / "w.xlsx", labels("zh")).rows


TEXTS = {
    "zh": {
        "name": "平台有支付无",
        "level": "订单—支付",
        "status": "未处理",
        "explanation": SOUND["explanation_zh"],
        "nearest_candidates": "T1 · 2026-10-01 · 1,120.50 · 相差 1000\nT2 · 2026-10-02 · 120.49 · 没有共同单号",
    },
    "en": {
        "name": "Order no payment",
        "level": "order – payment",
        "status": "open",
        "explanation": SOUND["explanation"],
        "nearest_candidates": "T1 · 2026-10-01 · 1,120.50 · differs by 1000\nT2 · 2026-10-02 · 120.49 · no number in common",
    },
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_row_says_everything_in_the_language_of_its_reader(tmp_path, language):
    with published({}) as snapshot:
        book = Paper(snapshot, tmp_path, language).book
    row = values(book.worksheets[0], 2)
    words = labels(language)
    assert [words.of("column", column) for column in COLUMNS] == [cell.value for cell in book.worksheets[0][1]][
        : len(COLUMNS)
    ]
    assert TEXTS[language] == {column: row[column] for column in TEXTS[language]}
    assert ("0012345678901234567", 120.5, None, -120.5) == (
        row["left_key"],
        row["left_amount"],
        row["right_amount"],
        row["difference"],
    )
    assert ("2026-10-04 18:00:00", "2026-10-01 00:00:00") == (str(row["due_at"]), str(row["business_date"]))


def test_every_word_is_there_in_both_languages():
    zh, en = labels("zh").words, labels("en").words
    assert zh.keys() == en.keys()
    assert [key for key in zh if not zh[key] or not en[key]] == []
    blanks = re.compile(r"{(\w+)}")
    assert [key for key in zh if set(blanks.findall(zh[key])) != set(blanks.findall(en[key]))] == []
    for kind, names in (("action", ACTIONS), ("column", (*COLUMNS, "result", "reason"))):
        assert [name for name in names if (kind, name) not in zh] == []


def test_every_code_says_what_may_be_decided_about_it():
    for code, row in code_rows().items():
        assert set(row["actions"].split()) <= ACTIONS.keys() - {*ON_EVERY_CODE, "reject", "reverse"}, code
    assert ("write_off", "dispute") == tuple(sorted(code_rows()["E201"]["actions"].split(), reverse=True))
    assert ("reject",) == decisions_for("E201", "proposed")
    assert ("reverse",) == decisions_for("E201", "approved")
    assert () == decisions_for("E201", "cleared")


def test_the_heading_stays_in_sight_and_can_be_filtered(paper):
    sheet = paper.book["RA 对账会计"]
    assert f"{get_column_letter(FROZEN + 1)}2" == sheet.freeze_panes
    assert f"A1:{place('note')}4" == sheet.auto_filter.ref


def test_numbers_and_days_are_numbers_and_days(paper):
    sheet = paper.book["RA 对账会计"]
    assert "#,##0.00;[Red]-#,##0.00" == sheet[f"{place('difference')}2"].number_format
    assert "yyyy-mm-dd" == sheet[f"{place('business_date')}2"].number_format
    assert "yyyy-mm-dd hh:mm" == sheet[f"{place('due_at')}2"].number_format
    assert "n" == sheet[f"{place('open_amount')}2"].data_type
    # digits of order numbers are no number
    assert ("s", "@") == (sheet[f"{place('order_no')}2"].data_type, sheet[f"{place('key')}2"].number_format)


def test_money_that_a_spreadsheet_cannot_carry_is_text(paper):
    assert "12,345,678,901,234.56" == paper.cell("x3", "open_amount").value


def test_only_what_people_fill_in_can_be_changed(paper):
    sheet = paper.book["RA 对账会计"]
    assert sheet.protection.sheet
    assert not sheet.protection.autoFilter  # false: allowed in spite of the protection
    unlocked = [name for name in COLUMNS if not sheet[f"{place(name)}2"].protection.locked]
    assert [column.name for column in ANSWERS] == unlocked
    hidden = [heading(cell.value) for cell in sheet[1] if sheet.column_dimensions[cell.column_letter].hidden]
    assert hidden[:1] == ["exception_id"]  # adjacent columns share one entry
    assert sheet.column_dimensions[get_column_letter(len(COLUMNS) + 1)].max == len(COLUMNS) + len(KEPT)
    assert paper.book["代码说明"].protection.sheet


def test_decisions_and_causes_are_offered_as_the_code_allows(paper):
    sheet = paper.book["RA 对账会计"]
    offered = {
        str(rule.sqref): rule.formula1.strip('"').split(",")
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    assert ["认可时间差", "手工匹配", "补单号", "确定原因", "指派", "暂停提醒"] == offered[f"{place('action')}2"]
    assert ["驳回提议"] == offered[f"{place('action')}3"]
    assert ["申诉", "核销", "确定原因", "指派", "暂停提醒"] == offered[f"{place('action')}4"]
    assert "疑似舞弊" in offered[f"{place('cause')}2:{place('cause')}4"]
    (amount,) = [rule for rule in sheet.data_validations.dataValidation if rule.type == "decimal"]
    assert (f"{place('amount')}2:{place('amount')}4", f"${place('open_amount')}2") == (
        str(amount.sqref),
        amount.formula2,
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_list_is_longer_than_a_spreadsheet_takes(language):
    words = labels(language)
    for code in code_rows():
        assert len(",".join(words.of("action", name) for name in decisions_for(code, "open"))) <= 255, code


def test_severity_and_deadline_have_colours(paper):
    sheet = paper.book["RA 对账会计"]
    rules = {
        str(area.sqref): [(rule.type, rule.formula, rule.dxf.fill.bgColor.rgb) for rule in found]
        for area, found in sheet.conditional_formatting._cf_rules.items()
    }
    severities = rules[f"{place('severity')}2:{place('severity')}4"]
    assert [['"S1"'], ['"S2"'], ['"S3"'], ['"S4"']] == [formula for _, formula, _ in severities]
    assert 4 == len({colour for _, _, colour in severities})
    overdue, soon = rules[f"{place('due_at')}2:{place('due_at')}4"]
    noon = (AS_OF.replace(tzinfo=None) - EPOCH) / timedelta(days=1)
    for (kind, (formula,), _), until in ((overdue, noon), (soon, noon + 1)):
        assert "expression" == kind
        assert until == pytest.approx(float(formula.split("<")[-1].rstrip(")")))
    assert overdue[2] != soon[2]


def test_a_sheet_explains_the_codes_and_decisions_that_occur(paper):
    sheet = paper.book["代码说明"]
    rows = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    assert ("E201", "手续费差异", "RA 对账会计", "S3", "24", "1", "申诉或更新费率", "申诉、核销") == rows["E201"]
    assert {"E101", "E105", "E201", "E408"} == {name for name in rows if name and re.fullmatch(r"E\d{3}", name)}
    assert ("拆分", "金额、单号或值", "") == rows["拆分"][:3]
    assert any("head-1" in (name or "") for name in rows)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_text_of_a_source_is_never_a_formula(tmp_path, start):
    evil = f'{start}HYPERLINK("http://evil.example","x")'
    with published({"order_no": evil, "explanation_zh": evil, "left_key": evil}) as snapshot:
        paper = Paper(snapshot, tmp_path)
        for column in ("order_no", "explanation", "left_key"):
            cell = paper.cell("x1", column)
            assert ("s", True) == (cell.data_type, cell.quotePrefix)
            assert cell.hyperlink is None
        paper.fill("x1", action="指派", assignee="li")
        assert 1 == len(paper.read().taken)


def test_a_worklist_of_nothing_still_explains_itself(tmp_path):
    with published() as snapshot:
        assert {} == write_worklist(snapshot, tmp_path / "w.xlsx", labels("en")).rows
    assert ["Codes", "tieout"] == openpyxl.load_workbook(tmp_path / "w.xlsx").sheetnames


def test_a_snapshot_of_an_older_version_is_told_in_one_sentence(tmp_path):
    with published({}) as snapshot:
        snapshot.execute("alter table marts.exceptions drop column left_amount")
        with pytest.raises(WorklistError, match="older version: run tieout run"):
            write_worklist(snapshot, tmp_path / "w.xlsx", labels("en"))
        snapshot.execute("drop table marts.exceptions")
        with pytest.raises(WorklistError, match="no exceptions yet"):
            write_worklist(snapshot, tmp_path / "w.xlsx", labels("en"))
    assert [] == list(tmp_path.iterdir())


def test_more_than_a_workbook_takes_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("orchestration.reports.worklist.MOST_ROWS", 1)
    with published({}, {}) as snapshot, pytest.raises(WorklistError, match="narrow them with --from and --to"):
        write_worklist(snapshot, tmp_path / "w.xlsx", labels("en"))
    assert [] == list(tmp_path.iterdir())


def test_two_thousand_rows_take_little_memory(tmp_path):
    with published() as snapshot:
        snapshot.execute(
            "insert into marts.exceptions by name select 'x' || range as exception_id, 'E101' as code, 'S2' as severity,"
            " 'open' as status, 'RA' as owner, date '2026-10-01' as business_date, repeat('长', 80) as explanation_zh,"
            " 12.34 as open_amount, 'order_payment' as level from range(2000)"
        )
        tracemalloc.start()
        try:
            written = write_worklist(snapshot, tmp_path / "w.xlsx", labels("zh"))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert {"RA": 2000} == written.rows
    assert peak < 40_000_000
