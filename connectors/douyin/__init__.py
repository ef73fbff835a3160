"""Douyin shop (抖店): orders, after-sales tickets, settlement rows, account movements, and their exports."""

from connectors.core.protocol import Source
from connectors.douyin.client import HOSTS
from connectors.douyin.streams import FUNDS, INSURANCE, ORDERS, REFUNDS, SETTLEMENTS, recognises

SOURCE = Source(
    name="douyin",
    platform="douyin",
    default_expect="daily",
    credentials=("app_key", "app_secret", "access_token"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(ORDERS, REFUNDS, SETTLEMENTS, FUNDS, INSURANCE),
    recognises=recognises,
)
