"""Asking SF's open platform: a signed form, and JSON text inside JSON."""

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from urllib.parse import quote_plus

from connectors.core.errors import BadRequest, Evidence, UnexpectedShape, refusal_of
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Reply, Transport, needed, transport_for

BASE_URL = "https://sfapi.sf-express.com"
HOSTS = ("sfapi.sf-express.com", "sfapi-sbox.sf-express.com")
PATH = "/std/service"
REQUESTS_PER_SECOND = 5.0
CARRIED = "A1000"
SUCCESS = "S0000"
CODES: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("A1002", "A1003", "A1004", "A1006"), "unauthorised")
    | {"A1005": "limited", "A1009": "failed", "A1099": "failed"}
)
"""Outer codes and what they mean, as long as the option ``codes`` says nothing else; no document of them is known."""


@dataclass(frozen=True, slots=True)
class SfClient:
    """One partner's access. Its check word shows in no message and no repr."""

    transport: Transport
    base_url: str
    partner_id: str
    check_word: str = field(repr=False)
    codes: Mapping[str, str]

    def call(self, service: str, question: Mapping[str, Any]) -> Reply:
        """One call, tried again while that can help; every try is stamped and signed anew."""
        return self.transport.retrying(lambda: self._call_once(service, question))

    def _call_once(self, service: str, question: Mapping[str, Any]) -> Reply:
        data = json.dumps(question, ensure_ascii=False, separators=(",", ":"))
        timestamp = str(int(self.transport.tools.now().timestamp() * 1000))
        form = {
            "partnerID": self.partner_id,
            "requestID": str(uuid.uuid4()),
            "serviceCode": service,
            "timestamp": timestamp,
            "msgDigest": digest(data, timestamp, self.check_word),
            "msgData": data,
        }
        answer = self.transport.send("POST", f"{self.base_url}{PATH}", data=form, headers={"User-Agent": "tieout"})
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{service} failed", code=None, request_id=form["requestID"])
        return self._read(service, answer, form["requestID"])

    def _read(self, service: str, answer: Answer, request_id: str) -> Reply:
        evidence = Evidence(status=answer.status, request_id=request_id)
        document = answer.json(request_id)
        code = str(document.get("apiResultCode"))
        if code != CARRIED:
            advice = "partner_id, check_word, the clock and the option codes"
            raise refusal_of(self.codes.get(code, "refused"), service, advice, replace(evidence, code=code))
        try:
            inner = json.loads(str(document.get("apiResultData")), parse_float=Decimal)
        except (ValueError, RecursionError):
            raise UnexpectedShape(f"{service} answered without JSON text in apiResultData", evidence) from None
        if not isinstance(inner, dict):
            raise UnexpectedShape(f"{service} answered without an object in apiResultData", evidence)
        code = str(inner.get("errorCode"))
        if inner.get("success") is not True or code != SUCCESS:
            raise BadRequest(
                f"{service}: the source refused the question",
                Evidence(status=answer.status, code=code, request_id=request_id),
            )
        data = inner.get("msgData")
        if not isinstance(data, dict):
            raise UnexpectedShape(f"{service} answered without msgData", evidence)
        return Reply(body=answer.body, content=data)


def java_encoded(text: str) -> str:
    """What Java's ``URLEncoder`` makes of it: a blank is ``+``, ``*`` stays, ``~`` does not."""
    return quote_plus(text, safe="*").replace("~", "%7E")


def digest(data: str, timestamp: str, check_word: str) -> str:
    """Base64 of the MD5 over question, time stamp and check word, encoded as Java does."""
    text = java_encoded(f"{data}{timestamp}{check_word}")
    return base64.b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest()).decode()


def client_for(connection: Connection, tools: Tools) -> SfClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "partner_id", "check_word")
    return SfClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        partner_id=credentials["partner_id"],
        check_word=credentials["check_word"],
        codes=CODES | connection.options.get("codes", {}),
    )
