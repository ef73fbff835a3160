"""Putting a file in its place whole."""

from pathlib import Path


def placed(path: Path, body: bytes) -> Path:
    """Write beside the place and rename, so that nobody reads half a file; returns the path."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(body)
    return temporary.replace(path)
