"""Asking WeChat Pay (APIv3) for its bills: apply, download, check the digest."""

import hashlib
import io
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from gzip import BadGzipFile, GzipFile
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from connectors.core.errors import (
    ConnectorError,
    Evidence,
    NotAuthorized,
    NotReadyYet,
    RateLimited,
    Unavailable,
    UnexpectedShape,
)
from connectors.core.protocol import Connection, Tools
from connectors.core.retry import retry_after_seconds
from connectors.core.signing import (
    private_key,
    public_key,
    rsa_sign,
    rsa_verified,
    wechatpay_authorization,
    wechatpay_text,
)
from connectors.core.transport import OK_STATUSES, Answer, Transport, needed, transport_for

BASE_URL = "https://api.mch.weixin.qq.com"
HOSTS = ("api.mch.weixin.qq.com", "api2.mch.weixin.qq.com")
REQUESTS_PER_SECOND = 5.0
CLOCK_TOLERANCE_SECONDS = 300
TAIL_BYTES = 4096
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Bill:
    """A downloaded bill as it came, and the last lines of its text."""

    body: bytes
    tail: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class BillClient:
    """One merchant's access. Its keys show in no message and no repr."""

    transport: Transport
    base_url: str
    mch_id: str
    serial_no: str
    key: RSAPrivateKey
    platform_key: RSAPublicKey | None

    def __repr__(self) -> str:
        return f"BillClient({self.base_url})"

    def bill(self, path: str, query: Mapping[str, str]) -> Bill | None:
        """The bill, or None when the source says that the day had no activity.

        Every try applies anew, because a download address lives five minutes at most.
        """
        return self.transport.retrying(lambda: self._bill_once(path, query))

    def _bill_once(self, path: str, query: Mapping[str, str]) -> Bill | None:
        answer = self._get(f"{self.base_url}{path}?{urlencode(query)}")
        if answer.status not in OK_STATUSES:
            if _error_code(answer) == "NO_STATEMENT_EXIST":
                return None
            raise self._refusal(answer)
        self._check_signature(answer)
        facts = _json(answer)
        url, stated = str(facts.get("download_url", "")), str(facts.get("hash_value", "")).lower()
        self._check_address(url)
        if str(facts.get("hash_type", "")).upper() != "SHA1" or not stated:
            raise UnexpectedShape("the bill comes without a SHA1 digest", _evidence(answer))
        file = self._get(url)
        if file.status not in OK_STATUSES:
            raise self._refusal(file)
        digest, tail = digest_and_tail(file.body)
        if digest != stated:
            raise Unavailable(
                "the bill does not match the digest its source stated, so it was damaged on the way",
                Evidence(status=file.status, code="HASH_MISMATCH", request_id=_request_id(answer)),
            )
        return Bill(body=file.body, tail=tail, request_id=_request_id(answer))

    def _get(self, url: str) -> Answer:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        timestamp = str(int(self.transport.tools.now().timestamp()))
        nonce = secrets.token_hex(16).upper()
        signature = rsa_sign(wechatpay_text("GET", target, timestamp, nonce).encode(), self.key)
        headers = {
            "Authorization": wechatpay_authorization(self.mch_id, self.serial_no, nonce, timestamp, signature),
            "Accept": "application/json",
            "User-Agent": "tieout",
        }
        return self.transport.send("GET", url, headers=headers)

    def _check_address(self, url: str) -> None:
        """The signed header goes to the source only, wherever the answer points."""
        asked, given = urlsplit(self.base_url), urlsplit(url)
        if given.netloc != asked.netloc and not (given.scheme == "https" and given.hostname in HOSTS):
            raise UnexpectedShape(f"the bill's address is on host {given.hostname}, allowed: {', '.join(HOSTS)}")

    def _check_signature(self, answer: Answer) -> None:
        if self.platform_key is None:
            return
        timestamp = answer.headers.get("wechatpay-timestamp", "")
        text = f"{timestamp}\n{answer.headers.get('wechatpay-nonce', '')}\n".encode() + answer.body + b"\n"
        if not rsa_verified(text, answer.headers.get("wechatpay-signature", ""), self.platform_key):
            raise NotAuthorized("the answer's signature is wrong; check the platform public key", _evidence(answer))
        age = self.transport.tools.now().timestamp() - int(timestamp)
        if abs(age) > CLOCK_TOLERANCE_SECONDS:
            raise NotAuthorized("the answer is over five minutes off; check this machine's clock", _evidence(answer))

    def _refusal(self, answer: Answer) -> Exception:
        code = _error_code(answer)
        if code == "STATEMENT_CREATING":
            return NotReadyYet("the bill is still being made; ask again in 30 minutes", _evidence(answer))
        if code in {"FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED"}:
            wait = retry_after_seconds(answer.headers, self.transport.tools.now())
            return RateLimited("the source asks for fewer requests", _evidence(answer), retry_after=wait)
        return self.transport.failure(
            answer, "the bill could not be obtained", code=code, request_id=_request_id(answer)
        )


def digest_and_tail(body: bytes) -> tuple[str, str]:
    """SHA-1 of the uncompressed bill and its last lines; the vendor's digest is never over the gzip bytes."""
    digest, tail = hashlib.sha1(usedforsecurity=False), b""
    try:
        with GzipFile(fileobj=io.BytesIO(body)) if body[:2] == b"\x1f\x8b" else io.BytesIO(body) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                tail = (tail + chunk)[-TAIL_BYTES:]
    except (BadGzipFile, EOFError, zlib.error):
        raise Unavailable("the bill is cut off inside its compression") from None
    return digest.hexdigest(), tail.decode("utf-8", errors="replace")


def _json(answer: Answer) -> dict[str, Any]:
    try:
        return answer.json()
    except ConnectorError as error:
        error.evidence = _evidence(answer)
        raise


def _error_code(answer: Answer) -> str | None:
    try:
        return str(answer.json().get("code") or "") or None
    except UnexpectedShape:
        return None


def _request_id(answer: Answer) -> str | None:
    return answer.headers.get("request-id")


def _evidence(answer: Answer) -> Evidence:
    code = _error_code(answer) if answer.status not in OK_STATUSES else None
    return Evidence(status=answer.status, code=code, request_id=_request_id(answer))


def client_for(connection: Connection, tools: Tools) -> BillClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "mch_id", "serial_no", "private_key")
    platform = credentials.get("platform_public_key")
    return BillClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        mch_id=credentials["mch_id"],
        serial_no=credentials["serial_no"],
        key=private_key(credentials["private_key"], "private_key"),
        platform_key=public_key(platform, "platform_public_key") if platform else None,
    )


def trade_bill_query(day: date, bill_type: str = "ALL") -> dict[str, str]:
    """Query of the trade bill of one day."""
    return {"bill_date": day.isoformat(), "bill_type": bill_type, "tar_type": "GZIP"}


def fund_bill_query(day: date, account_type: str) -> dict[str, str]:
    """Query of the fund-flow bill of one day and one of the merchant's accounts."""
    return {"bill_date": day.isoformat(), "account_type": account_type, "tar_type": "GZIP"}
