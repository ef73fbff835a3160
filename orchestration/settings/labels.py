"""Words for people in both languages, from the one table ``labels.csv``; exception codes bring their own names."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language, by kind (column, action, reason …) and name."""

    language: Language
    words: Mapping[tuple[str, str], str]

    def of(self, kind: str, name: str) -> str:
        """The label; a name that people made themselves, such as a role, stands for itself."""
        return self.words.get((kind, name), name)

    def say(self, kind: str, name: str, **facts: object) -> str:
        """A sentence with its facts filled in."""
        return self.words[kind, name].format_map(facts)


@cache
def labels(language: Language) -> Labels:
    """The table in one language."""
    return Labels(language, {(row["kind"], row["name"]): row[language] for row in _table()})


def name_of(kind: str, text: str) -> str | None:
    """The name behind a label in either language, or behind itself; None if there is none."""
    wanted = text.casefold()
    for row in _table():
        if row["kind"] == kind and wanted in {row["name"], row["en"].casefold(), row["zh"].casefold()}:
            return row["name"]
    return None


@cache
def _table() -> tuple[Mapping[str, str], ...]:
    text = (resources.files("orchestration.settings") / "labels.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
