"""What a world is asked to be, and its fixed cast."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

OWN_SHOP = "own_shop"
TMALL = "tmall_flagship"
OUTLET = "outlet"
ALIPAY = "alipay_main"
WECHAT = "wechat_main"
WALLET = "outlet_wallet"
BANK = "icbc_1234"
BATCH_FEN = 250
"""What a settlement pays that none of its lines shows."""

FAULTS = (
    "missing_payment",
    "extra_payment",
    "amount_difference",
    "status_difference",
    "duplicate_payment",
    "cross_day",
    "cross_month",
    "refund_not_paid",
    "refund_without_ticket",
    "duplicate_refund",
    "over_refund",
    "refund_amount_difference",
    "fee_rate_change",
    "missing_settlement",
    "settlement_difference",
    "subsidy_not_clawed",
    "payout_overdue",
    "two_payouts_one_deposit",
    "equal_payouts",
    "unknown_bank_credit",
    "unknown_bank_debit",
    "unknown_type",
    "missing_bill_row",
    "missing_bill",
    "restated_bill",
    "paid_not_shipped",
    "chargeback",
    "own_system_misses",
    "own_system_differs",
    "own_system_alone",
    "fee_not_returned",
    "unexpected_settlement",
    "commission_difference",
    "penalty",
    "insurance_difference",
    "small_payment",
    "deposit_move",
    "charge_without_order",
    "balance_break",
    "balance_jump",
    "batch_difference",
    "payout_short",
    "payout_returned",
    "refund_returned",
    "shipped_not_paid",
    "never_picked_up",
    "lost_parcel",
    "return_not_refunded",
    "refund_not_returned",
    "duplicate_invoice",
    "duplicate_file",
)


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """One world: equal configurations give equal worlds, day by day.

    ``folder`` keeps the keys and secrets, ``drops`` maps the name of a drop to the folder it is left in. ``last_day``
    ends the orders, not what follows from them; without it orders go on as long as time does. ``has_market`` adds the
    market's shops to the truth and the books.
    """

    seed: int
    first_day: date
    folder: Path
    last_day: date | None = None
    orders_per_day: int = 2_000
    faults: tuple[str, ...] | Literal["all", "none"] = "all"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    drops: Mapping[str, Path] = field(default_factory=dict)
    requests_per_second: int = 500
    has_market: bool = False

    def __post_init__(self) -> None:
        """Refuse a fault nobody knows how to plant, and a world without orders."""
        unknown = set(self.planted) - set(FAULTS)
        if unknown:
            raise ValueError(
                f"sandbox faults: {', '.join(sorted(unknown))} is not known; use all, none or {', '.join(FAULTS)}."
            )
        if self.orders_per_day < 1:
            raise ValueError(f"sandbox orders_per_day is {self.orders_per_day}; it must be 1 or more.")

    @property
    def planted(self) -> frozenset[str]:
        """The faults this world plants."""
        if self.faults == "none":
            return frozenset()
        return frozenset(FAULTS if self.faults == "all" else self.faults)
