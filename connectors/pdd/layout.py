"""How the daily money file (货款, 店铺账务明细) is laid out. Raw table ``pdd__bills`` has :data:`BILL_COLUMNS`."""

import re
from collections.abc import Mapping

from connectors.core.bills import BillForm

BILL_HEADINGS: Mapping[str, str] = {
    "商户订单号": "order_no",
    "商户订单号或商品订单号": "order_no",
    "发生时间": "occurred_at",
    "收入金额(+元)": "in_amount",
    "支出金额(-元)": "out_amount",
    "账务类型": "account_type",
    "备注": "remark",
    "业务描述": "description",
}
NTH = "nth"
"""Ours: a row has no number of its own, so equal rows (order, time, kind) are counted in the order of the file."""
BILL_COLUMNS = (*dict.fromkeys(BILL_HEADINGS.values()), NTH)
BILL_FORM = BillForm(
    title="Pinduoduo money file (店铺账务明细)",
    columns=BILL_HEADINGS,
    required=("order_no", "occurred_at", "in_amount", "out_amount", "account_type"),
    comment="#",
)
MOMENT = r"(\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?)"
PERIOD_LINE = re.compile(rf"起始时间[:：]\s*{MOMENT}\s*终止时间[:：]\s*{MOMENT}")
TOTAL_LINE = re.compile(r"#(收入|支出)合计[:：]\s*(\d+)\s*笔\s*[,，]\s*共\s*([+-]?\d+(?:\.\d+)?)\s*元")
MARKER = "--"
