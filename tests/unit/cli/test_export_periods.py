"""``tieout export statement`` and ``evidence``: what is refused, in one sentence, and which days are meant."""

import json
from datetime import date

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli.edge import UsageError
from orchestration.cli.evidence import of_period
from orchestration.cli.main import app
from orchestration.cli.statement import entry_of, range_of
from orchestration.settings import load
from orchestration.warehouse.ledger import LedgerEntry
from orchestration.warehouse.statements import Range

SETTINGS = """
language = "en"
timezone = "Asia/Shanghai"
base_currency = "CNY"
start_date = 2026-09-01
[[entity]]
code = "HQ"
name = "HQ"
"""
OCTOBER = Range(date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tieout.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def published(folder):
    """A snapshot of an older version, which holds no statements."""
    path = folder / "data/published/tieout.duckdb"
    path.parent.mkdir(parents=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create table marts.orders (order_no varchar)")
    return folder


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("statement",), "the published snapshot holds no statements: do a `tieout run` first"),
        (("statement", "--from", "October"), "--from 'October' is no day"),
        (("statement", "--known-on", "then"), "--known-on 'then' is no day"),
        (("statement", "--output", "a.csv"), "a statement is an .xlsx file"),
        (("statement", "--language", "fr"), "allowed are zh and en"),
        (("evidence",), "the published snapshot holds no statements: do a `tieout run` first"),
        (("evidence", "--period", "October"), "'October' is no period; write a month such as 2026-10"),
        (("evidence", "--period", "2026-10", "--from", "2026-10-01"), "--period names days already"),
        (("evidence", "--output", "a.tar"), "evidence is a .zip file"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_sentence(published, arguments, sentence):
    done = CliRunner().invoke(app, ["export", *arguments])
    assert (2, True) == (done.exit_code, sentence in done.stderr)
    assert [] == [path for path in published.rglob("*") if path.suffix in {".xlsx", ".zip"}]


@pytest.mark.parametrize("command", ["statement", "evidence"])
def test_before_the_first_run_there_is_nothing_to_export(folder, command):
    done = CliRunner().invoke(app, ["export", command])
    assert (2, True) == (done.exit_code, "run tieout run first" in done.stderr)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (None, None, OCTOBER),
        (date(2026, 9, 3), None, Range(date(2026, 9, 3), date(2026, 10, 31))),
        (None, date(2026, 9, 3), Range(date(2026, 9, 1), date(2026, 9, 3))),
        (date(2026, 12, 1), None, Range(date(2026, 12, 1), date(2026, 12, 1))),
    ],
)
def test_days_that_are_not_given_are_those_of_a_month(first, last, days):
    assert days == range_of(OCTOBER, first, last)


def test_days_in_the_wrong_order_are_refused():
    with pytest.raises(UsageError, match="--to 2026-09-01 is before --from 2026-09-02"):
        range_of(OCTOBER, date(2026, 9, 2), date(2026, 9, 1))


def test_a_period_is_a_month_or_a_quarter():
    assert OCTOBER == of_period("2026-10")
    assert Range(date(2026, 10, 1), date(2026, 12, 31)) == of_period("2026Q4")
    assert Range(date(2028, 2, 1), date(2028, 2, 29)) == of_period("2028-02")


def test_known_on_a_day_is_what_the_last_run_until_its_end_knew(folder):
    settings = load(folder / "tieout.toml", {})
    path = settings.data_dir / "ledger/runs.jsonl"
    path.parent.mkdir(parents=True)
    rest = dict.fromkeys(LedgerEntry.__dataclass_fields__, "")
    moments = {"one": "2026-10-01T15:59:00+00:00", "two": "2026-10-01T16:01:00+00:00"}
    lines = [json.dumps(rest | {"run_id": run, "as_of": moment}) for run, moment in moments.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "one" == entry_of(settings, date(2026, 10, 1)).run_id
    assert "two" == entry_of(settings, date(2026, 10, 2)).run_id
    with pytest.raises(UsageError, match="nothing was published by then; the first run was as of 2026-10-01"):
        entry_of(settings, date(2026, 9, 30))
