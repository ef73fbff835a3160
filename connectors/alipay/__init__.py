"""Alipay (支付宝): trade bill and fund bill of a merchant account."""

from connectors.alipay.client import HOSTS
from connectors.alipay.streams import FUNDS, TRADES, recognises
from connectors.core.protocol import Source

SOURCE = Source(
    name="alipay",
    platform="alipay",
    default_expect="daily",
    credentials=("app_id", "private_key", "alipay_public_key"),
    optional_credentials=("app_auth_token",),
    hosts=HOSTS,
    streams=(TRADES, FUNDS),
    recognises=recognises,
    account_kind="wallet",
)
