"""What other rules would change: the published tables beside the same made once more by a rule table on trial.

Records are compared by the match that claims them, exceptions by their number; a match's rule version alone is no
change, because every rule table has another one.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb

from orchestration.warehouse.connect import text

Row = Mapping[str, Any]
KEPT: Final[Mapping[str, str]] = {
    "matches": """
        match_id, level, pass, rule_id, entity, store, account, business_date, currency, left_amount, right_amount,
        difference, status, explanation""",
    "match_legs": "match_id, side, record_type, record_key, amount",
    "exceptions": """
        exception_id, code, status, level, entity, store, account, business_date, currency, amount, order_no, left_key,
        right_key, explanation""",
    "fee_checks": "record_key, order_no, fee_type, base, expected, charged, difference, rule_id",
    "decisions": "decision_id, exception_id, action, amount, currency, maker, checker, state",
    "daily_reconciliation": """
        day as business_date, entity, store, account, control, currency, left_amount, right_amount, difference,
        status""",
}
LOCKS: Final = "select entity, period from marts.periods where signed_hash is not null"
MADE_BY: Final = """
    create temp table {side}_made as
    select matches.*, coalesce(claimed.records, '') as records
    from {side}_matches as matches left join (
        select match_id, string_agg(side || ' ' || record_type || ' ' || record_key || ' ' || amount,
            ', ' order by side, record_type, record_key, amount) as records
        from {side}_match_legs group by match_id
    ) as claimed using (match_id);
    create temp table {side}_claims as
    select distinct made.level, legs.record_type, legs.record_key
    from {side}_match_legs as legs inner join {side}_matches as made using (match_id)
    where legs.side in ('left', 'right')
"""
MATCHES: Final = """
    with both_sides as (
        select coalesce(after_made.match_id, before_made.match_id) as match_id,
            coalesce(after_made.level, before_made.level) as level,
            coalesce(after_made.entity, before_made.entity) as entity,
            coalesce(after_made.store, before_made.store) as store,
            coalesce(after_made.account, before_made.account) as account,
            coalesce(after_made.business_date, before_made.business_date) as business_date,
            coalesce(after_made.currency, before_made.currency) as currency,
            before_made.pass as pass_before, after_made.pass as pass_after,
            before_made.status as status_before, after_made.status as status_after,
            before_made.left_amount as left_amount_before, after_made.left_amount as left_amount_after,
            before_made.difference as difference_before, after_made.difference as difference_after,
            before_made.records as records_before, after_made.records as records_after
        from before_made full join after_made using (match_id)
    ),
    changed as (
        select * from both_sides
        where (pass_before, status_before, left_amount_before, difference_before, records_before)
            is distinct from (pass_after, status_after, left_amount_after, difference_after, records_after)
    ),
    shared as (
        select match_id, bool_or(claims.level is not null) as is_claimed
        from (
            select match_id, level, record_type, record_key, 'before' as claimed_in
            from after_match_legs inner join after_matches using (match_id) where side in ('left', 'right')
            union all
            select match_id, level, record_type, record_key, 'after'
            from before_match_legs inner join before_matches using (match_id) where side in ('left', 'right')
        ) as legs
        left join (
            select *, 'before' as claimed_in from before_claims union all select *, 'after' from after_claims
        ) as claims using (level, record_type, record_key, claimed_in)
        group by match_id
    )
    select
        case
            when pass_before is null and not is_claimed then 'gained'
            when pass_after is null and not is_claimed then 'lost'
            else 'moved'
        end as change,
        changed.*
    from changed left join shared using (match_id)
    order by change, level, business_date, match_id
