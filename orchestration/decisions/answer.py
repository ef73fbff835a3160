"""The answer to a filled-in worklist: the same workbook, with what was taken of each row and what not, and why."""

import os
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from orchestration.decisions.worklist import Worklist
from orchestration.settings.labels import name_of
from orchestration.warehouse.worklist import KEPT, RESULTS

COLOURS: Final = {"taken": "E2F0D9", "refused": "FFC7CE"}
WIDTHS: Final = (10, 60)


def write_answer(path: Path, worklist: Worklist, target: Path) -> Path:
    """Writes the answer to ``target``, whole or not at all. Imported again, it takes no row twice."""
    book = openpyxl.load_workbook(path)
    verdicts = {(row.sheet, row.line): ("refused", "\n".join(row.reasons)) for row in worklist.refused}
    verdicts |= {(proposal.sheet, proposal.line): ("taken", "") for proposal in worklist.taken}
    for sheet in book.worksheets:
        _quiet(sheet)
        if any(cell.value == KEPT[0] for cell in sheet[1]):
            _answer(sheet, worklist, verdicts)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    book.save(fresh)
    fresh.replace(target)
    return target


def _answer(sheet: Any, worklist: Worklist, verdicts: dict[tuple[str, int], tuple[str, str]]) -> None:
    known = {name_of("column", str(cell.value)): cell.column for cell in sheet[1] if cell.value}
    first = known.get(RESULTS[0]) or sheet.max_column + 1
    for place, (name, width) in enumerate(zip(RESULTS, WIDTHS, strict=True), first):
        heading = sheet.cell(1, place)
        _text(heading, worklist.words.of("column", name))
        heading.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = width
    for line in range(2, sheet.max_row + 1):
        result, reason = sheet.cell(line, first), sheet.cell(line, first + 1)
        verdict = verdicts.get((sheet.title, line))
        if verdict is None:
            if name_of("result", str(result.value)) != "taken":
                result.value = reason.value = None
            continue
        _text(result, worklist.words.of("result", verdict[0]))
        _text(reason, verdict[1])
        result.fill = PatternFill("solid", fgColor=COLOURS[verdict[0]])
        result.alignment = Alignment(vertical="top")
        reason.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.auto_filter.ref = f"A1:{get_column_letter(first + 1)}{max(sheet.max_row, 2)}"


def _quiet(sheet: Any) -> None:
    """Formulas that came with the file become the text they are."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                _text(cell, str(getattr(cell.value, "text", cell.value)))


def _text(cell: Any, text: str) -> None:
    cell.value = text
    if text:
        cell.data_type = "s"
        cell.quotePrefix = True
