"""How the shop's ledger (资金流水, 11 columns) is laid out, and what of an API movement goes into the same table.

Raw table ``wechat_shop__funds`` has :data:`FUND_COLUMNS`: those of the file, in yuan, and three that only the API
fills: the number of the kind, and amount and balance in fen.
"""

from collections.abc import Mapping

from connectors.core.bills import BillForm

LEDGER_HEADINGS: Mapping[str, str] = {
    "流水单号": "flow_no",
    "记账时间": "booked_at",
    "动帐类型": "kind",
    "动账类型": "kind",
    "收支类型": "direction",
    "收支金额": "amount",
    "收支金额(元)": "amount",
    "账户余额": "balance",
    "账户余额(元)": "balance",
    "关联订单号": "order_no",
    "关联售后单号": "aftersale_no",
    "关联提现单号": "withdraw_no",
    "关联保单号": "insurance_no",
    "详情": "remark",
}
LEDGER_COLUMNS = tuple(dict.fromkeys(LEDGER_HEADINGS.values()))
API_COLUMNS = ("funds_type", "amount_minor", "balance_minor")
FUND_COLUMNS = (*LEDGER_COLUMNS, *API_COLUMNS)
LEDGER_FORM = BillForm(
    title="WeChat shop ledger (微信小店 资金流水)",
    columns=LEDGER_HEADINGS,
    required=("flow_no", "booked_at", "kind", "direction", "amount", "balance", "order_no"),
)
WANTED_HEADINGS = frozenset({"流水单号", "记账时间", "收支类型", "关联提现单号", "关联售后单号"})
DIRECTIONS: Mapping[str, str] = {"收入": "in", "支出": "out", "1": "in", "2": "out"}
KINDS: Mapping[str, str] = {
    "1": "订单支付收入", "2": "订单手续费", "3": "退款", "4": "提现", "5": "提现失败退票", "6": "导购分账",
    "7": "联盟分账", "8": "运费险分账", "9": "联盟平台抽佣", "10": "联盟抽佣", "11": "平台抽佣", "12": "团长抽佣",
    "13": "返佣人气卡", "14": "极速退款垫资金", "15": "极速退款垫资回补", "16": "运费险", "99": "分账",
}  # fmt: skip
"""What the number of a kind (``funds_type``) means; the ledger writes the words."""