"""
EXCEPTIONS: Final = """
    select
        case
            when earlier.code is null then 'gained' when later.code is null then 'lost' else 'changed'
        end as change,
        exception_id,
        coalesce(later.level, earlier.level) as level,
        coalesce(later.entity, earlier.entity) as entity,
        coalesce(later.store, earlier.store) as store,
        coalesce(later.account, earlier.account) as account,
        coalesce(later.business_date, earlier.business_date) as business_date,
        coalesce(later.currency, earlier.currency) as currency,
        coalesce(later.order_no, earlier.order_no) as order_no,
        earlier.code as code_before, later.code as code_after,
        earlier.status as status_before, later.status as status_after,
        earlier.amount as amount_before, later.amount as amount_after,
        coalesce(later.explanation, earlier.explanation) as explanation
    from before_exceptions as earlier full join after_exceptions as later using (exception_id)
    where (earlier.code, earlier.status, earlier.amount) is distinct from (later.code, later.status, later.amount)
    order by change, coalesce(later.code, earlier.code), business_date, exception_id
"""
FEES: Final = """
    with numbered_before as (
        select *, row_number() over (partition by record_key, fee_type order by rule_id, expected, charged) as place
        from before_fee_checks
    ),
    numbered_after as (
        select *, row_number() over (partition by record_key, fee_type order by rule_id, expected, charged) as place
        from after_fee_checks
    )
    select record_key, fee_type, coalesce(later.order_no, earlier.order_no) as order_no,
        earlier.rule_id as rule_before, later.rule_id as rule_after,
        earlier.expected as expected_before, later.expected as expected_after,
        coalesce(later.charged, earlier.charged) as charged,
        earlier.difference as difference_before, later.difference as difference_after
    from numbered_before as earlier full join numbered_after as later using (record_key, fee_type, place)
    where (earlier.rule_id, earlier.expected, earlier.difference)
        is distinct from (later.rule_id, later.expected, later.difference)
    order by record_key, fee_type
"""
MONEY: Final = """
    with parts as (
        select 'before' as side, strftime(business_date, '%Y-%m') as period, entity, currency,
            left_amount as matched_amount, difference, 0 as exception_amount from before_matches
        union all
        select 'before', strftime(business_date, '%Y-%m'), entity, currency, 0, 0, amount
        from before_exceptions where status not in ('timing', 'cleared')
        union all
        select 'after', strftime(business_date, '%Y-%m'), entity, currency, left_amount, difference, 0
        from after_matches
        union all
        select 'after', strftime(business_date, '%Y-%m'), entity, currency, 0, 0, amount
        from after_exceptions where status not in ('timing', 'cleared')
    )
    select period, entity, currency,
        {sums}
    from parts group by period, entity, currency order by period, entity, currency
"""
SUMS: Final = ",\n".join(
    f"cast(coalesce(sum({amount}) filter (where side = '{side}'), 0) as decimal(18, 2)) as {amount}_{side}"
    for amount in ("matched_amount", "difference", "exception_amount")
    for side in ("before", "after")
)
CONFLICTS: Final = """
    select decision_id, earlier.exception_id, earlier.action, earlier.amount, earlier.currency, earlier.maker,
        earlier.checker, earlier.state as state_before, later.state as state_after
    from before_decisions as earlier left join after_decisions as later using (decision_id)
    where earlier.state = 'effective' and later.state is distinct from 'effective'
    order by decision_id
