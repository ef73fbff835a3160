"""Two months of a real marketplace's orders, items and payments, read as a merchant's own export would bring them."""

import csv
import gzip
import os
import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import pytest

from tests.support import published, run_at

pytestmark = [pytest.mark.samples, pytest.mark.heavy]
OLIST = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "datasets" / "olist"
STATUSES = {
    "created": "created",
    "processing": "paid",
    "invoiced": "paid",
    "unavailable": "paid",
    "shipped": "shipped",
    "delivered": "completed",
    "canceled": "cancelled",
}
SETTINGS = """
language = "en"
timezone = "America/Sao_Paulo"
base_currency = "BRL"
data_dir = "data"
start_date = 2018-01-01

[[entity]]
code = "BR"
name = "Marketplace seller"

[[store]]
code = "olist"
entity = "BR"
platform = "own_site"
money = "channel"
payments = ["cards"]

[[account]]
code = "cards"
entity = "BR"
kind = "channel"
currency = "BRL"

[[connection]]
name = "export"
source = "files"
store = "olist"
account = "cards"
path = "inbox"

[connection.files]
orders = "pedidos*.csv.gz"
payments = "pagamentos*.csv.gz"

[connection.mapping.orders]
order_no = "order_id"
status = { column = "order_status", map = { created = "created", processing = "paid", invoiced = "paid", unavailable = "paid", shipped = "shipped", delivered = "completed", canceled = "cancelled" } }
ordered_at = "order_purchase_timestamp"
paid_at = "order_approved_at"
shipped_at = "order_delivered_carrier_date"
signed_at = "order_delivered_customer_date"
confirmed_at = "order_delivered_customer_date"
goods_amount = "goods"
freight = "freight"
buyer_paid = "total"
currency = { const = "BRL" }

[connection.mapping.payments]
transaction_no = { columns = ["order_id", "payment_sequential"], join = "-" }
order_no = "order_id"
type = { const = "payment" }
status = { const = "succeeded" }
amount = "payment_value"
occurred_at = "paid_at"
currency = { const = "BRL" }
"""
AS_OF = "2018-04-01T10:30:00-03:00"


@pytest.fixture(scope="module")
def source() -> duckdb.DuckDBPyConnection:
    if not OLIST.is_dir():
        pytest.skip(f"SAMPLES_DIR holds no datasets/olist (looked in {OLIST.parent.parent.resolve()})")
    con = duckdb.connect()
    for table in ("orders", "order_items", "order_payments"):
        con.execute(
            f"create table {table} as from read_csv('{OLIST}/olist_{table}_dataset.csv.gz', all_varchar = true)"
        )
    return con


def rows_of(source: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, str]]:
    cursor = source.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def order_rows(source: duckdb.DuckDBPyConnection) -> list[dict[str, str]]:
    return rows_of(
        source,
        """
        select o.*, coalesce(i.goods, 0.00)::decimal(18, 2)::varchar as goods,
            coalesce(i.freight, 0.00)::decimal(18, 2)::varchar as freight,
            coalesce(i.goods + i.freight, 0.00)::decimal(18, 2)::varchar as total
        from orders o left join (
            select order_id, sum(price::decimal(18, 2)) as goods, sum(freight_value::decimal(18, 2)) as freight
            from order_items group by order_id
        ) i using (order_id) order by order_id
        """,
    )


def payment_rows(source: duckdb.DuckDBPyConnection) -> list[dict[str, str]]:
    return rows_of(
        source,
        """
        select p.*, coalesce(o.order_approved_at, o.order_purchase_timestamp) as paid_at
        from order_payments p join orders o using (order_id) order by order_id, payment_sequential
        """,
    )


def write(path: Path, rows: Iterable[Mapping[str, str | None]]) -> None:
    rows = list(rows)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def shop(folder: Path) -> Path:
    (folder / "inbox").mkdir(parents=True)
    (folder / "tieout.toml").write_text(SETTINGS, encoding="utf-8")
    return folder


