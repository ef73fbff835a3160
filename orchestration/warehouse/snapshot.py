"""Bringing a copy of the last snapshot up to the warehouse's marts: only what differs is touched.

Works on one connection: the warehouse is its main database, the snapshot is attached as ``snap``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from orchestration.warehouse.catalog import OWN_TABLES, TableFacts
from orchestration.warehouse.closing import Kept
from orchestration.warehouse.connect import name, text

REPLACE_SHARE = 4
"""A table of which more than one row in this many differs is written anew."""
CHANGES = "run_id varchar, table_name varchar, key varchar, change varchar, changed_columns varchar"
Columns = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Synced:
    """Tables whose content changed, and the rows of every table.

    ``parts``: the files a table is written to, with what goes into each; ``fresh``: those whose rows are not the last
    snapshot's.
    """

    changed: tuple[str, ...]
    rows: Mapping[str, int]
    parts: Mapping[str, Mapping[str, str]]
    fresh: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Sides:
    """A table as it was published and as it is now, each a relation: all of it, or the rows that may differ."""

    was: str | None
    now: str


def sync(
    connection: duckdb.DuckDBPyConnection, facts: Mapping[str, TableFacts], run_id: str, kept: Sequence[Kept] = ()
) -> Synced:
    """Make ``snap.marts`` equal the warehouse; every difference becomes a row of ``snap.marts.changes``.

    A table whose rows are kept with their threads is a view: of what is closed, and of what is open.
    """
    for schema in ("marts", "closed", "open"):
        connection.execute(f"create schema if not exists snap.{schema}")
    connection.execute(f"create table if not exists snap.marts.changes ({CHANGES})")
    shared = {one.table: one for one in kept if one.schema == "marts"}
    new, old = _columns(connection, "current_database()"), _columns(connection, "'snap'")
    since = _published_closing(connection) if shared else None
    changed: list[str] = []
    rows: dict[str, int] = {}
    parts: dict[str, Mapping[str, str]] = {}
    fresh: dict[str, frozenset[str]] = {}
    for table in sorted(old.keys() - new.keys() - OWN_TABLES.keys()):
        _drop(connection, table)
        changed.append(table)
    for table, columns in sorted(new.items()):
        if table in OWN_TABLES:
            continue
        known = facts.get(table, TableFacts())
        step = _Table(connection, table, columns, old.get(table), known.keys, run_id, known.sort)
        found = step.bring_parts(since) if table in shared else step.bring_over(may_be_absent=known.is_record)
        if found is None:
            continue
        rows[table], is_changed, fresh[table] = found
        parts[table] = step.parts(is_shared=table in shared)
        if is_changed:
            changed.append(table)
    if shared:
        connection.execute("create or replace table snap.closed.state as select sequence, born from closed.state")
    return Synced(tuple(changed), rows, parts, fresh)


def _published_closing(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The closing that the snapshot shows; None where what is closed was not born with what it shows."""
    there = connection.execute(
        "select 1 from duckdb_tables() where database_name = 'snap' and schema_name = 'closed' and table_name = 'state'"
    ).fetchall()
    if not there:
        return None
    found = connection.execute(
        "select was.sequence from snap.closed.state as was inner join closed.state as now on was.born = now.born"
        " where was.sequence <= now.sequence"
    ).fetchall()
    return int(found[0][0]) if found else None


