"""快递100 (Kuaidi100): where a parcel of nearly any Chinese carrier was seen."""

from connectors.core.protocol import Source
from connectors.kuaidi100.client import HOSTS
from connectors.kuaidi100.streams import WAYBILLS, recognises

SOURCE = Source(
    name="kuaidi100",
    platform="offline",
    default_expect="none",
    credentials=("customer", "key"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(WAYBILLS,),
    recognises=recognises,
)