CONTENT = {
    "orders": "select * exclude (source_file_sha256, source_row) from marts.orders",
    "payments": "select * exclude (source_file_sha256, source_row) from marts.payments",
    "matches": "select * from marts.matches",
    "exceptions": "select * exclude (evidence) from marts.exceptions",
    "daily_reconciliation": "select * from marts.daily_reconciliation",
}


def content(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """What readers see, without the place in the files, in a fixed order."""
    with published(folder) as con:
        return {name: sorted(con.execute(sql).fetchall(), key=repr) for name, sql in CONTENT.items()}


@pytest.fixture(scope="module")
def whole(source: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shop(tmp_path_factory.mktemp("olist"))
    write(folder / "inbox" / "pedidos.csv.gz", order_rows(source))
    write(folder / "inbox" / "pagamentos.csv.gz", payment_rows(source))
    assert run_at(folder, AS_OF) == 0
    return folder


def test_every_order_is_in_exactly_one_class_and_the_figures_equal_an_independent_count(
    source: duckdb.DuckDBPyConnection, whole: Path
) -> None:
    expected = source.execute(
        """
        with items as (
            select order_id, sum(price::decimal(18, 2) + freight_value::decimal(18, 2)) as total
            from order_items group by order_id
        ), payments as (
            select order_id, sum(payment_value::decimal(18, 2)) as paid from order_payments group by order_id
        ), sides as (
            select order_approved_at is not null as is_paid, coalesce(total, 0) as total, paid
            from orders left join items using (order_id) left join payments using (order_id)
        )
        select
            count(*) filter (is_paid and paid = total),
            coalesce(sum(paid) filter (is_paid and paid = total), 0)::decimal(18, 2),
            count(*) filter (is_paid and paid <> total),
            coalesce(sum(abs(paid - total)) filter (is_paid and paid <> total), 0)::decimal(18, 2),
            count(*) filter (not is_paid and paid > 0),
            coalesce(sum(paid) filter (not is_paid and paid > 0), 0)::decimal(18, 2),
            count(*)
        from sides
        """
    ).fetchone()
    with published(whole) as con:
        actual = con.execute(
            """
            select
                (select count(*) from marts.matches where level = 'order_payment' and status = 'matched'),
                (select sum(right_amount) from marts.matches where level = 'order_payment' and status = 'matched'),
                (select count(*) from marts.exceptions where code = 'E103'),
                (select sum(amount) from marts.exceptions where code = 'E103'),
                (select count(*) from marts.exceptions where code = 'E104'),
                (select sum(amount) from marts.exceptions where code = 'E104'),
                (select count(*) from marts.orders where match_status in ('matched', 'differs', 'timing', 'open', 'excluded'))
            """
        ).fetchone()
    assert expected == actual


def test_split_payments_are_never_called_duplicates(source: duckdb.DuckDBPyConnection, whole: Path) -> None:
    split = source.execute(
        "select count(*) from (select order_id from order_payments group by order_id having count(*) > 1)"
    ).fetchone()
    assert split is not None
    assert split[0] > 50
    with published(whole) as con:
        assert con.execute("select count(*) from marts.exceptions where code = 'E105'").fetchone() == (0,)


def test_nothing_is_lost_between_our_own_stages(whole: Path) -> None:
    with published(whole) as con:
        residuals = con.execute(
            "select * from marts.conservation where residual_rows <> 0 or residual_amount <> 0"
        ).fetchall()
        assert residuals == []
        assert con.execute("select count(*) from marts.quarantine").fetchone() == (0,)


def test_shuffled_rows_in_several_files_and_a_second_load_give_the_same_tables(
    source: duckdb.DuckDBPyConnection, whole: Path, tmp_path: Path
) -> None:
    folder = shop(tmp_path / "shuffled")
    shuffle = random.Random(7)  # noqa: S311  a fixed shuffle, no secret
    for name, rows in (("pedidos", order_rows(source)), ("pagamentos", payment_rows(source))):
        shuffle.shuffle(rows)
        for part in range(3):
            write(folder / "inbox" / f"{name}_{part}.csv.gz", rows[part::3])
    assert run_at(folder, AS_OF) == 0
    first = content(folder)
    assert content(whole) == first
    assert run_at(folder, AS_OF) == 0
    assert first == content(folder)
