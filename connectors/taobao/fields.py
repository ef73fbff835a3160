"""Which fields are asked of Taobao: what is not asked for does not come. Buyer's personal data is left out."""

ORDER_FIELDS = (
    "oid", "status", "title", "price", "num", "num_iid", "outer_iid", "outer_sku_id", "sku_id", "cid",
    "sku_properties_name", "total_fee", "payment", "discount_fee", "adjust_fee", "divide_order_fee",
    "part_mjz_discount", "refund_id", "refund_status", "end_time", "consign_time", "shipping_type",
    "logistics_company", "invoice_no", "expand_card_basic_price_used_suborder",
    "expand_card_expand_price_used_suborder",
)  # fmt: skip
TRADE_FIELDS = (
    "tid", "tid_str", "status", "type", "title", "created", "modified", "pay_time", "consign_time", "end_time",
    "payment", "total_fee", "discount_fee", "adjust_fee", "post_fee", "received_payment", "commission_fee",
    "platform_subsidy_fee", "coupon_fee", "point_fee", "real_point_fee", "buyer_obtain_point_fee",
    "credit_card_fee", "cod_fee", "cod_status", "num", "price", "alipay_no", "alipay_point", "buyer_open_uid",
    "step_trade_status", "step_paid_fee", "shipping_type", "trade_from", "seller_nick", "has_post_fee",
    "available_confirm_fee", "is_part_consign", "is_wt", "sid", "expand_card_basic_price",
    "expand_card_expand_price", "expand_card_basic_price_used", "expand_card_expand_price_used", "tmall_coupon_fee",
    "paid_coupon_fee", "recharge_fee", "order_tax_fee", "m_tariff_fee",
)  # fmt: skip
PROMOTION_FIELDS = (
    "promotion_details.id", "promotion_details.promotion_name", "promotion_details.discount_fee",
    "promotion_details.promotion_id", "promotion_details.promotion_desc", "promotion_details.gift_item_name",
    "promotion_details.gift_item_id", "promotion_details.gift_item_num",
)  # fmt: skip
REFUND_FIELDS = (
    "refund_id", "tid", "oid", "status", "total_fee", "refund_fee", "payment", "created", "modified",
    "order_status", "good_status", "has_good_return", "reason", "title", "num", "sku",
    "outer_id", "company_name", "sid", "refund_phase", "refund_version", "dispute_type", "attribute",
    "operation_contraint", "buyer_open_uid",
)  # fmt: skip
STEP_FIELDS = (
    "step_pay_details.id", "step_pay_details.pay_status", "step_pay_details.step_no",
    "step_pay_details.step_actual_pay_fee",
)  # fmt: skip
NOT_LISTED = frozenset({
    "tid_str", "platform_subsidy_fee", "coupon_fee", "alipay_point", "has_post_fee", "available_confirm_fee",
    "expand_card_basic_price", "expand_card_expand_price", "expand_card_basic_price_used",
    "expand_card_expand_price_used", "expand_card_basic_price_used_suborder",
    "expand_card_expand_price_used_suborder", "tmall_coupon_fee", "paid_coupon_fee", "recharge_fee", "m_tariff_fee",
})  # fmt: skip
LISTED = ",".join(
    [name for name in TRADE_FIELDS if name not in NOT_LISTED]
    + [f"orders.{name}" for name in ORDER_FIELDS if name not in NOT_LISTED]
)
DETAILED = ",".join([*TRADE_FIELDS, *(f"orders.{name}" for name in ORDER_FIELDS), *PROMOTION_FIELDS, *STEP_FIELDS])
REFUNDED = ",".join(REFUND_FIELDS)
IDS = "tid,modified"
# Without ``type`` only five kinds of trade are listed, silently.
TRADE_TYPES = (
    "fixed,auction,guarantee_trade,step,independent_simple_trade,independent_shop_trade,auto_delivery,ec,cod,"
    "fenxiao,game_equipment,shopex_trade,netcn_trade,external_trade,instant_trade,b2c_cod,hotel_trade,"
    "super_market_trade,super_market_cod_trade,taohua,waimai,nopaid,eticket,tmall_i18n,o2o_offlinetrade,pre_auth_type"
)
REFUND_TYPES = TRADE_TYPES
