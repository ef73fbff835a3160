"""Where BAI2 files come from: a folder. Banks' own pick-up (EBICS, SFTP) ends there, outside of this program."""

from collections.abc import Iterator

from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import Connection, Delivery, Tools, Window

PATTERNS = ("*.bai", "*.bai2", "*.txt")


def fetch(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """Every statement file below the connection's folder, as of now."""
    try:
        yield from delivered_files(connection, tools, PATTERNS)
    except ConnectorError as error:
        raise error.at(source="bank_bai2", stream="lines", window=window) from error.__cause__
