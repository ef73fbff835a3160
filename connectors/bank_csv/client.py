"""Where exports come from: a folder somebody saves them in."""

from collections.abc import Iterator

from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import Connection, Delivery, Tools, Window

PATTERNS = ("*.csv", "*.csv.gz", "*.txt", "*.xls", "*.xlsx")


def fetch(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Every statement file below the connection's folder, as of now."""
    try:
        yield from delivered_files(connection, tools, PATTERNS)
    except ConnectorError as error:
        raise error.at(source="bank_csv", stream="lines", window=window) from error.__cause__
