import duckdb
import openpyxl
import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app

SETTINGS = """
language = "zh"
timezone = "Asia/Shanghai"
base_currency = "CNY"
start_date = 2026-10-01
[[entity]]
code = "HQ"
name = "HQ"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tieout.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def published(folder):
    snapshot = folder / "data/published/tieout.duckdb"
    snapshot.parent.mkdir(parents=True)
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.run_ledger as"
            " select 1 as sequence, 'run-1' as run_id, timestamptz '2026-10-02 20:00:00+00' as as_of, 'head' as hash"
        )
        connection.execute(
            "create table marts.exceptions as select range::varchar as exception_id, 'E101' as code, 'S2' as severity,"
            " 'open' as status, 'RA' as owner, date '2026-10-01' + range::int as business_date, 'CNY' as currency,"
            " 1.00::decimal(18, 2) as open_amount, 1.00 as amount, 1 as days_open, 'unknown' as cause, columns(*)"
            " from range(3), (select null::varchar as level, null::varchar as entity, null::varchar as store,"
            " null::varchar as account, null::varchar as order_no, null::varchar as left_key,"
            " null::decimal(18, 2) as left_amount, null::varchar as right_key, null::decimal(18, 2) as right_amount,"
            " null::decimal(18, 2) as difference, null::varchar as explanation, null::varchar as nearest_candidates,"
            " null::varchar as suggested_action, null::varchar as assignee, null::timestamptz as due_at) as rest"
        )
    return folder


def tieout(*arguments):
    return CliRunner().invoke(app, ["export", "exceptions", *arguments])


def test_the_worklist_lies_in_the_reports_and_overwrites_none(published):
    for name in ("exceptions-2026-10-03-zh.xlsx", "exceptions-2026-10-03-zh-2.xlsx"):
        done = tieout()
        assert (0, True) == (
            done.exit_code,
            f"3 open exceptions (RA 3): {published}/data/reports/{name}" in done.stdout,
        )
    assert "RA 对账会计" in openpyxl.load_workbook(published / "data/reports/exceptions-2026-10-03-zh.xlsx").sheetnames


def test_days_language_and_place_are_as_asked(published):
    done = tieout("--from", "2026-10-02", "--to", "2026-10-02", "--language", "en", "--output", "new/list.xlsx")
    assert "1 open exceptions (RA 1)" in done.stdout
    assert "RA Reconciliation" in openpyxl.load_workbook(published / "new/list.xlsx").sheetnames


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--from", "soon"), "--from 'soon' is no day"),
        (("--from", "2026-10-02", "--to", "2026-10-01"), "--to 2026-10-01 is before --from 2026-10-02"),
        (("--language", "fr"), "--language fr: allowed are zh and en"),
        (("--output", "list.csv"), "a worklist is an .xlsx file"),
        (("--output", "tieout.toml/list.xlsx"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(published, arguments, sentence):
    done = tieout(*arguments)
    assert (2, True) == (done.exit_code, sentence in done.stderr)


def test_before_the_first_run_there_is_nothing_to_export(folder):
    done = tieout()
    assert (2, True) == (done.exit_code, "nothing is published yet" in done.stderr)
    assert not (folder / "data").exists()
