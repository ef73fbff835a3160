import io
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from orchestration.cli.edge import UsageError
from orchestration.cli.query import Shape, plain, safe_cell, write
from orchestration.cli.snapshot import Rows, ask_once, opened


@pytest.fixture
def data_dir(tmp_path):
    path = tmp_path / "published" / "tieout.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.orders as select range as n, 1.10::decimal(18, 2) as amount from range(20)"
        )
    return tmp_path


def ask(data_dir, sql, limit=10, seconds=5.0):
    with opened(data_dir, "Asia/Shanghai") as connection:
        return ask_once(connection, sql, limit, seconds)


def test_tables_are_found_without_their_schema_and_long_answers_are_cut(data_dir):
    answer = ask(data_dir, "select * from orders order by n")
    assert ("n", "amount") == answer.columns
    assert 10 == len(answer.rows)
    assert answer.cut
    assert Decimal("1.10") == answer.rows[0][1]


@pytest.mark.parametrize("sql", ["describe orders", "show tables", "explain select 1", "with x as (select 1) from x"])
def test_every_way_of_reading_is_allowed(data_dir, sql):
    assert ask(data_dir, sql).rows


@pytest.mark.parametrize(
    "sql",
    [
        "insert into orders select * from orders",
        "create table x as select 1",
        "attach 'other.duckdb'",
        "copy orders to 'orders.csv'",
        "install httpfs",
        "load json",
        "set memory_limit = '9GB'",
        "select 1; select 2",
        "",
    ],
)
def test_nothing_but_one_reading_statement_is_allowed(data_dir, sql):
    with pytest.raises(UsageError, match="allowed"):
        ask(data_dir, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('{file}')",
        "select * from read_text('{file}')",
        "select * from '{file}'",
        "select * from glob('{folder}/*')",
        "select * from read_csv('http://127.0.0.1:1/x.csv')",
    ],
)
def test_no_file_and_no_network_can_be_reached(data_dir, sql):
    secret = data_dir / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(UsageError):
        ask(data_dir, sql.format(file=secret, folder=data_dir))


def test_a_long_statement_is_stopped(data_dir):
    with pytest.raises(UsageError, match="--timeout"):
        ask(data_dir, "select count(*) from range(10000000) a, range(10000000) b", seconds=0.3)


def test_a_mistake_in_the_statement_is_one_line(data_dir):
    with pytest.raises(UsageError) as caught:
        ask(data_dir, "select nothing from nowhere")
    assert "\n" not in str(caught.value)


def test_before_the_first_run_the_message_says_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="tieout run"), opened(tmp_path, "UTC"):
        pass


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1"])
def test_a_text_that_a_spreadsheet_would_calculate_is_disarmed(text):
    assert f"'{text}" == safe_cell(text)


def test_numbers_stay_numbers_in_csv():
    out = io.StringIO()
    write(Rows(("a", "b", "c", "d"), [(Decimal("-1.50"), -2, None, "x,y")], cut=False), Shape.CSV, out)
    assert 'a,b,c,d\n-1.50,-2,,"x,y"\n' == out.getvalue()


def test_json_loses_nothing():
    value = {"a": [Decimal("0.10"), date(2026, 10, 1), None, True, 12345678901234567890]}
    assert {"a": ["0.10", "2026-10-01", None, True, 12345678901234567890]} == plain(value)


def test_csv_and_json_exclude_each_other():
    with pytest.raises(UsageError, match="exclude"):
        Shape.of(as_csv=True, as_json=True)
