"""A source that answers from memory: no socket is opened, time is given, sleeping is counted."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPMessage
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import BaseAdapter
from urllib3.response import HTTPResponse

from connectors.core.protocol import Connection, Delivery, Stream, Tools, Window
from connectors.sandbox.app import Sandbox
from tests.contract.meeting import opened

NOW = datetime(2026, 10, 9, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = Window(datetime(2026, 10, 8, tzinfo=SHANGHAI), datetime(2026, 10, 9, tzinfo=SHANGHAI))


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Recorded(BaseAdapter):
    """Answers each request with the next recording, or with what a function makes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: Iterator[Reply | Exception] | Callable[[requests.PreparedRequest], Reply | Exception] = iter(())
        self.requests: list[requests.PreparedRequest] = []
        self.timeouts: list[Any] = []

    def send(self, request, *_options, timeout=None, **_more):
        self.requests.append(request)
        self.timeouts.append(timeout)
        answer = self.answers(request) if callable(self.answers) else next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response.url = request.url
        response.request = request
        response.raw = HTTPResponse(
            body=BytesIO(answer.body), status=answer.status, preload_content=False, original_response=_Original()
        )
        return response

    def close(self) -> None:
        """Nothing is open."""

    def answers_in_turn(self, *answers: Reply | Exception) -> None:
        self.answers = iter(answers)

    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(request.body or "")) for request in self.requests]

    def queries(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(urlsplit(request.url).query)) for request in self.requests]


class _Original:
    msg = HTTPMessage()

    def isclosed(self) -> bool:
        return True


@dataclass
class Desk:
    """What every contract test works with: a recorded source, tools without side effects, one business day."""

    source: Recorded = field(default_factory=Recorded)
    naps: list[float] = field(default_factory=list)
    day: Window = field(default_factory=lambda: DAY)
    reply: type[Reply] = Reply

    @property
    def tools(self) -> Tools:
        session = requests.Session()
        session.mount("https://", self.source)
        session.mount("http://", self.source)
        return Tools(session=session, now=lambda: NOW, sleep=self.naps.append, random=random.Random(7))  # noqa: S311 - jitter

    def fetch(self, stream: Stream, connection: Connection) -> list[Delivery]:
        return list(stream.fetch(connection, self.day, self.tools))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def connect() -> Callable[..., Connection]:
    def made(source: str, *, path: Path | None = None, options: dict[str, Any] | None = None, **credentials: str):
        return Connection(
            name=f"{source}_main",
            source=source,
            base_url=None,
            credentials=credentials,
            path=path,
            timezone=SHANGHAI,
            currency="CNY",
            account=None,
            store=None,
            options=options or {"requests_per_second": 0},
        )

    return made


@dataclass(frozen=True)
class KeyPair:
    key: rsa.RSAPrivateKey
    private: str
    public: str


@pytest.fixture(scope="session")
def keys() -> KeyPair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return KeyPair(key, private.decode(), public.decode())


@pytest.fixture(scope="session")
def sandbox_keys(tmp_path_factory) -> Path:
    """Made once: pairs of keys cost more than a small world."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def sandbox_of(sandbox_keys) -> Iterator[Callable[..., Sandbox]]:
    with ExitStack() as worlds:
        yield lambda now, **world: worlds.enter_context(opened(sandbox_keys, now, **world))


@pytest.fixture(scope="session")
def shipped(sandbox_keys) -> Iterator[Sandbox]:
    """A world without faults whose parcels are on their way, for carriers to be asked about; nobody moves its time."""
    with opened(sandbox_keys, "2026-10-02T10:30", faults="none") as sandbox:
        sandbox.market.ensure(sandbox.now.date())
        yield sandbox
