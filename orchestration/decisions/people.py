"""Who may decide, and how much: the rule table ``people`` as two people have approved it."""

from collections.abc import Mapping

from orchestration.decisions.adopted import PEOPLE, people_in_force
from orchestration.decisions.event import DecisionError
from orchestration.decisions.person import ROLE_LIMITS, Person, people_in
from orchestration.decisions.store import store_of
from orchestration.landing import Archive
from orchestration.settings import Settings, rule_tables
from orchestration.settings.rules import read_rules

__all__ = ["ROLE_LIMITS", "Person", "people_of", "person_of"]


def people_of(settings: Settings) -> Mapping[str, Person]:
    """By name; nobody where there is no table."""
    return people_in(people_in_force(settings, Archive(settings.data_dir), store_of(settings).events()))


def person_of(settings: Settings, name: str) -> Person:
    """The person who says so; raises DecisionError with who is known."""
    people = people_of(settings)
    if name in people:
        return people[name]
    path = rule_tables(settings.rules_dir).get(PEOPLE)
    if path is not None and any(row["person"] == name for _, row in read_rules(PEOPLE, path)):
        raise DecisionError(
            f"{name} stands in {path.name}, and no second person has approved that: one of {', '.join(sorted(people))} "
            f"says tieout rules propose {path.name} --as NAME, and another who is FM tieout approve"
        )
    known = f"it names {', '.join(sorted(people))}" if people else "there is none; tieout init writes one"
    raise DecisionError(f"{name} is not in the rule table people: {known}")
