"""Shopify (GraphQL Admin API): orders, the balance of Shopify Payments, its payouts."""

from connectors.core.protocol import Source
from connectors.shopify.client import HOSTS
from connectors.shopify.streams import BALANCE, ORDERS, PAYOUTS, recognises

SOURCE = Source(
    name="shopify",
    platform="shopify",
    default_expect="daily",
    credentials=("shop", "access_token"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(ORDERS, BALANCE, PAYOUTS),
    recognises=recognises,
)
