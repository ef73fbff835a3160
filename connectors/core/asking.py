"""Asking a source number by number: one number that it refuses keeps no other waiting."""

from collections.abc import Callable
from typing import TypeVar

from connectors.core.errors import BadRequest

Answer = TypeVar("Answer")
HOPELESS = 5
"""So many refusals before any answer are about the access and not about a number."""
NAMED = 3
"""How many refused numbers a message names."""


class Refusals:
    """What was refused about single numbers, told together once all others have been asked."""

    def __init__(self) -> None:
        self._answered: set[str] = set()
        self._refused: dict[str, BadRequest] = {}

    def ask(self, number: str, question: Callable[[], Answer]) -> Answer | None:
        """The answer; None where this number is refused. Raises where nothing but refusals comes."""
        try:
            answer = question()
        except BadRequest as error:
            self._refused[number] = error
            if not self._answered and len(self._refused) >= HOPELESS:
                raise
            return None
        self._answered.add(number)
        return answer

    def tell(self) -> None:
        """Raise when anything was refused, naming the first few."""
        if not self._refused:
            return
        first = next(iter(self._refused.values()))
        named = ", ".join(list(self._refused)[:NAMED])
        asked = len(self._answered | self._refused.keys())
        raise BadRequest(
            f"{first.message} (refused for {len(self._refused)} of {asked} numbers, among them {named}; the others are "
            "in)",
            first.evidence,
        )
