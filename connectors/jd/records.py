"""JD's records in the names of the contract's streams, for ``tieout inspect``. Loading never comes here."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from connectors.core.canonical import Made, collected, local_time, text_of, unstated
from connectors.core.days import SHANGHAI
from connectors.core.protocol import Canonical, Connection, Part, Unpacked
from connectors.core.text import amount, money
from connectors.jd.bills import is_pending

STATES = {
    "NOT_PAY": "created",
    "WAIT_SELLER_STOCK_OUT": "paid",
    "WAIT_SELLER_DELIVERY": "paid",
    "LOCKED": "paid",
    "PAUSE": "paid",
    "POP_ORDER_PAUSE": "paid",
    "WAIT_GOODS_RECEIVE_CONFIRM": "shipped",
    "FINISHED_L": "completed",
}
CANCELLED, COMPLETED = "TRADE_CANCELED", "FINISHED_L"
CASH_ON_DELIVERY = "1"
CARRIERS = {
    "463": "圆通速递",
    "467": "顺丰速运",
    "470": "申通快递",
    "1327": "韵达快递",
    "1499": "中通快递",
    "2087": "京东快递",
}
REFUND_STATES = {
    "0": "requested", "1": "approved", "5": "approved", "7": "approved", "2": "rejected", "4": "rejected",
    "3": "succeeded", "6": "succeeded", "9": "succeeded", "8": "processing", "10": "processing", "11": "closed",
}  # fmt: skip
COMPONENTS = {
    "佣金": "commission", "SOP佣金": "commission", "代收配送费": "freight", "运费": "freight",
    "运费保险服务费": "freight_insurance", "售后卖家赔付费": "compensation", "返利框架费": "affiliate_fee",
    "京东联盟佣金": "affiliate_fee", "技术服务费": "tech_fee", "平台服务费": "tech_fee", "交易服务费": "payment_fee",
    "支付手续费": "payment_fee", "违约金": "penalty",
}  # fmt: skip
GOODS = "货款"
SETTLING, PAYOUT_WORDS = "京东支付货款", ("提现", "提现退回", "提现失败")
DATED = re.compile(r"^20\d{2}年\d{1,2}月\d{1,2}日")
REQUIRED = {
    "orders": ("order_no", "status", "ordered_at", "buyer_paid"),
    "order_lines": ("line_no", "quantity", "line_amount"),
    "shipments": ("waybill_no",),
    "refunds": ("refund_no", "order_no", "status", "amount", "applied_at"),
    "settlements": ("settlement_no", "total_amount", "settled_at"),
    "settlement_lines": ("settlement_no", "line_no", "component", "amount", "settled_at"),
    "fund_flows": ("flow_no", "amount", "occurred_at", "business_type"),
}


def order_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Orders as ``orders``, ``order_lines`` and ``shipments``."""
    return collected(unpacked, _order, REQUIRED, unstated(connection, "CNY"), seen_only=True)


def refund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Refund applications as ``refunds``."""
    return collected(unpacked, _refund, REQUIRED, unstated(connection, "CNY"), seen_only=True)


def bill_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Settlement rows, the settlements they add up to, and the wallet's movements."""
    places: dict[str | None, int] = {}
    for place, statement in enumerate(unpacked.statements):
        places.setdefault(statement.account, place)

    def belonging(part: Part, record: Mapping[str, Any]) -> dict[str, Any]:
        """Which statement of the file a record is in: settlement rows have the first, each account its own."""
        account = str(record["account_no"]) if part.table == "funds" else None
        currency = record.get("currency") if part.table == "lines" else None
        return {
            "statement": places.get(account),
            "account": account or connection.account,
            "currency": str(currency or "CNY"),
        }

    readers = {"lines": _line, "batches": _batch, "funds": _flows}
    return collected(unpacked, readers, REQUIRED, belonging, seen_only=True)


def _order(record: Mapping[str, Any]) -> Made:
    number, lines = text_of(record, "orderId"), list(_lines(record))
    goods = sum((Decimal(line["line_amount"]) for line in lines), Decimal())
    freight, discount = _yuan(record, "freightPrice"), _yuan(record, "sellerDiscount")
    due = goods - discount + freight
    paid = buyer_paid(_yuan(record, "orderPayment"), _yuan(record, "balanceUsed"), due)
    order = {
        "order_no": number,
        "parent_order_no": text_of(record, "parentOrderId") if text_of(record, "parentOrderId") != "0" else None,
        "status": _state(record),
        "ordered_at": _time(record, "orderStartTime"),
        "paid_at": _time(record, "paymentConfirmTime"),
        "shipped_at": _time(record, "outBoundDate"),
        "confirmed_at": _time(record, "orderEndTime") if text_of(record, "orderState") == COMPLETED else None,
        "goods_amount": money(goods),
        "merchant_discount": money(discount),
        "platform_subsidy": money(due - paid),
        "freight": money(freight),
        "buyer_paid": money(paid),
        "payment_method": "cod" if text_of(record, "payType").split("-")[0] == CASH_ON_DELIVERY else "online",
    }
    shipments = [
        {"waybill_no": waybill, "order_no": number, "carrier": _carrier(record), "tracked_at": order["shipped_at"]}
        for waybill in re.split(r"[|,，]", text_of(record, "waybill"))
        if waybill.strip()
    ]
    return {
        "orders": [order],
        "order_lines": [line | {"order_no": number} for line in lines],
        "shipments": shipments,
    }


