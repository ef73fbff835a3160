"""Bank statements in ISO 20022 camt.053, any version, from a folder."""

from connectors.bank_camt.streams import ENTRIES, recognises
from connectors.core.protocol import Source

SOURCE = Source(
    name="bank_camt",
    platform="bank",
    default_expect="daily",
    credentials=(),
    optional_credentials=(),
    hosts=(),
    streams=(ENTRIES,),
    recognises=recognises,
    account_kind="bank",
)
