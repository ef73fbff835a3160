"""Asking Kuaidi100: a signed form, one waybill a question, refusals inside HTTP 200."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.core.errors import Evidence, UnexpectedShape, refusal_of
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Transport, needed, transport_for

BASE_URL = "https://poll.kuaidi100.com"
HOSTS = ("poll.kuaidi100.com",)
PATH = "/poll/query.do"
REQUESTS_PER_SECOND = 5.0
FOUND = "200"


@dataclass(frozen=True, slots=True)
class TrackingClient:
    """One customer's access. Its key shows in no message and no repr."""

    transport: Transport
    base_url: str
    customer: str
    key: str = field(repr=False)
    unknown_codes: frozenset[str]
    codes: Mapping[str, str]

    def ask(self, question: Mapping[str, str]) -> bytes | None:
        """The answer about one waybill as received; None where the source does not know it yet."""
        return self.transport.retrying(lambda: self._ask_once(question))

    def _ask_once(self, question: Mapping[str, str]) -> bytes | None:
        param = json.dumps(dict(question), ensure_ascii=False, separators=(",", ":"))
        form = {"customer": self.customer, "sign": signature(param, self.key, self.customer), "param": param}
        answer = self.transport.send("POST", f"{self.base_url}{PATH}", data=form, headers={"User-Agent": "tieout"})
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{PATH} failed", code=None, request_id=None)
        return self._read(answer, question)

    def _read(self, answer: Answer, question: Mapping[str, str]) -> bytes | None:
        document = answer.json()
        code = str(document.get("returnCode") or document.get("status") or "")
        evidence = Evidence(status=answer.status, code=code)
        if code in self.unknown_codes:
            return None
        if document.get("result") is False or code != FOUND:
            meaning = self.codes.get(code, "refused")
            raise refusal_of(meaning, f"{PATH} about {question['num']}", "customer, key, carrier and phone", evidence)
        if not isinstance(document.get("data"), list):
            raise UnexpectedShape(f"{PATH} answered without its list data", evidence)
        if document.get("nu") != question["num"]:
            raise UnexpectedShape(f"{PATH} answered about another waybill than {question['num']}", evidence)
        return answer.body


def signature(param: str, key: str, customer: str) -> str:
    """Upper MD5 over question, key and customer."""
    return hashlib.md5(f"{param}{key}{customer}".encode(), usedforsecurity=False).hexdigest().upper()


def client_for(connection: Connection, tools: Tools) -> TrackingClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "customer", "key")
    return TrackingClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        customer=credentials["customer"],
        key=credentials["key"],
        unknown_codes=frozenset(connection.options.get("not_ready_codes", ("500",))),
        codes=connection.options.get("codes", {}),
    )
