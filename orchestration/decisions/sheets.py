"""A worklist as it comes back: its rows, cell by cell, whatever program saved it. Nothing is judged here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils import get_column_letter

from connectors.core.sheets import check_archive
from connectors.core.text import Refused
from orchestration.settings.labels import name_of
from orchestration.warehouse.worklist import ABOUT, ANSWERS, FACTS, FORMAT, KEPT, WorklistError, cell_text

TYPED: Final = tuple(column.name for column in ANSWERS)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it lies in the workbook: values by column name, and where cells hold no value."""

    sheet: str
    line: int
    places: Mapping[str, int]
    cells: Mapping[str, Any]
    formulas: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def exception_id(self) -> str:
        """The number the row was exported with."""
        return cell_text(self.cells["exception_id"])

    @property
    def says_something(self) -> bool:
        """Whether anything is filled in that was not taken before, or holds a formula."""
        if name_of("result", cell_text(self.cells.get("result"))) == "taken":
            return False
        return bool(self.formulas) or any(cell_text(self.cells[name]) for name in TYPED)

    def address(self, column: str) -> str:
        """As a spreadsheet names the cell."""
        return f"{get_column_letter(self.places[column] + 1)}{self.line}"


def open_worklist(path: Path) -> tuple[Mapping[str, str], Sequence[Row]]:
    """What the hidden sheet says, and every row in which somebody has written something."""
    try:
        check_archive(path, path.name)
        book = openpyxl.load_workbook(path, read_only=True)
        try:
            return _about(book, path.name), [
                row for sheet in book.worksheets for row in _rows(sheet) if row.says_something
            ]
        finally:
            book.close()
    except WorklistError:
        raise
    except Refused as error:
        raise WorklistError(str(error)) from error
    except Exception as error:
        raise WorklistError(f"{path.name} is no XLSX workbook ({type(error).__name__}): save it as .xlsx") from error


def _about(book: Any, name: str) -> Mapping[str, str]:
    if ABOUT not in book.sheetnames:
        raise WorklistError(f"{name} is no worklist: use a file that tieout export exceptions has written")
    about = {cell_text(fact): cell_text(value) for fact, value in book[ABOUT].iter_rows(max_col=2, values_only=True)}
    if about.get("format") != FORMAT or not {"run_id", "head", "language"} <= set(about):
        raise WorklistError(f"{name} is a worklist of another version: export the exceptions again")
    return about


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()
    lines = sheet.iter_rows()
    headings = [_column(cell.value) for cell in next(lines, ())]
    if KEPT[0] not in headings:
        return
    places = {name: place for place, name in enumerate(headings) if name}
    lacking = [name for name in (*(column.name for column in FACTS), *TYPED, *KEPT) if name not in places]
    if lacking:
        raise WorklistError(f"{sheet.title}: the heading lacks {', '.join(lacking)}; fill in a fresh export")
    for line, cells in enumerate(lines, 2):
        values = {name: cells[place].value if place < len(cells) else None for name, place in places.items()}
        row = Row(sheet.title, line, places, values)
        marked = {kind: [place for place, cell in enumerate(cells) if cell.data_type == kind] for kind in ("f", "e")}
        # also as text: the next program to save it could make it one
        text = [places[name] for name in TYPED if cell_text(values[name]).startswith("=")]
        yield replace(row, formulas=_addresses({*marked["f"], *text}, line), errors=_addresses(marked["e"], line))


def _addresses(places: Iterable[int], line: int) -> tuple[str, ...]:
    return tuple(f"{get_column_letter(place + 1)}{line}" for place in sorted(places))


def _column(heading: Any) -> str | None:
    text = cell_text(heading)
    return text if text in KEPT else name_of("column", text)
