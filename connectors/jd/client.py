"""Asking JD's open platform (JOS): signed form posts, a key spelled ``_responce``, errors that come with HTTP 200."""

import json
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
from connectors.core.signing import top_signature
from connectors.core.transport import OK_STATUSES, Answer, Reply, Transport, needed, transport_for

BASE_URL = "https://api.jd.com"
PATH = "/routerjson"
HOSTS = ("api.jd.com",)
REQUESTS_PER_SECOND = 5.0
SUCCESS = "0"
TRUE = frozenset({"true", "True", "1"})
LIMITED_CODES = frozenset({"2"})
AUTHORISATION_CODES = frozenset({"8", "9", "10", "16", "17", "18", "19", "20", "21", "22"})
FAILED_CODES = frozenset({"1", "43", "61", "65", "66", "67"})
LIMITED_WORDS = ("频率", "次数", "限流", "too many", "limit")
AUTHORISATION_WORDS = ("token", "签名", "授权", "权限", "app_key", "appkey", "timestamp", "时间戳")
FAILED_WORDS = ("系统", "超时", "稍后", "服务不可用", "timeout", "unavailable", "system")


@dataclass(frozen=True, slots=True)
class JosClient:
    """One seller's access. Its keys show in no message and no repr."""

    transport: Transport
    url: str
    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    access_token: str = field(repr=False)

    def call(self, method: str, parameters: Mapping[str, Any], result: str, verdict: str) -> Reply:
        """One API call, tried again while that can help; every try is stamped and signed anew.

        ``result`` names the object inside the envelope, ``verdict`` the object in it that says success (empty: itself).
        """
        return self.transport.retrying(lambda: self._call_once(method, parameters, result, verdict))

    def _call_once(self, method: str, parameters: Mapping[str, Any], result: str, verdict: str) -> Reply:
        form = {
            "method": method,
            "app_key": self.app_key,
            "access_token": self.access_token,
            "timestamp": self.transport.tools.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            "v": "2.0",
            "360buy_param_json": json.dumps(parameters, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        }
        form["sign"] = top_signature(form, self.app_secret, "md5")
        answer = self.transport.send(
            "POST",
            self.url,
            data=form,
            headers={"User-Agent": "tieout", "Content-Type": "application/x-www-form-urlencoded;charset=utf-8"},
        )
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{method} failed", code=None, request_id=None)
        return _reply(method, answer, result, verdict)


def _reply(method: str, answer: Answer, result: str, verdict: str) -> Reply:
    document = answer.json()
    refused = document.get("error_response")
    if isinstance(refused, dict):
        raise refusal(method, refused, answer.status)
    envelope = document.get(f"{method.replace('.', '_')}_responce")
    if not isinstance(envelope, dict):
        raise UnexpectedShape(f"{method} answered without its envelope", Evidence(status=answer.status))
    if str(envelope.get("code", SUCCESS)) != SUCCESS:
        raise refusal(method, envelope, answer.status)
    content = envelope.get(result)
    said = content.get(verdict) if verdict and isinstance(content, dict) else content
    if not isinstance(content, dict) or not isinstance(said, dict):
        raise UnexpectedShape(f"{method} answered without {result}", Evidence(status=answer.status))
    if str(said.get("success")) not in TRUE:
        raise refusal(method, said, answer.status)
    return Reply(body=answer.body, content=content)


def refusal(method: str, facts: Mapping[str, Any], status: int) -> ConnectorError:
    """The named error for an ``error_response`` or a result without success; the words decide where no code does."""
    code = next(
        (str(facts[name]) for name in ("code", "numberCode", "errorCode", "englishErrCode") if facts.get(name)), None
    )
    words = " ".join(str(facts.get(name) or "") for name in ("zh_desc", "en_desc", "chineseErrCode", "englishErrCode"))
    request_id = facts.get("request_id") or facts.get("requestId")
    evidence = Evidence(status=status, code=code, request_id=None if request_id is None else str(request_id))
    if code in LIMITED_CODES or _says(words, LIMITED_WORDS):
        return RateLimited(f"{method}: the source asks for fewer requests", evidence)
    if code in AUTHORISATION_CODES or _says(words, AUTHORISATION_WORDS):
        return NotAuthorized(
            f"{method}: not authorised; check app_key, app_secret, access_token, the clock, and whether the call must "
            "come from JD's own cloud",
            evidence,
        )
    if code in FAILED_CODES or _says(words, FAILED_WORDS):
        return Unavailable(f"{method}: the source failed", evidence)
    return BadRequest(f"{method}: the source refused the request", evidence)


def _says(words: str, marks: tuple[str, ...]) -> bool:
    return any(mark in words.lower() for mark in marks)


def client_for(connection: Connection, tools: Tools) -> JosClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "app_key", "app_secret", "access_token")
    return JosClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        url=(connection.base_url or BASE_URL).rstrip("/") + PATH,
        app_key=credentials["app_key"],
        app_secret=credentials["app_secret"],
        access_token=credentials["access_token"],
    )
