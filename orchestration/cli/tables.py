"""Tables on a screen, and the same unfolded where no screen limits the width."""

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

NO_SCREEN: Final = 100_000
TIME_LENGTH: Final = 19
DIGEST_LENGTH: Final = 12


def console() -> Console:
    """The terminal, or something as wide as it takes."""
    return Console() if sys.stdout.isatty() else Console(width=NO_SCREEN)


def table_of(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], title: str | None = None) -> Table:
    """Rows by column name; numbers to the right and never cut."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.padding = (0, 2, 0, 0)
    for name in columns:
        values = [row[name] for row in rows if row[name] is not None]
        numeric = bool(values) and all(isinstance(v, Decimal | int) and not isinstance(v, bool) for v in values)
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for row in rows:
        table.add_row(*[Text(cell(row[name], name)) for name in columns])
    return table


def cell(value: Any, name: str = "") -> str:
    """A value as a person reads it: local times without their zone, digests short."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    text = str(value)
    if name.endswith("_at"):
        return text[:TIME_LENGTH]
    return text[:DIGEST_LENGTH] if name.endswith("sha256") else text
