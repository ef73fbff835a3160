"""A row of the rule table ``people``, and what its person may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

ROLE_LIMITS: Final[Mapping[str, Decimal | None]] = {"RA": Decimal(50), "supervisor": Decimal(5000), "FM": None}
"""How much a role may approve, in the base currency; None: any amount. SQL says the same in ``approval_limit``."""
ADOPTING: Final = frozenset({"supervisor", "FM"})
"""Who may approve a rule table; ``people`` is for FM alone."""


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

    def may_adopt(self, table: str) -> bool:
        """Whether this person may approve another version of a rule table."""
        return not ({"FM"} if table == "people" else ADOPTING).isdisjoint(self.roles)


def people_in(rows: Iterable[Mapping[str, str]]) -> Mapping[str, Person]:
    """The people of a table's rows, by name."""
    found = {}
    for row in rows:
        limit = row["limit_amount"]
        roles = tuple(row["roles"].replace(",", " ").replace(";", " ").split())
        found[row["person"]] = Person(row["person"], roles, Decimal(limit) if limit else None, row["public_key"])
    return found
