"""Where the reports come from: a folder. Adyen announces each by a webhook; whoever fetches it leaves it there."""

from collections.abc import Iterator

from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import Connection, Delivery, Tools, Window

PATTERNS = ("settlement_detail*.csv", "settlement_detail*.csv.gz")


def fetch(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Every report below the connection's folder, as of now."""
    try:
        yield from delivered_files(connection, tools, PATTERNS)
    except ConnectorError as error:
        raise error.at(source="adyen", stream="batches", window=window) from error.__cause__
