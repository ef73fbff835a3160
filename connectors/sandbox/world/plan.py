"""When and where faults are planted. A plan depends on the day alone, never on which faults are switched on.

Faults come in cycles of five days, counted from the first day. The first day of a cycle carries everything about single
orders; the second a changed fee rate and a restated bill; the third an Alipay trade bill that never comes, the fourth a
WeChat trade bill that lost a row. Those two days are *dark* for their channel: no refund is paid on them and no presale
touches them, with or without faults, so that one missing bill explains all that is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from connectors.sandbox.world.config import OUTLET, OWN_SHOP, TMALL, WorldConfig

CYCLE = 5
FEE_CHANGES = 12
_DARK = {"alipay": 2, "wechat": 3}
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Planting:
    """One fault for the ``place``-th suitable order of a store on a day."""

    store: str
    place: int
    fault: str
    channel: str | None = None


_FIRST_DAY = (
    ("missing_payment", "wechat"),
    ("extra_payment", "wechat"),
    ("amount_difference", "alipay"),
    ("status_difference", "wechat"),
    ("duplicate_payment", "wechat"),
    ("cross_day", "wechat"),
    ("refund_not_paid", "alipay"),
    ("refund_without_ticket", "wechat"),
    ("duplicate_refund", "alipay"),
    ("over_refund", "alipay"),
    ("refund_amount_difference", "wechat"),
    ("paid_not_shipped", "alipay"),
)
_CROSS_MONTH_PLACE = 20


def offset(config: WorldConfig, day: date) -> int:
    """Place of the day in its cycle; negative before the world begins."""
    days = (day - config.first_day).days
    return days % CYCLE if days >= 0 else -1


def plantings(config: WorldConfig, day: date) -> list[Planting]:
    """Faults of single orders that are placed on a day."""
    wanted: list[Planting] = []
    place = offset(config, day)
    if place == 0:
        wanted += [Planting(OWN_SHOP, index, fault, way) for index, (fault, way) in enumerate(_FIRST_DAY, 1)]
        wanted += [
            Planting(TMALL, 1, "missing_settlement"),
            Planting(TMALL, 2, "subsidy_not_clawed"),
            Planting(OUTLET, 1, "missing_settlement"),
            Planting(OUTLET, 2, "settlement_difference"),
        ]
    if place == 1:
        wanted.append(Planting(OWN_SHOP, 1, "restated_bill", "wechat"))
    if (day - config.first_day).days == 1:
        # once: a second time it would be the same changed rate of the same rule
        wanted += [Planting(OWN_SHOP, index, "fee_rate_change", "wechat") for index in range(2, 2 + FEE_CHANGES)]
    if (day + _ONE_DAY).day == 1:
        # the next day's bill of this channel must not be one of the dark ones
        way = "wechat" if place in (0, 1, 4) else "alipay"
        wanted.append(Planting(OWN_SHOP, _CROSS_MONTH_PLACE, "cross_month", way))
    return [planting for planting in wanted if planting.fault in config.planted]


def dark_days(config: WorldConfig, channel: str, first: date, days: int) -> list[date]:
    """Days from ``first`` on whose trade bill of the channel is a planted failure."""
    span = (first + timedelta(days=index) for index in range(days))
    return [day for day in span if offset(config, day) == _DARK[channel]]


def is_bill_missing(config: WorldConfig, day: date) -> bool:
    """Whether the Alipay trade bill of the day never comes."""
    return "missing_bill" in config.planted and offset(config, day) == _DARK["alipay"]


def is_row_missing(config: WorldConfig, day: date) -> bool:
    """Whether the WeChat trade bill of the day lacks a row its footer counts."""
    return "missing_bill_row" in config.planted and offset(config, day) == _DARK["wechat"]


def is_batch_wrong(config: WorldConfig, day: date) -> bool:
    """Whether the settlement of the day is more than its lines."""
    return "batch_difference" in config.planted and offset(config, day) == CYCLE - 1


def payout_fault(config: WorldConfig, account: str, day: date) -> str | None:
    """The fault of the account's payouts started on a day: each kind once a cycle."""
    days = (day - config.first_day).days
    start = days - days % CYCLE
    on_day = {
        ("wechat_main", start + 1): "payout_overdue",
        ("alipay_main", start + 1 - start % 2): "equal_payouts",
        ("outlet_wallet", start + start % 2): "two_payouts_one_deposit",
    }.get((account, days))
    return on_day if on_day in config.planted else None


def pays_out(account: str, days: int) -> bool:
    """Whether the account pays out on the world's day number ``days``: WeChat daily, the wallets every second day."""
    return {"wechat_main": True, "alipay_main": days % 2 == 1, "outlet_wallet": days % 2 == 0}[account]


def is_bank_open(day: date) -> bool:
    """China's bank days: holidays closed, make-up weekends open. Years not yet announced: Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.isoweekday() <= CYCLE


def next_bank_day(day: date) -> date:
    """First open bank day after a day."""
    following = day + _ONE_DAY
    while not is_bank_open(following):
        following += _ONE_DAY
    return following


def cycle_starts(config: WorldConfig, until: date) -> Iterator[date]:
    """First days of the cycles that begin up to ``until``."""
    day = config.first_day
    while day <= until:
        yield day
        day += timedelta(days=CYCLE)
