"""Asking PayPal's reporting API: a token by client credentials, errors named in ``name`` with a ``debug_id``."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from connectors.core.errors import (
    ConnectorError,
    Evidence,
    NotAuthorized,
    NotReadyYet,
    RateLimited,
    UnexpectedShape,
)
from connectors.core.protocol import Connection, Tools
from connectors.core.retry import TOO_MANY_REQUESTS
from connectors.core.transport import OK_STATUSES, Answer, Reply, Transport, needed, transport_for

BASE_URL = "https://api-m.paypal.com"
HOSTS = ("api-m.paypal.com", "api.paypal.com", "api-m.sandbox.paypal.com")
TOKEN_PATH = "/v1/oauth2/token"  # noqa: S105 - an address
SEARCH_PATH = "/v1/reporting/transactions"
SEARCH_SCOPE = "/services/reporting/search/read"
REQUESTS_PER_SECOND = 0.8
TOKEN_MARGIN = timedelta(minutes=1)
UNAUTHORIZED = 401
FORBIDDEN = 403
TOO_LARGE = "RESULTSET_TOO_LARGE"
TOO_EARLY = "for the given start date is not available"
LIMIT_NAMES = frozenset({"RATE_LIMIT_REACHED", "TOO_MANY_REQUESTS"})


class TooManyRecordsError(Exception):
    """A window holds more records than the source lists; a shorter one may not."""


class _StaleTokenError(Exception):
    """The token was revoked before its time."""


@dataclass(slots=True)
class ReportingClient:
    """One account's access. Its keys and its token show in no message and no repr."""

    transport: Transport
    base_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    _token: str = field(default="", repr=False)
    _good_until: datetime | None = field(default=None, repr=False)

    def search(self, query: Mapping[str, str]) -> Reply:
        """One page of transactions, tried again while that can help, with a new token where the old one is refused."""
        try:
            return self.transport.retrying(lambda: self._search_once(query))
        except _StaleTokenError:
            self._token = ""
        try:
            return self.transport.retrying(lambda: self._search_once(query))
        except _StaleTokenError:
            raise NotAuthorized(
                f"{SEARCH_PATH}: the access token is refused as soon as it is given; check client_id and client_secret"
            ) from None

    def _search_once(self, query: Mapping[str, str]) -> Reply:
        headers = {
            "Authorization": f"Bearer {self._current_token()}",
            "Accept": "application/json",
            "User-Agent": "tieout",
        }
        answer = self.transport.send("GET", f"{self.base_url}{SEARCH_PATH}?{urlencode(query)}", headers=headers)
        if answer.status in OK_STATUSES:
            return Reply(body=answer.body, content=answer.json())
        raise self._refusal(answer)

    def _current_token(self) -> str:
        now = self.transport.tools.now()
        if self._token and self._good_until is not None and now < self._good_until:
            return self._token
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        answer = self.transport.send(
            "POST",
            f"{self.base_url}{TOKEN_PATH}",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {pair}", "Accept": "application/json", "User-Agent": "tieout"},
        )
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{TOKEN_PATH} failed", code=None, request_id=_request_id(answer, {}))
        content = answer.json()
        token, seconds, scope = content.get("access_token"), content.get("expires_in"), content.get("scope")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise UnexpectedShape(f"{TOKEN_PATH} answered without access_token or expires_in")
        if isinstance(scope, str) and scope and SEARCH_SCOPE not in scope:
            raise NotAuthorized(
                f"{TOKEN_PATH}: the token may not search transactions; switch on Transaction Search in the settings of "
                "the app, and wait for it (up to 9 hours)"
            )
        self._token, self._good_until = token, now + timedelta(seconds=seconds) - TOKEN_MARGIN
        return token

    def _refusal(self, answer: Answer) -> Exception:
        """The named error for an answer that is none of the 2xx; its body may be anything."""
        try:
            document = answer.json()
        except ConnectorError:
            document = {}
        name, message = str(document.get("name") or ""), str(document.get("message") or "")
        request_id = _request_id(answer, document)
        evidence = Evidence(status=answer.status, code=name or None, request_id=request_id)
        if name == TOO_LARGE:
            return TooManyRecordsError()
        if TOO_EARLY in message.lower():
            return NotReadyYet(f"{SEARCH_PATH}: the source has no transactions of that time yet", evidence)
        if name in LIMIT_NAMES and answer.status != TOO_MANY_REQUESTS:
            return RateLimited(f"{SEARCH_PATH}: the source asks for fewer requests", evidence)
        if answer.status == UNAUTHORIZED:
            return _StaleTokenError()
        if answer.status == FORBIDDEN:
            return NotAuthorized(
                f"{SEARCH_PATH}: the app may not search transactions; switch on Transaction Search in its settings",
                evidence,
            )
        return self.transport.failure(answer, f"{SEARCH_PATH} failed", code=name or None, request_id=request_id)


def _request_id(answer: Answer, document: Mapping[str, Any]) -> str | None:
    return str(document.get("debug_id") or answer.headers.get("paypal-debug-id") or "") or None


def client_for(connection: Connection, tools: Tools) -> ReportingClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "client_id", "client_secret")
    return ReportingClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        client_id=credentials["client_id"],
        client_secret=credentials["client_secret"],
    )
