"""Adyen: the settlement details report of each closed batch, from a folder."""

from connectors.adyen.streams import BATCHES, recognises
from connectors.core.protocol import Source

SOURCE = Source(
    name="adyen",
    platform="adyen",
    default_expect="none",
    credentials=(),
    optional_credentials=(),
    hosts=(),
    streams=(BATCHES,),
    recognises=recognises,
    account_kind="channel",
)
