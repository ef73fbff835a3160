"""Where the ledgers come from: a folder. Somebody exports them from the shop's pages."""

from collections.abc import Iterator

from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import Connection, Delivery, Tools, Window

PATTERNS = ("*.csv", "*.csv.gz", "*.xlsx")


def fetch(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Every file below the connection's folder, as of now."""
    try:
        yield from delivered_files(connection, tools, PATTERNS)
    except ConnectorError as error:
        raise error.at(source="youzan", stream="ledger", window=window) from error.__cause__