"""
CONTROLS: Final = """
    select
        coalesce(later.business_date, earlier.business_date) as business_date,
        coalesce(later.entity, earlier.entity) as entity,
        coalesce(later.store, earlier.store) as store,
        coalesce(later.account, earlier.account) as account,
        coalesce(later.control, earlier.control) as control,
        coalesce(later.currency, earlier.currency) as currency,
        earlier.difference as difference_before, later.difference as difference_after,
        earlier.status as status_before, later.status as status_after
    from before_daily_reconciliation as earlier
    full join after_daily_reconciliation as later
        on earlier.business_date = later.business_date and earlier.control = later.control
        -- a control of a shop names no account, one of an account no shop
        and earlier.entity is not distinct from later.entity and earlier.store is not distinct from later.store
        and earlier.account is not distinct from later.account and earlier.currency is not distinct from later.currency
    where (earlier.left_amount, earlier.right_amount, earlier.status)
        is distinct from (later.left_amount, later.right_amount, later.status)
    order by all
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the rule table on trial changes. Every row is a mapping; money is Decimal in the row's currency.

    ``matches``, ``exceptions``, ``fees``, ``controls``: one row per change; ``money``: per entity, month and currency;
    ``conflicts``: approved decisions that would not hold any more; ``periods``: months in which anything changes.
    """

    table: str
    matches: Sequence[Row]
    exceptions: Sequence[Row]
    fees: Sequence[Row]
    controls: Sequence[Row]
    money: Sequence[Row]
    conflicts: Sequence[Row]
    periods: Sequence[Row] = field(default=())

    @property
    def changes_nothing(self) -> bool:
        """Whether every table stays as it is."""
        return not (self.matches or self.exceptions or self.fees or self.controls or self.conflicts)

    @property
    def matches_by_level(self) -> Sequence[Row]:
        """How many matches of each level are gained, lost and moved."""
        return _counted(self.matches, "level")

    @property
    def exceptions_by_code(self) -> Sequence[Row]:
        """How many exceptions of each code are gained, lost and changed; one that changes its code counts with both."""
        named: list[Row] = []
        for row in self.exceptions:
            if row["change"] != "changed" or row["code_before"] == row["code_after"]:
                named.append({**row, "code": row["code_after"] or row["code_before"]})
            else:
                named.append({"change": "lost", "code": row["code_before"]})
                named.append({"change": "gained", "code": row["code_after"]})
        return _counted(named, "code")


def try_tables(table: str, before: Path, after: Path) -> Trial:
    """Compare the tables of two files, neither of which is changed; those that ``before`` lacks are empty there."""
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        for side, path in (("after", after), ("before", before)):
            _take(connection, path, Path(folder), side)
            connection.execute(MADE_BY.format(side=side))
        found = {
            name: _rows(connection, sql)
            for name, sql in (
                ("matches", MATCHES),
                ("exceptions", EXCEPTIONS),
                ("fees", FEES),
                ("controls", CONTROLS),
                ("money", MONEY.format(sums=SUMS)),
                ("conflicts", CONFLICTS),
            )
        }
    return Trial(table=table, periods=_periods(found, _locked(before)), **found)


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def _take(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path, side: str) -> None:
    """What is compared, as tables of the connection: views of one file cannot be read from another."""
    with _opened(path) as snapshot:
        for table, columns in KEPT.items():
            target = text(str(folder / f"{side}_{table}.parquet"))
            try:
                snapshot.execute(f"copy (select {columns} from marts.{table}) to {target} (format parquet)")  # noqa: S608 - our names
                source = f"read_parquet({target})"
            except duckdb.CatalogException:  # nothing has fed it yet
                source = f"(from after_{table} limit 0)"
            connection.execute(f"create table {side}_{table} as from {source}")


def _locked(path: Path) -> frozenset[tuple[str, str]]:
    """Entities and months that two people signed; none where months are not signed at all."""
    with _opened(path) as snapshot:
        try:
            return frozenset((entity, period) for entity, period in snapshot.execute(LOCKS).fetchall())
        except duckdb.CatalogException:
            return frozenset()


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Sequence[Row]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _periods(found: Mapping[str, Sequence[Row]], locked: frozenset[tuple[str, str]]) -> Sequence[Row]:
    """Months in which a match, an exception or a control changes, and whether they are signed."""
    counts: dict[tuple[str, str], int] = {}
    for name in ("matches", "exceptions", "controls"):
        for row in found[name]:
            if row["business_date"] is not None:
                place = (row["entity"] or "", f"{row['business_date']:%Y-%m}")
                counts[place] = counts.get(place, 0) + 1
    return tuple(
        {"entity": entity, "period": period, "changes": count, "is_closed": (entity, period) in locked}
        for (entity, period), count in sorted(counts.items())
    )


def _counted(rows: Sequence[Row], name: str) -> Sequence[Row]:
    counts: dict[str, dict[str, int]] = {}
    kinds = ("gained", "lost", "moved" if name == "level" else "changed")
    for row in rows:
        counts.setdefault(row[name], dict.fromkeys(kinds, 0))[row["change"]] += 1
    return tuple({name: key, **counts[key]} for key in sorted(counts))
