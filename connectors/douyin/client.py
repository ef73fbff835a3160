"""Asking Douyin's open platform: a signed JSON body, two envelopes, errors that come with HTTP 200."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from connectors.core.errors import (
    BadRequest,
    ConnectorError,
    Evidence,
    NotAuthorized,
    NotReadyYet,
    RateLimited,
    Unavailable,
    UnexpectedShape,
)
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Reply, Transport, needed, transport_for

BASE_URL = "https://openapi-fxg.jinritemai.com"
HOSTS = ("openapi-fxg.jinritemai.com",)
REQUESTS_PER_SECOND = 10.0
SUCCESS = "10000"
BILL_SUCCESS = "100000"
UNAUTHORISED = ("token", "sign", "auth", "permission", "app-key", "timestamp")


@dataclass(frozen=True, slots=True)
class DoudianClient:
    """One shop's access. Its keys show in no message and no repr."""

    transport: Transport
    base_url: str
    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    access_token: str = field(repr=False)

    def call(self, method: str, parameters: Mapping[str, Any]) -> Reply:
        """One API call, tried again while that can help; every try is stamped and signed anew."""
        return self.transport.retrying(lambda: self._call_once(method, parameters))

    def bill(self, method: str, parameters: Mapping[str, Any]) -> Reply:
        """A call whose result carries a second code of its own."""
        reply = self.call(method, parameters)
        code = str(reply.content.get("code"))
        if code != BILL_SUCCESS:
            # which code means "not made yet" is not documented; bills are late more often than refused
            raise NotReadyYet(
                f"{method}: the bill cannot be given now; ask again later", Evidence(status=200, code=code)
            )
        return reply

    def _call_once(self, method: str, parameters: Mapping[str, Any]) -> Reply:
        body = param_json(parameters)
        timestamp = str(int(self.transport.tools.now().timestamp()))
        query = {
            "app_key": self.app_key,
            "method": method,
            "timestamp": timestamp,
            "v": "2",
            "sign_method": "hmac-sha256",
            "access_token": self.access_token,
            "sign": signature(self.app_key, method, body, timestamp, self.app_secret),
        }
        answer = self.transport.send(
            "POST",
            f"{self.base_url}/{method.replace('.', '/')}?{urlencode(query)}",
            data=body.encode(),
            headers={"User-Agent": "tieout", "Content-Type": "application/json;charset=utf-8"},
        )
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{method} failed", code=None, request_id=None)
        return _reply(method, answer)


def param_json(parameters: Mapping[str, Any]) -> str:
    """The body: keys sorted at every depth, nothing escaped that need not be. Exactly these bytes are signed."""
    return json.dumps(parameters, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def signature(app_key: str, method: str, body: str, timestamp: str, secret: str) -> str:
    """Lower hexadecimal HMAC-SHA256; the access token and the method of signing are not signed."""
    text = f"{secret}app_key{app_key}method{method}param_json{body}timestamp{timestamp}v2{secret}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _reply(method: str, answer: Answer) -> Reply:
    document = answer.json()
    if str(document.get("code")) != SUCCESS:
        raise refusal(method, document, answer.status)
    data = document.get("data")
    if not isinstance(data, dict):
        raise UnexpectedShape(f"{method} answered without data", Evidence(status=answer.status))
    return Reply(body=answer.body, content=data)


def refusal(method: str, document: Mapping[str, Any], status: int) -> ConnectorError:
    """The named error for an envelope whose code is not 10000; ``isp.`` marks the platform's own failures."""
    sub_code = str(document.get("sub_code") or "")
    log_id = document.get("log_id")
    evidence = Evidence(
        status=status,
        code=sub_code or str(document.get("code")),
        request_id=None if log_id is None else str(log_id),
    )
    if "limit" in sub_code:
        return RateLimited(f"{method}: the source asks for fewer requests", evidence)
    if any(word in sub_code for word in UNAUTHORISED):
        return NotAuthorized(
            f"{method}: not authorised; check app_key, app_secret, access_token and the clock", evidence
        )
    if sub_code.startswith("isp."):
        return Unavailable(f"{method}: the source failed", evidence)
    return BadRequest(f"{method}: the source refused the request", evidence)


def client_for(connection: Connection, tools: Tools) -> DoudianClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "app_key", "app_secret", "access_token")
    return DoudianClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        app_key=credentials["app_key"],
        app_secret=credentials["app_secret"],
        access_token=credentials["access_token"],
    )
