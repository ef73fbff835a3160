"""What each robot wants to be sent, and how its answer is read. Pure: time and secret come in."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

Body = Mapping[str, Any]
LONGEST_BYTES: Final = 2000
"""WeCom takes 2048 bytes of text, the others more."""
BUSY_CODES: Final[Mapping[str, frozenset[int]]] = {
    "dingtalk": frozenset({-1, 130101, 410100}),
    "wecom": frozenset({-1, 45009, 45033}),
    "feishu": frozenset({9499, 11232}),
    "slack": frozenset(),
}
"""What a robot answers when it is asked too often or its own house is busy."""


@dataclass(frozen=True, slots=True)
class Post:
    """One request: where, and its JSON."""

    url: str
    body: Body


def posted(kind: str, url: str, secret: str, text: str, now: datetime) -> Post:
    """The request for one message; a secret signs it where the robot knows signatures."""
    return MAKERS[kind](url, secret, cut(text), now)


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """Base64 of HMAC-SHA256, by the secret, of timestamp and secret."""
    mac = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def feishu_sign(secret: str, seconds: int) -> str:
    """Base64 of HMAC-SHA256, by timestamp and secret, of nothing."""
    mac = hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def refusal(kind: str, status: int, answer: str) -> tuple[str, bool] | None:
    """Why the robot did not take the message and whether another try may help; None when it did."""
    if status != HTTPStatus.OK:
        is_elsewhere = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
        more = ": it points elsewhere, which is not followed; correct the address" if is_elsewhere else ""
        may_help = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return f"HTTP {status}{more}", may_help
    if kind == "slack":
        return None if answer.strip() == "ok" else ("it did not answer ok", False)
    try:
        said = json.loads(answer)
        code = said.get("errcode", said.get("code", said.get("StatusCode")))
    except (ValueError, AttributeError):
        return "its answer is no JSON object; is this the address of a robot?", False
    return None if code == 0 else (f"it answered code {code!r:.20}", code in BUSY_CODES[kind])


def cut(text: str) -> str:
    """The text, shortened between two characters to what every robot takes."""
    body = text.encode()
    if len(body) <= LONGEST_BYTES:
        return text
    return body[: LONGEST_BYTES - len("…".encode())].decode(errors="ignore") + "…"


def _dingtalk(url: str, secret: str, text: str, now: datetime) -> Post:
    if secret:
        stamp = int(now.timestamp() * 1000)
        url = _with(url, {"timestamp": str(stamp), "sign": dingtalk_sign(secret, stamp)})
    return Post(url, {"msgtype": "text", "text": {"content": text}})


def _wecom(url: str, secret: str, text: str, now: datetime) -> Post:
    del secret, now  # its address is all it knows of us
    return Post(url, {"msgtype": "text", "text": {"content": text}})


def _feishu(url: str, secret: str, text: str, now: datetime) -> Post:
    stamp = int(now.timestamp())
    signed = {"timestamp": str(stamp), "sign": feishu_sign(secret, stamp)} if secret else {}
    return Post(url, {**signed, "msg_type": "text", "content": {"text": text}})


def _slack(url: str, secret: str, text: str, now: datetime) -> Post:
    del secret, now  # its address is all it knows of us
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Post(url, {"text": escaped, "mrkdwn": False, "unfurl_links": False})


def _with(url: str, more: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])))


MAKERS: Final[Mapping[str, Callable[[str, str, str, datetime], Post]]] = {
    "dingtalk": _dingtalk,
    "wecom": _wecom,
    "feishu": _feishu,
    "slack": _slack,
}
