"""Which faults the market plants, and where. A plan depends on the day alone, never on which faults are switched on.

All faults about single orders are on the first day of each cycle of the world; so are movements of an unknown kind.
Strange bank lines come on the next open day, a payout that never arrives on the second day.
"""

from collections.abc import Iterator
from datetime import date

from connectors.sandbox.market.cast import ACCOUNT, OWN_SYSTEM_OF, SHOPS, Shop
from connectors.sandbox.world.config import WorldConfig
from connectors.sandbox.world.plan import offset

PERIOD = 5
_PLATFORM = ("missing_settlement", "settlement_difference", "paid_not_shipped")
_OWN_SYSTEM = ("own_system_misses", "own_system_differs", "own_system_alone")
_CHANNEL = ("missing_payment", "extra_payment", "amount_difference", "duplicate_payment")
_REFUNDS = ("refund_not_paid", "refund_without_ticket")
_OVERDUE = frozenset({"pdd_wallet", "youzan_main", "stripe_eu", "shopify_wallet"})


def faults_of(shop: Shop) -> tuple[str, ...]:
    """The faults of single orders this kind of shop can show, in the order of their places."""
    if shop.code == OWN_SYSTEM_OF:
        return (*_PLATFORM, *_OWN_SYSTEM)
    if shop.settles != "channel":
        return _PLATFORM
    if shop.payment_method == "cod":
        return ("missing_payment", "amount_difference")
    if shop.payment_method == "offline":
        return _CHANNEL
    disputes = ("chargeback",) if shop.currency == "EUR" else ()
    return (*_CHANNEL, *_REFUNDS, "paid_not_shipped", *disputes)


def plantings(config: WorldConfig, day: date) -> Iterator[tuple[str, int, str]]:
    """(shop, place, fault) of the orders of a day."""
    if offset(config, day) != 0:
        return
    for shop in SHOPS:
        for place, fault in enumerate(faults_of(shop), 1):
            if fault in config.planted:
                yield shop.code, place, fault


def is_payout_lost(config: WorldConfig, account: str, day: date) -> bool:
    """Whether the account's payouts started on a day never reach the bank; only where each day has one."""
    wanted = 1 if ACCOUNT[account].pays_every == 1 else 2
    return "payout_overdue" in config.planted and account in _OVERDUE and offset(config, day) == wanted
