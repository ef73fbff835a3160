"""MT940 and MT942 text cut into messages: each its tags in order, each tag its lines.

What a tag means is decided in ``messages``; dialects of the free text (tag 86) in ``remarks``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from connectors.core.text import Refused

TAG = re.compile(r":(\d{2}[A-Z]?|NS):(.*)", re.DOTALL)
BLOCK = re.compile(r"^\{[0-9].*\{4:")
ENDS = frozenset({"-", "-}", "-}{5:}"})
MOVEMENT = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4}| {4})?(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>\d[\d.,]*|,\d+)(?P<type>[A-Z][A-Z0-9 ]{3})?(?P<rest>.*)"
)
BALANCE = re.compile(r"(?P<mark>[CD])(?P<day>\d{6})(?P<currency>[A-Z]{3})(?P<amount>[\d.,]+)")
TOTAL = re.compile(r"(?P<count>\d{1,5})(?P<currency>[A-Z]{3})(?P<amount>[\d.,]+)")
CENTURY_TURNS_AT = 80
LONGEST_LINE = 2_000
DIGITS_OF_DAY = 6


@dataclass(frozen=True, slots=True)
class Field:
    """One tag with its lines, and the line of the file it starts in."""

    tag: str
    lines: tuple[str, ...]
    number: int


@dataclass(slots=True)
class Message:
    """One message or page: it starts with tag 20."""

    fields: list[Field] = field(default_factory=list)

    def first(self, *tags: str) -> Field | None:
        """The first field with one of these tags."""
        return next((found for found in self.fields if found.tag in tags), None)


def messages(text: str, name: str) -> Iterator[Message]:
    """Every message of the text; what stands before the first tag 20 is the bank's envelope."""
    message: Message | None = None
    for found in _fields(text, name):
        if found.tag == "20":
            if message is not None:
                yield message
            message = Message()
        if message is not None:
            message.fields.append(found)
    if message is None:
        raise Refused(f"{name} is no MT940 or MT942 text: it has no tag 20; allowed is the file as the bank made it")
    yield message


def _fields(text: str, name: str) -> Iterator[Field]:
    tag, lines, start = "", [""], 0
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if len(raw) > LONGEST_LINE:
            raise Refused(f"{name} line {number} is {len(raw)} characters long; no bank writes that, fetch it again")
        line = BLOCK.sub("", raw)
        found = TAG.fullmatch(line)
        if found or line.strip(" \x03") in ENDS:
            if tag:
                yield Field(tag, tuple(lines), start)
            tag, lines, start = (found[1], [found[2]], number) if found else ("", [""], number)
        elif tag and line.strip():
            lines.append(line)
    if tag:
        yield Field(tag, tuple(lines), start)


def exact(text: str, name: str, number: int) -> Decimal:
    """An amount with a decimal comma, or with the point some banks write; never with thousands marks."""
    plain = text.replace(",", ".")
    if plain.count(".") > 1 or not plain.replace(".", "").isascii() or not plain.replace(".", "").isdigit():
        raise Refused(f"{name} line {number}: {text!r} is no amount such as 1234,56; fetch it again")
    return Decimal(plain.rstrip(".") or "0") if not plain.startswith(".") else Decimal(f"0{plain}")


def day_of(text: str, name: str, number: int) -> date:
    """YYMMDD; a 30th of February, which banks that count 30 days a month write, is the last day of the month."""
    if len(text) != DIGITS_OF_DAY or not (text.isascii() and text.isdigit()):
        raise Refused(f"{name} line {number}: {text!r} is no day of the form YYMMDD; fetch it again")
    year = int(text[:2])
    return _clamped((1900 if year >= CENTURY_TURNS_AT else 2000) + year, text[2:], name, number)


def entry_day(text: str, value: date, name: str, number: int) -> date:
    """MMDD in the year that brings it nearest to the value date."""
    days = [_clamped(year, text, name, number) for year in (value.year - 1, value.year, value.year + 1)]
    return min(days, key=lambda day: (abs(day - value), day))


def _clamped(year: int, month_day: str, name: str, number: int) -> date:
    month, day = int(month_day[:2]), int(month_day[2:])
    longest_month = 31
    if not (1 <= month <= 12 and 1 <= day <= longest_month):  # noqa: PLR2004 - months of a year
        raise Refused(f"{name} line {number}: {month_day!r} is no month and day; fetch it again")
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day, last))
