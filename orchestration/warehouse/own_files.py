"""Our own archived tables (rules, people, settings, decisions) as loadable parts."""

import csv
from collections.abc import Sequence
from pathlib import Path

from connectors.core.protocol import Part, Unpacked
from orchestration.landing import Entry
from orchestration.landing.tables import RULES
from orchestration.settings.rules import read_rules

LINE = "_line"
LARGEST_CELL = 1 << 26


def unpack_own(entry: Entry, path: Path, workdir: Path, columns: Sequence[str]) -> Unpacked:
    """Rules are small and written by hand: their cells are stripped, their lines kept, columns in the table's order."""
    target = workdir / f"{entry.stream}.csv"
    if entry.connection == RULES:
        rows = read_rules(entry.stream, path, path.read_bytes())
    else:
        csv.field_size_limit(LARGEST_CELL)  # an event holds a rule table as a whole
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(enumerate(csv.DictReader(file), start=2))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([LINE, *columns])
        writer.writerows([line, *(row.get(column, "") for column in columns)] for line, row in rows)
    part = Part(
        table=entry.stream,
        kind="csv",
        path=target,
        columns=(LINE, *columns),
        first_row=2,
        line_column=LINE,
    )
    return Unpacked(parts=(part,))
