"""Statements and their lines: every amount, count and digest worked out once more from the published lines."""

from collections.abc import Iterator
from typing import Final

from orchestration.proof.finding import Finding
from orchestration.proof.rows import Rows
from orchestration.warehouse.connect import text

GUARANTEE: Final = "a statement is the sum of its lines, and leads from what was open to what is open"
NEEDS: Final = {
    "statements": ("statement_id", "period_start", "period_end", "opening", "closing", "content_hash"),
    "statement_lines": ("level", "side", "record_type", "record_key", "amount", "started_on", "matched_on"),
}
SHOWN: Final = 5
LINE: Final = "concat_ws('|', level, side, record_type, record_key, currency, amount::varchar, started_on::varchar)"
SETTLED: Final = (
    "concat_ws('|', level, side, record_type, record_key, currency, amount::varchar, started_on::varchar,"
    " matched_on::varchar, matched_by, coalesce(match_id, ''))"
)
DAYS: Final = f"""
    create or replace temp table statement_days as
    with placed as (
        select *, 'store:' || store as scope from marts.statement_lines where store is not null
        union all
        select *, 'account:' || account as scope from marts.statement_lines where account is not null
    ),
    events as (
        select scope, level, side, currency, started_on as day,
            greatest(amount, 0) as in_amount, greatest(-amount, 0) as out_amount, 0 as matched, 1 as moved_lines,
            0 as matched_lines,
            md5_number_lower({LINE})::hugeint as low, md5_number_lower('2' || {LINE})::hugeint as high,
            0::hugeint as matched_low, 0::hugeint as matched_high
        from placed
        union all
        select scope, level, side, currency, matched_on, 0, 0, amount, 0, 1,
            -(md5_number_lower({LINE})::hugeint), -(md5_number_lower('2' || {LINE})::hugeint),
            md5_number_lower({SETTLED})::hugeint, md5_number_lower('2' || {SETTLED})::hugeint
        from placed where matched_on is not null
    )
    select scope, level, side, currency, day,
        sum(in_amount) as in_amount, sum(out_amount) as out_amount, sum(matched) as matched,
        sum(moved_lines) as moved_lines, sum(matched_lines) as matched_lines,
        sum(low) filter (where moved_lines = 1) as opened_low, sum(high) filter (where moved_lines = 1) as opened_high,
        sum(low) as open_low, sum(high) as open_high, sum(matched_low) as matched_low, sum(matched_high) as matched_high
    from events group by all
"""
COMPARED: Final = """
    with summed as (
        select
            told.statement_id,
            {sums}
        from marts.statements as told
        left join statement_days as days
            on told.scope = days.scope and told.level = days.level and told.side = days.side
            and told.currency = days.currency and days.day <= told.period_end
        where {within} group by told.statement_id
    )
    select told.statement_id
    from marts.statements as told inner join summed using (statement_id)
    where (told.opening, told.in_amount, told.out_amount, told.matched, told.closing)
        is distinct from (summed.opening, summed.in_amount, summed.out_amount, summed.matched, summed.closing)
        or (told.opening_lines, told.moved_lines, told.matched_lines, told.closing_lines) is distinct from (
            summed.opening_lines, summed.moved_lines, summed.matched_lines, summed.closing_lines)
        or told.residual <> 0
        or told.content_hash <> sha256(concat_ws('|', told.statement_id,
            summed.opening::decimal(18, 2)::varchar, summed.in_amount::decimal(18, 2)::varchar,
            summed.out_amount::decimal(18, 2)::varchar, summed.matched::decimal(18, 2)::varchar,
            summed.closing::decimal(18, 2)::varchar, summed.opening_lines::varchar, summed.moved_lines::varchar,
            summed.matched_lines::varchar, summed.opened_low::varchar, summed.opened_high::varchar,
            summed.matched_low::varchar, summed.matched_high::varchar, summed.closing_low::varchar,
            summed.closing_high::varchar))
    order by told.statement_id
"""
WITHIN: Final = "days.day >= told.period_start"
NET: Final = "days.in_amount - days.out_amount - days.matched"
SUMS: Final = ", ".join(
    [
        f"coalesce(sum({NET}) filter (where not {WITHIN}), 0) as opening",
        f"coalesce(sum({NET}), 0) as closing",
        f"coalesce(sum(days.moved_lines - days.matched_lines) filter (where not {WITHIN}), 0) as opening_lines",
        "coalesce(sum(days.moved_lines - days.matched_lines), 0) as closing_lines",
        *(
            f"coalesce(sum(days.{name}) filter (where {WITHIN}), 0) as {name}"
            for name in ("in_amount", "out_amount", "matched", "moved_lines", "matched_lines")
        ),
        *(
            f"coalesce(sum(days.{name}) filter (where {WITHIN}), 0) as {name}"
            for name in ("opened_low", "opened_high", "matched_low", "matched_high")
        ),
        *(f"coalesce(sum(days.open_{half}), 0) as closing_{half}" for half in ("low", "high")),
    ]
)


def prove_statements(rows: Rows, months: tuple[str, ...]) -> Iterator[Finding]:
    """Statements that are not what their lines add up to. ``months``: only those that end in them; none: all."""
    if not all(rows.has("marts", table, *columns) for table, columns in NEEDS.items()):
        return
    list(rows.read(DAYS))
    within = (
        f"left(told.period_end::varchar, 7) in ({', '.join(text(month) for month in months)})" if months else "true"
    )
    wrong = [statement for (statement,) in rows.read(COMPARED.format(sums=SUMS, within=within))]
    if wrong:
        shown = ", ".join(wrong[:SHOWN])
        yield Finding("statements", GUARANTEE, f"{len(wrong)} differ from the sum of their lines: {shown}")
