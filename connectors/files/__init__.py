"""Spreadsheets: the contract's import templates, or the user's own columns through a mapping."""

from connectors.core.protocol import Source
from connectors.files.streams import STREAMS, recognises

SOURCE = Source(
    name="files",
    platform="own_site",
    default_expect="none",
    credentials=(),
    optional_credentials=(),
    hosts=(),
    streams=STREAMS,
    recognises=recognises,
)
