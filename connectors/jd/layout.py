"""The headings of JD's exports: settlement rows in four layouts, the wallet's ledger, and what is not read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from connectors.core.text import heading

LINE_COLUMNS: Mapping[str, str] = MappingProxyType({
    "订单编号": "order_no", "父单号": "parent_order_no", "订单状态": "order_state", "订单下单时间": "ordered_at",
    "订单完成时间": "completed_at", "售后服务单号": "service_no", "售后退款时间": "refunded_at", "商品编号": "sku",
    "商品名称": "title", "商品单价": "unit_price", "商品数量": "quantity", "扣点类型": "rate_kind", "佣金比例": "rate",
    "费用名称": "fee_name", "费用项": "fee_name", "应结金额": "amount", "金额": "amount", "币种": "currency",
    "收支方向": "direction", "费用分类": "direction", "结算状态": "state", "预计结算时间": "settled_at",
    "结算时间": "settled_at", "费用结算时间": "settled_at", "账单生成时间": "bill_day", "账单日期": "bill_day",
    "对账日期": "bill_day", "到账时间": "arrived_at", "商户订单号": "pay_no", "资金动账备注": "note",
    "钱包结算备注": "note", "结算单号": "sheet_no", "结算单类型": "sheet_kind", "结算主体": "party",
    "单据编号": "document_no", "单据类型": "document_kind", "费用发生时间": "happened_at", "费用计费时间": "charged_at",
    "商家应收/应付": "receivable", "店铺号": "shop_no", "京东门店编号": "jd_branch_no", "品牌门店编号": "branch_no",
    "门店名称": "branch_name", "备注": "remark",
})  # fmt: skip
FUND_COLUMNS: Mapping[str, str] = MappingProxyType({
    "商户号": "merchant", "账户代码": "account_no", "账户名称": "account_name", "日期": "moved_at",
    "商户订单号": "pay_no", "账户余额(元)": "balance", "收入金额(元)": "received",
    "支出金额(元)": "spent", "交易备注": "remark", "账单日期": "bill_day",
})  # fmt: skip
IN_WORD, OUT_WORD = "收入", "支出"
SETTLED_WORD = "已结算"
PENDING_WORDS = frozenset({"未结算", "待结算", "结算中", "不可结算"})
TOTAL_WORDS = frozenset({"合计", "总计"})


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of table. ``required``: columns by which it is known; ``others`` may have any name and are kept."""

    table: str
    columns: Mapping[str, str]
    required: frozenset[str]


LINES = Layout(
    "lines", LINE_COLUMNS, frozenset({"order_no", "fee_name", "amount", "direction", "pay_no", "settled_at"})
)
FUNDS = Layout("funds", FUND_COLUMNS, frozenset(FUND_COLUMNS.values()) - {"merchant", "account_name", "bill_day"})
ADS = frozenset({"投放日期", "交易类型", "计划ID", "支出"})
ORDER_EXPORT = frozenset({"订单号", "商品ID", "商家应收", "订单状态", "商家SKUID"})
NOT_READ = MappingProxyType({
    "advertising spend (京准通)": ADS,
    "an order export": ORDER_EXPORT,
})  # fmt: skip


def layout_of(cells: Sequence[str]) -> tuple[Layout, tuple[str, ...]] | None:
    """The layout whose heading these cells are, with our name of every column; None where they are no heading."""
    names = [heading(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    for layout in (FUNDS, LINES):
        columns = tuple(layout.columns.get(name, name) for name in names)
        if layout.required <= set(columns):
            return layout, columns
    return None


def known_but_not_read(cells: Sequence[str]) -> str | None:
    """What else of JD's a heading belongs to; None for any other row."""
    names = {heading(cell) for cell in cells}
    return next((what for what, marks in NOT_READ.items() if marks <= names), None)
