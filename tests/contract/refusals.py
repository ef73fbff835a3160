"""What every client does with an answer that is none, and every reader with a file that is none."""

from pathlib import Path

import pytest

from connectors.core.errors import BadRequest, NotAuthorized, RateLimited, Unavailable
from connectors.core.protocol import Connection, Stream

# a status has one meaning, and only what can pass is tried again
by_status = pytest.mark.parametrize(
    ("status", "error", "tries"),
    [
        (400, BadRequest, 1),
        (401, NotAuthorized, 1),
        (403, NotAuthorized, 1),
        (404, BadRequest, 1),
        (422, BadRequest, 1),
        (429, RateLimited, 5),
        (500, Unavailable, 5),
        (503, Unavailable, 5),
    ],
)


def refused_whole(stream: Stream, body: bytes, folder: Path, connection: Connection) -> Path:
    """Nothing of the file is taken, and the reason names it. Returns the file."""
    path = folder / "page.json"
    path.write_bytes(body)
    unpacked = stream.unpack(path, "json", folder, connection)
    assert () == unpacked.parts
    assert "page.json" in (unpacked.refused or "")
    return path
