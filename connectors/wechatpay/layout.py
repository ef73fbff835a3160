"""How WeChat Pay's two bills are laid out, in every version met: headings, our column names, footer totals.

Raw table ``wechatpay__trades`` has :data:`TRADE_COLUMNS`, ``wechatpay__funds`` has :data:`FUND_COLUMNS`.
"""

from collections.abc import Mapping

from connectors.core.bills import BillForm

TRADE_HEADINGS: Mapping[str, str] = {
    "交易时间": "traded_at",
    "公众账号ID": "app_id",
    "商户号": "mch_id",
    "特约商户号": "sub_mch_id",
    "子商户号": "sub_mch_id",
    "设备号": "device_no",
    "微信订单号": "transaction_no",
    "商户订单号": "merchant_pay_no",
    "用户标识": "payer_id",
    "交易类型": "trade_type",
    "交易状态": "trade_state",
    "付款银行": "bank",
    "货币种类": "currency",
    "应结订单金额": "settlement_amount",
    "总金额": "settlement_amount",
    "代金券金额": "coupon_amount",
    "企业红包金额": "coupon_amount",
    "代金券或立减优惠金额": "coupon_amount",
    "退款申请时间": "refund_applied_at",
    "退款成功时间": "refund_succeeded_at",
    "微信退款单号": "refund_no",
    "商户退款单号": "merchant_refund_no",
    "退款金额": "refund_amount",
    "充值券退款金额": "coupon_refund_amount",
    "企业红包退款金额": "coupon_refund_amount",
    "代金券或立减优惠退款金额": "coupon_refund_amount",
    "退款类型": "refund_type",
    "退款状态": "refund_state",
    "商品名称": "product_name",
    "商户数据包": "merchant_data",
    "手续费": "fee",
    "费率": "fee_rate",
    "订单金额": "order_amount",
    "申请退款金额": "refund_requested_amount",
    "费率备注": "fee_rate_note",
}
FUND_HEADINGS: Mapping[str, str] = {
    "记账时间": "booked_at",
    "微信支付业务单号": "business_no",
    "资金流水单号": "flow_no",
    "业务名称": "business_name",
    "业务类型": "business_type",
    "收支类型": "direction",
    "收支金额(元)": "amount",
    "账户结余(元)": "balance",
    "资金变更提交申请人": "applicant",
    "备注": "remark",
    "业务凭证号": "voucher_no",
}
ACCOUNT_TYPE = "account_type"
TRADE_COLUMNS = tuple(dict.fromkeys(TRADE_HEADINGS.values()))
FUND_COLUMNS = (*FUND_HEADINGS.values(), ACCOUNT_TYPE)
TRADE_FORM = BillForm(
    title="WeChat Pay trade bill (交易账单)",
    columns=TRADE_HEADINGS,
    required=("traded_at", "transaction_no", "merchant_pay_no", "trade_state", "settlement_amount", "fee"),
    mark="`",
    footers=frozenset({"总交易单数"}),
)
FUND_FORM = BillForm(
    title="WeChat Pay fund bill (资金账单)",
    columns=FUND_HEADINGS,
    required=("booked_at", "business_no", "flow_no", "business_type", "direction", "amount", "balance"),
    mark="`",
    footers=frozenset({"资金流水总笔数"}),
)
# Footer heading → the column whose sum it states; None counts rows.
TRADE_TOTALS: Mapping[str, str | None] = {
    "总交易单数": None,
    "应结订单总金额": "settlement_amount",
    "总交易额": "settlement_amount",
    "退款总金额": "refund_amount",
    "总退款金额": "refund_amount",
    "充值券退款总金额": "coupon_refund_amount",
    "总代金券或立减优惠退款金额": "coupon_refund_amount",
    "总企业红包退款金额": "coupon_refund_amount",
    "手续费总金额": "fee",
    "订单总金额": "order_amount",
    "申请退款总金额": "refund_requested_amount",
}
