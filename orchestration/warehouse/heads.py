"""The last hashes of the three chains: whoever notes them outside can tell later that nothing before was changed."""

from dataclasses import dataclass
from pathlib import Path

from orchestration.landing import Archive
from orchestration.landing.tables import DECISIONS
from orchestration.warehouse.ledger import read_ledger


@dataclass(frozen=True, slots=True)
class Heads:
    """Of the run ledger, the archive's manifest and the log of decisions as archived; empty where there is none."""

    ledger: str
    manifest: str
    decisions: str


def read_heads(data_dir: Path) -> Heads:
    """As they are now. Raises WarehouseError or BrokenArchive where a chain cannot be read."""
    runs, received = read_ledger(data_dir), Archive(data_dir).entries()
    decided = [entry.stated["head"] for entry in received if entry.connection == DECISIONS]
    return Heads(
        runs[-1].hash if runs else "",
        received[-1].hash if received else "",
        decided[-1] if decided else "",
    )
