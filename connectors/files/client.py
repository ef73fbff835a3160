"""Where spreadsheets come from: a folder that someone fills. There is no one to ask over the network."""

from collections.abc import Iterator

from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import Connection, Delivery, Tools, Window

SUFFIXES = (".csv", ".csv.gz", ".xlsx")


def fetch(connection: Connection, window: Window, tools: Tools, *, stream: str) -> Iterator[Delivery]:
    """Every file of the stream below the connection's folder, as of now."""
    asked = connection.options.get("files", {}).get(stream)
    patterns = [f"{stream}*{suffix}" for suffix in SUFFIXES] if asked is None else asked
    try:
        yield from delivered_files(connection, tools, (patterns,) if isinstance(patterns, str) else tuple(patterns))
    except ConnectorError as error:
        raise error.at(source="files", stream=stream, window=window) from error.__cause__
