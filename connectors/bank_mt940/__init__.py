"""Bank statements in SWIFT MT940, and interim reports in MT942, from a folder."""

from connectors.bank_mt940.streams import LINES, recognises
from connectors.core.protocol import Source

SOURCE = Source(
    name="bank_mt940",
    platform="bank",
    default_expect="daily",
    credentials=(),
    optional_credentials=(),
    hosts=(),
    streams=(LINES,),
    recognises=recognises,
    account_kind="bank",
)