def _drop(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    is_view = connection.execute(
        "select 1 from duckdb_views() where database_name = 'snap' and schema_name = 'marts' and view_name = ?", [table]
    ).fetchall()
    connection.execute(f"drop {'view' if is_view else 'table'} if exists snap.marts.{name(table)}")
    for schema in ("closed", "open"):
        connection.execute(f"drop table if exists snap.{schema}.{name(table)}")


@dataclass(frozen=True, slots=True)
class _Table:
    """One table on its way into the snapshot."""

    connection: duckdb.DuckDBPyConnection
    table: str
    columns: Columns
    old: Columns | None
    keys: tuple[str, ...]
    run_id: str
    sort: tuple[str, ...]

    @property
    def listed(self) -> str:
        return ", ".join(name(column) for column in self.columns)

    def parts(self, *, is_shared: bool) -> Mapping[str, str]:
        """File → the query whose rows it holds."""
        quoted = name(self.table)
        if not is_shared:
            return {"data": f"from snap.marts.{quoted}"}
        closings = self.connection.execute(f"select distinct closed_in from snap.closed.{quoted} order by 1").fetchall()
        return {
            "open": f"from snap.open.{quoted}",
            **{
                f"closed-{closing:06}": f"select {self.listed} from snap.closed.{quoted} where closed_in = {closing}"
                for (closing,) in closings
            },
        }

    def bring_over(self, *, may_be_absent: bool) -> tuple[int, bool, frozenset[str]] | None:
        """A table of its own: rows, whether it changed, fresh parts; None where it shall not be there yet."""
        target, source = f"snap.marts.{name(self.table)}", f"marts.{name(self.table)}"
        count, content = _content(self.connection, source, self.columns)
        if not count and self.old is None and may_be_absent:
            return None
        if self.old == self.columns and _content(self.connection, target, self.columns) == (count, content):
            return count, False, frozenset()
        usable = self._tell(Sides(target if self.old is not None else None, source))
        if usable and self.old == self.columns and _is_small(self.connection, source):
            match = _equal("there", "differences", self.keys)
            self.connection.execute(
                f"delete from {target} as there using differences where {match} and change <> 'new'"
            )
            self.connection.execute(
                f"insert into {target} select there.* from {source} as there semi join"
                f" (select * from differences where change <> 'gone') as differences on {match}"
            )
        else:
            _drop(self.connection, self.table)
            self.connection.execute(f"create table {target} as from {source}")
        return count, True, frozenset({"data"})

    def bring_parts(self, since: int | None) -> tuple[int, bool, frozenset[str]] | None:
        """A table in two parts. ``since``: the closing that the snapshot shows."""
        quoted, listed = name(self.table), self.listed
        if since is None or self.old != self.columns:
            found = self._bring_whole()
        else:
            taken = f"thread in (select thread from closed.taken_out where taken_in > {since})"
            was = (
                f"(select {listed} from snap.open.{quoted}"
                f" union all select {listed} from snap.closed.{quoted} where {taken})"
            )
            now = (
                f"(select {listed} from marts.{quoted}"
                f" union all select {listed} from closed.{quoted} where closed_in > {since})"
            )
            is_changed = _content(self.connection, was, self.columns) != _content(self.connection, now, self.columns)
            if is_changed:
                self._tell(Sides(was, now))
            moved = self.connection.execute(
                f"select closed_in from snap.closed.{quoted} where {taken}"
                f" union select closed_in from closed.{quoted} where closed_in > {since}"
            ).fetchall()
            self.connection.execute(f"delete from snap.closed.{quoted} where {taken}")
            self._fill(f"insert into snap.closed.{quoted} from closed.{quoted} where closed_in > {since}")
            before = _content(self.connection, f"snap.open.{quoted}", self.columns)
            found = is_changed, {f"closed-{closing:06}" for (closing,) in moved}
            if before != _content(self.connection, f"marts.{quoted}", self.columns):
                self._fill(f"create or replace table snap.open.{quoted} as from marts.{quoted}")
                found[1].add("open")
        count = self.connection.execute(f"select count(*) from snap.marts.{quoted}").fetchall()[0][0]
        return int(count), found[0], frozenset(found[1])

    def _bring_whole(self) -> tuple[bool, set[str]]:
        quoted, listed = name(self.table), self.listed
        now = f"(select {listed} from marts.{quoted} union all select {listed} from closed.{quoted})"
        was = f"snap.marts.{quoted}" if self.old is not None else None
        is_changed = (
            was is None
            or self.old != self.columns
            or _content(self.connection, was, self.columns) != _content(self.connection, now, self.columns)
        )
        if is_changed:
            self._tell(Sides(was, now))
        _drop(self.connection, self.table)
        self._fill(f"create table snap.closed.{quoted} as from closed.{quoted}")
        self._fill(f"create table snap.open.{quoted} as from marts.{quoted}")
        self.connection.execute("use snap")
        self.connection.execute(
            f"create view marts.{quoted} as"
            f" select {listed} from closed.{quoted} union all select {listed} from open.{quoted}"
        )
        self.connection.execute(f"use {name(self._warehouse())}")
        return is_changed, set(self.parts(is_shared=True))

    def _fill(self, sql: str) -> None:
        """Write a part, in its own order where the table has one, so that each row group holds a range of it."""
        if not self.sort:
            self.connection.execute(sql)
            return
        self.connection.execute("set preserve_insertion_order = true")
        self.connection.execute(f"{sql} order by {', '.join(name(column) for column in self.sort)}")
        self.connection.execute("set preserve_insertion_order = false")

    def _warehouse(self) -> str:
        found = self.connection.execute(
            "select database_name from duckdb_databases() where not internal and database_name <> 'snap'"
        ).fetchall()
        return str(found[0][0])

    def _tell(self, sides: Sides) -> bool:
        """Write the differences down, as ``differences`` and in ``changes``; whether the keys allow it."""
        usable = bool(self.keys) and set(self.keys) <= self.columns.keys()
        usable = usable and _is_unique(self.connection, sides.now, self.keys)
        if usable and sides.was is not None and self.old is not None:
            usable = set(self.keys) <= self.old.keys() and _is_unique(self.connection, sides.was, self.keys)
        if usable:
            _compare(self.connection, sides, self.columns, self.old, self.keys)
            joined = " || '|' || ".join(f"coalesce(cast({name(key)} as varchar), '')" for key in self.keys)
            self.connection.execute(
                f"insert into snap.marts.changes select {text(self.run_id)}, {text(self.table)}, {joined}, change,"
                " changed_columns from differences"
            )
        return usable


def _equal(left: str, right: str, keys: tuple[str, ...]) -> str:
    return " and ".join(f"{left}.{name(key)} is not distinct from {right}.{name(key)}" for key in keys)


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


def _is_unique(connection: duckdb.DuckDBPyConnection, table: str, keys: tuple[str, ...]) -> bool:
    listed = ", ".join(name(key) for key in keys)
    query = f"select 1 from {table} group by {listed} having count(*) > 1 limit 1"
    return not connection.execute(query).fetchall()


def _is_small(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    query = f"select (select count(*) from differences) * {REPLACE_SHARE} <= (select count(*) from {source})"
    return bool(connection.execute(query).fetchall()[0][0])


def _compare(
    connection: duckdb.DuckDBPyConnection, sides: Sides, columns: Columns, old: Columns | None, keys: tuple[str, ...]
) -> None:
    """The temporary table ``differences``: keys, change, changed columns."""
    listed = ", ".join(name(key) for key in keys)
    if sides.was is None or old is None:
        connection.execute(
            f"create or replace temp table differences as select {listed}, 'new' as change,"
            f" cast(null as varchar) as changed_columns from {sides.now}"
        )
        return
    match = _equal("was", "now", keys)
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
            from (select true as is_there, * from {sides.was}) as was
            full join (select true as is_there, * from {sides.now}) as now on {match}
        ) where change <> 'changed' or changed_columns <> ''
        """
    )


def comment(connection: duckdb.DuckDBPyConnection, facts: Mapping[str, TableFacts]) -> None:
    """Set the descriptions that differ from those in the file."""
    tables = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = 'snap' and schema_name = 'marts'"
            " union all"
            " select view_name, comment from duckdb_views() where database_name = 'snap' and schema_name = 'marts'"
        ).fetchall()
    )
    views = {
        view
        for (view,) in connection.execute(
            "select view_name from duckdb_views() where database_name = 'snap' and schema_name = 'marts'"
        ).fetchall()
    }
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns()"
        " where database_name = 'snap' and schema_name = 'marts'"
    ).fetchall()
    for table, there in tables.items():
        wanted = facts.get(table, TableFacts()).description
        if wanted != (there or ""):
            kind = "view" if table in views else "table"
            connection.execute(f"comment on {kind} snap.marts.{name(table)} is {text(wanted or None)}")
    for table, column, there in columns:
        wanted = facts.get(table, TableFacts()).columns.get(column, "")
        if wanted != (there or ""):
            connection.execute(f"comment on column snap.marts.{name(table)}.{name(column)} is {text(wanted or None)}")
