"""Asking WeChat's shop API: JSON posts with an access token in the query, errors in ``errcode`` with HTTP 200."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from connectors.core.errors import (
    BadRequest,
    Evidence,
    NotAuthorized,
    PagingError,
    RateLimited,
    Unavailable,
    UnexpectedShape,
)
from connectors.core.protocol import Connection, Tools
from connectors.core.transport import OK_STATUSES, Answer, Reply, Transport, needed, transport_for

BASE_URL = "https://api.weixin.qq.com"
HOSTS = ("api.weixin.qq.com",)
TOKEN_PATH = "/cgi-bin/stable_token"  # noqa: S105 - an address
REQUESTS_PER_SECOND = 10.0
MAX_PAGES = 10_000
TOKEN_MARGIN = timedelta(minutes=1)
REQUEST_ID = re.compile(r"rid: ([0-9a-f-]+)")
STALE_TOKEN_CODES = frozenset({"40001", "40014", "42001"})
AUTHORISATION_CODES = frozenset({
    "40013", "40125", "40164", "41001", "41002", "45035", "48001", "48004", "50001", "50002", "61004",
})  # fmt: skip
LIMIT_CODES = frozenset({"45009", "45011"})
BUSY_CODE = "-1"


class _StaleTokenError(Exception):
    """The token is no longer the newest: another holder of the keys had it renewed."""


@dataclass(slots=True)
class ShopClient:
    """One shop's access. Its keys and its token show in no message and no repr."""

    transport: Transport
    base_url: str
    app_id: str = field(repr=False)
    app_secret: str = field(repr=False)
    _token: str = field(default="", repr=False)
    _good_until: datetime | None = field(default=None, repr=False)

    def call(self, path: str, body: Mapping[str, Any]) -> Reply:
        """One API call, tried again while that can help, with a new token where the old one went stale."""
        try:
            return self.transport.retrying(lambda: self._call_once(path, body))
        except _StaleTokenError:
            self._token = ""
        try:
            return self.transport.retrying(lambda: self._call_once(path, body))
        except _StaleTokenError:
            raise NotAuthorized(
                f"{path}: the access token is refused as soon as it is given; check app_id and app_secret"
            ) from None

    def pages(self, path: str, body: Mapping[str, Any], items: str) -> Iterator[tuple[Mapping[str, Any], list[str]]]:
        """(request, numbers) of every page; a cursor that repeats is an error, not an end."""
        asked, number, seen = dict(body), 0, {""}
        while True:
            number += 1
            if "page" in body:
                asked["page"] = number
            reply = self.call(path, asked)
            found = reply.content.get(items)
            has_more = reply.content.get("has_more")
            if found is None and has_more is False:
                found = []
            if not isinstance(found, list) or not isinstance(has_more, bool):
                raise UnexpectedShape(f"{path} answered without its list {items} or without has_more")
            yield dict(asked), [str(one) for one in found]
            if not has_more:
                return
            cursor = str(reply.content.get("next_key") or "")
            if cursor in seen:
                raise PagingError(f"{path} says that more follows, but gives no new next_key")
            if number >= MAX_PAGES:
                raise PagingError(f"{path}: more than {MAX_PAGES} pages")
            seen.add(cursor)
            asked["next_key"] = cursor

    def _call_once(self, path: str, body: Mapping[str, Any]) -> Reply:
        return self._post(path, body, {"access_token": self._current_token()})

    def _current_token(self) -> str:
        now = self.transport.tools.now()
        if self._token and self._good_until is not None and now < self._good_until:
            return self._token
        asked = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.app_secret}
        content = self._post(TOKEN_PATH, {**asked, "force_refresh": False}, {}).content
        token, seconds = content.get("access_token"), content.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise UnexpectedShape(f"{TOKEN_PATH} answered without access_token or expires_in")
        self._token, self._good_until = token, now + timedelta(seconds=seconds) - TOKEN_MARGIN
        return token

    def _post(self, path: str, body: Mapping[str, Any], query: Mapping[str, str]) -> Reply:
        answer = self.transport.send(
            "POST",
            f"{self.base_url}{path}" + (f"?{urlencode(query)}" if query else ""),
            data=json.dumps(dict(body), separators=(",", ":")).encode(),
            headers={"User-Agent": "tieout", "Content-Type": "application/json"},
        )
        if answer.status not in OK_STATUSES:
            raise self.transport.failure(answer, f"{path} failed", code=None, request_id=None)
        document = answer.json()
        code = document.get("errcode", 0)
        if str(code) != "0":
            raise self._refusal(path, str(code), str(document.get("errmsg") or ""), answer)
        return Reply(body=answer.body, content=document)

    def _refusal(self, path: str, code: str, message: str, answer: Answer) -> Exception:
        """The named error for an ``errcode``."""
        found = REQUEST_ID.search(message)
        evidence = Evidence(status=answer.status, code=code, request_id=found[1] if found else None)
        if code in STALE_TOKEN_CODES and path != TOKEN_PATH:
            return _StaleTokenError()
        if code == BUSY_CODE:
            return Unavailable(f"{path}: the source is busy", evidence)
        if code in LIMIT_CODES:
            return RateLimited(f"{path}: the source asks for fewer requests", evidence)
        if code in AUTHORISATION_CODES | STALE_TOKEN_CODES:
            return NotAuthorized(
                f"{path}: not authorised; check app_id, app_secret, the permission and the address list", evidence
            )
        return BadRequest(f"{path}: the source refused the request", evidence)


def client_for(connection: Connection, tools: Tools) -> ShopClient:
    """Read the keys once; a missing one names itself."""
    credentials = needed(connection, "app_id", "app_secret")
    return ShopClient(
        transport=transport_for(connection, tools, REQUESTS_PER_SECOND),
        base_url=(connection.base_url or BASE_URL).rstrip("/"),
        app_id=credentials["app_id"],
        app_secret=credentials["app_secret"],
    )
