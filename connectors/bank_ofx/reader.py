"""OFX cut into statements: elements in the order they come, with or without closing tags.

Both shapes are read alike: SGML, whose leaves are never closed, and XML. What a statement means is for ``streams``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from connectors.core.text import Refused

TOKEN = re.compile(r"<(/?)([A-Za-z0-9_.]{1,32})>([^<]*)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
STATEMENTS = frozenset({"STMTRS", "CCSTMTRS"})
PARTS = frozenset({"BANKACCTFROM", "CCACCTFROM", "STMTTRN", "LEDGERBAL", "AVAILBAL", "PAYEE", "BANKACCTTO", "CCACCTTO"})
OUTER = frozenset({"SONRS", "STMTTRNRS", "CCSTMTTRNRS", "STATUS"})
LONGEST_VALUE = 4_000


@dataclass(slots=True)
class Movement:
    """One STMTTRN: its elements by name; those of an inner aggregate as ``PAYEE.NAME``."""

    values: dict[str, str] = field(default_factory=dict)

    def get(self, *names: str) -> str:
        """The first of the named elements that is there and not empty."""
        return next((self.values[name] for name in names if self.values.get(name)), "")


@dataclass(slots=True)
class Statement:
    """One STMTRS or CCSTMTRS; ``values`` such as CURDEF, BANKACCTFROM.ACCTID, LEDGERBAL.BALAMT."""

    values: dict[str, str] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)


def statements(text: str, name: str) -> Iterator[Statement]:
    """Every statement of the file; a file whose bank answers with an error is refused in the bank's words."""
    text = COMMENT.sub("", text)
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise Refused(f"{name} declares a DOCTYPE or an entity; no bank needs that, fetch it again")
    reader = _Reader(name)
    for closing, tag, value in TOKEN.findall(text):
        yield from reader.take(bool(closing), tag.upper(), unescape(value).strip())
    yield from reader.end()
    if not reader.found:
        raise Refused(f"{name} holds no OFX statement; allowed are bank and card statements as the bank made them")
    counted = len(re.findall(r"<STMTTRN>", text, re.IGNORECASE))
    if counted != reader.count:
        raise Refused(f"{name} names {counted} movements, {reader.count} stand inside a statement; fetch it again")


class _Reader:
    """Where in the file we are: in which statement, movement and inner part."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found = 0
        self.count = 0
        self._statement: Statement | None = None
        self._movement: Movement | None = None
        self._part = ""
        self._status: dict[str, str] = {}

    def take(self, closing: bool, tag: str, value: str) -> Iterator[Statement]:
        """One element; yields a statement when it ends."""
        if len(value) > LONGEST_VALUE:
            raise Refused(f"{self.name}: element {tag} is {len(value)} characters long; fetch it again")
        if tag in STATEMENTS:
            yield from self.end()
            if not closing:
                self._statement, self.found = Statement(), self.found + 1
        elif tag == "STMTTRN":
            self._movement, self._part = None, ""
            if not closing and self._statement is not None:
                self._movement = Movement()
                self._statement.movements.append(self._movement)
                self.count += 1
        elif tag in PARTS:
            self._part = "" if closing else tag
            self._movement = self._movement if tag in {"PAYEE", "BANKACCTTO", "CCACCTTO"} else None
        elif tag in OUTER:
            self._status = {} if tag == "STATUS" and not closing else self._status
        elif value:
            self._value(tag, value)

    def end(self) -> Iterator[Statement]:
        """The statement that is open, if there is one."""
        if self._statement is not None:
            yield self._statement
        self._statement, self._movement, self._part = None, None, ""

    def _value(self, tag: str, value: str) -> None:
        key = f"{self._part}.{tag}" if self._part else tag
        if self._movement is not None:
            self._movement.values.setdefault(key, value)
        elif self._statement is not None:
            self._statement.values.setdefault(key, value)
        elif tag in {"CODE", "SEVERITY", "MESSAGE"}:
            self._status[tag] = value
            if self._status.get("SEVERITY", "").upper() == "ERROR":
                said = " ".join(self._status.get(part, "") for part in ("CODE", "MESSAGE")).strip()
                raise Refused(f"{self.name} is an error answer of the bank ({said}), no statement; fetch it again")
