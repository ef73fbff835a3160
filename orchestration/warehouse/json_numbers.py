"""JSON numbers that a double cannot carry. A page without a long decimal is never looked at record by record."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

SAFE_DIGITS = 15
MOST_DIGITS = 17


def damaged_by_double(number: Decimal) -> bool:
    """Whether reading this number as a double could change it."""
    digits = len(number.normalize().as_tuple().digits)
    if digits <= SAFE_DIGITS:
        return False
    return digits >= MOST_DIGITS or Decimal(repr(float(number))) != number


def unsafe_records(document: str, items: str) -> Iterator[tuple[int, str, str]]:
    """Position (from 1), reason and text of each record of the list that holds such a number."""
    found: Any = json.loads(document, parse_float=Decimal)
    for step in items.removeprefix("$").strip(".").split("."):
        if step:
            found = found.get(step) if isinstance(found, dict) else None
    records = found if isinstance(found, list) else [] if found is None else [found]
    for position, record in enumerate(records, start=1):
        for path, number in _decimals(record, ""):
            if damaged_by_double(number):
                reason = f"{path} is the JSON number {number}: too many digits to be read exactly"
                yield position, reason, json.dumps(record, default=str, ensure_ascii=False)
                break


def _decimals(value: Any, path: str) -> Iterator[tuple[str, Decimal]]:
    if isinstance(value, Decimal):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _decimals(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _decimals(item, path)
