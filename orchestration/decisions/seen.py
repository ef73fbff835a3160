"""What is published about exceptions, and what a decision about them says of their records."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orchestration.decisions import periods
from orchestration.decisions.asked import Asked
from orchestration.decisions.event import DecisionError
from orchestration.decisions.fields import correction, subject_of
from orchestration.decisions.together import named_by, put_together, taken_apart
from orchestration.settings import Settings
from orchestration.warehouse import connect, snapshot_path

CORRECTING: Final = ("split", "link", "map", "correct")
EXCEPTIONS: Final = """
    select
        exception_id, code, kind, status, level, record_type, record_key, record_fingerprint, currency, open_amount,
        evidence
    from marts.exceptions where exception_id in (select unnest(?))
"""


class Seen:
    """The published exceptions of these numbers, and months; ``found`` has those that are there."""

    def __init__(self, settings: Settings, exceptions: Sequence[str]) -> None:
        self._path = snapshot_path(settings)
        self.found: dict[str, Mapping[str, Any]] = {}
        self._read(exceptions)

    def about(self, subject: str, asked: Asked) -> dict[str, Any]:
        """What the decision is about, as the maker saw it published."""
        periods.check(self.found.get(subject), subject, asked.action)
        if asked.action in periods.ACTIONS:
            return bound(self.found[subject])
        if asked.action == "manual_match":
            return self.together([subject], asked)
        if asked.action == "unmatch":
            with connect(self._path, read_only=True) as connection:
                return taken_apart(connection, subject, self.found.get(subject))
        found = self._open(subject)
        content = bound(found)
        if asked.action == "accept_timing" and found["record_type"] == "bill":
            raise DecisionError(f"{subject} is about a bill that is missing or broken, which no word makes good")
        if asked.action == "write_off":
            content |= _given_up(found, asked)
        elif asked.action in CORRECTING:
            with connect(self._path, read_only=True) as connection:
                content |= correction(subject_of(connection, found), asked.action, asked.key, asked.amount)
        return content

    def together(self, subjects: Sequence[str], asked: Asked) -> dict[str, Any]:
        """All of them in one match; the other side may be named by its numbers."""
        wanted = list(dict.fromkeys(subjects))
        for subject in wanted:
            periods.check(self.found.get(subject), subject, asked.action)
        found = [self._open(subject) for subject in wanted]
        if asked.key:
            with connect(self._path, read_only=True) as connection:
                others = [one for one in named_by(connection, found[0], asked.key) if one not in wanted]
            self._read(others)
            found += [self._open(subject) for subject in others]
        with connect(self._path, read_only=True) as connection:
            return bound(found[0]) | put_together(connection, found)

    def _open(self, subject: str) -> Mapping[str, Any]:
        found = self.found.get(subject)
        if found is None:
            raise DecisionError(f"{subject} is no exception of the published snapshot; see exception_id in exceptions")
        if found["status"] == "cleared":
            raise DecisionError(f"{subject} is cleared; there is nothing to decide about it")
        return found

    def _read(self, exceptions: Sequence[str]) -> None:
        if not exceptions:
            return  # about none, nothing need be published
        with connect(self._path, read_only=True) as connection:
            cursor = connection.execute(EXCEPTIONS, [list(exceptions)])
            names = [column[0] for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            self.found |= periods.seen(connection, exceptions)
        self.found |= {str(row["exception_id"]): row for row in rows}


def bound(found: Mapping[str, Any]) -> dict[str, Any]:
    """What ties a decision to an exception and to what its maker saw of it."""
    names = ("exception_id", "code", "level", "record_type", "record_key", "record_fingerprint")
    return {**{name: found[name] for name in names}, "amount": None, "currency": None, "reverses": None}


def _given_up(found: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    left = found["open_amount"]
    amount = left if asked.amount is None else asked.amount
    if not 0 < amount <= left:
        raise DecisionError(
            f"{found['exception_id']} is about {left} {found['currency']}: more is not written off, and not nothing"
        )
    return {"amount": str(round(amount, 2)), "currency": found["currency"]}
