"""Which faults the market plants, and where. A plan depends on the day alone, never on which faults are switched on.

All faults about single orders are on the first day of each cycle of the world; so are movements of an unknown kind.
Strange bank lines come on the next open day, a payout that never arrives on the second day, one that comes back on the
third, one that comes short on the fourth. A ledger hides a movement on the third and on the fourth day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
_RETURNED, _SHORT = "unionpay_main", "stripe_eu"
_OF_SHOP = {
    "jd_shop": ("fee_not_returned", "insurance_difference"),
    "douyin_shop": ("commission_difference",),
    "pdd_shop": ("penalty", "small_payment"),
    "youzan_shop": (
        *("shipped_not_paid", "never_picked_up", "lost_parcel"),
        *("return_not_refunded", "refund_not_returned"),
    ),
    "pos_shop": ("duplicate_invoice",),
    "phone_shop": ("refund_returned",),
}
"""What this shop's sources alone can show; behind the faults of its kind, so that those keep their places."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of a wallet that is a fault by itself: ``sign`` 1 is money in, ``place`` the day of the cycle."""

    place: int
    fault: str
    account: str
    time: str
    kind: str
    sign: int
    is_of_stranger: bool = False


_MOVEMENTS = (
    Movement(0, "unexpected_settlement", "pdd_wallet", "15:00:00", "credit", 1, is_of_stranger=True),
    Movement(0, "deposit_move", "pdd_wallet", "15:10:00", "deposit", -1),
    Movement(0, "charge_without_order", "pdd_wallet", "15:20:00", "tech_fee", -1),
    # left out between two rows it breaks the running balance, before the first one the day's opening
    Movement(2, "balance_break", "wechat_shop_wallet", "15:00:00", "hidden", 1),
    Movement(3, "balance_jump", "wechat_shop_wallet", "00:00:01", "hidden", 1),
)


def movements(config: WorldConfig, day: date) -> list[Movement]:
    """The planted movements of a day."""
    place = offset(config, day)
    return [movement for movement in _MOVEMENTS if movement.place == place and movement.fault in config.planted]


def faults_of(shop: Shop) -> tuple[str, ...]:
    """The faults of single orders this shop can show, in the order of their places."""
    return (*_faults_of_kind(shop), *_OF_SHOP.get(shop.code, ()))


def _faults_of_kind(shop: Shop) -> tuple[str, ...]:
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


def payout_fault(config: WorldConfig, account: str, day: date) -> str | None:
    """What is wrong with the account's payouts started on a day; only where each day has one."""
    wanted = 1 if ACCOUNT[account].pays_every == 1 else 2
    on_day = {
        **{(account, wanted): "payout_overdue" for account in _OVERDUE},
        (_RETURNED, 2): "payout_returned",
        (_SHORT, 3): "payout_short",
    }.get((account, offset(config, day)))
    return on_day if on_day in config.planted else None


def is_file_repeated(config: WorldConfig, day: date) -> bool:
    """Whether one of the day's spreadsheets is left twice."""
    return "duplicate_file" in config.planted and offset(config, day) == 0
