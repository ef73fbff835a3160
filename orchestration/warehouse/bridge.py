"""From a statement as it was to the statement as it is: line by line what changed, by how much, and why.

Works on a connection to the tables as they are now, with those of the replay attached as ``past``.
"""

from collections.abc import Sequence
from typing import Final

import duckdb

from orchestration.warehouse.connect import text
from orchestration.warehouse.statements import IN_RANGE, PARTS, Range, Row, has, rows

COLUMNS: Final = (
    *("entity", "store", "account", "level", "side", "currency", "record_type", "source_no", "change", "reason"),
    *("amount_then", "amount_now", "closing_then", "closing_now", "effect", "matched_on_then", "matched_on_now"),
    *("known_on", "record_key", "source_file_sha256", "source_row"),
)
REASONS: Final = ("late_file", "source_correction", "human_decision", "rule_version")
"""Why a line is not what it was; the first that is true of it."""
SIDES: Final = "then", "now"
NOTHING_DECIDED: Final = "(select null as record_type, null as record_key, null as state where false)"
CHANGED: Final = """
    with was as ({then}), is_ as ({now}),
    -- a record that the archive of then did not hold, on any level
    known as (select distinct record_type, record_key from past.marts.statement_lines),
    legs as (
        select legs.match_id, bool_or(known.record_key is null) as is_late
        from marts.statement_lines as legs
        left join known using (record_type, record_key)
        where legs.match_id is not null group by legs.match_id
    ),
    by_hand as (select match_id from marts.matches where pass = 'MANUAL'),
    decided as (select distinct record_type, record_key from {decisions} where state = 'effective'),
    -- decided since: what was decided then does not explain a change
    decided_then as (select distinct record_type, record_key from {decisions_then} where state = 'effective')
    select
        coalesce(is_.entity, was.entity) as entity,
        coalesce(is_.store, was.store) as store,
        coalesce(is_.account, was.account) as account,
        coalesce(is_.currency, was.currency) as currency,
        level, side, record_type, record_key,
        coalesce(is_.source_no, was.source_no) as source_no,
        case when was.amount is null then 'new' when is_.amount is null then 'gone' else 'changed' end as change,
        case
            when is_.matched_by = 'decision' or by_hand.match_id is not null then 'human_decision'
            when decided.record_key is not null and decided_then.record_key is null then 'human_decision'
            when known.record_key is null then 'late_file'
            when was.amount is not null and is_.amount is not null
                and (was.amount, was.business_date) is distinct from (is_.amount, is_.business_date)
                then 'source_correction'
            when legs.is_late then 'late_file'
            when {is_other_rules} then 'rule_version'
            else 'source_correction'
        end as reason,
        was.amount as amount_then,
        is_.amount as amount_now,
        coalesce(was.closing, 0) as closing_then,
        coalesce(is_.closing, 0) as closing_now,
        coalesce(is_.closing, 0) - coalesce(was.closing, 0) as effect,
        was.shown_matched_on as matched_on_then,
        is_.shown_matched_on as matched_on_now,
        coalesce(is_.known_on, was.known_on) as known_on,
        coalesce(is_.source_file_sha256, was.source_file_sha256) as source_file_sha256,
        coalesce(is_.source_row, was.source_row) as source_row
    from was
    full join is_ using (level, side, record_type, record_key)
    left join known using (record_type, record_key)
    left join legs on is_.match_id = legs.match_id
    left join by_hand on is_.match_id = by_hand.match_id
    left join decided using (record_type, record_key)
    left join decided_then using (record_type, record_key)
    where
        (was.amount, was.opening, was.moved, was.matched, was.closing, was.shown_matched_on)
        is distinct from (is_.amount, is_.opening, is_.moved, is_.matched, is_.closing, is_.shown_matched_on)
    order by level, side, currency, record_type, record_key
"""


def bridge(connection: duckdb.DuckDBPyConnection, days: Range, *, is_other_rules: bool) -> Sequence[Row]:
    """The lines with another part in the range than they had; what was settled after the range is no change of it.

    ``is_other_rules``: whether the rule tables are others than then.
    """
    parts = {
        side: f"select *, {PARTS}, case when matched_on <= $last then matched_on end as shown_matched_on"
        f" from {place}marts.statement_lines where {IN_RANGE}"
        for side, place in zip(SIDES, ("past.", ""), strict=True)
    }
    decisions = "marts.decisions" if has(connection, None, "decisions") else NOTHING_DECIDED
    sql = CHANGED.format(
        **parts,
        is_other_rules=str(is_other_rules).lower(),
        decisions=decisions,
        decisions_then="past.marts.decisions" if has(connection, "past", "decisions") else NOTHING_DECIDED,
    )
    return rows(connection, sql, days.facts)


def attach_past(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """Open the tables of the replay beside those of now, for reading."""
    connection.execute(f"attach {text(path)} as past (read_only)")
