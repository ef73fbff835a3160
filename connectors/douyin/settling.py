"""How one settlement row splits into components that add up to its amount. Staging says the same in SQL.

The goods (or, in a row of its own after the settlement, the refund) are what the named parts leave of the amount: the
sum is the platform's, whatever it means by a part. Whether the interface writes fees with a minus is not documented;
the row's own total tells.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.core.text import amount

# (line, component, kind, field of the interface, column of the export)
PARTS = (
    ("02", "freight", "income", "post_amount", "freight_part"),
    ("03", "freight", "income", "", "freight_subsidy_part"),
    ("04", "platform_subsidy", "income", "platform_coupon", "platform_part"),
    ("05", "refund", "refund", "refund_before_settle", "refund_part"),
    ("06", "tech_fee", "fee", "platform_service_fee", "platform_fee_part"),
    ("07", "creator_fee", "fee", "commission", "creator_fee_part"),
    ("08", "affiliate_fee", "fee", "good_learn_channel_fee", "channel_fee_part"),
    ("09", "affiliate_fee", "fee", "colonel_service_fee", "recruiter_fee_part"),
    ("10", "affiliate_fee", "fee", "", "agency_fee_part"),
    ("11", "ads", "fee", "channel_promotion_fee", "promotion_fee_part"),
    ("12", "adjustment", "fee", "other_sharing_amount", "other_fee_part"),
    ("13", "fulfilment", "fee", "packing_amount", ""),
)
SETTLED_SCENES = frozenset({"订单结算", "部分结算", "运费单结算", "货款结算入账"})
LATER = frozenset({"1", "2", "3"})

Line = tuple[str, str | None, Decimal]


def line_amounts(record: Mapping[str, Any]) -> tuple[Decimal, list[Line]]:
    """(amount of the row, its lines); raises ValueError on a part that is no number."""
    is_file = "flow_no" in record
    given = {part: _value(record, part[4] if is_file else part[3], is_file=is_file) for part in PARTS}
    total = _value(record, "moved_amount" if is_file else "settle_amount", is_file=is_file)
    if is_file:
        total = -abs(total) if record["direction"] in {"出账", "支出"} else total
    later = not is_file and str(record.get("trade_type")) in LATER
    total = -abs(total) if later else total
    sign = _fee_sign(record, total, sum((v for part, v in given.items() if part[2] == "fee"), Decimal()))
    lines: list[Line] = []
    for part, value in given.items():
        if not value:
            continue
        line_no, component, kind, *_ = part
        if kind == "refund":
            signed = -abs(value)
        elif is_file:
            signed = value
        elif later:
            signed = abs(value) if kind == "fee" else -abs(value)
        else:
            signed = value if kind == "income" else value * sign if sign else -abs(value)
        clawed = component == "platform_subsidy" and signed < 0
        lines.append((line_no, "subsidy_clawback" if clawed else component, signed))
    rest = total - sum((signed for *_, signed in lines), Decimal())
    return total, [("01", _rest(record, is_file=is_file), rest), *lines]


def _rest(record: Mapping[str, Any], *, is_file: bool) -> str | None:
    if is_file:
        scene = str(record.get("scene") or "")
        return "goods" if scene in SETTLED_SCENES else "refund" if "退款" in scene else None
    trade = str(record.get("trade_type"))
    return "goods" if trade == "0" else "refund" if trade in LATER else None


def _fee_sign(record: Mapping[str, Any], total: Decimal, fees: Decimal) -> int:
    """1 where fees are written with their sign, -1 where as charges, 0 where the row does not tell."""
    income = amount(str(record.get("total_income", "")))
    if income is None:
        return 0
    income = income.scaleb(-2)
    return 1 if total == income + fees else -1 if total == income - fees else 0


def _value(record: Mapping[str, Any], name: str, *, is_file: bool) -> Decimal:
    text = str(record.get(name) or "0") if name else "0"
    value = amount(text)
    if value is None or (not is_file and value != value.to_integral_value()) or value != round(value, 2):
        raise ValueError(name)
    return value if is_file else value.scaleb(-2)
