"""Who sells and who holds the money in the market: every shop and account is a row, the SQL is the same for all."""

from dataclasses import dataclass
from typing import Literal

Settles = Literal["gross", "daily", "per_order", "period", "balance", "channel"]


@dataclass(frozen=True, slots=True)
class Account:
    """Where money lies before it reaches a bank.

    ``fee_rate`` (in hundred-thousandths) and ``fee_fixed`` (minor units) are charged per payment; ``returns_fee`` says
    whether a refund brings its share of the rate back. ``has_flows``: whether movements can be seen. ``pays_every``:
    a payout every so many days; 0 where a settlement is its own payout.
    """

    code: str
    entity: str
    platform: str
    currency: str
    bank: str
    payer: str
    prefix: str
    fee_rate: int = 0
    fee_fixed: int = 0
    returns_fee: bool = False
    has_flows: bool = True
    pays_every: int = 1
    pays_after_days: int = 1
    shows_trace: bool = False


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop: where it sells, what its order numbers look like, how and when it is paid.

    ``number``: SQL for the order number from ``day`` and ``n``. ``settles`` after ``lag_days`` from the confirmation
    (``balance``, ``period``: from the payment). ``fee_rate``, ``commission_rate``: of the credited consideration, in
    hundred-thousandths. ``accounts``: one for a platform shop, those a buyer may pay through otherwise.
    """

    code: str
    entity: str
    platform: str
    currency: str
    number: str
    settles: Settles
    accounts: tuple[str, ...]
    carrier: str
    lag_days: int = 0
    is_lag_working: bool = False
    fee_rate: int = 0
    commission_rate: int = 0
    has_subsidy: bool = False
    has_tax: bool = False
    payment_method: str = "online"


HQ, BRANCH, OVERSEAS = "HQ", "BRANCH", "OVERSEAS"
BANKS = {"cmb_9001": "CNY", "ccb_5678": "CNY", "usd_bank": "USD", "citi_usd": "USD", "eur_bank": "EUR"}
BANK_ENTITIES = {"cmb_9001": HQ, "ccb_5678": BRANCH, "usd_bank": OVERSEAS, "citi_usd": OVERSEAS, "eur_bank": OVERSEAS}

ACCOUNTS = (
    Account("jd_wallet", HQ, "jd", "CNY", "cmb_9001", "网银在线（北京）科技有限公司", "JDTX"),
    Account("douyin_wallet", HQ, "douyin", "CNY", "cmb_9001", "武汉合众易宝科技有限公司", "DYTX", pays_every=2),
    Account("youzan_main", HQ, "youzan", "CNY", "cmb_9001", "杭州有赞科技有限公司", "YZTX", 600, returns_fee=True),
    Account("pdd_wallet", BRANCH, "pdd", "CNY", "ccb_5678", "上海寻梦信息技术有限公司", "PDTX", pays_every=2),
    Account("wechat_shop_wallet", BRANCH, "wechat_shop", "CNY", "ccb_5678", "财付通支付科技有限公司", "WSTX"),
    Account("shouqianba_main", BRANCH, "offline", "CNY", "ccb_5678", "上海喔噻互联网科技有限公司", "SQTX", 380,
            returns_fee=True, has_flows=False),
    Account("unionpay_main", BRANCH, "unionpay", "CNY", "ccb_5678", "银联商务支付股份有限公司", "UPTX", 550,
            returns_fee=True, has_flows=False),
    Account("sf_cod", BRANCH, "offline", "CNY", "ccb_5678", "顺丰速运有限公司", "CODTX", 1000, has_flows=False),
    Account("shopify_wallet", OVERSEAS, "shopify", "USD", "usd_bank", "SHOPIFY", "SHTX", 2900, 30, shows_trace=True),
    Account("amazon_wallet", OVERSEAS, "amazon", "USD", "citi_usd", "AMAZON.COM SERVICES", "AMTX", has_flows=False,
            pays_every=0, shows_trace=True),
    Account("stripe_eu", OVERSEAS, "stripe", "EUR", "eur_bank", "STRIPE PAYMENTS EUROPE", "po_", 1500, 25,
            shows_trace=True),
    Account("paypal_eu", OVERSEAS, "paypal", "EUR", "eur_bank", "PAYPAL EUROPE SARL", "PPTX", 3490, 35, pays_every=2,
            shows_trace=True),
    Account("adyen_eu", OVERSEAS, "adyen", "EUR", "eur_bank", "ADYEN NV", "TX", 1100, 12, shows_trace=True),
)  # fmt: skip

SHOPS = (
    Shop("jd_shop", HQ, "jd", "CNY", "'2' || strftime(day, '%y%m%d') || lpad(n::varchar, 5, '0')", "daily",
         ("jd_wallet",), "顺丰速运", 1, is_lag_working=True, commission_rate=5000, has_subsidy=True),
    Shop("douyin_shop", HQ, "douyin", "CNY", "'69' || strftime(day, '%y%m%d') || lpad(n::varchar, 11, '0')",
         "per_order", ("douyin_wallet",), "圆通速递", 1, fee_rate=5000, has_subsidy=True),
    Shop("youzan_shop", HQ, "own_site", "CNY", "'E' || strftime(day, '%Y%m%d') || lpad(n::varchar, 15, '0')",
         "channel", ("youzan_main",), "圆通速递"),
    Shop("pdd_shop", BRANCH, "pdd", "CNY", "strftime(day, '%y%m%d') || '-5' || lpad(n::varchar, 14, '0')", "gross",
         ("pdd_wallet",), "圆通速递", fee_rate=600, has_subsidy=True),
    Shop("wechat_shop", BRANCH, "wechat_shop", "CNY", "'37' || strftime(day, '%y%m%d') || lpad(n::varchar, 11, '0')",
         "gross", ("wechat_shop_wallet",), "圆通速递", fee_rate=1000, has_subsidy=True),
    Shop("pos_shop", BRANCH, "offline", "CNY", "'POS' || strftime(day, '%y%m%d') || lpad(n::varchar, 6, '0')",
         "channel", ("shouqianba_main", "unionpay_main"), "", payment_method="offline"),
    Shop("phone_shop", BRANCH, "own_site", "CNY", "'TEL' || strftime(day, '%y%m%d') || lpad(n::varchar, 6, '0')",
         "channel", ("sf_cod",), "顺丰速运", payment_method="cod"),
    Shop("shopify_us", OVERSEAS, "shopify", "USD", "'45' || strftime(day, '%y%m%d') || lpad(n::varchar, 5, '0')",
         "balance", ("shopify_wallet",), "UPS", has_tax=True),
    Shop("amazon_us", OVERSEAS, "amazon", "USD",
         "'114-' || strftime(day, '1%y%m%d')[1:7] || '-' || lpad(n::varchar, 7, '0')", "period", ("amazon_wallet",),
         "UPS", commission_rate=15000, has_tax=True),
    Shop("woo_eu", OVERSEAS, "own_site", "EUR", "(strftime(day, '%y%m%d')::bigint * 1000 + n)::varchar", "channel",
         ("stripe_eu", "paypal_eu", "adyen_eu"), "DHL"),
)  # fmt: skip

OWN_SYSTEM_OF = "douyin_shop"
"""The shop whose orders the merchant keeps in a system of its own as well."""
OWN_PREFIX = "OWN"
"""In front of the number of an order that the own system alone has."""
OWN_SYSTEM_FEN = 150
"""By how much the own system is wrong about what a buyer paid."""
SHORT_FEN = 45
"""What a bank keeps of a payout that comes short."""
PREMIUM_FEN, PREMIUM_TOO_HIGH_FEN = 50, 80
"""What the insurance of an order's freight costs, and what is charged instead."""
SHOP = {shop.code: shop for shop in SHOPS}
ACCOUNT = {account.code: account for account in ACCOUNTS}
