"""One more day on top of 30 and of 365 days of history, from raw rows to the published snapshot, and a full refresh.

As in a run, what waits for nothing is closed before the snapshot; the history has been closed and published, too.
The start of the process and of dbt is left out: what counts is what grows. dbt's nodes are taken by their own clocks.
"""

from datetime import datetime, timedelta
from typing import Final

from orchestration.bench.match import NodeClock, total
from orchestration.bench.measure import Cost, Line, Outcome, peak_megabytes, timed
from orchestration.bench.shop import AS_OF, SETTINGS, days_of, deliver, landed, merchant
from orchestration.settings import Settings
from orchestration.warehouse import RunFacts, Warehouse, build, close_threads, manifest_of, publish

HISTORIES: Final = (30, 365)
DAY_BEFORE: Final = AS_OF - timedelta(days=1)


def run(rows: int) -> Outcome:
    """``rows``: orders of the longer history, so that a day has a 365th of them."""
    per_day = max(rows // max(HISTORIES), 1)
    days: dict[int, Cost] = {}
    for history in HISTORIES:
        with merchant(SETTINGS, days_of(per_day, history * per_day, per_day)) as (settings, folder):
            Warehouse(settings).load(landed(settings, DAY_BEFORE))
            models(settings, DAY_BEFORE)
            finish(settings, DAY_BEFORE)
            deliver(folder, days_of(0, per_day, per_day), "_newest")
            days[history] = one_day(settings)
            full = models(settings, AS_OF, full_refresh=True)
    short, long = (days[history] for history in HISTORIES)
    lines = [
        Line(
            f"a day of {per_day:,} orders after {HISTORIES[1]} days", long, short, f"floor: after {HISTORIES[0]} days"
        ),
        Line("full refresh of all of it", full, long, "floor: that one day"),
    ]
    return Outcome(lines, {"growth_30_365": lines[0].ratio, "full_x": lines[1].ratio, "peak_mb": peak_megabytes()})


def one_day(settings: Settings) -> Cost:
    """What lies in the inbox, from its raw rows to the published snapshot."""
    warehouse, archive = Warehouse(settings), landed(settings)
    loading = timed(lambda: warehouse.load(archive))
    built = models(settings, AS_OF)
    return total([loading, built, finish(settings, AS_OF)])


def finish(settings: Settings, moment: datetime) -> Cost:
    """What a run does after its models: closing threads, then publishing."""
    manifest, day = manifest_of(settings), moment.date() - timedelta(days=1)
    facts = RunFacts(f"bench-{day}", moment, day, day, started_at=moment, finished_at=moment)
    return total([timed(lambda: close_threads(settings, manifest)), timed(lambda: publish(settings, facts))])


def models(settings: Settings, moment: datetime, *, full_refresh: bool = False) -> Cost:
    """The nodes of dbt, without its start."""
    clock = NodeClock()
    variables = Warehouse(settings).variables(moment, "bench", full_refresh=full_refresh)
    report = build(settings, variables, full_refresh=full_refresh, on_event=clock)
    if not report.success:
        raise RuntimeError("; ".join(report.errors) or "the build failed")
    return total(list(clock.costs.values()))