def buyer_paid(payment: Decimal, balance: Decimal, due: Decimal) -> Decimal:
    """Money from the buyer's balance is the buyer's; whether ``orderPayment`` holds it already shows in the sum."""
    return payment + balance if payment + balance <= due else payment


def _state(record: Mapping[str, Any]) -> str | None:
    state = text_of(record, "orderState")
    if state == CANCELLED:
        return "closed" if _time(record, "paymentConfirmTime") else "cancelled"
    return STATES.get(state)


def _lines(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for item in record["itemInfoList"]:
        sku, quantity, price = text_of(item, "skuId"), Decimal(text_of(item, "itemTotal")), _yuan(item, "jdPrice")
        seen[sku] += 1
        yield {
            "line_no": f"{sku}-{seen[sku]}" if seen[sku] > 1 else sku,
            "sku": text_of(item, "outerSkuId") or sku,
            "title": text_of(item, "skuName") or None,
            "quantity": str(quantity),
            "unit_price": money(price),
            "line_amount": money(price * quantity),
        }


def _carrier(record: Mapping[str, Any]) -> str | None:
    number = text_of(record, "logisticsId")
    return CARRIERS.get(number, f"logisticsId {number}" if number else None)


def _refund(record: Mapping[str, Any]) -> Made:
    ticket = record.get("refundApplyVo") or record
    status = REFUND_STATES.get(text_of(ticket, "status"))
    fen = amount(text_of(ticket, "applyRefundSum"))
    if fen is None or fen != fen.to_integral_value():
        raise ValueError("applyRefundSum")
    refund = {
        "refund_no": text_of(ticket, "id"),
        "order_no": text_of(ticket, "orderId"),
        "type": "cancel",
        "status": status,
        "amount": money(fen.scaleb(-2)),
        "reason": text_of(ticket, "reason") or None,
        "applied_at": _time(ticket, "applyTime"),
        "succeeded_at": _time(ticket, "checkTime") if status == "succeeded" else None,
    }
    return {"refunds": [refund]}


def _line(record: Mapping[str, Any]) -> Made:
    if is_pending({name: text_of(record, name) for name in ("state", "pay_no")}):
        return {}
    name, moved = text_of(record, "fee_name"), Decimal(record["moved"])
    component = ("refund" if moved < 0 else "goods") if name == GOODS else COMPONENTS.get(name)
    line = {
        "settlement_no": text_of(record, "settlement_no"),
        "line_no": text_of(record, "line_no"),
        "order_no": text_of(record, "order_no") or None,
        "sub_order_no": text_of(record, "sku") or None,
        "component": component,
        "amount": money(moved),
        "bill_date": text_of(record, "bill_day") or None,
        "settled_at": local_time(text_of(record, "settled_at") or text_of(record, "arrived_at"), SHANGHAI),
    }
    return {"settlement_lines": [line]}


def _batch(record: Mapping[str, Any]) -> Made:
    settlement = {
        "settlement_no": text_of(record, "settlement_no"),
        "period_start": text_of(record, "period_start") or None,
        "period_end": text_of(record, "period_end") or None,
        "total_amount": text_of(record, "total"),
        "row_count": text_of(record, "row_count"),
        "settled_at": local_time(text_of(record, "settled_at"), SHANGHAI),
    }
    return {"settlements": [settlement]}


def _flows(record: Mapping[str, Any]) -> Made:
    """One movement, or two where a row came in and went out at once: first what came, then what went."""
    received, spent = Decimal(record["received"]), Decimal(record["spent"])
    words = DATED.sub("", text_of(record, "remark"))
    balance = amount(text_of(record, "balance"))
    is_both = bool(received and spent)
    sides = [("in", received)] if received or not spent else []
    sides += [("out", spent)] if spent else []
    flows = [
        {
            "flow_no": text_of(record, "flow_no") and text_of(record, "flow_no") + (f"-{side}" if is_both else ""),
            "occurred_at": local_time(text_of(record, "moved_at"), SHANGHAI),
            "direction": side,
            "amount": money(value),
            "balance": None if balance is None else money(balance + spent if is_both and side == "in" else balance),
            "business_type": words,
            "business_ref": text_of(record, "pay_no") or None,
            "payout_no": text_of(record, "pay_no") if words in PAYOUT_WORDS else None,
            "remark": text_of(record, "remark") or None,
        }
        for side, value in sides
    ]
    return {"fund_flows": flows}


def _yuan(record: Mapping[str, Any], name: str) -> Decimal:
    value = amount(text_of(record, name) or "0")
    if value is None or value != round(value, 2):
        raise ValueError(name)
    return value


def _time(record: Mapping[str, Any], name: str) -> str | None:
    """The first day of the year 1 is JD's way of saying that there is no time."""
    text = text_of(record, name)
    return None if text.startswith("0001-") else local_time(text, SHANGHAI)
