"""Youzan (有赞): the ledger of an own site's shop, as channel payments and as movements of its balance."""

from connectors.core.protocol import Source
from connectors.youzan.streams import LEDGER, recognises

SOURCE = Source(
    name="youzan",
    platform="youzan",
    default_expect="none",
    credentials=(),
    optional_credentials=(),
    hosts=(),
    streams=(LEDGER,),
    recognises=recognises,
    account_kind="channel",
)
