"""PayPal (Transaction Search): every transaction that moved the balance, its fee beside it."""

from connectors.core.protocol import Source
from connectors.paypal.client import HOSTS
from connectors.paypal.streams import TRANSACTIONS, recognises

SOURCE = Source(
    name="paypal",
    platform="paypal",
    default_expect="daily",
    credentials=("client_id", "client_secret"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(TRANSACTIONS,),
    recognises=recognises,
    account_kind="channel",
)
