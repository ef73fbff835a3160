"""Asking Amazon's Selling Partner API: a short-lived token, a bucket per operation, signed addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.core.errors import BadRequest, Evidence, NotAuthorized, UnexpectedShape
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import LOOPBACK, OK_STATUSES, Answer, Transport, needed, transport_for

REGIONS = {
    "na": "https://sellingpartnerapi-na.amazon.com",
    "eu": "https://sellingpartnerapi-eu.amazon.com",
    "fe": "https://sellingpartnerapi-fe.amazon.com",
}
TOKEN_URL = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address
HOSTS = ("amazon.com",)
FORBIDDEN = 403
EARLY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its path, how often it may be asked, and how many calls may come at once."""

    name: str
    path: str
    per_second: float
    burst: int


SEARCH_ORDERS = Operation("searchOrders", "/orders/2026-01-01/orders", 0.0056, 20)
GET_REPORTS = Operation("getReports", "/reports/2021-06-30/reports", 0.0222, 10)
GET_DOCUMENT = Operation("getReportDocument", "/reports/2021-06-30/documents", 0.0167, 15)
LIST_PAYOUTS = Operation("listPayouts", "/finances/transfers/2024-06-01/payouts", 0.5, 10)


@dataclass(slots=True)
class Token:
    """The access token in use, and when it ends."""

    value: str = field(default="", repr=False)
    ends_at: datetime | None = None


@dataclass(slots=True)
class Bucket:
    """So many calls at once, then one by one at the operation's rate."""

    left: float
    since: datetime

    def seconds(self, operation: Operation, now: datetime) -> float:
        """Take one call, and say how long it has to wait."""
        gained = max((now - self.since).total_seconds(), 0.0) * operation.per_second
        self.left = min(float(operation.burst), self.left + gained) - 1
        self.since = now
        return 0.0 if self.left >= 0 else -self.left / operation.per_second


@dataclass(frozen=True, slots=True)
class SellerClient:
    """One seller's access. Its keys and tokens show in no message and no repr."""

    transport: Transport
    base_url: str
    token_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    is_paced: bool = True
    token: Token = field(default_factory=Token, repr=False)
    buckets: dict[str, Bucket] = field(default_factory=dict, repr=False)

    def ask(self, operation: Operation, query: Mapping[str, str], more: str = "") -> tuple[bytes, dict[str, Any]]:
        """(bytes as received, JSON) of one call, tried again while that can help."""
        url = f"{self.base_url}{operation.path}{more}" + (f"?{urlencode(query)}" if query else "")

        def once() -> tuple[bytes, dict[str, Any]]:
            answer = self._get(operation, url)
            if answer.status == FORBIDDEN:
                # an expired token is refused like a missing right: a new one is tried, once
                self.token.value = ""
                answer = self._get(operation, url)
            if answer.status not in OK_STATUSES:
                raise self._failure(operation.name, answer)
            return answer.body, answer.json(_request_id(answer))

        return self.transport.retrying(once)

    def document(self, url: str) -> Answer:
        """A report behind its signed address, which takes no token and lives five minutes."""
        parts = urlsplit(url)
        is_own = parts.netloc == urlsplit(self.base_url).netloc and parts.hostname in LOOPBACK
        if parts.scheme != "https" and not is_own:
            raise UnexpectedShape("the report's address is not https")
        answer = self.transport.send("GET", url, headers={"User-Agent": "tieout"})
        if answer.status not in OK_STATUSES:
            raise self._failure("report document", answer)
        return answer

    def _get(self, operation: Operation, url: str) -> Answer:
        now = self.transport.tools.now()
        if self.is_paced:
            bucket = self.buckets.setdefault(operation.name, Bucket(float(operation.burst), now))
            wait = bucket.seconds(operation, now)
            if wait:
                self.transport.tools.sleep(wait)
        headers = {"x-amz-access-token": self._access_token(), "Accept": "application/json", "User-Agent": "tieout"}
        return self.transport.send("GET", url, headers=headers)

    def _access_token(self) -> str:
        now = self.transport.tools.now()
        if self.token.value and self.token.ends_at is not None and now < self.token.ends_at:
            return self.token.value
        answer = self.transport.send(
            "POST",
            self.token_url,
            data={
                "grant_type": "refresh_token",
                "refresh_token": self.refresh_token,
                "client_id": self.client_id,
                "client_secret": self.client_secret,
            },
            headers={"User-Agent": "tieout"},
        )
        if answer.status not in OK_STATUSES:
            code = _field(answer, "error")
            if answer.status in {400, 401}:
                evidence = Evidence(status=answer.status, code=code)
                raise NotAuthorized("no token was given; check client_id, client_secret, refresh_token", evidence)
            raise self.transport.failure(answer, "no token was given", code=code, request_id=None)
        facts = answer.json()
        value, seconds = facts.get("access_token"), str(facts.get("expires_in") or "")
        if not value or not seconds.isdecimal():
            raise UnexpectedShape("the token's answer holds no access_token or no expires_in")
        self.token.value = str(value)
        self.token.ends_at = now + timedelta(seconds=int(seconds)) - EARLY
        return self.token.value

    def _failure(self, name: str, answer: Answer) -> Exception:
        return self.transport.failure(answer, f"{name} failed", code=_code(answer), request_id=_request_id(answer))


def _code(answer: Answer) -> str | None:
    try:
        errors = answer.json().get("errors")
    except UnexpectedShape:
        return None
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("code") or "") or None if isinstance(first, dict) else None


def _field(answer: Answer, name: str) -> str | None:
    try:
        return str(answer.json().get(name) or "") or None
    except UnexpectedShape:
        return None


def _request_id(answer: Answer) -> str | None:
    return answer.headers.get("x-amzn-requestid")


def client_for(connection: Connection, tools: Tools) -> SellerClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "client_id", "client_secret", "refresh_token")
    region = str(connection.options.get("region") or "na")
    if region not in REGIONS:
        raise BadRequest(f"option region is {region!r}; allowed: {', '.join(REGIONS)}")
    own = (connection.base_url or "").rstrip("/")
    return SellerClient(
        transport=transport_for(connection, tools, 0.0),
        base_url=own or REGIONS[region],
        token_url=f"{own}/auth/o2/token" if own else TOKEN_URL,
        client_id=credentials["client_id"],
        client_secret=credentials["client_secret"],
        refresh_token=credentials["refresh_token"],
        is_paced=urlsplit(own).hostname not in LOOPBACK if own else True,
    )
