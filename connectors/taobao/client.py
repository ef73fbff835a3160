"""Asking Taobao's open platform (TOP): signed form posts, errors that come with HTTP 200."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.core.days import SHANGHAI
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
from connectors.core.signing import TopMethod, top_signature
from connectors.core.transport import OK_STATUSES, Answer, Reply, Transport, needed, transport_for

BASE_URL = "https://eco.taobao.com"
PATH = "/router/rest"
HOSTS = ("eco.taobao.com", "gw.api.taobao.com", "gw.api.tbsandbox.com")
REQUESTS_PER_SECOND = 20.0
SIGN_METHOD: TopMethod = "hmac-sha256"
BAN = re.compile(r"(\d+) (?:more )?second")
LIMITED_CODE = 7
AUTHORISATION_CODES = frozenset({11, 12, 13, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31})
FAILED_CODES = frozenset({9, 10, 16, 17, 53})


@dataclass(frozen=True, slots=True)
class TopClient:
    """One seller's access. Its keys show in no message and no repr."""

    transport: Transport
    url: str
    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    session: str = field(repr=False)

    def call(self, method: str, parameters: Mapping[str, str]) -> Reply:
        """One API call, tried again while that can help; every try is stamped and signed anew."""
        return self.transport.retrying(lambda: self._call_once(method, parameters))

    def _call_once(self, method: str, parameters: Mapping[str, str]) -> Reply:
        form = {
            **parameters,
            "method": method,
            "app_key": self.app_key,
            "session": self.session,
            "timestamp": self.transport.tools.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            "format": "json",
            "v": "2.0",
            "sign_method": SIGN_METHOD,
        }
        form["sign"] = top_signature(form, self.app_secret, SIGN_METHOD)
        answer = self.transport.send(
            "POST",
            self.url,
            data=form,
            headers={"User-Agent": "tieout", "Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
        )
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{method} failed", code=None, request_id=None)
        return self._reply(method, answer)

    def _reply(self, method: str, answer: Answer) -> Reply:
        document = answer.json()
        refused = document.get("error_response")
        if isinstance(refused, dict):
            raise refusal(method, refused, answer.status)
        content = document.get(f"{method.removeprefix('taobao.').replace('.', '_')}_response")
        if not isinstance(content, dict):
            raise UnexpectedShape(f"{method} answered without its envelope", Evidence(status=answer.status))
        return Reply(body=answer.body, content=content)


def refusal(method: str, facts: Mapping[str, Any], status: int) -> ConnectorError:
    """The named error for an ``error_response``; ``isp.`` marks the platform's own failures, ``isv.`` ours."""
    sub_code = str(facts.get("sub_code") or "")
    number = facts.get("code")
    code = int(str(number)) if str(number).isdecimal() else 0
    request_id = facts.get("request_id")
    evidence = Evidence(
        status=status, code=sub_code or str(number), request_id=None if request_id is None else str(request_id)
    )
    if code == LIMITED_CODE or "limited-by" in sub_code or "call-limited" in sub_code:
        wait = ban_seconds(str(facts.get("sub_msg") or ""))
        return RateLimited(f"{method}: the source asks for fewer requests", evidence, retry_after=wait)
    if code in AUTHORISATION_CODES or "session" in sub_code or "signature" in sub_code:
        return NotAuthorized(f"{method}: not authorised; check app_key, app_secret, session and the clock", evidence)
    if sub_code.startswith("isp.") or code in FAILED_CODES:
        return Unavailable(f"{method}: the source failed", evidence)
    return BadRequest(f"{method}: the source refused the request", evidence)


def ban_seconds(message: str) -> float | None:
    """How long a ban lasts, where the refusal says it (``This ban will last for 12 more seconds``)."""
    found = BAN.search(message)
    return float(found[1]) if found else None


def client_for(connection: Connection, tools: Tools) -> TopClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "app_key", "app_secret", "session")
    return TopClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        url=(connection.base_url or BASE_URL).rstrip("/") + PATH,
        app_key=credentials["app_key"],
        app_secret=credentials["app_secret"],
        session=credentials["session"],
    )
