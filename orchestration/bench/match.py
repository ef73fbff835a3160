"""Matching orders with payments, by the models that a run uses, against one scan of both tables."""

import time
from collections import defaultdict
from typing import Any, Final

import duckdb

from orchestration.bench.measure import Cost, Line, Outcome, in_turn, peak_megabytes
from orchestration.bench.shop import AS_OF, landed, shop
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, build

SCAN: Final = """
    select sum(hash(merchant_pay_no, buyer_paid)) from ledger.int_ledger__orders_versions
    union all
    select sum(hash(merchant_pay_no, amount)) from ledger.int_ledger__payments_versions
"""
LEVEL: Final = ("matching", "order_payment")
STREAMS: Final = ("int_ledger__orders_", "int_ledger__payments_")
NEEDED: Final = f"+path:models/{'/'.join(LEVEL)}"
"""The models of the level and all that they read."""


class NodeClock:
    """CPU and wall between the ends of dbt's nodes, which come one after another with one thread.

    A node that is built twice costs both times.
    """

    def __init__(self) -> None:
        self.costs: dict[str, Cost] = {}
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def __call__(self, event: Any) -> None:
        """Listens to a dbt build."""
        if event.info.name not in {"NodeStart", "NodeFinished"}:
            return
        cpu, wall = time.process_time(), time.perf_counter()
        if event.info.name == "NodeFinished":
            path = event.data.node_info.node_path
            spent = Cost(cpu - self._cpu, wall - self._wall)
            self.costs[path] = total([self.costs[path], spent]) if path in self.costs else spent
        self._cpu, self._wall = cpu, wall


def run(rows: int) -> Outcome:
    """Loads and builds a shop, then scans what the matching read."""
    with shop(rows) as (settings, _):
        warehouse = Warehouse(settings)
        warehouse.load(landed(settings))
        clock = NodeClock()
        report = build(settings, warehouse.variables(AS_OF, "bench"), (NEEDED,), on_event=clock)
        if not report.nodes:
            raise RuntimeError("; ".join(report.errors))
        floor = scan(settings)
    sums: dict[str, list[Cost]] = defaultdict(list)
    for path, cost in clock.costs.items():
        if path.startswith("/".join(LEVEL)):
            sums["match"].append(cost)
        elif path.startswith("ledger/") and any(stream in path for stream in STREAMS):
            sums["ledger"].append(cost)
    staged, raw = total(sums["match"]), total(sums["match"] + sums["ledger"])
    lines = [
        Line(
            "order_payment models, from the ledger", staged, floor, f"{rows:,} orders; floor: one scan of both tables"
        ),
        Line("the same with the ledger, from raw rows", raw, floor),
    ]
    figures = {"staged_x_scan": lines[0].ratio, "raw_x_scan": lines[1].ratio, "peak_mb": peak_megabytes()}
    return Outcome(lines, figures)


def scan(settings: Settings) -> Cost:
    """One pass over both tables."""
    with duckdb.connect(str(Warehouse(settings).path), read_only=True, config={"threads": 2}) as connection:
        return in_turn({"scan": lambda: connection.execute(SCAN).fetchall()}, rounds=5)["scan"]


def total(costs: list[Cost]) -> Cost:
    """Their sum."""
    return Cost(sum(cost.cpu_seconds for cost in costs), sum(cost.wall_seconds for cost in costs))
