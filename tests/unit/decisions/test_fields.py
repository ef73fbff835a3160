"""What can be corrected: the desk and SQL mean the same fields."""

import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.decisions.fields import FIXED, LINKED, MAPPED, PERSONAL, SPLIT, STREAMS, correctable
from orchestration.decisions.together import SIDES
from orchestration.warehouse import PROJECT_DIR

KINDS = {"ref", "text", "word", "choice", "money", "signed", "price", "rate", "quantity", "whole", "day"}
"""As ``correctable_columns`` has them."""


def macro_text(name: str) -> str:
    return Path(PROJECT_DIR / "macros" / "ledger" / f"{name}.sql").read_text(encoding="utf-8")


def defined(stream: str) -> dict[str, str]:
    """Name and kind of each column, as the canonical streams define them."""
    text = macro_text("stream_columns")
    component = re.search(r"set component = ((?:'[^']*'\s*~?\s*)+)", text)
    body = re.search(rf"    '{stream}': ((?:'[^']*'(?:\s*~ component)?\s*~?\s*)+)", text)
    assert component
    assert body
    words = "".join(re.findall(r"'([^']*)'", body[1]))
    return {one.split(":")[0]: re.split("[!=]", one.split(":")[1])[0] for one in words.split()}


@pytest.mark.parametrize("stream", STREAMS.values())
def test_what_the_desk_lets_correct_the_ledger_corrects(stream: str) -> None:
    columns: dict[str, Any] = defined(stream)
    for name, column in correctable(stream).items():
        assert columns[name] in KINDS, name
        # what moves money is covered by an approval, at the desk and in SQL
        assert (column.kind in {"amount", "signed_amount"}) == (columns[name] in {"money", "signed"}), name
    assert not FIXED[stream] & correctable(stream).keys()
    assert not PERSONAL & correctable(stream).keys()


def test_what_is_linked_mapped_or_split_can_be_corrected() -> None:
    for stream, field in [*LINKED.items(), *MAPPED.items(), *((stream, "amount") for stream in SPLIT)]:
        assert field in correctable(stream)


def test_sql_gives_parts_the_number_that_the_desk_links() -> None:
    told = dict(re.findall(r"'(\w+)': '(\w+)'", macro_text("corrections").partition("macro part_reference")[2]))
    assert {stream: LINKED[stream] for stream in SPLIT} == told


def test_sql_matches_by_hand_on_the_levels_of_the_desk() -> None:
    text = Path(PROJECT_DIR / "models" / "matching" / "int_matching__by_hand.sql").read_text(encoding="utf-8")
    told = {
        level: dict(re.findall(r"'(\w+)': '(\w+)'", types)) for level, types in re.findall(r"'(\w+)': \{(.*?)\}", text)
    }
    assert SIDES == told
