"""BAI2 cut into records: groups, accounts and their movements, every control total and count recomputed.

A record may go on in 88 records, which may cut a type from its amount; a text may hold commas and slashes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.core.text import Refused

CODES = frozenset({"01", "02", "03", "16", "49", "88", "98", "99"})
NEXT = re.compile(r"/\s*(?=(?:02|03|16|49|98|99),)")
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
LONGEST_LINE = 2_000
FUNDS_FIELDS = {"S": 3, "V": 2}
UPDATE = "1"


@dataclass(slots=True)
class Movement:
    """One 16 record: the type says the side, ``amount`` is in whole minor units as written."""

    type_code: str
    amount: str
    value_day: str
    bank_reference: str
    customer_reference: str
    text: str
    number: int


@dataclass(slots=True)
class Account:
    """One 03 record with what belongs to it. ``summary``: type → (amount, item count) as written."""

    number: str
    currency: str
    summary: dict[str, tuple[str, str]]
    group_day: str
    group_currency: str
    status: str
    movements: list[Movement] = field(default_factory=list)
    deviations: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Record:
    code: str
    fields: list[str]
    text: str
    number: int
    pieces: int = 1


@dataclass(slots=True)
class _Control:
    """What has been counted since a group or the file began."""

    total: int = 0
    records: int = 0
    children: int = 0


def accounts(text: str, name: str) -> Iterator[Account]:
    """Every account section, with what does not agree between its records and their trailers."""
    reader = _Reader(name)
    for record in _records(text, name):
        yield from reader.take(record)
    reader.end()


class _Reader:
    """Where in the file we are, and what has been counted since its parts began."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._own, self._group, self._file = _Control(), _Control(), _Control()
        self._head: list[str] = []
        self._account: Account | None = None

    def take(self, record: _Record) -> Iterator[Account]:
        """One record; yields an account when its trailer comes."""
        for control in (self._own, self._group, self._file):
            control.records += record.pieces
        if record.code == "02":
            self._head, self._group = record.fields, _Control(records=record.pieces)
        elif record.code == "03":
            self._account, self._own = _account(record, self._head, self.name), _Control(records=record.pieces)
            self._own.total = sum(_amount(text, self.name, record) for text, _ in self._account.summary.values())
        elif record.code == "16" and self._account is not None:
            movement = _movement(record, self.name)
            self._own.total += _amount(movement.amount, self.name, record)
            self._account.movements.append(movement)
        elif record.code == "49" and self._account is not None:
            yield self._closed(self._account, record)
        elif record.code in {"98", "99"}:
            self._trailer(record)

    def _closed(self, account: Account, record: _Record) -> Account:
        account.deviations += _disagree(record, self._own, self.name, f"account {account.number}", children=False)
        self._group.total += self._own.total
        self._group.children += 1
        self._account = None
        return account

    def _trailer(self, record: _Record) -> None:
        is_group = record.code == "98"
        control, what = (self._group, "the group") if is_group else (self._file, "the file")
        found = _disagree(record, control, self.name, what, children=True)
        if found:
            raise Refused(f"{self.name} contradicts itself: {'; '.join(found)}; fetch it again")
        if is_group:
            self._file.total += self._group.total
            self._file.children += 1

    def end(self) -> None:
        """Nothing may be left open."""
        if self._account is not None:
            raise Refused(f"{self.name} ends inside account {self._account.number}; fetch it again")


def _records(text: str, name: str) -> Iterator[_Record]:
    """Logical records: each with the 88 records that continue it."""
    current: _Record | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise Refused(f"{name} line {number} is {len(line)} characters long; fetch it again")
        for piece in NEXT.split(line.strip()) if line.strip() else ():
            code, _, rest = piece.strip().partition(",")
            if code not in CODES:
                raise Refused(f"{name} line {number} starts with {code[:10]!r}, no BAI2 record; fetch it again")
            content = rest.rstrip().removesuffix("/")
            if code == "88":
                if current is None:
                    raise Refused(f"{name} line {number} continues nothing; fetch it again")
                _go_on(current, content)
                continue
            if current is not None:
                yield current
            current = _Record(code, *_cut(code, content), number)
    if current is None or current.code != "99":
        raise Refused(f"{name} does not end with a 99 record, so it is cut off or no BAI2 file; fetch it again")
    yield current


