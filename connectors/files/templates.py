"""The import templates of the contract: every stream's columns, which are required, and what kind each is.

A leading ``*`` marks a required column. Σ of ``order_lines`` may stand in for an order's ``goods_amount`` and
``buyer_paid``, so these two are judged row by row later, not as columns here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["text", "amount", "signed_amount", "time", "day", "quantity", "rate", "choice"]
BELONGING = ("entity", "platform", "store", "account", "currency")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a template; ``values`` are the words a choice allows."""

    name: str
    kind: Kind = "text"
    required: bool = False
    values: tuple[str, ...] = ()


FLAG = "choice:true|false|yes|no|1|0"
COMPONENTS = (
    "choice:goods|refund|commission|tech_fee|affiliate_fee|creator_fee|payment_fee|freight|freight_insurance|"
    "platform_subsidy|subsidy_clawback|tax_collected|tax_withheld|reserve_held|reserve_released|ads|fulfilment|"
    "penalty|compensation|duty|import_tax|broker_fee|adjustment"
)
_LAYOUTS: Mapping[str, str] = {
    "orders": (
        "*order_no parent_order_no *status=choice:created|paid|shipped|completed|closed|cancelled buyer_id "
        "*ordered_at=time paid_at=time shipped_at=time signed_at=time confirmed_at=time goods_amount=amount "
        "merchant_discount=amount platform_subsidy=amount channel_subsidy=amount creator_subsidy=amount "
        "freight=amount buyer_paid=amount merchant_pay_no payment_method=choice:online|cod|credit|offline "
        "promise_ship_by=time ship_mode=choice:domestic|presale|direct_mail|bonded|fba address ordered_qty=quantity "
        f"tax_collected=amount is_fake_marked={FLAG} updated_at=time"
    ),
    "order_lines": (
        "*order_no *line_no sub_order_no sku title category *quantity=quantity *unit_price=rate *line_amount=amount "
        "merchant_discount=amount unit_cost=rate tax_rate=rate"
    ),
    "discounts": "*order_no line_no name *bearer=choice:merchant|platform|channel|creator *amount=amount",
    "refunds": (
        "*refund_no *order_no line_no *type=choice:refund_only|return_refund|cancel "
        "*status=choice:requested|approved|processing|succeeded|rejected|closed *amount=amount "
        "platform_subsidy_returned=amount merchant_refund_no reason *applied_at=time succeeded_at=time approved_by"
    ),
    "payments": (
        "*transaction_no *type=choice:payment|refund|reversal|chargeback "
        "*status=choice:succeeded|processing|failed|closed|returned *amount=amount fee=signed_amount fee_rate=rate "
        "merchant_pay_no merchant_refund_no original_transaction_no order_no payer_account *occurred_at=time "
        "succeeded_at=time settlement_no"
    ),
    "fund_flows": (
        "*flow_no *occurred_at=time *direction=choice:in|out *amount=amount balance=signed_amount *business_type "
        "category order_no merchant_pay_no business_ref payout_no remark"
    ),
    "settlements": (
        "*settlement_no period_start=time period_end=time *total_amount=signed_amount row_count=quantity "
        "*settled_at=time wallet_flow_no payout_no"
    ),
    "settlement_lines": (
        f"*settlement_no *line_no order_no sub_order_no transaction_no *component={COMPONENTS} *amount=signed_amount "
        "bill_date=day *settled_at=time"
    ),
    "payouts": (
        "*payout_no *amount=amount fee=signed_amount *initiated_at=time expected_on=day bank_account bank_reference "
        "bank_amount=amount bank_currency fx_rate=rate status=choice:in_transit|paid|returned|failed"
    ),
    "bank_lines": (
        "*line_no *booked_at=time value_date=day *direction=choice:in|out *amount=amount balance=signed_amount "
        "counterparty_name counterparty_account remark bank_reference"
    ),
    "statements": (
        "*stream account *day=day row_count=quantity in_sum=amount out_sum=amount opening_balance=signed_amount "
        "closing_balance=signed_amount"
    ),
    "shipments": (
        "*waybill_no *order_no carrier quantity=quantity outbound_no outbound_quantity=quantity tracked_at=time "
        "picked_up_at=time delivered_at=time last_scan_at=time freight_cost=amount"
    ),
    "returns": f"*return_no *order_no refund_no waybill_no quantity=quantity required={FLAG} received_at=time",
    "stock_movements": (
        "*movement_no *sku warehouse *moved_at=time *type=choice:in|out|return|adjust *quantity=quantity "
        "unit_cost=rate reference"
    ),
    "stock_balances": "*sku warehouse *day=day *quantity=quantity",
    "freight_bills": "*bill_no *waybill_no weight=quantity zone *amount=amount *billed_on=day",
    "commission_bills": (
        "*bill_no *order_no *kind=choice:affiliate|creator|agency base=amount rate=rate *amount=amount *billed_on=day"
    ),
    "invoices": (
        "*invoice_no *kind=choice:sale|red|purchase|fee order_no *net=signed_amount *vat=signed_amount tax_rate=rate "
        "*issued_on=day counterparty"
    ),
    "tax_reports": (
        "*quarter *gross_income=signed_amount *returns_amount=signed_amount net_sales=signed_amount tax_rate=rate"
    ),
    "tax_declarations": "*period *declared_sales=signed_amount adjustments=signed_amount note",
    "tax_bridge_items": (
        "*quarter *item=choice:timing_next_quarter|timing_previous_quarter|refund_after_quarter|fake_orders|"
        "net_booking|undeclared|subsidy|fx|other *amount=signed_amount gross_amount=signed_amount evidence"
    ),
    "ledger_balances": "*account_code *period *closing_balance=signed_amount original_amount=signed_amount",
}


def _column(text: str) -> Column:
    name, _, kind = text.partition("=")
    word, _, values = kind.partition(":")
    return Column(
        name=name.removeprefix("*"),
        kind=word or "text",  # type: ignore[arg-type]  # the words above are the kinds
        required=name.startswith("*"),
        values=tuple(values.split("|")) if values else (),
    )


TEMPLATES: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {stream: tuple(_column(text) for text in layout.split()) for stream, layout in _LAYOUTS.items()}
)
"""Stream → its own columns. Every stream also takes the columns of :data:`BELONGING`."""


def table_columns(stream: str) -> tuple[str, ...]:
    """Columns of raw table ``files__<stream>``."""
    own = tuple(column.name for column in TEMPLATES[stream])
    return own + tuple(name for name in BELONGING if name not in own)


def required_columns(stream: str) -> tuple[str, ...]:
    """Columns without which a file is refused whole."""
    return tuple(column.name for column in TEMPLATES[stream] if column.required)
