"""How Alipay's two bills are laid out, in every version met: headings, our column names, closing lines.

Raw table ``alipay__trades`` has :data:`TRADE_COLUMNS`, ``alipay__funds`` has :data:`FUND_COLUMNS`.
"""

import re
from collections.abc import Mapping

from connectors.core.bills import BillForm

TRADE_HEADINGS: Mapping[str, str] = {
    "支付宝交易号": "trade_no",
    "商户订单号": "merchant_order_no",
    "业务类型": "business_type",
    "商品名称": "subject",
    "创建时间": "created_at",
    "完成时间": "completed_at",
    "门店编号": "shop_no",
    "门店名称": "shop_name",
    "操作员": "operator",
    "终端号": "terminal_no",
    "对方账户": "counterparty",
    "订单金额(元)": "order_amount",
    "商家实收(元)": "received_amount",
    "支付宝红包(元)": "alipay_red_packet_amount",
    "集分宝(元)": "point_amount",
    "支付宝优惠(元)": "alipay_discount_amount",
    "商家优惠(元)": "merchant_discount_amount",
    "券核销金额(元)": "coupon_amount",
    "券名称": "coupon_name",
    "商家红包消费金额(元)": "merchant_red_packet_amount",
    "卡消费金额(元)": "card_amount",
    "退款批次号/请求号": "refund_request_no",
    "服务费(元)": "fee",
    "分润(元)": "profit_sharing_amount",
    "备注": "remark",
    "实收净额(元)": "net_amount",
    "商户识别号": "merchant_id",
    "交易方式": "trade_method",
}
FUND_HEADINGS: Mapping[str, str] = {
    "账务流水号": "flow_no",
    "业务流水号": "business_no",
    "商户订单号": "merchant_order_no",
    "商品名称": "subject",
    "发生时间": "occurred_at",
    "对方账号": "counterparty_account",
    "收入金额(+元)": "in_amount",
    "支出金额(-元)": "out_amount",
    "账户余额(元)": "balance",
    "交易渠道": "channel",
    "业务类型": "business_type",
    "备注": "remark",
    "业务描述": "description",
    "业务账单来源": "bill_source",
    "业务基础订单号": "base_order_no",
    "业务订单号": "order_no",
}
SUMMARY_HEADINGS: Mapping[str, str] = {
    "类型": "type",
    "收入笔数": "in_count",
    "收入金额(+元)": "in_sum",
    "支出笔数": "out_count",
    "支出金额(-元)": "out_sum",
    "总金额(元)": "net_sum",
}
TRADE_COLUMNS = tuple(TRADE_HEADINGS.values())
FUND_COLUMNS = tuple(FUND_HEADINGS.values())
TRADE_FORM = BillForm(
    title="Alipay trade bill (业务明细)",
    columns=TRADE_HEADINGS,
    required=("trade_no", "merchant_order_no", "business_type", "completed_at", "received_amount", "fee"),
    comment="#",
)
FUND_FORM = BillForm(
    title="Alipay fund bill (账务明细)",
    columns=FUND_HEADINGS,
    required=("flow_no", "business_no", "occurred_at", "in_amount", "out_amount", "balance", "business_type"),
    comment="#",
)
SUMMARY_FORM = BillForm(
    title="Alipay fund summary (账务汇总)",
    columns=SUMMARY_HEADINGS,
    required=tuple(SUMMARY_HEADINGS.values()),
)
CLOSING_LINE = re.compile(r"#\s*(交易|退款|收入|支出)合计[：:]\s*(\d+)\s*笔[，,][^共]*共\s*([+-]?\d+(?:\.\d+)?)\s*元")
ACCOUNT_LINE = re.compile(r"#账号[：:]\[(.+?)\]")
PERIOD_LINE = re.compile(
    r"起始日期[：:]\[(\d{4})年(\d{2})月(\d{2})日[^]]*\]\s*终止日期[：:]\[(\d{4})年(\d{2})月(\d{2})日"
)
SUMMARY_MARK = "汇总"
PERSONAL_MARKS = ("电子客户回单", "支付宝账户：", "收/付款方式")
