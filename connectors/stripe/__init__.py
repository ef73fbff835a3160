"""Stripe: the balance with what stands behind each movement, and the payouts."""

from connectors.core.protocol import Source
from connectors.stripe.client import HOSTS
from connectors.stripe.streams import BALANCE, PAYOUTS, recognises

SOURCE = Source(
    name="stripe",
    platform="stripe",
    default_expect="daily",
    credentials=("secret_key",),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(BALANCE, PAYOUTS),
    recognises=recognises,
    account_kind="channel",
)
