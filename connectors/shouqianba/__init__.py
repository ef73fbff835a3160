"""收钱吧 (Shouqianba): payments at the till, asked for by the merchant's number; 利楚扫呗's daily file."""

from connectors.core.protocol import Source
from connectors.shouqianba.client import HOSTS
from connectors.shouqianba.streams import PAYMENTS, recognises

SOURCE = Source(
    name="shouqianba",
    platform="offline",
    default_expect="none",
    credentials=("terminal_sn", "terminal_key"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(PAYMENTS,),
    recognises=recognises,
    account_kind="channel",
)