def _cut(code: str, content: str) -> tuple[list[str], str]:
    fields = content.split(",")
    if code != "16":
        return fields, ""
    needed = _fields_before_text(fields)
    return fields[:needed], ",".join(fields[needed:]) if len(fields) > needed else ""


def _go_on(record: _Record, content: str) -> None:
    """A continuation: more fields as long as some are missing, text after that."""
    record.pieces += 1
    if record.code == "16" and len(record.fields) >= _fields_before_text(record.fields):
        record.text = " ".join(filter(None, (record.text, content.strip())))
        return
    if record.code != "16":
        record.fields += content.split(",")
        return
    record.fields, record.text = _cut("16", ",".join([*record.fields, content]))


def _fields_before_text(fields: Sequence[str]) -> int:
    """Type, amount, funds type with what belongs to it, two references."""
    funds = fields[2].strip().upper() if len(fields) > 2 else ""  # noqa: PLR2004 - the third field
    return 5 + _funds_fields(funds, fields[3:])


def _funds_fields(funds: str, following: Sequence[str]) -> int:
    """How many fields the funds type brings along: D counts its own pairs."""
    if funds == "D":
        count = following[0].strip() if following else ""
        return 1 + 2 * int(count) if count.isdecimal() else 1
    return FUNDS_FIELDS.get(funds, 0)


def _account(record: _Record, head: Sequence[str], name: str) -> Account:
    fields = [*record.fields, "", ""]
    summary: dict[str, tuple[str, str]] = {}
    place = 2
    while place < len(record.fields):
        code, amount, count, funds = [*record.fields[place : place + 4], "", "", "", ""][:4]
        if not code.strip():
            # some banks end a record with one comma more
            place += 1
            continue
        summary[code.strip()] = (amount.strip() or "0", count.strip())
        place += 4 + _funds_fields(funds.strip().upper(), record.fields[place + 4 :])
    group = [*head, *[""] * 7]
    if not head:
        raise Refused(f"{name} line {record.number}: an account stands outside a group; fetch it again")
    return Account(
        number=fields[0].strip(),
        currency=fields[1].strip(),
        summary=summary,
        group_day=group[3].strip(),
        group_currency=group[5].strip(),
        status=group[2].strip(),
    )


def _movement(record: _Record, name: str) -> Movement:
    fields = record.fields
    needed = _fields_before_text(fields)
    if len(fields) < 2:  # noqa: PLR2004 - a type and an amount
        raise Refused(f"{name} line {record.number} is a movement without an amount; fetch it again")
    fields = [*fields, *[""] * (needed - len(fields))]
    return Movement(
        type_code=fields[0].strip(),
        amount=fields[1].strip() or "0",
        value_day=fields[3].strip() if fields[2].strip().upper() == "V" else "",
        bank_reference=fields[needed - 2].strip(),
        customer_reference=fields[needed - 1].strip(),
        text=record.text.strip(),
        number=record.number,
    )


def _amount(text: str, name: str, record: _Record) -> int:
    if not WHOLE.fullmatch(text):
        raise Refused(f"{name} line {record.number}: {text[:30]!r} is no whole amount in minor units; fetch it again")
    return int(text)


def _disagree(record: _Record, found: _Control, name: str, what: str, *, children: bool) -> list[str]:
    """What a trailer states and what stands before it."""
    fields = [*record.fields, "", "", ""]
    stated = [("control total", fields[0], found.total)]
    if children:
        stated.append(("number of parts", fields[1], found.children))
    stated.append(("number of records", fields[2 if children else 1], found.records))
    return [
        f"the {label} of {what} is stated as {text.strip()}, the records give {value}"
        for label, text, value in stated
        if text.strip() and _amount(text.strip(), name, record) != value
    ]
