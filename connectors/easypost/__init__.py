"""EasyPost: where the parcels of many carriers were seen."""

from connectors.core.protocol import Source
from connectors.easypost.client import HOSTS
from connectors.easypost.streams import WAYBILLS, recognises

SOURCE = Source(
    name="easypost",
    platform="offline",
    default_expect="none",
    credentials=("api_key",),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(WAYBILLS,),
    recognises=recognises,
)
