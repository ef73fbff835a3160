"""What changes from run to run, for SQL: session variables that re-parse nothing and prune like literals.

The dbt plugin is made by dbt from a module name; module state is the only channel into it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

BLOCK_BYTES = 64
NOTHING_LOADED = (date(1900, 1, 2), date(1900, 1, 1))
EVERYTHING = (date(1900, 1, 1), date(9999, 12, 31))


@dataclass(frozen=True, slots=True)
class Variables:
    """``load_from``/``load_to``: the landed days whose rows are to be read again; an empty range reads none."""

    as_of: datetime
    run_id: str
    load_from: date
    load_to: date
    today: date
    time_zone: str
    base_currency: str
    privacy_key: str = field(repr=False)

    def session(self) -> Mapping[str, Any]:
        """Name and value of every session variable."""
        pad_in, pad_out = hmac_pads(self.privacy_key)
        return {
            "as_of": self.as_of,
            "today": self.today,
            "time_zone": self.time_zone,
            "load_from": self.load_from,
            "load_to": self.load_to,
            "base_currency": self.base_currency,
            "run_id": self.run_id,
            "pad_in": pad_in,
            "pad_out": pad_out,
        }


def hmac_pads(key: str) -> tuple[bytes, bytes]:
    """The two blocks of HMAC-SHA256, so that SQL can do the rest and the key stands in no SQL text."""
    block = key.encode()
    if len(block) > BLOCK_BYTES:
        block = hashlib.sha256(block).digest()
    block = block.ljust(BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


_current: list[Variables] = []


def set_variables(variables: Variables | None) -> None:
    """Every cursor that dbt opens from now on carries these; None: none."""
    _current[:] = [] if variables is None else [variables]


def current_variables() -> Variables | None:
    """What the plugin sets."""
    return _current[0] if _current else None
