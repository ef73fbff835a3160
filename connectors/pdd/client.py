"""Asking Pinduoduo's open platform: MD5-signed form posts, errors that come with HTTP 200, money files by address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

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
from connectors.core.signing import top_signature
from connectors.core.transport import OK_STATUSES, Answer, Reply, Transport, needed, transport_for

BASE_URL = "https://gw-api.pinduoduo.com"
PATH = "/api/router"
HOSTS = ("gw-api.pinduoduo.com",)
DOWNLOAD_HOSTS = ("pinduoduo.com", "yangkeduo.com", "pddpic.com")
REQUESTS_PER_SECOND = 20.0
ORDER_LIST = "pdd.order.number.list.increment.get"
ORDER_DETAIL = "pdd.order.information.get"
REFUND_LIST = "pdd.refund.list.increment.get"
BILL_ADDRESS = "pdd.finance.balance.daily.bill.url.get"
# The wrapper of an answer follows from the name of its API only sometimes.
WRAPPERS = {
    ORDER_LIST: "order_sn_increment_get_response",
    ORDER_DETAIL: "order_info_get_response",
    REFUND_LIST: "refund_increment_get_response",
    BILL_ADDRESS: "finance_balance_daily_bill_url_get_response",
}
AUTHORISATION_CODES = frozenset({"10016", "10019", "20004", "20005", "20031"})
LIMIT_CODES = frozenset({"52101", "70031", "70036"})
NOT_READY_CODES = ("50001",)


@dataclass(frozen=True, slots=True)
class PddClient:
    """One shop's access. Its keys show in no message and no repr."""

    transport: Transport
    base_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    download_hosts: Sequence[str] = DOWNLOAD_HOSTS
    not_ready_codes: Sequence[str] = NOT_READY_CODES

    def call(self, method: str, parameters: Mapping[str, str]) -> Reply:
        """One API call, tried again while that can help; every try is stamped and signed anew."""
        return self.transport.retrying(lambda: self._call_once(method, parameters))

    def bill(self, day: str) -> bytes:
        """The money file of a day. Every try asks for a new address: how long one lives is not known."""
        return self.transport.retrying(lambda: self._bill_once(day))

    def _call_once(self, method: str, parameters: Mapping[str, str]) -> Reply:
        form = {
            **parameters,
            "type": method,
            "client_id": self.client_id,
            "access_token": self.access_token,
            "timestamp": str(int(self.transport.tools.now().timestamp())),
            "data_type": "JSON",
            "version": "V1",
        }
        form["sign"] = top_signature(form, self.client_secret, "md5")
        answer = self.transport.send(
            "POST",
            f"{self.base_url}{PATH}",
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
            raise self._refusal(method, refused, answer.status)
        content = document.get(WRAPPERS[method])
        if not isinstance(content, dict):
            raise UnexpectedShape(f"{method} answered without {WRAPPERS[method]}", Evidence(status=answer.status))
        return Reply(body=answer.body, content=content)

    def _refusal(self, method: str, facts: Mapping[str, Any], status: int) -> ConnectorError:
        """The named error for an ``error_response``."""
        code, request_id = str(facts.get("error_code") or ""), facts.get("request_id")
        sub_code = str(facts.get("sub_code") or "")
        evidence = Evidence(
            status=status,
            code=f"{code}/{sub_code}" if sub_code else code,
            request_id=None if request_id is None else str(request_id),
        )
        if method == BILL_ADDRESS and {code, sub_code} & set(self.not_ready_codes):
            return NotReadyYet("the money file of this day is not there; ask again later", evidence)
        if code in LIMIT_CODES:
            return RateLimited(f"{method}: the source asks for fewer requests", evidence)
        if code in AUTHORISATION_CODES:
            return NotAuthorized(
                f"{method}: not authorised; check client_id, client_secret, access_token, the address and the clock",
                evidence,
            )
        return BadRequest(f"{method}: the source refused the request", evidence)

    def _bill_once(self, day: str) -> bytes:
        url = str(self._call_once(BILL_ADDRESS, {"bill_date": day}).content.get("download_url") or "")
        if not url:
            raise NotReadyYet("the source gives no address for the money file of this day; ask again later")
        self._check_address(url)
        answer = self.transport.send("GET", url, headers={"User-Agent": "tieout"})
        if answer.status not in OK_STATUSES:
            raise Unavailable(
                "the money file's address was refused; it may have expired", Evidence(status=answer.status)
            )
        kind = answer.headers.get("content-type", "").split(";")[0]
        if not answer.body or answer.body.lstrip()[:1] in {b"<", b"{"}:
            raise Unavailable(f"the money file is no table but {kind or 'nothing'}", Evidence(status=answer.status))
        return answer.body

    def _check_address(self, url: str) -> None:
        """A file is fetched from the source only, wherever the answer points."""
        asked, given = urlsplit(self.base_url), urlsplit(url)
        host = given.hostname or ""
        known = any(host == name or host.endswith(f".{name}") for name in self.download_hosts)
        if given.netloc != asked.netloc and not (given.scheme == "https" and known):
            raise UnexpectedShape(
                f"the money file's address is {given.scheme} on host {host or 'none'}, allowed: https on "
                f"{', '.join(self.download_hosts)}; if it is right, name it in option download_hosts"
            )


def client_for(connection: Connection, tools: Tools) -> PddClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "client_id", "client_secret", "access_token")
    options = connection.options
    return PddClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        client_id=credentials["client_id"],
        client_secret=credentials["client_secret"],
        access_token=credentials["access_token"],
        download_hosts=tuple(options.get("download_hosts") or DOWNLOAD_HOSTS),
        not_ready_codes=tuple(options.get("not_ready_codes") or NOT_READY_CODES),
    )
