"""Decisions: who proposed what, who approved it, and that nobody did it alone. What counts is decided in SQL."""

from orchestration.decisions.asked import Asked
from orchestration.decisions.desk import approve, propose, propose_each, reject
from orchestration.decisions.event import DecisionError, Event
from orchestration.decisions.export import check_store, land_events
from orchestration.decisions.periods import subject_of
from orchestration.decisions.store import DecisionStore, store_of

__all__ = [
    "Asked",
    "DecisionError",
    "DecisionStore",
    "Event",
    "approve",
    "check_store",
    "land_events",
    "propose",
    "propose_each",
    "reject",
    "store_of",
    "subject_of",
]
