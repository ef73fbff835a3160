"""What can go wrong between us and a source.

::

    ConnectorError
    ├── TransientError      another try may help
    │   ├── RateLimited     the source asked us to slow down
    │   ├── Unavailable     no answer, or an answer of the 5xx kind
    │   └── NotReadyYet     the source is still making the bill: come back
    └── PermanentError      another try cannot help
        ├── NotAuthorized   key, signature, permission
        ├── BadRequest      the source refuses the question
        ├── UnexpectedShape the answer is not what the source documents
        └── PagingError     pages repeat, contradict their count, or never end

Each carries where it happened and the source's own code and request id; never a secret, never a buyer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Self

from connectors.core.protocol import Window


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an error happened, and what the source said about it."""

    source: str = ""
    stream: str = ""
    window: Window | None = None
    status: int | None = None
    code: str | None = None
    request_id: str | None = None

    def __str__(self) -> str:
        """The facts that are known, ready for the end of a sentence."""
        facts = [
            f"{self.source}.{self.stream}" if self.stream else self.source,
            f"{self.window.start.isoformat()} to {self.window.end.isoformat()}" if self.window else "",
            f"HTTP {self.status}" if self.status is not None else "",
            f"code {self.code}" if self.code else "",
            f"request {self.request_id}" if self.request_id else "",
        ]
        return ", ".join(fact for fact in facts if fact)


class ConnectorError(Exception):
    """Base of everything a connector raises about its source."""

    def __init__(self, message: str, evidence: Evidence | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.evidence = evidence or Evidence()
        self.retry_after = retry_after

    def __str__(self) -> str:
        where = str(self.evidence)
        return f"{self.message} [{where}]" if where else self.message

    def at(self, *, source: str, stream: str, window: Window | None) -> Self:
        """Fill in where it happened, keeping what is already known."""
        known = self.evidence
        self.evidence = replace(
            known, source=known.source or source, stream=known.stream or stream, window=known.window or window
        )
        return self

    @property
    def source(self) -> str:
        """The connector it happened in."""
        return self.evidence.source

    @property
    def stream(self) -> str:
        """The stream that was being fetched."""
        return self.evidence.stream

    @property
    def window(self) -> Window | None:
        """The span that was asked for."""
        return self.evidence.window

    @property
    def status(self) -> int | None:
        """The HTTP status, where there was an answer."""
        return self.evidence.status

    @property
    def code(self) -> str | None:
        """The source's own code."""
        return self.evidence.code

    @property
    def request_id(self) -> str | None:
        """The source's own request id, for its support."""
        return self.evidence.request_id


class TransientError(ConnectorError):
    """Another try may help."""


class RateLimited(TransientError):  # noqa: N818 - the name is the answer, as documented
    """The source asked us to slow down."""


class Unavailable(TransientError):  # noqa: N818 - the name is the answer, as documented
    """No answer, or an answer of the 5xx kind."""


class NotReadyYet(TransientError):  # noqa: N818 - the name is the answer, as documented
    """The source is still making what was asked for."""


class PermanentError(ConnectorError):
    """Another try cannot help."""


class NotAuthorized(PermanentError):  # noqa: N818 - the name is the answer, as documented
    """Key, signature or permission was refused."""


class BadRequest(PermanentError):  # noqa: N818 - the name is the answer, as documented
    """The source refuses the question."""


class UnexpectedShape(PermanentError):  # noqa: N818 - the name is the answer, as documented
    """The answer is not what the source documents."""


class PagingError(PermanentError):
    """Pages repeat, contradict their count, or never end."""


MEANINGS: Mapping[str, tuple[type[ConnectorError], str]] = MappingProxyType({
    "limited": (RateLimited, "the source asks for fewer requests"),
    "failed": (Unavailable, "the source failed"),
    "unauthorised": (NotAuthorized, "not authorised"),
    "refused": (BadRequest, "the source refused the question"),
})  # fmt: skip
"""What a source's own code may mean, for sources whose codes are settings because no document of theirs is known."""


def refusal_of(meaning: str, where: str, advice: str, evidence: Evidence) -> ConnectorError:
    """The named error for a meaning of :data:`MEANINGS`; ``advice`` is what a person checks where it is up to them."""
    kind, words = MEANINGS[meaning]
    return kind(f"{where}: {words}" + ("" if issubclass(kind, TransientError) else f"; check {advice}"), evidence)
