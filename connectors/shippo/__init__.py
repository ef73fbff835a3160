"""Shippo: where the parcels of many carriers were seen."""

from connectors.core.protocol import Source
from connectors.shippo.client import HOSTS
from connectors.shippo.streams import WAYBILLS, recognises

SOURCE = Source(
    name="shippo",
    platform="offline",
    default_expect="none",
    credentials=("api_token",),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(WAYBILLS,),
    recognises=recognises,
)
