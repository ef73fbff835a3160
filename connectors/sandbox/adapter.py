"""The in-process door: mount it on a ``requests`` session and the sandbox answers without a socket."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.models import PreparedRequest
from requests.structures import CaseInsensitiveDict

from connectors.sandbox.apis.http import Request
from connectors.sandbox.app import Sandbox


class _Body:
    """The least of a raw stream that ``requests`` asks for."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._place = 0

    def stream(self, size: int, *, decode_content: bool = False) -> Any:
        """Yield the body in pieces."""
        del decode_content
        while piece := self.read(size):
            yield piece

    def read(self, size: int | None = None, *, decode_content: bool = False) -> bytes:
        """Read on from where the last read ended."""
        del decode_content
        end = len(self._body) if size is None else self._place + size
        piece = self._body[self._place : end]
        self._place += len(piece)
        return piece

    def release_conn(self) -> None:
        """Nothing to release."""

    close = release_conn


class SandboxAdapter(BaseAdapter):
    """``session.mount("http://sandbox", SandboxAdapter(sandbox))``."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def send(  # noqa: PLR0917 - the library's signature
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer a prepared request; nothing about connections matters here."""
        del stream, timeout, verify, cert, proxies
        url = urlsplit(str(request.url))
        body = request.body or b""
        answer = self._sandbox.handle(
            Request(
                str(request.method),
                url.path + (f"?{url.query}" if url.query else ""),
                f"{url.scheme}://{url.netloc}",
                dict(request.headers),
                body.encode() if isinstance(body, str) else bytes(body),
            )
        )
        if answer.is_dropped:
            raise requests.ConnectionError("the sandbox closed the connection without an answer", request=request)
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict({"Content-Type": answer.content_type, **answer.headers})
        response.raw = _Body(answer.body)
        response.url = str(request.url)
        response.request = request
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        return response

    def close(self) -> None:
        """Nothing to close."""
