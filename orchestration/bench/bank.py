"""Payouts and bank credits: the models that a run uses, against four set-wise passes in plain SQL.

The passes are what one would write by hand: by number; by amount and window, unique on both sides; a wallet's day in
one credit; first in, first out. They know neither splits nor ties. What is right was decided when the data was made.
"""

from collections import defaultdict
from typing import Any, Final

import duckdb

from orchestration.bench.match import NodeClock, total
from orchestration.bench.measure import Line, Outcome, in_turn
from orchestration.bench.shop import AS_OF, landed, merchant
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, build

PER_ACCOUNT: Final = 40
MOST_ACCOUNTS: Final = 2000
EVENTS: Final = """
    select account, n, account * {per_account} + n as event,
        case
            when (account * 7 + n) % 20 < 13 then 'numbered'
            when (account * 7 + n) % 20 < 16 then 'amount'
            when (account * 7 + n) % 20 = 16 then 'merged'
            when (account * 7 + n) % 20 = 17 then 'split'
            when (account * 7 + n) % 20 = 18 then 'lost'
            else 'stranger'
        end as kind,
        date '2026-01-01' + (n * 6)::integer as started_on,
        -- every amount once, so that nothing adds up by chance
        (100000 + (event * 7919 + n * n * 131) % 9000000)::bigint as cents
    from range({accounts}) as accounts (account), range({per_account}) as numbers (n)
"""
PAYOUTS: Final = """
    with events as ({events})
    select 'wallet' || account as account, 'W' || event || part as payout_no,
        (case part when 'a' then cents else cents // 3 + 17 end * 0.01::decimal(3, 2))::decimal(18, 2) as amount,
        started_on::timestamp + interval 9 hour + case part when 'a' then interval 0 hour else interval 1 hour end
            as initiated_at,
        'paid' as status
    from events, unnest(case kind when 'merged' then ['a', 'b'] when 'stranger' then [] else ['a'] end) as parts (part)
"""
LINES: Final = """
    with events as ({events})
    select 'bank' || account as account, 'L' || event || part as line_no,
        started_on::timestamp + interval 34 hour as booked_at, 'in' as direction,
        (case
            when kind = 'merged' then cents + cents // 3 + 17
            when part = 'a' and kind = 'split' then cents // 3
            when part = 'b' then cents - cents // 3
            else cents
        end * 0.01::decimal(3, 2))::decimal(18, 2) as amount,
        case kind when 'numbered' then 'W' || event || 'a' end as bank_reference
    from events, unnest(case kind when 'split' then ['a', 'b'] when 'lost' then [] else ['a'] end) as parts (part)
"""
ACCOUNT: Final = """
[[account]]
code = "wallet{number}"
entity = "HQ"
kind = "wallet"
platform = "alipay"
currency = "CNY"
pays_out_to = "bank{number}"

[[account]]
code = "bank{number}"
entity = "HQ"
kind = "bank"
platform = "bank"
currency = "CNY"
"""
SETTINGS: Final = """\
data_dir = "data"
start_date = 2026-01-01

[[entity]]
code = "HQ"
name = "HQ"

[[connection]]
name = "export"
source = "files"
path = "inbox"
"""
PASSES: Final = (
    "create or replace table payouts as select * from items where record_type = 'payout'",
    "create or replace table lines as select * from items where record_type = 'bank_line'",
    """
    create or replace table by_number as
    select payouts.record_key as payout_key, lines.record_key as line_key
    from payouts inner join lines using (bank_account, currency, number)
    """,
    """
    create or replace table by_amount as
    select payouts.record_key as payout_key, lines.record_key as line_key
    from (from payouts where record_key not in (select payout_key from by_number)) as payouts
    inner join (from lines where record_key not in (select line_key from by_number)) as lines
        using (bank_account, currency, amount)
    where lines.business_date between payouts.business_date and payouts.business_date + 15
    qualify count(*) over (partition by payouts.record_key) = 1 and count(*) over (partition by lines.record_key) = 1
    """,
    """
    create or replace table by_day as
    select lines.record_key as line_key, sums.payout_keys
    from (
        select wallet, bank_account, currency, business_date, sum(amount) as amount, list(record_key) as payout_keys
        from payouts
        where record_key not in (select payout_key from by_number union all select payout_key from by_amount)
        group by all having count(*) > 1
    ) as sums
    inner join lines using (bank_account, currency, amount)
    where lines.business_date between sums.business_date and sums.business_date + 15
    """,
    """
    create or replace table by_turn as
    with free_payouts as (
        select *, row_number() over (partition by bank_account, currency, amount order by happened_at) as turn
        from payouts
        where record_key not in (
            select payout_key from by_number union all select payout_key from by_amount
            union all select unnest(payout_keys) from by_day
        )
    ), free_lines as (
        select *, row_number() over (partition by bank_account, currency, amount order by happened_at) as turn
        from lines
        where record_key not in (
            select line_key from by_number union all select line_key from by_amount
            union all select line_key from by_day
        )
    )
    select free_payouts.record_key as payout_key, free_lines.record_key as line_key
    from free_payouts inner join free_lines using (bank_account, currency, amount, turn)
    """,
)
TRUTH: Final = """
    select string_agg(member, ' ' order by member) as members
    from (
        select event, 'lwallet' || account || '|W' || event || part as member
        from events, unnest(case kind when 'merged' then ['a', 'b'] else ['a'] end) as parts (part)
        union all
        select event, 'rbank' || account || '|L' || event || part as member
        from events, unnest(case kind when 'split' then ['a', 'b'] else ['a'] end) as parts (part)
    )
    where event in (select event from events where kind not in ('lost', 'stranger'))
    group by event
"""
FOUND: Final = """
    select string_agg(
        case side when 'left' then 'l' else 'r' end || record_key, ' '
        order by case side when 'left' then 'l' else 'r' end || record_key
    ) as members
    from matching.int_matching__payout_bank_legs group by match_key
"""


