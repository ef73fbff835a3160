"""A filled-in worklist, read back: every row that says something becomes a proposal, or is refused with its reasons.

Nothing of the workbook is believed but what people fill in; the exception itself is the published one.
What becomes of a proposal is not said here.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from orchestration.decisions.sheets import Row, open_worklist
from orchestration.settings.labels import Labels, labels, name_of
from orchestration.warehouse.worklist import (
    ACTIONS,
    ANSWERS,
    CAUSES,
    FACTS,
    FINGERPRINTED,
    KEPT,
    LARGEST,
    LONGEST,
    Item,
    cell_text,
    changed_cells,
    decisions_for,
    items_named,
    origin,
)

AMOUNT: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?|[0-9]{1,16}(\.[0-9]{1,2})?")
DAY: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
PAIR: Final = re.compile(r"[a-z][a-z_]*\s*=\s*\S.*", re.DOTALL)
WHOLE_NUMBER_DIGITS: Final = 15
UNTIL: Final = frozenset({"accept_timing", "dispute", "snooze"})
"""Their day is one that is waited for."""
LIMITED: Final = frozenset({"split", "write_off"})
"""What decides about money within the limits of the people who approve."""
FURTHEST: Final = timedelta(days=366)
ALWAYS: Final = ("action", "cause", "note")
"""What goes with every decision."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one row proposes. ``amount``: in the exception's currency, the whole open amount where none was given."""

    exception_id: str
    fingerprint: str
    code: str
    action: str
    amount: Decimal | None
    currency: str
    posted_on: date | None
    key: str | None
    cause: str | None
    assignee: str | None
    note: str | None
    sheet: str
    line: int


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of which nothing was taken, and why, in the language of its workbook."""

    exception_id: str
    sheet: str
    line: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worklist:
    """Every row that said something. ``run_id``, ``head``: of the snapshot that the workbook was written from."""

    run_id: str
    head: str
    words: Labels
    taken: tuple[Proposal, ...]
    refused: tuple[RefusedRow, ...]


class Wrong(Exception):  # noqa: N818 - it is a verdict on one cell
    """A cell that cannot be taken; its text is the reason."""


def read_worklist(path: Path, snapshot: duckdb.DuckDBPyConnection, limit: Decimal | None = None) -> Worklist:
    """Every filled-in row, judged against the published snapshot.

    ``limit``: the most that any of the people may approve; None if one of them may approve everything.
    Raises WorklistError for a file that is no worklist.
    """
    about, filled = open_worklist(path)
    words = labels("en" if about["language"] == "en" else "zh")
    items = items_named(snapshot, [row.exception_id for row in filled])
    today = origin(snapshot).as_of.date()
    places: dict[str, list[str]] = {}
    for row in filled:
        places.setdefault(row.exception_id, []).append(f"{row.sheet} {row.line}")
    taken: list[Proposal] = []
    refused: list[RefusedRow] = []
    for row in filled:
        item = items.get(row.exception_id)
        reasons: Sequence[str] = [*_reasons_of_row(row, item, places[row.exception_id], words)]
        if item is not None and not reasons:
            judged = Judge(row, item, words, today, limit).judge()
            if isinstance(judged, Proposal):
                taken.append(judged)
                continue
            reasons = judged
        refused.append(RefusedRow(row.exception_id, row.sheet, row.line, tuple(reasons)))
    return Worklist(about["run_id"], about["head"], words, tuple(taken), tuple(refused))


def _reasons_of_row(row: Row, item: Item | None, places: Sequence[str], words: Labels) -> Iterator[str]:
    """Why nothing of the row is read: a formula, no number, two of it, edited, gone, closed or stale."""
    fingerprint = cell_text(row.cells["fingerprint"])
    if row.formulas or row.errors:
        for kind, cells in (("formula", row.formulas), ("error", row.errors)):
            yield from (words.say("reason", kind, place=place) for place in cells)
    elif not row.exception_id:
        yield words.say("reason", "no_id")
    elif len(places) > 1:
        yield words.say("reason", "twice", places=_list(places, words))
    elif edited := _edited(row, fingerprint):
        named = [f"{row.address(name)} {_heading(name, words)}" for name in edited]
        yield words.say("reason", "edited", places=_list(named, words))
    elif item is None:
        yield words.say("reason", "gone")
    elif not decisions_for(item["code"], item["status"]):
        yield words.say("reason", "closed", status=words.of("status", item["status"]))
    elif fingerprint != item.fingerprint:
        # a level is shown by its label alone
        known = [name for name in FINGERPRINTED if name != "level"]
        changed = [name for name in known if cell_text(row.cells[name]) != cell_text(item[name])] or ["level"]
        yield words.say("reason", "stale", columns=_list([_heading(name, words) for name in changed], words))


def _edited(row: Row, fingerprint: str) -> Sequence[str]:
    """The columns whose cells are not what was exported; the hidden ones if they belong to another row."""
    shown = [row.cells[column.name] for column in FACTS]
    places = changed_cells(row.exception_id, fingerprint, shown, cell_text(row.cells["seal"]))
    return KEPT if len(places) == len(FACTS) else [FACTS[place].name for place in places]


@dataclass(frozen=True, slots=True)
class Judge:
    """What is filled in, against what is allowed for this exception."""

    row: Row
    item: Item
    words: Labels
    today: date
    limit: Decimal | None

    def judge(self) -> Proposal | Sequence[str]:
        """The proposal, or every reason against it."""
        try:
            action = self._action()
        except Wrong as wrong:
            return [str(wrong)]
        reasons = [*self._fields(action)]
        read: dict[str, Any] = {}
        readers: Mapping[str, Callable[[str], Any]] = {
            "amount": self._amount,
            "posted_on": self._day,
            "cause": self._cause,
            "key": self._key,
        }
        for column in ANSWERS[1:]:
            try:
                read[column.name] = readers.get(column.name, lambda _, name=column.name: self._text(name))(action)
            except Wrong as wrong:
                reasons.append(str(wrong))
        if reasons:
            return reasons
        item = self.item
        return Proposal(
            exception_id=item["exception_id"],
            fingerprint=item.fingerprint,
            code=item["code"],
            action=action,
            currency=item["currency"],
            sheet=self.row.sheet,
            line=self.row.line,
            **read,
        )

    def _action(self) -> str:
        given = _typed(self.row.cells["action"])
        allowed = decisions_for(self.item["code"], self.item["status"])
        offered = _list([self.words.of("action", name) for name in allowed], self.words)
        if not given:
            raise Wrong(self.words.say("reason", "no_action"))
        action = name_of("action", given)
        if action is None:
            raise Wrong(self.words.say("reason", "unknown_action", given=given, allowed=offered))
        if action not in allowed:
            raise Wrong(
                self.words.say(
                    "reason",
                    "not_allowed",
                    action=self.words.of("action", action),
                    code=self.item["code"],
                    status=self.words.of("status", self.item["status"]),
                    allowed=offered,
                )
            )
        return action

    def _fields(self, action: str) -> Iterator[str]:
        """What the decision needs and lacks, and what it has no use for."""
        given = {column.name for column in ANSWERS if cell_text(self.row.cells[column.name])}
        needs, takes = ACTIONS[action].needs, ACTIONS[action].takes
        lacking = [name for name in needs if name not in given]
        unused = [column.name for column in ANSWERS if column.name in given - {*needs, *takes, *ALWAYS}]
        for reason, names in (("missing", lacking), ("unused", unused)):
            if names:
                yield self.words.say(
                    "reason",
                    reason,
                    action=self.words.of("action", action),
                    columns=_list([_heading(name, self.words) for name in names], self.words),
                )

    def _amount(self, action: str) -> Decimal | None:
        value, open_amount = self.row.cells["amount"], self.item["open_amount"]
        used = "amount" in (*ACTIONS[action].needs, *ACTIONS[action].takes)
        if not cell_text(value):
            amount = open_amount if used and action != "split" and open_amount else None
        else:
            amount = self._written_amount(value)
            if used and not open_amount:
                raise Wrong(self.words.say("reason", "no_money"))
            if used and amount > open_amount:
                raise Wrong(self.words.say("reason", "too_much", given=f"{amount:,.2f}", open=f"{open_amount:,.2f}"))
            if action == "split" and amount == open_amount:
                raise Wrong(self.words.say("reason", "not_a_part", given=f"{amount:,.2f}", open=f"{open_amount:,.2f}"))
        if amount is not None and self.limit is not None and action in LIMITED and amount > self.limit:
            raise Wrong(self.words.say("reason", "limit", given=f"{amount:,.2f}", limit=f"{self.limit:,.2f}"))
        return amount

    def _written_amount(self, value: Any) -> Decimal:
        typed = _typed(value)
        if isinstance(value, str) and AMOUNT.fullmatch(typed):
            amount = Decimal(typed.replace(",", ""))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            amount = Decimal(str(value))
        else:
            raise Wrong(self.words.say("reason", "amount", given=typed))
        if not 0 < amount < LARGEST or amount != round(amount, 2):
            raise Wrong(self.words.say("reason", "amount", given=typed))
        return round(amount, 2)

    def _day(self, action: str) -> date | None:
        value = self.row.cells["posted_on"]
        if not cell_text(value):
            return None
        day = value.date() if isinstance(value, datetime) else value
        if isinstance(day, str):
            day = _day_of(_typed(day))
        if not isinstance(day, date):
            raise Wrong(self.words.say("reason", "day", given=_typed(value)))
        if action in UNTIL and not self.today < day <= self.today + FURTHEST:
            raise Wrong(self.words.say("reason", "not_ahead", given=day, as_of=self.today))
        return day

    def _cause(self, _action: str) -> str | None:
        given = _typed(self.row.cells["cause"])
        cause = name_of("cause", given) if given else None
        if given and cause not in CAUSES:
            allowed = _list([self.words.of("cause", name) for name in CAUSES], self.words)
            raise Wrong(self.words.say("reason", "unknown_cause", given=given, allowed=allowed))
        return cause

    def _key(self, action: str) -> str | None:
        key = self._text("key")
        if key and action == "correct" and not PAIR.fullmatch(key):
            raise Wrong(self.words.say("reason", "pair", given=key))
        return key

    def _text(self, name: str) -> str | None:
        """Text, or a number typed where a text belongs, as long as the spreadsheet has kept all its digits."""
        value = self.row.cells[name]
        text = " ".join(cell_text(value).split())
        if isinstance(value, int | float) and len(text.lstrip("-")) > WHOLE_NUMBER_DIGITS:
            raise Wrong(self.words.say("reason", "digits", place=self.row.address(name)))
        if len(text) > LONGEST[name]:
            raise Wrong(self.words.say("reason", "long", column=_heading(name, self.words), most=LONGEST[name]))
        return text or None


def _typed(value: Any) -> str:
    """What somebody typed, without the wide forms of a Chinese keyboard."""
    return unicodedata.normalize("NFKC", cell_text(value)).strip()


def _day_of(text: str) -> date | None:
    found = DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _heading(name: str, words: Labels) -> str:
    return words.of("column", name).removeprefix("► ")


def _list(texts: Sequence[str], words: Labels) -> str:
    return ("、" if words.language == "zh" else ", ").join(texts)
