"""Asking over HTTP: time-outs, pacing, bounded retry, and statuses turned into named errors.

No source is known here, and no answer's body is read beyond its bytes. Messages name hosts and paths only:
queries and headers may hold tokens.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from connectors.core.errors import (
    BadRequest,
    Evidence,
    NotAuthorized,
    NotReadyYet,
    RateLimited,
    TransientError,
    Unavailable,
    UnexpectedShape,
)
from connectors.core.protocol import Connection, Tools
from connectors.core.retry import (
    TOO_MANY_REQUESTS,
    RetryPolicy,
    is_transient,
    retry_after_seconds,
    seconds_before_retry,
)

Answered = TypeVar("Answered")
CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
MAX_BODY_BYTES = 2 * 1024**3
CHUNK_BYTES = 1 << 20
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OK_STATUSES = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def text(self, request_id: str | None = None) -> str:
        """The body as UTF-8, which every JSON source here uses."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnexpectedShape("the answer is not UTF-8 text", self._evidence(request_id)) from error

    def json(self, request_id: str | None = None) -> dict[str, Any]:
        """The body as a JSON object; fractions become Decimal, never float."""
        text, evidence = self.text(request_id), self._evidence(request_id)
        try:
            document = json.loads(text, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("content-type", "unknown content").split(";")[0]
            raise UnexpectedShape(f"the answer is no JSON but {kind}, {len(self.body)} bytes", evidence) from error
        if not isinstance(document, dict):
            raise UnexpectedShape(f"the answer is a JSON {type(document).__name__}, an object was expected", evidence)
        return document

    def _evidence(self, request_id: str | None) -> Evidence:
        return Evidence(status=self.status, request_id=request_id)


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: its bytes as received, and what is inside its envelopes."""

    body: bytes
    content: Mapping[str, Any]


@dataclass(slots=True)
class Pace:
    """Keeps requests at least ``1 / per_second`` apart; 0 means no limit."""

    per_second: float
    _next: datetime | None = field(default=None, repr=False)

    def keep(self, tools: Tools) -> None:
        """Wait for this request's turn."""
        if self.per_second <= 0:
            return
        now = tools.now()
        if self._next is not None and self._next > now:
            tools.sleep((self._next - now).total_seconds())
            now = self._next
        self._next = now + timedelta(seconds=1 / self.per_second)


@dataclass(frozen=True, slots=True)
class Transport:
    """A session with manners: every request has a timeout, every retry a limit."""

    tools: Tools
    pace: Pace
    policy: RetryPolicy = field(default_factory=RetryPolicy)

    def retrying(self, attempt: Callable[[], Answered]) -> Answered:
        """Call ``attempt`` until it answers, fails for good, or patience ends.

        A fresh signature, time stamp or download address per try is made inside ``attempt``. "Not ready yet"
        is not waited for here: minutes will not help, the next run will.
        """
        number = 0
        while True:
            number += 1
            try:
                return attempt()
            except NotReadyYet:
                raise
            except TransientError as error:
                wait = seconds_before_retry(
                    self.policy, number, retry_after=error.retry_after, jitter=self.tools.random.random()
                )
                if wait is None:
                    raise
                self.tools.sleep(wait)

    def send(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, once; whatever status comes back is returned. A mapping is sent as a form, bytes as they are."""
        parts = urlsplit(url)
        where = f"{parts.hostname}{parts.path}"
        self.pace.keep(self.tools)
        try:
            with self.tools.session.request(
                method,
                url,
                data=dict(data) if isinstance(data, Mapping) else data,
                headers=dict(headers or {}),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _body(response, where)
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status_code, headers=names, body=body)
        except requests.Timeout:
            raise Unavailable(f"{where} did not answer within {READ_SECONDS:.0f} seconds") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema):
            raise BadRequest(f"{where} is no address that can be asked; check base_url") from None
        except requests.RequestException as error:
            # The library's message repeats the whole address, token included.
            raise Unavailable(f"{where} could not be reached or broke off ({type(error).__name__})") from None

    def failure(self, answer: Answer, message: str, *, code: str | None, request_id: str | None) -> Exception:
        """The named error for an answer that is none of the 2xx."""
        evidence = Evidence(status=answer.status, code=code, request_id=request_id)
        wait = retry_after_seconds(answer.headers, self.tools.now())
        if answer.status == TOO_MANY_REQUESTS:
            return RateLimited(f"{message}: too many requests", evidence, retry_after=wait)
        if is_transient(answer.status):
            return Unavailable(f"{message}: the source failed", evidence, retry_after=wait)
        if answer.status in {401, 403}:
            return NotAuthorized(f"{message}: not authorised; check the credentials and the clock", evidence)
        return BadRequest(f"{message}: the source refused the request", evidence)


def _body(response: requests.Response, where: str) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(CHUNK_BYTES):
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise UnexpectedShape(f"{where} sent more than {MAX_BODY_BYTES} bytes; ask for a shorter window")
        chunks.append(chunk)
    return b"".join(chunks)


def needed(connection: Connection, *names: str) -> Mapping[str, str]:
    """The connection's credentials, among them all of these; raises NotAuthorized for the first that is missing."""
    for name in names:
        if not connection.credentials.get(name):
            raise NotAuthorized(f"connection {connection.name} lacks credential {name}; set it in its credentials")
    return connection.credentials


def transport_for(connection: Connection, tools: Tools, per_second: float) -> Transport:
    """A transport at the source's pace; ``requests_per_second`` overrides it, loopback has none."""
    asked = connection.options.get("requests_per_second")
    if asked is not None:
        per_second = float(asked)
    elif connection.base_url and urlsplit(connection.base_url).hostname in LOOPBACK:
        per_second = 0.0
    return Transport(tools=tools, pace=Pace(per_second))
