"""Asking a WooCommerce site: basic auth over https, a signature (OAuth 1.0a, one leg) over plain http."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.core.errors import BadRequest, Evidence, UnexpectedShape
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Transport, needed, transport_for

HOSTS: tuple[str, ...] = ()
API = "/wp-json/wc/v3"
REQUESTS_PER_SECOND = 3.0


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list: its bytes as received, its records, and how many records exist."""

    body: bytes
    records: list[dict[str, Any]]
    total: int


@dataclass(frozen=True, slots=True)
class SiteClient:
    """One site's access. Its keys show in no message and no repr."""

    transport: Transport
    base_url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    in_query: bool = False

    def listing(self, path: str, query: Mapping[str, str]) -> Listing:
        """One page of a list, tried again while that can help; every try is signed anew."""
        return self.transport.retrying(lambda: self._listing_once(path, query))

    def _listing_once(self, path: str, query: Mapping[str, str]) -> Listing:
        url = f"{self.base_url}{API}{path}"
        asked, headers = dict(query), {"Accept": "application/json", "User-Agent": "tieout"}
        if urlsplit(url).scheme != "https":
            asked = self._signed(url, asked)
        elif self.in_query:
            asked |= {"consumer_key": self.key, "consumer_secret": self.secret}
        else:
            pair = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        answer = self.transport.send("GET", f"{url}?{urlencode(asked, quote_via=quote)}", headers=headers)
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{path} failed", code=_code(answer), request_id=None)
        return _read(path, answer)

    def _signed(self, url: str, query: Mapping[str, str]) -> dict[str, str]:
        parameters = dict(query) | {
            "oauth_consumer_key": self.key,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(self.transport.tools.now().timestamp())),
        }
        signature = oauth_signature("GET", url, parameters, self.secret)
        return parameters | {"oauth_signature": signature}


def oauth_signature(method: str, url: str, parameters: Mapping[str, str], secret: str) -> str:
    """Base64 HMAC-SHA256 over method, address and sorted parameters, each part encoded by RFC 3986."""
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in parameters.items())
    text = "&".join([method, _encoded(url), _encoded("&".join(f"{name}={value}" for name, value in pairs))])
    return base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha256).digest()).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def _read(path: str, answer: Answer) -> Listing:
    evidence = Evidence(status=answer.status)
    try:
        records = json.loads(answer.text(), parse_float=Decimal)
    except (ValueError, RecursionError):
        kind = answer.headers.get("content-type", "unknown content").split(";")[0]
        size = len(answer.body)
        raise UnexpectedShape(f"{path} answered with no JSON but {kind}, {size} bytes", evidence) from None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise UnexpectedShape(f"{path} answered without a list of records", evidence)
    total = answer.headers.get("x-wp-total", "")
    if not total.isdecimal():
        raise UnexpectedShape(f"{path} answered without the header X-WP-Total", evidence)
    return Listing(body=answer.body, records=records, total=int(total))


def _code(answer: Answer) -> str | None:
    try:
        return str(answer.json().get("code") or "") or None
    except UnexpectedShape:
        return None


def client_for(connection: Connection, tools: Tools) -> SiteClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "consumer_key", "consumer_secret")
    if not connection.base_url:
        raise BadRequest(f"connection {connection.name} has no base_url; set the site's address and allow its host")
    return SiteClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=connection.base_url.rstrip("/"),
        key=credentials["consumer_key"],
        secret=credentials["consumer_secret"],
        in_query=connection.options.get("keys_in_query") is True,
    )
