"""Closing threads: records that share numbers and wait for nothing leave the daily work until one of them is touched.

The models work on open threads only. When a run is proven, the threads in which nothing is open move, with every row
that the models made of them, into the schema ``closed``. Sums of what moved are kept there: totals need no history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from orchestration.settings import Settings
from orchestration.warehouse.connect import connect, name, text
from orchestration.warehouse.warehouse import Warehouse

TABLES: Final[Mapping[str, str]] = {
    "state": "sequence integer, code varchar, scope varchar, born uuid",
    "records": "stream varchar, record_key varchar, landed_on date, thread bigint, closed_in integer",
    "numbers": "number ubigint, thread bigint",
    "taken_out": "thread bigint, closed_in integer, taken_in integer",
    "paid_days": "account varchar, day date",
    "control_sums": """
        day date, entity varchar, store varchar, account varchar, control varchar, currency varchar,
        left_amount decimal(18, 2), right_amount decimal(18, 2), timing_out decimal(18, 2), timing_in decimal(18, 2),
        exception_amount decimal(18, 2), parts bigint""",
    "stage_sums": """
        day date, connection varchar, record_type varchar, currency varchar, rows_in bigint, rows_out bigint,
        rows_excluded bigint, amount_in decimal(18, 2), amount_out decimal(18, 2)""",
    "cube_sums": """
        day date, entity varchar, platform varchar, store varchar, currency varchar, paid_state varchar,
        delivered_state varchar, invoiced_state varchar, orders bigint, amount decimal(18, 2)""",
    "lag_sums": """
        kind varchar, place varchar, account varchar, rule_id varchar, lag_days integer, calendar varchar,
        started_on date, arrived_on date, event_count bigint""",
    "statement_sums": """
        entity varchar, store varchar, account varchar, level varchar, side varchar, currency varchar, day date,
        known_on date, in_amount decimal(18, 2), out_amount decimal(18, 2), matched_amount decimal(18, 2),
        in_lines bigint, matched_lines bigint, opened_low decimal(38, 0), opened_high decimal(38, 0),
        left_low decimal(38, 0), left_high decimal(38, 0), matched_low decimal(38, 0), matched_high decimal(38, 0)""",
    "kpi_sums": """
        day date, entity varchar, store varchar, level varchar, currency varchar, measure varchar,
        items bigint, amount decimal(18, 2), base_amount decimal(18, 2)""",
    "settlement_sums": "store varchar, settlement_no varchar, currency varchar, lines bigint, amount decimal(18, 2)",
}
WORKING: Final[Mapping[str, str]] = {"orders": "stated_orders", "shipments": "stated_shipments"}
"""Where the open records of a stream lie, if not under its own name."""
IN_FRONT: Final = "thread bigint, closed_in integer"
FORGOTTEN: Final = -1
"""The sequence while what was closed is forgotten and has not been read again to the end."""
SCOPE: Final = """
    select md5(string_agg(fact || '|' || coalesce(place, ''), ' ' order by fact, place)) from ledger.int_ledger__scope
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A model whose rows move with their thread, from ``schema`` to ``closed``. ``way``: how a row finds its thread."""

    table: str
    schema: str
    columns: Mapping[str, str]
    way: Mapping[str, Any]

    @property
    def source(self) -> str:
        """Where the open rows are."""
        return f"{self.schema}.{name(self.table)}"

    @property
    def threads(self) -> str:
        """The join that gives each row ``closing.thread``."""
        if "order" in self.way:
            return (
                "inner join closing_orders as closing"
                " on rows.store = closing.store and rows.order_no = closing.order_no"
            )
        if "exception" in self.way:
            return "inner join closing_exceptions as closing on rows.exception_id = closing.exception_id"
        if "key" not in self.way:
            return f"inner join closing_matches as closing on rows.{self.way['match']} = closing.match_id"
        stream = text(self.way["stream"]) if "stream" in self.way else f"rows.{self.way['record']} || 's'"
        by_record = f"rows.{self.way['key']} = closing.record_key and {stream} = closing.stream"
        if "match" not in self.way:
            return f"inner join closing_records as closing on {by_record}"
        return (
            "inner join (select null as match_id, stream, record_key, thread from closing_records"
            " union all select match_id, null, null, thread from closing_matches) as closing"
            f" on coalesce(rows.match_id, {stream} || '|' || rows.{self.way['key']})"
            " = coalesce(closing.match_id, closing.stream || '|' || closing.record_key)"
        )


@dataclass(frozen=True, slots=True)
class Closed:
    """What one closing moved."""

    threads: int
    records: int


def kept_models(manifest: Mapping[str, Any]) -> Sequence[Kept]:
    """From ``meta.kept`` of the models."""
    found = [
        Kept(
            node["name"],
            node["schema"],
            {column["name"]: column["data_type"] for column in node["columns"].values()},
            node["config"]["meta"]["kept"],
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"].get("meta", {}).get("kept")
    ]
    return sorted(found, key=lambda kept: kept.table)


def ensure_closed(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], code: str, *, anew: bool = False
) -> bool:
    """Create the schema, or anew for other models: what they would make of closed threads is not known.

    Returns whether threads that were closed have been forgotten, so that everything must be read again.
    """
    there = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'closed' and table_name = 'state'"
    ).fetchall()
    known = connection.execute("select code, sequence from closed.state").fetchall() if there else []
    if known and known[0][0] == code and not anew:
        return bool(known[0][1] == FORGOTTEN)
    connection.execute("begin")
    connection.execute("drop schema if exists closed cascade")
    connection.execute("create schema closed")
    for table, columns in TABLES.items():
        connection.execute(f"create table closed.{table} ({columns})")
    for kept in kept_models(manifest):
        columns = ", ".join([IN_FRONT, *(f"{name(column)} {kind}" for column, kind in kept.columns.items())])
        connection.execute(f"create table closed.{name(kept.table)} ({columns})")
    connection.execute("insert into closed.state values (?, ?, null, uuid())", [FORGOTTEN if known else 0, code])
    connection.execute("commit")
    return bool(known)


def close_threads(settings: Settings, manifest: Mapping[str, Any]) -> Closed:
    """Move every thread in which nothing waits; in one transaction, after the run has proven itself."""
    kept = kept_models(manifest)
    with connect(Warehouse(settings).path) as connection:
        connection.execute("begin")
        sequence = connection.execute(
            "update closed.state set sequence = greatest(sequence, 0) + 1 returning sequence"
        ).fetchall()[0][0]
        connection.execute(f"update closed.state set scope = ({SCOPE})")
        _find(connection)
        counts = connection.execute("select count(distinct thread), count(*) from closing_records").fetchall()[0]
        for one in kept:
            _move(connection, one, sequence)
        _index(connection, sequence)
        connection.execute("commit")
    return Closed(*counts)


def _find(connection: duckdb.DuckDBPyConnection) -> None:
    """``closing_records``, ``closing_matches``, ``closing_exceptions``, ``closing_orders``: each with its thread."""
    connection.execute(
        """
        create or replace temp table links as
        select node, number as link from ledger.int_ledger__thread_numbers
        union all
        select md5_number_lower(record_type || 's|' || record_key) as node, md5_number_lower(match_id) as link
        from matching.int_matching__legs;
        delete from links where node not in (select node from ledger.int_ledger__thread_numbers);
        create or replace temp table labels as select node, min(link) as label from links group by node
        """
    )
    while _spread(connection):
        pass
    connection.execute(
        """
        create or replace temp table closing_nodes as
        select
            node,
            dense_rank() over (order by label) + (select coalesce(max(thread), 0) from closed.records) as thread
        from labels
        where label not in (
            select labels.label
            from exceptions.int_exceptions__restless as restless
            inner join labels on md5_number_lower(restless.record_type || 's|' || restless.record_key) = labels.node
        );
        create or replace temp table closing_records as
        select distinct numbers.stream, numbers.record_key, closing.thread
        from ledger.int_ledger__thread_numbers as numbers
        inner join closing_nodes as closing on numbers.node = closing.node
        where numbers.node = numbers.number;
        create or replace temp table closing_matches as
        select legs.match_id, min(closing.thread) as thread
        from matching.int_matching__legs as legs
        inner join closing_records as closing
            on legs.record_type || 's' = closing.stream and legs.record_key = closing.record_key
        group by legs.match_id;
        create or replace temp table closing_exceptions as
        select found.exception_id, closing.thread
        from exceptions.int_exceptions__all as found
        inner join closing_records as closing
            on
                found.anchor_type || 's' = closing.stream
                and case
                    when found.level = 'fee' then regexp_replace(found.anchor_key, '[|][^|]*$', '')
                    else found.anchor_key
                end = closing.record_key;
        create or replace temp table closing_orders as
        select orders.store, orders.order_no, closing.thread
        from ledger.int_ledger__orders as orders
        inner join closing_records as closing on closing.stream = 'orders' and orders.record_key = closing.record_key
        where orders.role = 'platform'
        """
    )


def _spread(connection: duckdb.DuckDBPyConnection) -> bool:
    """Give every record the smallest label among those it shares a number with; whether any got a smaller one."""
    connection.execute(
        """
        create or replace temp table spread as
        select links.node, min(smallest.label) as label
        from links
        inner join (
            select links.link, min(labels.label) as label
            from links inner join labels on links.node = labels.node
            group by links.link
        ) as smallest on links.link = smallest.link
        group by links.node
        """
    )
    moved = connection.execute(
        "select 1 from spread inner join labels on spread.node = labels.node where spread.label < labels.label limit 1"
    ).fetchall()
    connection.execute("create or replace temp table labels as from spread")
    return bool(moved)


def _move(connection: duckdb.DuckDBPyConnection, kept: Kept, sequence: int) -> None:
    target = f"closed.{name(kept.table)}"
    columns = ", ".join(name(column) for column in kept.columns)
    ours = ", ".join(f"rows.{name(column)}" for column in kept.columns)
    connection.execute(
        "create or replace temp table moving as"
        f" select rows.rowid as place, closing.thread from {kept.source} as rows {kept.threads}"
    )
    connection.execute(
        f"insert into {target} (thread, closed_in, {columns})"
        f" select moving.thread, {sequence}, {ours}"
        f" from {kept.source} as rows inner join moving on rows.rowid = moving.place"
    )
    for sums in kept.way.get("sums", ()):
        by, of = sums["by"], sums["of"]
        connection.execute(
            f"insert into closed.{name(sums['into'])} ({', '.join([*by, *of])})"
            f" select {', '.join([*by.values(), *(f'sum({amount})' for amount in of.values())])}"
            f" from {target} where closed_in = {sequence} group by all"
        )
    connection.execute(
        f"create or replace table {kept.source} as from {kept.source} where rowid not in (select place from moving)"
    )


def _index(connection: duckdb.DuckDBPyConnection, sequence: int) -> None:
    """The records and numbers of what was closed; the working tables lose them."""
    connection.execute(
        f"""
        delete from closed.paid_days where not exists (select 1 from closed.records);
        insert into closed.records
        select distinct numbers.stream, numbers.record_key, numbers.landed_on, closing.thread, {sequence}
        from ledger.int_ledger__thread_numbers as numbers
        inner join closing_nodes as closing on numbers.node = closing.node
        where numbers.node = numbers.number;
        insert into closed.numbers
        select distinct numbers.number, closing.thread
        from ledger.int_ledger__thread_numbers as numbers
        inner join closing_nodes as closing on numbers.node = closing.node;
        insert into closed.paid_days
        select distinct money.wallet, money.credited_on
        from matching.int_matching__order_money as money
        inner join closing_records as closing on closing.stream = 'orders' and money.record_key = closing.record_key
        where money.paid_out_amount <> 0
        except from closed.paid_days;
        delete from ledger.int_ledger__reopened
        """
    )
    for (stream,) in connection.execute("select distinct stream from closing_records").fetchall():
        table = f"ledger.{name('int_ledger__' + WORKING.get(stream, stream))}"
        connection.execute(
            f"delete from {table}"
            f" where record_key in (select record_key from closing_records where stream = {text(stream)})"
        )


def is_stale(settings: Settings) -> bool:
    """Whether money that closed orders have at the bank is not there any more, so that all must be read again."""
    with connect(Warehouse(settings).path, read_only=True) as connection:
        if not connection.execute("select 1 from closed.paid_days limit 1").fetchall():
            return False
        found = connection.execute(
            """
            select 1 from closed.paid_days as closed
            left join matching.int_matching__paid_days as days using (account, day)
            where not coalesce(days.is_paid_out, false) limit 1
            """
        ).fetchall()
    return bool(found)
