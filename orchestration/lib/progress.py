"""How long work says how far it is. The command line draws it; a run in the UI stays silent, its log has the events."""

from typing import Protocol


class Progress(Protocol):
    """Receives progress of named pieces of work."""

    def begin(self, work: str, total: int | None = None) -> None:
        """A piece of work starts; ``total`` counts its steps where that is known."""

    def advance(self, work: str, detail: str = "", steps: int = 1) -> None:
        """Some steps of it are done."""

    def end(self, work: str) -> None:
        """It is done."""


class Silent:
    """Progress that nobody watches."""

    def begin(self, work: str, total: int | None = None) -> None:
        """Nobody watches."""

    def advance(self, work: str, detail: str = "", steps: int = 1) -> None:
        """Nobody watches."""

    def end(self, work: str) -> None:
        """Nobody watches."""
