"""Bringing a copy of the last snapshot up to the warehouse's marts: only what differs is touched.

Works on one connection: the warehouse is its main database, the snapshot is attached as ``snap``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from orchestration.warehouse.catalog import OWN_TABLES, TableFacts
from orchestration.warehouse.connect import name, text

REPLACE_SHARE = 4
"""A table of which more than one row in this many differs is written anew."""
CHANGES = "run_id varchar, table_name varchar, key varchar, change varchar, changed_columns varchar"
Columns = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Synced:
    """Tables whose content changed, and the rows of every table."""

    changed: tuple[str, ...]
    rows: Mapping[str, int]


def sync(connection: duckdb.DuckDBPyConnection, facts: Mapping[str, TableFacts], run_id: str) -> Synced:
    """Make ``snap.marts`` equal ``marts``; every difference becomes a row of ``snap.marts.changes``."""
    connection.execute("create schema if not exists snap.marts")
    connection.execute(f"create table if not exists snap.marts.changes ({CHANGES})")
    new, old = _columns(connection, "current_database()"), _columns(connection, "'snap'")
    changed: list[str] = []
    rows: dict[str, int] = {}
    for table in sorted(old.keys() - new.keys() - OWN_TABLES.keys()):
        connection.execute(f"drop table snap.marts.{name(table)}")
        changed.append(table)
    for table, columns in sorted(new.items()):
        if table in OWN_TABLES:
            continue
        count, content = _content(connection, f"marts.{name(table)}", columns)
        if not count and table not in old and facts.get(table, TableFacts()).is_record:
            continue
        rows[table] = count
        same = old.get(table) == columns
        if same and _content(connection, f"snap.marts.{name(table)}", columns) == (count, content):
            continue
        changed.append(table)
        keys = facts.get(table, TableFacts()).keys
        _bring_over(connection, table, columns, old=old.get(table), keys=keys, run_id=run_id)
    return Synced(tuple(changed), rows)


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    """Table → column → type, of the schema ``marts`` of one database."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        f" where schema_name = 'marts' and database_name = {database} order by table_name, column_index"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def _content(connection: duckdb.DuckDBPyConnection, table: str, columns: Columns) -> tuple[int, str]:
    """Row count and a checksum that does not depend on the order of rows."""
    cells = ", ".join(name(column) for column in columns)
    found = connection.execute(
        f"select count(*), coalesce(sum(hash({cells})), 0)::varchar || ' ' || coalesce(bit_xor(hash({cells}, 1)), 0)"
        f" from {table}"
    ).fetchall()
    return int(found[0][0]), str(found[0][1])


def _bring_over(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Columns,
    *,
    old: Columns | None,
    keys: tuple[str, ...],
    run_id: str,
) -> None:
    target, source = f"snap.marts.{name(table)}", f"marts.{name(table)}"
    usable = bool(keys) and set(keys) <= columns.keys() and _is_unique(connection, source, keys)
    if usable and old is not None:
        usable = set(keys) <= old.keys() and _is_unique(connection, target, keys)
    if usable:
        _compare(connection, table, columns, old, keys)
        joined = " || '|' || ".join(f"coalesce(cast({name(key)} as varchar), '')" for key in keys)
        connection.execute(
            f"insert into snap.marts.changes select {text(run_id)}, {text(table)}, {joined}, change, changed_columns"
            " from differences"
        )
    if usable and old == columns and _is_small(connection, source):
        match = " and ".join(f"there.{name(key)} is not distinct from differences.{name(key)}" for key in keys)
        connection.execute(f"delete from {target} as there using differences where {match} and change <> 'new'")
        connection.execute(
            f"insert into {target} select there.* from {source} as there semi join"
            f" (select * from differences where change <> 'gone') as differences on {match}"
        )
    else:
        connection.execute(f"create or replace table {target} as from {source}")


def _is_unique(connection: duckdb.DuckDBPyConnection, table: str, keys: tuple[str, ...]) -> bool:
    listed = ", ".join(name(key) for key in keys)
    query = f"select 1 from {table} group by {listed} having count(*) > 1 limit 1"
    return not connection.execute(query).fetchall()


def _is_small(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    query = f"select (select count(*) from differences) * {REPLACE_SHARE} <= (select count(*) from {source})"
    return bool(connection.execute(query).fetchall()[0][0])


def _compare(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, old: Columns | None, keys: tuple[str, ...]
) -> None:
    """The temporary table ``differences``: keys, change, changed columns."""
    listed = ", ".join(name(key) for key in keys)
    source = f"marts.{name(table)}"
    if old is None:
        connection.execute(
            f"create or replace temp table differences as select {listed}, 'new' as change,"
            f" cast(null as varchar) as changed_columns from {source}"
        )
        return
    match = " and ".join(f"was.{name(key)} is not distinct from now.{name(key)}" for key in keys)
    both = ", ".join(
        f"case when now.is_there then now.{name(key)} else was.{name(key)} end as {name(key)}" for key in keys
    )
    common = [column for column, kind in columns.items() if old.get(column) == kind and column not in keys]
    other = [column for column in columns if column not in keys and column not in common]
    parts = [f"case when was.{name(c)} is distinct from now.{name(c)} then {text(c)} end" for c in common]
    parts += [text(column) for column in other]
    listing = f"concat_ws(',', {', '.join(parts)})" if parts else "''"
    connection.execute(
        f"""
        create or replace temp table differences as
        select * from (
            select
                {both},
                case when was.is_there is null then 'new' when now.is_there is null then 'gone' else 'changed' end
                    as change,
                case when was.is_there and now.is_there then {listing} end as changed_columns
            from (select true as is_there, * from snap.{source}) as was
            full join (select true as is_there, * from {source}) as now on {match}
        ) where change <> 'changed' or changed_columns <> ''
        """
    )


def comment(connection: duckdb.DuckDBPyConnection, facts: Mapping[str, TableFacts]) -> None:
    """Set the descriptions that differ from those in the file."""
    tables = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = 'snap' and schema_name = 'marts'"
        ).fetchall()
    )
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns()"
        " where database_name = 'snap' and schema_name = 'marts'"
    ).fetchall()
    for table, there in tables.items():
        wanted = facts.get(table, TableFacts()).description
        if wanted != (there or ""):
            connection.execute(f"comment on table snap.marts.{name(table)} is {text(wanted or None)}")
    for table, column, there in columns:
        wanted = facts.get(table, TableFacts()).columns.get(column, "")
        if wanted != (there or ""):
            connection.execute(f"comment on column snap.marts.{name(table)}.{name(column)} is {text(wanted or None)}")
