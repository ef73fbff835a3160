"""A worklist of 2,000 rows that LibreOffice opens, fills in and saves: the import takes exactly what was typed."""

import json
import shutil
import subprocess
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from orchestration.decisions.answer import write_answer
from orchestration.decisions.worklist import read_worklist
from orchestration.reports.worklist import EPOCH, write_worklist
from orchestration.settings.labels import labels, name_of

pytestmark = [pytest.mark.libreoffice, pytest.mark.heavy]
ROWS = 2000
WAITED_FOR = date(2026, 10, 31)
EXCEPTIONS = """
    create schema marts;
    create table marts.run_ledger as
    select 1 as sequence, 'run-1' as run_id, timestamptz '2026-10-03 10:30:00+08' as as_of, 'head-1' as hash;
    create table marts.exceptions as
    select
        lpad(range::varchar, 32, '0') as exception_id,
        ['E101', 'E201', 'E402', 'E403'][range % 4 + 1] as code,
        ['S2', 'S3', 'S1', 'S2'][range % 4 + 1] as severity,
        ['RA', 'RA', 'CA', 'CA'][range % 4 + 1] as owner,
        'open' as status, 'payout_bank' as level, 'HQ' as entity, 'own_shop' as store, 'icbc_1234' as account,
        '42000020260927' || lpad(range::varchar, 14, '0') as order_no,
        case when range % 3 = 0 then '=1+' else '-' end || range as left_key,
        'ICBC ' || range || ' 〇' as right_key,
        (range * 1.01 + 0.07)::decimal(18, 2) as left_amount,
        null::decimal(18, 2) as right_amount,
        (-(range * 1.01 + 0.07))::decimal(18, 2) as difference,
        (range * 1.01 + 0.07)::decimal(18, 2) as open_amount,
        'CNY' as currency, date '2026-09-01' + (range % 30)::int as business_date,
        timestamptz '2026-10-01 18:00:00+08' + to_hours(range % 96) as due_at,
        range % 30 as days_open, 'unknown' as cause, null::varchar as assignee,
        '预计 2026-09-14 到达银行，"引号" & <符号> ' || range as explanation,
        '预计 2026-09-14 到达银行，"引号" & <符号> ' || range as explanation_zh,
        'trace' as suggested_action, '与银行查询' as suggested_action_zh,
        '[{"key": "B' || range || '", "day": "2026-09-15", "amount": "1.00", "failed": "x", "failed_zh": "相差"}]'
            as nearest_candidates,
        range * 1.00 as amount
    from range(2000)
"""


@pytest.fixture
def office():
    """LibreOffice, and a Python that can talk to it."""
    soffice = shutil.which("soffice")
    own = [str(Path(soffice).resolve().parent / "python")] if soffice else []
    for python in filter(None, map(shutil.which, (*own, "/usr/bin/python3", "python3"))):
        if subprocess.run([python, "-c", "import uno"], check=False, capture_output=True).returncode == 0 and soffice:
            return soffice, python
    pytest.skip("LibreOffice is not on this machine: install libreoffice-calc and python3-uno to run this test")


@pytest.fixture
def snapshot():
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'Asia/Shanghai'")
        connection.execute(EXCEPTIONS)
        yield connection


def typed_by_office(office: tuple[str, str], source: Path, target: Path, edits: list) -> None:
    listed = target.with_suffix(".json")
    listed.write_text(json.dumps(edits), encoding="utf-8")
    soffice, python = office
    script = Path(__file__).with_name("office_edits.py")
    done = subprocess.run(
        [python, script, soffice, source, target, listed], check=False, capture_output=True, text=True, timeout=240
    )
    assert 0 == done.returncode, done.stderr


def what_somebody_types(number: int, open_amount: float) -> tuple[list, tuple, str | None]:
    """Cells by column and kind; the proposal they make, and why they make none."""
    if number % 4 == 1:
        cells = [("text", "action", "核销"), ("text", "note", f"说明 {number}"), ("text", "cause", "规则变化")]
        said = ("write_off", Decimal(str(open_amount)), None, None, "rule_change", f"说明 {number}")
    elif number % 4 == 3:
        key = f"42000020260927{number:014}"
        cells = [("text", "action", "拆分"), ("text", "key", key), ("number", "amount", 0.05)]
        said = ("split", Decimal("0.05"), None, key, None, None)
    else:
        days = (datetime.combine(WAITED_FOR, datetime.min.time()) - EPOCH).days
        cells = [("text", "action", "认可时间差"), ("number", "posted_on", days)]
        said = ("accept_timing", None, WAITED_FOR, None, None, None)
    mistakes = {
        1: (("formula", "note", "=1+1"), "是公式"),
        3: (("locked", "difference", 1.0), "受保护的单元格被修改"),
        7: (("number", "amount", 99999.0), "99,999.00 超过未结金额"),
    }
    mistake, reason = mistakes.get(number % 500, (None, None))
    return [*cells, *([mistake] if mistake else [])], said, reason


def test_libreoffice_fills_in_two_thousand_rows_and_exactly_these_are_taken(office, snapshot, tmp_path):
    source, target = tmp_path / "清单.xlsx", tmp_path / "filled.xlsx"
    write_worklist(snapshot, source, labels("zh"))
    edits, expected, wrong = [], {}, {}
    for sheet in openpyxl.load_workbook(source).worksheets[:2]:
        at = {name_of("column", cell.value) or cell.value: cell.column_letter for cell in sheet[1]}
        for line in range(2, sheet.max_row + 1):
            exception_id = sheet[f"{at['exception_id']}{line}"].value
            if int(exception_id) % 100 == 99:
                continue  # nobody gets to these
            open_amount = sheet[f"{at['open_amount']}{line}"].value
            cells, said, reason = what_somebody_types(int(exception_id), open_amount)
            edits += [(sheet.title, f"{at[column]}{line}", kind, value) for kind, column, value in cells]
            if reason:
                wrong[exception_id] = reason
            else:
                expected[exception_id] = said
    typed_by_office(office, source, target, edits)

    worklist = read_worklist(target, snapshot)
    taken = {p.exception_id: (p.action, p.amount, p.posted_on, p.key, p.cause, p.note) for p in worklist.taken}
    assert ROWS - 32 == len(expected)
    assert expected == taken
    assert wrong.keys() == {row.exception_id for row in worklist.refused}
    assert [] == [row for row in worklist.refused if wrong[row.exception_id] not in row.reasons[0]]

    answer = openpyxl.load_workbook(write_answer(target, worklist, tmp_path / "answer.xlsx"))
    assert all(sheet.protection.sheet for sheet in answer.worksheets)
    results = [
        cell.value
        for sheet in answer.worksheets[:2]
        for heading in sheet[1]
        if heading.value == "结果"
        for cell in sheet[heading.column_letter][1:]
    ]
    assert {"已接受": ROWS - 32, "已拒绝": 12, None: 20} == Counter(results)
    typed_by_office(office, tmp_path / "answer.xlsx", tmp_path / "again.xlsx", [])
    again = read_worklist(tmp_path / "again.xlsx", snapshot)
    assert ((), 12) == (again.taken, len(again.refused))
