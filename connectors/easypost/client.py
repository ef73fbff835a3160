"""Asking EasyPost for the trackers of one number: basic authentication, pages from the newest to the oldest."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from connectors.core.errors import ConnectorError, Evidence, PagingError, UnexpectedShape
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Transport, needed, transport_for

BASE_URL = "https://api.easypost.com"
HOSTS = ("api.easypost.com",)
PATH = "/v2/trackers"
REQUESTS_PER_SECOND = 5.0
PAGE_SIZE = 100
MOST_PAGES = 10


@dataclass(frozen=True, slots=True)
class Page:
    """One page of trackers: its bytes as received, and what they say."""

    body: bytes
    trackers: list[dict[str, Any]]
    has_more: bool


@dataclass(frozen=True, slots=True)
class EasypostClient:
    """One account's access. Its key shows in no message and no repr."""

    transport: Transport
    base_url: str
    api_key: str = field(repr=False)

    def pages(self, question: Mapping[str, str]) -> Iterator[Page]:
        """Every page of an answer; an error rather than a page that repeats, or pages without end."""
        asked = dict(question) | {"page_size": str(PAGE_SIZE)}
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            page = self._page(asked)
            yield page
            if not page.has_more:
                return
            names = [str(tracker.get("id") or "") for tracker in page.trackers]
            if not names or not names[-1] or seen.intersection(names):
                raise PagingError(f"{PATH} says that there is more and repeats itself or gives nothing to go on from")
            seen.update(names)
            asked["before_id"] = names[-1]
        raise PagingError(f"{PATH} has more than {MOST_PAGES} pages about one number")

    def _page(self, asked: Mapping[str, str]) -> Page:
        return self.transport.retrying(lambda: self._page_once(asked))

    def _page_once(self, asked: Mapping[str, str]) -> Page:
        pair = base64.b64encode(f"{self.api_key}:".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Accept": "application/json", "User-Agent": "tieout"}
        answer = self.transport.send("GET", f"{self.base_url}{PATH}?{urlencode(asked)}", headers=headers)
        request_id = answer.headers.get("x-ep-request-uuid")
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{PATH} failed", code=_code(answer), request_id=request_id)
        evidence = Evidence(status=answer.status, request_id=request_id)
        document = answer.json(request_id)
        trackers, has_more = document.get("trackers"), document.get("has_more")
        if not isinstance(trackers, list) or not all(isinstance(tracker, dict) for tracker in trackers):
            raise UnexpectedShape(f"{PATH} answered without its list trackers", evidence)
        if not isinstance(has_more, bool):
            raise UnexpectedShape(f"{PATH} answered without has_more, so more pages may exist", evidence)
        return Page(body=answer.body, trackers=trackers, has_more=has_more)


def _code(answer: Answer) -> str | None:
    """The source's own code of a refusal, whatever its body is."""
    try:
        error = answer.json().get("error")
    except ConnectorError:
        return None
    code = error.get("code") if isinstance(error, dict) else None
    return str(code) if code else None


def client_for(connection: Connection, tools: Tools) -> EasypostClient:
    """Read the key once; a missing one names itself."""
    credentials = needed(connection, "api_key")
    return EasypostClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        api_key=credentials["api_key"],
    )
