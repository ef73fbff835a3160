"""Decisions: who proposed what, who approved it, and that nobody did it alone. What counts is decided in SQL."""

from orchestration.decisions.asked import Asked
from orchestration.decisions.desk import approve, propose, propose_each, reject
from orchestration.decisions.event import DecisionError, Event
from orchestration.decisions.export import check_store, land_events
from orchestration.decisions.periods import subject_of
from orchestration.decisions.rules import changes, found, propose_rules, rules_that_count
from orchestration.decisions.store import DecisionStore, store_of

__all__ = [
    "Asked",
    "DecisionError",
    "DecisionStore",
    "Event",
    "approve",
    "changes",
    "check_store",
    "found",
    "land_events",
    "propose",
    "propose_each",
    "propose_rules",
    "reject",
    "rules_that_count",
    "store_of",
    "subject_of",
]
