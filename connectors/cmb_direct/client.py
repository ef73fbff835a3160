"""Asking the bank: one sealed message a page, two verdicts in the answer, on to the next page where the last ended."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.cmb_direct.signing import Seal, cipher_key, compact, private_number, public_of, public_point
from connectors.core.days import SHANGHAI
from connectors.core.errors import BadRequest, ConnectorError, Evidence, PagingError, UnexpectedShape
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Transport, needed, transport_for

BASE_URL = "https://cdc.cmbchina.com"
HOSTS = ("cdc.cmbchina.com",)
PATH = "/cdcserver/api/v2"
REQUESTS_PER_SECOND = 0.1
"""One call in ten seconds per account and function: from a second text only, so a setting overrides it."""
MOVEMENTS = "trsQryByBreakPoint"
CONDITION, CURSOR, CONTROL, ROWS = (f"TRANSQUERYBYBREAKPOINT_{name}" for name in ("X1", "Y1", "Z1", "Z2"))
ACCEPTED = "SUC0000"
MOST_PAGES = 2000
GATEWAY = "CDCServer"
CODE = re.compile(r"[A-Z]{3}[A-Z0-9]{1,6}[0-9]{2,4}")
ADVICE = {
    "FAAQ086": "the bank knows no such account; check account_no, and that the user may query it",
    "FABZ002": "the bank's business check failed; check the user's rights, the account and the period",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its text as the bank signed it, and its body."""

    text: str
    body: Mapping[str, Any]

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """``Z2``: the movements, none where the bank leaves the list out."""
        return self.body.get(ROWS) or ()

    @property
    def cursor(self) -> Sequence[Mapping[str, Any]]:
        """``Y1``: where the page ended."""
        return self.body.get(CURSOR) or ()

    @property
    def control(self) -> Mapping[str, Any]:
        """``Z1``: whether it goes on, and the page's own counts and sums."""
        found: Mapping[str, Any] = self.body[CONTROL][0]
        return found


@dataclass(frozen=True, slots=True)
class DirectClient:
    """One user's access to one account. Its keys show in no message and no repr."""

    transport: Transport
    url: str
    account_no: str = field(repr=False)
    seal: Seal

    def pages(self, day: date) -> Iterator[Page]:
        """Every page of the account's movements of one day; raises PagingError rather than stop early or never."""
        condition = {
            "cardNbr": self.account_no,
            "beginDate": f"{day:%Y%m%d}",
            "endDate": f"{day:%Y%m%d}",
            "currencyCode": "",
            "queryAcctNbr": "",
            "reserve": "",
        }
        body: dict[str, Any] = {CONDITION: [condition]}
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            page = self._asked(body)
            yield page
            if page.control["ctnFlag"] != "Y":
                return
            step = {CONDITION: [condition | {"queryAcctNbr": page.control["queryAcctNbr"]}], CURSOR: page.cursor}
            cursor = compact(step)
            if cursor in seen:
                raise PagingError(f"{MOVEMENTS} repeated its cursor, so it would never end; ask again later")
            seen.add(cursor)
            body = step
        raise PagingError(f"{MOVEMENTS} holds more than {MOST_PAGES} pages of one day; ask the bank")

    def _asked(self, body: Mapping[str, Any]) -> Page:
        return self.transport.retrying(lambda: self._ask_once(body))

    def _ask_once(self, body: Mapping[str, Any]) -> Page:
        tools = self.transport.tools
        now = tools.now().astimezone(SHANGHAI)
        milliseconds = f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}"
        reqid = f"{milliseconds}{tools.random.randrange(10**12):012d}"
        request = {"head": {"funcode": MOVEMENTS, "userid": self.seal.user_id, "reqid": reqid}, "body": body}
        data = self.seal.closed(request, f"{now:%Y%m%d%H%M%S}")
        answer = self.transport.send(
            "POST",
            self.url,
            data={"UID": self.seal.user_id, "ALG": "SM", "DATA": data, "FUNCODE": MOVEMENTS},
            headers={"User-Agent": "tieout"},
        )
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{MOVEMENTS} failed", code=None, request_id=reqid)
        try:
            return self._read(answer, reqid)
        except ConnectorError as error:
            error.evidence = Evidence(status=answer.status, code=error.code, request_id=reqid)
            raise

    def _read(self, answer: Answer, reqid: str) -> Page:
        sealed = answer.text()
        if sealed.lstrip().startswith(GATEWAY):
            named = CODE.search(sealed)
            raise BadRequest(
                "the gateway refused the message before it was read; check user_id, keys and the clock",
                Evidence(code=named[0] if named else None),
            )
        text = self.seal.opened(sealed)
        response = _object(_parsed(text).get("response"), "response")
        head, body = _object(response.get("head"), "head"), response.get("body")
        code = str(head.get("resultcode") or "")
        if str(head.get("reqid") or reqid) != reqid:
            raise UnexpectedShape(f"{MOVEMENTS} answered another question than ours; ask again")
        if code != ACCEPTED:
            raise refusal(code)
        return Page(text=text, body=checked(_object(body, "body")))


def refusal(code: str) -> ConnectorError:
    """The named error for a result that is not SUC0000, in the head or in a row."""
    advice = ADVICE.get(code, "the bank refused the query; look its code up and check the connection")
    return BadRequest(f"{MOVEMENTS}: {advice}", Evidence(code=code or None))


def checked(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body of a page once it is known to be one; raises BadRequest for a row with an error of its own."""
    for name in (CURSOR, CONTROL, ROWS):
        items = body.get(name) or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise UnexpectedShape(f"{MOVEMENTS} answered with a {name} that is no list of objects")
        for item in items:
            code = str(item.get("errcod") or ACCEPTED).strip()
            if code != ACCEPTED:
                raise refusal(code)
    if len(body.get(CONTROL) or []) != 1:
        raise UnexpectedShape(f"{MOVEMENTS} answered without its {CONTROL}, so its end and sums are not known")
    control = body[CONTROL][0]
    flag = str(control.get("ctnFlag"))
    if flag not in {"Y", "N"}:
        raise UnexpectedShape(f"{MOVEMENTS} answered ctnFlag {flag[:9]!r}; allowed are Y and N")
    if flag == "Y" and not (control.get("queryAcctNbr") and body.get(CURSOR)):
        raise UnexpectedShape(f"{MOVEMENTS} goes on but names no queryAcctNbr or no {CURSOR} to go on with")
    return body


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return _object(json.loads(text, parse_float=Decimal), "message")
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UnexpectedShape("the answer opens to no JSON") from error


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnexpectedShape(f"{MOVEMENTS} answered without an object {name}")
    return value


def client_for(connection: Connection, tools: Tools) -> DirectClient:
    """Read the keys once; a missing or unusable one names itself."""
    given = needed(connection, "user_id", "account_no", "private_key", "sm4_key", "bank_public_key")
    private = private_number(given["private_key"], "private_key")
    transport = transport_for(connection, tools, REQUESTS_PER_SECOND)
    # the first call waits too: the day before this one may have been asked for a moment ago
    transport.pace.keep(tools)
    return DirectClient(
        transport=transport,
        url=(connection.base_url or BASE_URL).rstrip("/") + PATH,
        account_no=given["account_no"],
        seal=Seal(
            user_id=given["user_id"],
            private=private,
            public=public_of(private),
            bank_public=public_point(given["bank_public_key"], "bank_public_key"),
            sm4_key=cipher_key(given["sm4_key"], "sm4_key"),
        ),
    )
