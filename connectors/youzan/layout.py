"""The ledger's headings, and the words of its column 类型 that make a row a payment, a refund or a fee."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from connectors.core.text import heading

COLUMNS: Mapping[str, str] = MappingProxyType({
    "类型": "kind", "名称": "title", "业务单号": "business_no", "支付流水号": "serial_no", "关联单号": "related_no",
    "交易来源地": "place", "账务主体": "subject", "账户": "account_name", "收入(元)": "received", "支出(元)": "spent",
    "余额(元)": "balance", "支付方式": "method", "交易对手": "counterparty", "渠道": "channel",
    "下单时间": "ordered_at", "入账时间": "booked_at", "操作人": "operator", "附加信息": "more",
    "备注": "remark", "来源": "origin",
})  # fmt: skip
REQUIRED = frozenset({"kind", "business_no", "serial_no", "received", "spent", "balance", "booked_at"})
MONEY = ("received", "spent", "balance")
EMPTY_MARKS = frozenset({"-", "--"})
TOTAL_WORDS = frozenset({"合计", "总计"})
PAYMENT_WORDS = frozenset({"订单入账", "订单收款", "交易收款", "收款"})
REFUND_WORDS = frozenset({"退款", "订单退款", "交易退款"})
FEE_WORDS = frozenset({"交易手续费", "订单手续费", "支付手续费", "手续费", "手续费退回", "交易手续费退回"})


def columns_of(cells: Sequence[str]) -> tuple[str, ...] | None:
    """Our names of the columns, where these cells are the ledger's heading."""
    names = [heading(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    columns = tuple(COLUMNS.get(name, name) for name in names)
    return columns if set(columns) >= REQUIRED else None
