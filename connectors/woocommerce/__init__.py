"""WooCommerce (REST v3): orders of an own site, and what was given back."""

from connectors.core.protocol import Source
from connectors.woocommerce.client import HOSTS
from connectors.woocommerce.streams import ORDERS, REFUNDS, recognises

SOURCE = Source(
    name="woocommerce",
    platform="own_site",
    default_expect="daily",
    credentials=("consumer_key", "consumer_secret"),
    optional_credentials=(),
    hosts=HOSTS,
    streams=(ORDERS, REFUNDS),
    recognises=recognises,
)
