"""Bank statements as exported from online banking: CSV, XLS or XLSX, one explicit layout per bank and kind."""

from connectors.bank_csv.streams import LINES, recognises
from connectors.core.protocol import Source

SOURCE = Source(
    name="bank_csv",
    platform="bank",
    default_expect="none",
    credentials=(),
    optional_credentials=(),
    hosts=(),
    streams=(LINES,),
    recognises=recognises,
    account_kind="bank",
)
