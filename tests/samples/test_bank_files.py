"""Real bank files against the survey's own figures: entries, sums, opening and closing balance of every statement."""

import csv
from decimal import Decimal

import pytest

from connectors.core.inspect import inspect_file
from tests.samples.conftest import SAMPLES

FACTS = SAMPLES / "intl" / "bank_file_facts.csv"
SOURCES = {"mt940": "bank_mt940", "ofx": "bank_ofx", "bai2": "bank_bai2"}


def facts() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    if FACTS.exists():
        with FACTS.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["file"].split("/")[0] in SOURCES:
                    found.setdefault(row["file"], []).append(row)
    return found


OF_FILES = facts()


def signed(statement: dict[str, str]) -> Decimal:
    return Decimal(statement["in_sum"]) - Decimal(statement["out_sum"])


def exact(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


MARKED = [
    pytest.mark.samples,
    pytest.mark.skipif(not OF_FILES, reason=f"no bank files below SAMPLES_DIR ({SAMPLES.parent})"),
]
pytestmark = MARKED


@pytest.mark.parametrize("name", [name for name in OF_FILES if name.startswith("mt940/")])
def test_every_statement_has_the_entries_sums_and_balances_of_the_survey(name):
    found = inspect_file(SAMPLES / "intl" / name, "bank_mt940")
    assert [
        (int(row["entries"]), Decimal(row["signed_sum"]), exact(row["opening"]), exact(row["closing"]))
        for row in OF_FILES[name]
    ] == [
        (
            statement["row_count"],
            signed(statement),
            exact(statement["opening_balance"]),
            exact(statement["closing_balance"]),
        )
        for statement in found["statements"]
    ]
    if any(row["opening_plus_sum_is_closing"] == "no" for row in OF_FILES[name]):
        assert "refused" == found["verdict"]
        assert "contradicts itself" in found["reason"]


@pytest.mark.parametrize("name", [name for name in OF_FILES if not name.startswith("mt940/")])
def test_every_file_has_the_entries_and_sum_of_the_survey(name):
    """OFX and BAI2 are counted by file; BAI2 in minor units; several closing balances stand side by side."""
    (row,) = OF_FILES[name]
    kind = name.split("/")[0]
    found = inspect_file(SAMPLES / "intl" / name, SOURCES[kind])
    statements = found["statements"]
    total = sum((signed(statement) for statement in statements), Decimal())
    assert (int(row["entries"]), Decimal(row["signed_sum"])) == (
        sum(statement["row_count"] for statement in statements),
        total * (100 if kind == "bai2" else 1),
    )
    if kind == "ofx":
        closing = [statement["closing_balance"] for statement in statements if statement["closing_balance"]]
        assert [Decimal(text.replace(",", ".")) for text in row["closing"].split()] == [
            Decimal(text) for text in closing
        ]
