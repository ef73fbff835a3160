"""Bank statements in BAI2 (cash management balance reporting), from a folder."""

from connectors.bank_bai2.streams import LINES, recognises
from connectors.core.protocol import Source

SOURCE = Source(
    name="bank_bai2",
    platform="bank",
    default_expect="daily",
    credentials=(),
    optional_credentials=(),
    hosts=(),
    streams=(LINES,),
    recognises=recognises,
    account_kind="bank",
)
