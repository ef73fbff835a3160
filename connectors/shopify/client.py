"""Asking Shopify's GraphQL Admin API: errors that come with HTTP 200, and a budget that is counted in points."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.core.errors import (
    BadRequest,
    ConnectorError,
    Evidence,
    NotAuthorized,
    RateLimited,
    Unavailable,
    UnexpectedShape,
)
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Reply, Transport, needed, transport_for

API_VERSION = "2026-10"
HOSTS = ("myshopify.com",)
REQUESTS_PER_SECOND = 4.0
LONGEST_WAIT_SECONDS = 60.0
VERSION = re.compile(r"20[0-9]{2}-(01|04|07|10)")
SHOP = re.compile(r"[a-z0-9][a-z0-9-]*")
FAILED_CODES = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SHOP_LOCKED"})
REFUSED_CODES = frozenset({"ACCESS_DENIED", "SHOP_INACTIVE"})
TOO_COSTLY = "MAX_COST_EXCEEDED"


class TooCostly(BadRequest):
    """One query asks for more points than one may cost: the same question about fewer records may pass."""


@dataclass(slots=True)
class Budget:
    """The points left in the bucket, as the last answer stated them."""

    missing: Decimal = Decimal()
    per_second: Decimal = Decimal(1)

    def note(self, document: Mapping[str, Any]) -> None:
        """Remember how much the next query of the same size would lack."""
        cost = document.get("extensions")
        cost = cost.get("cost") if isinstance(cost, dict) else None
        bucket = cost.get("throttleStatus") if isinstance(cost, dict) else None
        if not isinstance(cost, dict) or not isinstance(bucket, dict):
            return
        try:
            asked = Decimal(str(cost.get("requestedQueryCost") or 0))
            left = Decimal(str(bucket["currentlyAvailable"]))
            self.per_second = max(Decimal(str(bucket["restoreRate"])), Decimal(1))
        except (KeyError, ArithmeticError):
            return
        self.missing = max(asked - left, Decimal())

    def seconds(self) -> float:
        """How long the bucket takes to hold enough again."""
        return min(float(self.missing / self.per_second), LONGEST_WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class GraphClient:
    """One shop's access. Its token shows in no message and no repr."""

    transport: Transport
    url: str
    token: str = field(repr=False)
    budget: Budget = field(default_factory=Budget, repr=False)

    def ask(self, name: str, query: str, variables: Mapping[str, Any]) -> Reply:
        """One query, tried again while that can help; what the bucket lacks is waited for first."""
        body = json.dumps({"query": query, "variables": dict(variables)}).encode()
        return self.transport.retrying(lambda: self._ask_once(name, body))

    def _ask_once(self, name: str, body: bytes) -> Reply:
        if self.budget.missing:
            self.transport.tools.sleep(self.budget.seconds())
            self.budget.missing = Decimal()
        answer = self.transport.send(
            "POST",
            self.url,
            data=body,
            headers={
                "X-Shopify-Access-Token": self.token,
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": "tieout",
            },
        )
        request_id = answer.headers.get("x-request-id")
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{name} failed", code=None, request_id=request_id)
        return self._reply(name, answer, request_id)

    def _reply(self, name: str, answer: Answer, request_id: str | None) -> Reply:
        document = answer.json(request_id)
        self.budget.note(document)
        errors = document.get("errors")
        if errors:
            raise self._refusal(name, errors, Evidence(status=answer.status, request_id=request_id))
        data = document.get("data")
        if not isinstance(data, dict):
            raise UnexpectedShape(f"{name} answered without data", Evidence(status=answer.status))
        return Reply(body=answer.body, content=data)

    def _refusal(self, name: str, errors: Any, known: Evidence) -> ConnectorError:
        codes = _codes(errors)
        code = codes[0] if codes else None
        evidence = Evidence(status=known.status, code=code, request_id=known.request_id)
        if "THROTTLED" in codes:
            wait = self.budget.seconds()
            self.budget.missing = Decimal()
            return RateLimited(f"{name}: the source asks for fewer points", evidence, retry_after=wait or None)
        if TOO_COSTLY in codes:
            return TooCostly(f"{name}: one query may not cost that much", evidence)
        if FAILED_CODES & set(codes):
            return Unavailable(f"{name}: the source failed", evidence)
        if REFUSED_CODES & set(codes):
            return NotAuthorized(f"{name}: not authorised; the token needs read_orders and the payouts scope", evidence)
        return BadRequest(f"{name}: the source refused the query; check option api_version", evidence)


def _codes(errors: Any) -> list[str]:
    found = errors if isinstance(errors, list) else []
    extensions = [item.get("extensions") for item in found if isinstance(item, dict)]
    return [str(item["code"]) for item in extensions if isinstance(item, dict) and item.get("code")]


def client_for(connection: Connection, tools: Tools) -> GraphClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "shop", "access_token")
    version = str(connection.options.get("api_version") or API_VERSION)
    if not VERSION.fullmatch(version):
        raise BadRequest(f"option api_version is {version!r}; allowed is a quarter such as {API_VERSION}")
    shop = credentials["shop"].removesuffix(".myshopify.com")
    if not SHOP.fullmatch(shop):
        raise BadRequest("credential shop is no shop name; allowed is the part before .myshopify.com")
    base_url = (connection.base_url or f"https://{shop}.myshopify.com").rstrip("/")
    return GraphClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        url=f"{base_url}/admin/api/{version}/graphql.json",
        token=credentials["access_token"],
    )
