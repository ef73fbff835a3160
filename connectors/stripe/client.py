"""Asking Stripe: one key as bearer, a pinned version, lists walked by the last id seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from connectors.core.errors import Evidence, PagingError, UnexpectedShape
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Transport, needed, transport_for

BASE_URL = "https://api.stripe.com"
HOSTS = ("api.stripe.com",)
API_VERSION = "2026-06-24.dahlia"
REQUESTS_PER_SECOND = 20.0
MAX_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class StripeClient:
    """One account's access. Its key shows in no message and no repr."""

    transport: Transport
    base_url: str
    key: str = field(repr=False)
    version: str

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[tuple[Mapping[str, str], Answer, int]]:
        """(request, answer, records) of every page, newest first, until the source says there is no more."""
        asked = dict(query)
        for _ in range(MAX_PAGES):
            answer = self.transport.retrying(lambda: self._get(path, asked))
            body = answer.json()
            records = body.get("data")
            if not isinstance(records, list) or not isinstance(body.get("has_more"), bool):
                raise UnexpectedShape(f"{path} answered without its list or without has_more", _evidence(answer))
            yield dict(asked), answer, len(records)
            if not body["has_more"]:
                return
            last = records[-1].get("id") if records and isinstance(records[-1], dict) else None
            if not last or last == asked.get("starting_after"):
                raise PagingError(f"{path} has more, but no new id to go on from", _evidence(answer))
            asked["starting_after"] = str(last)
        raise PagingError(f"{path} has more than {MAX_PAGES} pages; choose a shorter window")

    def _get(self, path: str, query: Mapping[str, str]) -> Answer:
        headers = {"Authorization": f"Bearer {self.key}", "Stripe-Version": self.version, "User-Agent": "tieout"}
        answer = self.transport.send("GET", f"{self.base_url}{path}?{urlencode(query)}", headers=headers)
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(
                answer, f"{path} could not be read", code=_code(answer), request_id=answer.headers.get("request-id")
            )
        return answer


def _code(answer: Answer) -> str | None:
    try:
        error: Any = answer.json().get("error")
    except UnexpectedShape:
        return None
    return str(error.get("code") or error.get("type")) if isinstance(error, dict) else None


def _evidence(answer: Answer) -> Evidence:
    return Evidence(status=answer.status, request_id=answer.headers.get("request-id"))


def client_for(connection: Connection, tools: Tools) -> StripeClient:
    """Read the key once; a missing one names itself."""
    return StripeClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        key=needed(connection, "secret_key")["secret_key"],
        version=str(connection.options.get("api_version", API_VERSION)),
    )
