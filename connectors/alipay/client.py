"""Asking Alipay's gateway for a bill: signed question, verified answer, download within thirty seconds."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from connectors.core.days import SHANGHAI
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
from connectors.core.signing import private_key, public_key, rsa2_text, rsa_sign, rsa_verified, signed_substring
from connectors.core.transport import OK_STATUSES, Answer, Transport, needed, transport_for

BASE_URL = "https://openapi.alipay.com"
HOSTS = ("openapi.alipay.com", "openapi-sandbox.dl.alipaydev.com", "dwbillcenter.alipay.com")
METHOD = "alipay.data.dataservice.bill.downloadurl.query"
ANSWER = f"{METHOD.replace('.', '_')}_response"
REQUESTS_PER_SECOND = 5.0
OK_CODE = "10000"
NOT_ALLOWED_WORDS = ("signature", "app-id", "auth", "permission")
NOT_THERE = frozenset({"isv.invalid_arguments", "isv.bill-not-exist", "isv.bill_not_exist", "BILL_NOT_EXIST"})


@dataclass(frozen=True, slots=True)
class Bill:
    """A downloaded archive as it came, and the file name its address carried."""

    body: bytes
    name: str


@dataclass(frozen=True, slots=True)
class BillClient:
    """One application's access. Its keys show in no message and no repr."""

    transport: Transport
    base_url: str
    app_id: str
    key: RSAPrivateKey
    alipay_key: RSAPublicKey
    app_auth_token: str

    def __repr__(self) -> str:
        return f"BillClient({self.base_url})"

    def bill(self, bill_type: str, day: date) -> Bill:
        """The bill's archive. Every try asks for a new address, because an address lives thirty seconds."""
        return self.transport.retrying(lambda: self._bill_once(bill_type, day))

    def _bill_once(self, bill_type: str, day: date) -> Bill:
        url = self._address(bill_type, day)
        answer = self.transport.send("GET", url, headers={"User-Agent": "tieout"})
        if answer.status not in OK_STATUSES:
            raise Unavailable("the bill's address was refused; it may have expired", Evidence(status=answer.status))
        if not is_whole_zip(answer.body):
            kind = answer.headers.get("content-type", "unknown content").split(";")[0]
            raise Unavailable(
                f"the bill is no whole zip archive but {kind}, {len(answer.body)} bytes", Evidence(status=answer.status)
            )
        names = parse_qs(urlsplit(url).query).get("downloadFileName", [])
        return Bill(body=answer.body, name=names[0] if names else f"{bill_type}_{day.isoformat()}.csv.zip")

    def _address(self, bill_type: str, day: date) -> str:
        answer = self.transport.send(
            "POST",
            f"{self.base_url}/gateway.do",
            data=self._signed({"bill_type": bill_type, "bill_date": day.isoformat()}),
            headers={"User-Agent": "tieout", "Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
        )
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, "the bill could not be asked for", code=None, request_id=None)
        facts = self._facts(answer)
        url = str(facts.get("bill_download_url", ""))
        asked, given = urlsplit(self.base_url), urlsplit(url)
        if given.netloc == asked.netloc:
            return url
        if given.hostname in HOSTS:
            return given._replace(scheme="https").geturl()
        raise UnexpectedShape(f"the bill's address is on host {given.hostname}, allowed: {', '.join(HOSTS)}")

    def _signed(self, content: Mapping[str, str]) -> dict[str, str]:
        parameters = {
            "app_id": self.app_id,
            "method": METHOD,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": self.transport.tools.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps(content, separators=(",", ":")),
        }
        if self.app_auth_token:
            parameters["app_auth_token"] = self.app_auth_token
        parameters["sign"] = rsa_sign(rsa2_text(parameters).encode(), self.key)
        return parameters

    def _facts(self, answer: Answer) -> dict[str, Any]:
        """The verified content of the answer; an error is believed unsigned, an address is not."""
        try:
            document = answer.json()
            facts = document.get(ANSWER) or document.get("error_response")
            if not isinstance(facts, dict):
                raise UnexpectedShape(f"the answer holds no object {ANSWER}")
            if facts.get("code") != OK_CODE:
                raise self._refusal(facts, answer)
            raw, signature = signed_substring(answer.text(), ANSWER)
        except ConnectorError as error:
            if error.status is None:
                error.evidence = Evidence(status=answer.status, request_id=answer.headers.get("trace_id"))
            raise
        if not rsa_verified(raw.encode(), signature, self.alipay_key):
            raise NotAuthorized(
                "the answer's signature is wrong; check credential alipay_public_key", Evidence(status=answer.status)
            )
        return facts

    def _refusal(self, facts: Mapping[str, Any], answer: Answer) -> ConnectorError:
        code, sub_code = str(facts.get("code", "")), str(facts.get("sub_code", ""))
        evidence = Evidence(status=answer.status, code=sub_code or code, request_id=answer.headers.get("trace_id"))
        if sub_code in NOT_THERE:
            return NotReadyYet("the bill of this day is not there; ask again later", evidence)
        if code == "20000" or sub_code.startswith(("isp.", "aop.unknow", "aop.ACQ.SYSTEM")):
            return Unavailable("the source failed", evidence)
        if code == "40005" or "call-limited" in sub_code:
            return RateLimited("the source asks for fewer requests", evidence)
        if code in {"20001", "40006"} or any(
            word in sub_code for word in ("signature", "app-id", "auth", "permission")
        ):
            return NotAuthorized("not authorised; check app_id, private_key and the bill permission", evidence)
        return BadRequest("the source refused the request", evidence)


def is_whole_zip(body: bytes) -> bool:
    """Whether the archive is complete and every member's checksum holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return False


def client_for(connection: Connection, tools: Tools) -> BillClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "app_id", "private_key", "alipay_public_key")
    return BillClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        app_id=credentials["app_id"],
        key=private_key(credentials["private_key"], "private_key"),
        alipay_key=public_key(credentials["alipay_public_key"], "alipay_public_key"),
        app_auth_token=credentials.get("app_auth_token", ""),
    )