def run(rows: int) -> Outcome:
    """Loads and builds merchants with bank accounts of their own, then runs the passes over the same items."""
    accounts = max(10, min(rows // 150, MOST_ACCOUNTS))
    events = EVENTS.format(accounts=accounts, per_account=PER_ACCOUNT)
    settings_text = SETTINGS + "".join(ACCOUNT.format(number=number) for number in range(accounts))
    streams = {"payouts": PAYOUTS.format(events=events), "bank_lines": LINES.format(events=events)}
    with merchant(settings_text, streams) as (settings, _):
        warehouse = Warehouse(settings)
        warehouse.load(landed(settings))
        clock = NodeClock()
        report = build(settings, warehouse.variables(AS_OF, "bench"), on_event=clock)
        if not report.success:
            raise RuntimeError("; ".join(report.errors) or "the build failed")
        ours = total([cost for path, cost in clock.costs.items() if path.startswith("matching/payout_bank/")])
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.execute(f"attach '{Warehouse(settings).path}' as shop (read_only)")
            connection.execute("create table items as from shop.matching.int_matching__payout_bank_items")
            plain = in_turn({"passes": lambda: [connection.execute(sql) for sql in PASSES]}, rounds=5)["passes"]
        precision, recall = judged(settings, events)
    line = Line("payout_bank models", ours, plain, f"{accounts * PER_ACCOUNT:,} cases; floor: four passes in plain SQL")
    return Outcome([line], {"sql_x": line.ratio, "precision": precision, "recall": recall})


def judged(settings: Settings, events: str) -> tuple[float, float]:
    """Matches that are right among those found, and cases found among those made; a case counts as a whole."""
    with duckdb.connect(str(Warehouse(settings).path), read_only=True) as connection:
        made = _members(connection, f"with events as ({events}) {TRUTH}")
        found = _members(connection, FOUND)
    right = sum(min(count, made[members]) for members, count in found.items())
    return right / max(sum(found.values()), 1), right / max(sum(made.values()), 1)


def _members(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    for (members,) in rows:
        counts[members] += 1
    return counts
