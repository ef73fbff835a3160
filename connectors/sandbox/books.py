"""The sandbox's own books: totals per store, account and day to compare a pipeline's totals with, to the cent."""

from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.market import Market
from connectors.sandbox.market.books import MARKET_BOOKS
from connectors.sandbox.world import World, WorldConfig

READY_HOUR = 10

_STORES = """
select
    store, coalesce(seen(paid_at, $now), ordered_at)::date as day, count(*) as orders, sum(buyer_paid) as buyer_paid,
    sum(consideration) as consideration, sum(platform_subsidy) as platform_subsidy,
    count(*) filter (seen(paid_at, $now) is not null) as paid_orders,
    coalesce(sum(buyer_paid) filter (seen(paid_at, $now) is not null), 0) as paid_amount
from orders_at($now, $first, $last)
group by all
"""
_TICKETS = """
select store, succeeded_at::date as day, count(*) as refunds, sum(amount) as refunded_amount
from tickets
where succeeded_at < $now
group by all
"""
_PAYMENTS = """
select channel || '_main' as account, succeeded_at::date as day, count(*) as payments, sum(amount) as paid_amount,
    sum(fee) as fee_amount
from payments
where succeeded_at < $now
group by all
"""
_REFUNDS = """
select channel || '_main' as account, refunded_at::date as day, count(*) as refunds, sum(amount) as refunded_amount,
    sum(fee) as fee_returned
from refund_payments
where refunded_at < $now
group by all
"""
_BALANCES = """
select account, day, opening as opening_balance, in_sum as in_amount, out_sum as out_amount,
    in_count + out_count as rows, closing as closing_balance
from balances
where day < $last
"""
_PAYOUTS = """
select account, day, count(*) as payouts, sum(amount) as payout_amount
from payouts
where day < $last
group by all
"""
_SETTLEMENTS = """
select 'outlet' as store, batch_day + 1 as day, count(*) as lines, sum(amount) as settled_amount
from settlement_lines
where batch_day + 1 < $last
group by all
"""
_BOOKS = {
    "stores": _STORES,
    "tickets": _TICKETS,
    "payments": _PAYMENTS,
    "refunds": _REFUNDS,
    "balances": _BALANCES,
    "payouts": _PAYOUTS,
    "settlements": _SETTLEMENTS,
}
_COUNTS = ("orders", "paid_orders", "refunds", "payments", "rows", "payouts", "lines")


def books(market: Market, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Totals of all complete days: those whose bills and drops are out at the moment."""
    world = market.world
    last = (now - timedelta(hours=READY_HOUR)).date()
    if last <= world.config.first_day:
        return {name: [] for name in _BOOKS}
    newest = last - timedelta(days=1)
    world.ensure_flows(newest)
    if world.config.has_market:
        market.ensure(newest)
    end = datetime(last.year, last.month, last.day)  # noqa: DTZ001 - local time
    values = {
        "$now": f"timestamp '{end - timedelta(microseconds=1)}'",
        "$first": f"date '{world.config.first_day}'",
        "$last": f"date '{last}'",
    }
    return {
        name: [_row(row) for sql in _asked(world.config, name) for row in _answered(world, sql, values)]
        for name in _BOOKS
    }


def _asked(config: WorldConfig, name: str) -> list[str]:
    return [_BOOKS[name], *([MARKET_BOOKS[name]] if config.has_market else [])]


def _answered(world: World, sql: str, values: dict[str, str]) -> list[dict[str, Any]]:
    for name, value in values.items():
        sql = sql.replace(name, value)
    return world.records(f"select * from ({sql}) order by 2, 1")


def _row(row: dict[str, Any]) -> dict[str, Any]:
    def shown(name: str, value: Any) -> Any:
        if isinstance(value, int):
            sign = "-" if value < 0 else ""
            return value if name in _COUNTS else f"{sign}{abs(value) // 100}.{abs(value) % 100:02d}"
        return value.isoformat() if hasattr(value, "isoformat") else value

    return {name: shown(name, value) for name, value in row.items()}
