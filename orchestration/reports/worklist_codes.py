"""The sheet of a worklist that explains it: how it is filled in, its codes, its decisions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final
from unicodedata import east_asian_width

from orchestration.settings.labels import Labels
from orchestration.warehouse.worklist import ACTIONS, Item, Origin, code_rows

WIDTHS: Final = (24, 30, 24, 10, 14, 8, 44, 60)
LINE_HEIGHT: Final = 14
MOST_LINES: Final = 12
CODE_COLUMNS: Final = ("code", "name", "owner", "severity", "hours", "count", "suggested_action", "actions")


def write_codes(book: Any, items: Sequence[Item], words: Labels, made: Origin) -> None:
    """Adds the sheet, with the codes that occur."""
    sheet = book.add_worksheet(words.of("sheet", "codes"))
    title = book.add_format({"bold": True, "font_size": 14})
    heading = book.add_format({"bold": True, "font_color": "white", "bg_color": "#1F3864", "border": 1})
    cell = book.add_format({"valign": "top", "text_wrap": True, "border": 1, "border_color": "#D9D9D9"})
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, words.of("text", "title"), title)
    said = (
        words.say("text", "made", as_of=made.as_of.isoformat(sep=" ", timespec="minutes"), run_id=made.run_id),
        words.say("text", "head", head=made.head),
        *(words.of("text", name) for name in ("how", "every", "severities", "colours", "sides")),
    )
    for line, sentence in enumerate(said, 1):
        sheet.write_string(line, 0, sentence)
    line = len(said) + 2
    for table in (_codes(items, words), _actions(words)):
        for number, row in enumerate(table):
            sheet.set_row(line, row_height(zip(row, WIDTHS, strict=False)))
            for place, text in enumerate(row):
                sheet.write_string(line, place, text, cell if number else heading)
            line += 1
        line += 1
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def code_name(code: str, words: Labels) -> str:
    """The name of a code, as people read it."""
    row = code_rows()[code]
    return row["name_zh"] if words.language == "zh" else row["name"].replace("_", " ").capitalize()


def row_height(cells: Iterable[tuple[str | None, int]]) -> int:
    """Enough for the longest of texts and their widths: not every program finds out by itself."""
    lines = [sum(max(1, -(-_width(part) // (width - 1))) for part in (text or "").split("\n")) for text, width in cells]
    return LINE_HEIGHT * min(max(lines, default=1), MOST_LINES)


def _width(text: str) -> int:
    """In Latin characters; a Chinese one takes the place of two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _codes(items: Sequence[Item], words: Labels) -> Sequence[Sequence[str]]:
    counts = Counter(item["code"] for item in items)
    ending = "_zh" if words.language == "zh" else ""
    rows = [[words.of("column", name) for name in CODE_COLUMNS]]
    for code, count in sorted(counts.items()):
        row = code_rows()[code]
        owners = sorted({item["owner"] or "" for item in items if item["code"] == code})
        rows.append(
            [
                code,
                code_name(code, words),
                " ".join(f"{owner} {words.of('role', owner)}" for owner in owners),
                row["severity"],
                row["sla_hours"],
                str(count),
                row[f"suggested_action{ending}"],
                _list((words.of("action", name) for name in row["actions"].split()), words),
            ]
        )
    return rows


def _actions(words: Labels) -> Sequence[Sequence[str]]:
    rows = [[_plain(name, words) for name in ("action", "needs", "takes")]]
    for name, action in ACTIONS.items():
        fields = ([_plain(field, words) for field in given] for given in (action.needs, action.takes))
        rows.append([words.of("action", name), *(_list(field, words) for field in fields)])
    return rows


def _plain(name: str, words: Labels) -> str:
    return words.of("column", name).removeprefix("► ")


def _list(texts: Any, words: Labels) -> str:
    return ("、" if words.language == "zh" else ", ").join(texts)
