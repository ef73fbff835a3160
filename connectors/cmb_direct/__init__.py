"""招行云直联 (China Merchants Bank's direct interface): the movements of a company's account, day by day."""

from connectors.cmb_direct.client import HOSTS
from connectors.cmb_direct.streams import LINES, recognises
from connectors.core.protocol import Source

SOURCE = Source(
    name="cmb_direct",
    platform="bank",
    default_expect="daily",
    credentials=("user_id", "account_no", "private_key", "sm4_key", "bank_public_key"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(LINES,),
    recognises=recognises,
    account_kind="bank",
)
