"""The rule table ``people``: who may decide, and how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from orchestration.decisions.event import DecisionError
from orchestration.settings import Settings, rule_tables
from orchestration.settings.rules import read_rules

ROLE_LIMITS: Final[Mapping[str, Decimal | None]] = {"RA": Decimal(50), "supervisor": Decimal(5000), "FM": None}
"""How much a role may approve, in the base currency; None: any amount. SQL says the same in ``approval_limit``."""


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the table. ``limit_amount`` wins over what the roles allow."""

    name: str
    roles: tuple[str, ...]
    limit_amount: Decimal | None
    public_key: str

    def covers(self, amount: Decimal, currency: str | None, base_currency: str) -> bool:
        """Whether this person may approve it; money in another currency needs somebody without a limit."""
        own = [ROLE_LIMITS[role] for role in self.roles if role in ROLE_LIMITS]
        limits = own if self.limit_amount is None else [self.limit_amount]
        in_base = currency in {None, base_currency}
        return any(limit is None or (in_base and amount <= limit) for limit in limits)


def people_of(settings: Settings) -> Mapping[str, Person]:
    """By name; nobody where there is no table."""
    path = rule_tables(settings.rules_dir).get("people")
    found = {}
    for _, row in read_rules("people", path) if path else ():
        limit = row["limit_amount"]
        roles = tuple(row["roles"].replace(",", " ").replace(";", " ").split())
        found[row["person"]] = Person(row["person"], roles, Decimal(limit) if limit else None, row["public_key"])
    return found


def person_of(settings: Settings, name: str) -> Person:
    """The person who says so; raises DecisionError with who is known."""
    people = people_of(settings)
    if name in people:
        return people[name]
    known = f"it names {', '.join(sorted(people))}" if people else "there is none; tieout init writes one"
    raise DecisionError(f"{name} is not in the rule table people: {known}")
