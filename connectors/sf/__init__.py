"""SF Express (丰桥): where a parcel was scanned, and what it cost."""

from connectors.core.protocol import Source
from connectors.sf.client import HOSTS
from connectors.sf.streams import WAYBILLS, recognises

SOURCE = Source(
    name="sf",
    platform="offline",
    default_expect="none",
    credentials=("partner_id", "check_word"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(WAYBILLS,),
    recognises=recognises,
)
