"""The match of orders and payments by the models that a run uses, by polars and by pandas: one answer, three prices.

Each rival reads the staged records from Parquet and writes what it found as Parquet; ours reads and writes tables of
the warehouse. Money is whole cents for the rivals. Speed is compared only after counts and sums per class and side are.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import duckdb

from orchestration.bench.extras import RIVALS
from orchestration.bench.match import LEVEL, NEEDED, NodeClock, total
from orchestration.bench.measure import Cost, Line, Outcome, median, timed
from orchestration.bench.shop import AS_OF, SETTINGS, landed, merchant
from orchestration.settings import Settings
from orchestration.warehouse import Variables, Warehouse, build

ROUNDS: Final = 3
OURS: Final = "/".join(LEVEL)
CLASSES: Final = {"agrees", "differs", "duplicate", "duplicate_payment", "order_only", "payment_only"}
ORDERS: Final = """
    select 'A' || lpad(n::varchar, 17, '0') as order_no, 'paid' as status,
        timestamp '2026-09-26 00:00:00' + interval 1 second * (n % 80000) as ordered_at,
        ordered_at + interval 60 second as paid_at,
        ((100 + n % 90000) * 0.01::decimal(3, 2))::decimal(18, 2) as goods_amount, goods_amount as buyer_paid,
        -- every hundredth shares the number of the order before: two orders, one payment
        'P' || lpad((case when n % 100 = 2 then n - 1 else n end)::varchar, 20, '0') as merchant_pay_no
    from range({rows}) as numbers (n)
"""
PAYMENTS: Final = """
    with parts as (
        select n, part, 100 + n % 90000 as cents,
            case
                when n % 100 = 0 then 'split'
                when n % 100 = 1 then 'merged'
                when n % 100 = 2 or n % 200 = 3 then 'none'
                when n % 200 = 103 then 'stranger'
                when n % 200 = 4 then 'twice'
                when n % 200 = 104 then 'more'
                else 'same'
            end as kind
        from range({rows}) as numbers (n), range(2) as parts (part)
    )
    select 'T' || lpad(n::varchar, 20, '0') || part as transaction_no, 'payment' as type, 'succeeded' as status,
        ((case
            when kind = 'split' and part = 0 then cents // 3
            when kind = 'split' then cents - cents // 3
            when kind = 'merged' then 2 * cents + 1
            when kind = 'more' then cents + 100
            else cents
        end) * 0.01::decimal(3, 2))::decimal(18, 2) as amount,
        'P' || lpad((case when kind = 'stranger' then n + 1000000000 else n end)::varchar, 20, '0') as merchant_pay_no,
        timestamp '2026-09-26 00:01:00' + interval 1 second * (n % 80000) as occurred_at
    from parts
    where case kind when 'none' then false when 'split' then true when 'twice' then true else part = 0 end
"""
STAGED: Final = {
    "orders": "select record_key, merchant_pay_no as number, (buyer_paid * 100)::bigint as cents"
    " from ledger.int_ledger__orders",
    "payments": "select record_key, merchant_pay_no as number, (amount * 100)::bigint as cents"
    " from ledger.int_ledger__payments",
}
OUR_ANSWER: Final = """
    select verdict as class, side, count(*), (sum(amount) * 100)::bigint
    from matching.int_matching__order_payment_legs group by all
    union all
    select situation, side, count(*), (sum(amount) * 100)::bigint
    from matching.int_matching__order_payment_open group by all
"""
THEIR_ANSWER: Final = """
    with matches as (from '{folder}/matches.parquet'), rest as (from '{folder}/open.parquet')
    select class, 'left', sum(order_count)::bigint, sum(order_cents)::bigint from matches group by all
    union all
    select class, 'right', sum(payment_count)::bigint, sum(payment_cents)::bigint from matches group by all
    union all
    select situation, side, count(*), sum(cents)::bigint from rest group by all
"""
Answer = Mapping[tuple[str, str], tuple[int, int]]
"""By class and side: how many, and how many cents."""


def run(rows: int) -> Outcome:
    """Loads and builds a shop, then lets the three match it in turn."""
    streams = {"orders": ORDERS.format(rows=rows), "payments": PAYMENTS.format(rows=rows)}
    with merchant(SETTINGS, streams) as (settings, folder):
        warehouse = Warehouse(settings)
        warehouse.load(landed(settings))
        variables = warehouse.variables(AS_OF, "bench")
        _models(settings, variables, NEEDED)
        export(settings, folder)
        works = _works(settings, variables, folder)
        costs: dict[str, list[Cost]] = {name: [] for name in works}
        for _ in range(ROUNDS):
            for name, work in works.items():
                costs[name].append(work())
        ours = our_answer(settings)
        if {name for name, _ in ours} != CLASSES:
            raise RuntimeError(f"bench rivals: the load should have {', '.join(sorted(CLASSES))}, not {ours}")
        for name in RIVALS:
            same(ours, name, their_answer(folder / name))
    cost = {name: median(found) for name, found in costs.items()}
    lines = [Line("order_payment models", cost["ours"], cost["ours"], f"{rows:,} orders; floor: these models")]
    lines += [Line(name, cost[name], cost["ours"], "same answer") for name in RIVALS]
    return Outcome(lines, {f"{line.name}_x": line.ratio for line in lines[1:]})


def _works(settings: Settings, variables: Variables, folder: Path) -> Mapping[str, Callable[[], Cost]]:
    from orchestration.bench import rival_pandas, rival_polars

    for name in RIVALS:
        (folder / name).mkdir()
    return {
        "ours": lambda: _models(settings, variables, f"path:models/{OURS}"),
        "polars": lambda: timed(lambda: rival_polars.match(folder, folder / "polars")),
        "pandas": lambda: timed(lambda: rival_pandas.match(folder, folder / "pandas")),
    }


def _models(settings: Settings, variables: Variables, select: str) -> Cost:
    """The models of the level among those selected, without the start of dbt."""
    clock = NodeClock()
    report = build(settings, variables, (select,), on_event=clock)
    if not report.success:
        raise RuntimeError("; ".join(report.errors) or "the build failed")
    return total([cost for path, cost in clock.costs.items() if path.startswith(f"{OURS}/")])


def export(settings: Settings, folder: Path) -> None:
    """What the rivals read: the staged records that the models match, one file per side."""
    with duckdb.connect(str(Warehouse(settings).path), read_only=True) as connection:
        for side, sql in STAGED.items():
            connection.execute(f"copy ({sql}) to '{folder / side}.parquet' (format parquet)")


def our_answer(settings: Settings) -> Answer:
    """From the tables of the warehouse."""
    with duckdb.connect(str(Warehouse(settings).path), read_only=True) as connection:
        return _answer(connection, OUR_ANSWER)


def their_answer(folder: Path) -> Answer:
    """From what a rival wrote."""
    with duckdb.connect() as connection:
        return _answer(connection, THEIR_ANSWER.format(folder=folder))


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    return {(name, side): (count, cents) for name, side, count, cents in connection.execute(sql).fetchall()}


def same(ours: Answer, name: str, theirs: Answer) -> None:
    """Stops where the answers differ: who answers something else may be as fast as he likes."""
    unlike = sorted(key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key))
    if unlike:
        shown = "; ".join(f"{key[0]} {key[1]}: {ours.get(key)} and {theirs.get(key)}" for key in unlike)
        raise RuntimeError(f"bench rivals: ours and {name} answer differently (count and cents): {shown}")
