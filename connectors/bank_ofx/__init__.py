"""Bank statements in OFX and QFX, 1.x (SGML) and 2.x (XML), from a folder."""

from connectors.bank_ofx.streams import LINES, recognises
from connectors.core.protocol import Source

SOURCE = Source(
    name="bank_ofx",
    platform="bank",
    default_expect="daily",
    credentials=(),
    optional_credentials=(),
    hosts=(),
    streams=(LINES,),
    recognises=recognises,
    account_kind="bank",
)
