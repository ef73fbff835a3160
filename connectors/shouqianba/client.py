"""Asking Shouqianba's gateway: one signed JSON body a number, two verdicts in the answer."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.core.errors import (
    BadRequest,
    ConnectorError,
    Evidence,
    NotAuthorized,
    Unavailable,
    UnexpectedShape,
)
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Reply, Transport, needed, transport_for

BASE_URL = "https://vsi-api.shouqianba.com"
QUERY = "/upay/v2/query"
HOSTS = ("vsi-api.shouqianba.com", "api.shouqianba.com")
REQUESTS_PER_SECOND = 10.0
SUCCESS = "200"
FAILED_RESULTS = frozenset({"500"})
AUTHORISATION_CODES = frozenset({"ILLEGAL_SIGN", "INVALID_TERMINAL"})
ABSENT = "ORDER_NOT_EXIST"
TERMINAL = "UPAY_TERMINAL"
REFUSED = "FAIL"


@dataclass(frozen=True, slots=True)
class UpayClient:
    """One terminal's access. Its key shows in no message and no repr."""

    transport: Transport
    url: str
    terminal_sn: str
    terminal_key: str = field(repr=False)

    def query(self, number: str) -> Reply | None:
        """What became of the payment with the merchant's number; None where there is none."""
        return self.transport.retrying(lambda: self._query_once(number))

    def _query_once(self, number: str) -> Reply | None:
        body = json.dumps({"terminal_sn": self.terminal_sn, "client_sn": number}, separators=(",", ":")).encode()
        answer = self.transport.send(
            "POST",
            self.url,
            data=body,
            headers={
                "User-Agent": "tieout",
                "Content-Type": "application/json",
                "Authorization": f"{self.terminal_sn} {signature(body, self.terminal_key)}",
            },
        )
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, "the query failed", code=None, request_id=None)
        return _found(answer)


def signature(body: bytes, key: str) -> str:
    """Lower hexadecimal MD5 over the very bytes that are sent and the terminal's key."""
    return hashlib.md5(body + key.encode()).hexdigest()  # noqa: S324 - the vendor's scheme


def _found(answer: Answer) -> Reply | None:
    document = answer.json()
    if str(document.get("result_code")) != SUCCESS:
        raise refusal(document, answer.status)
    inner = document.get("biz_response")
    if not isinstance(inner, dict):
        raise UnexpectedShape("the query was answered without biz_response", Evidence(status=answer.status))
    code = str(inner.get("error_code") or "")
    if ABSENT in code:
        return None
    data = inner.get("data")
    if str(inner.get("result_code")) == REFUSED or code:
        raise inner_refusal(code, answer.status)
    if not isinstance(data, dict) or not data.get("sn"):
        raise UnexpectedShape("the query was answered without data.sn", Evidence(status=answer.status))
    return Reply(body=answer.body, content=data)


def refusal(document: Mapping[str, Any], status: int) -> ConnectorError:
    """The named error for an outer result that is not 200."""
    result, code = str(document.get("result_code")), str(document.get("error_code") or "")
    evidence = Evidence(status=status, code=code or result)
    if code in AUTHORISATION_CODES:
        return NotAuthorized(
            "not authorised; check terminal_sn and terminal_key, which changes whenever the terminal signs in", evidence
        )
    if result in FAILED_RESULTS:
        return Unavailable("the gateway failed", evidence)
    return BadRequest("the gateway refused the request", evidence)


def inner_refusal(code: str, status: int) -> ConnectorError:
    """The named error for a payment that cannot be told."""
    evidence = Evidence(status=status, code=code or REFUSED)
    if code.startswith(TERMINAL):
        return NotAuthorized("the terminal may not ask; activate it or use another one", evidence)
    return BadRequest("the gateway cannot tell this payment", evidence)


def client_for(connection: Connection, tools: Tools) -> UpayClient:
    """Read the key once; a missing one names itself."""
    credentials = needed(connection, "terminal_sn", "terminal_key")
    return UpayClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        url=(connection.base_url or BASE_URL).rstrip("/") + QUERY,
        terminal_sn=credentials["terminal_sn"],
        terminal_key=credentials["terminal_key"],
    )
