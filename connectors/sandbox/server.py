"""The sandbox over HTTP on the loopback address."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

from connectors.sandbox.apis.http import Request, Response
from connectors.sandbox.app import Sandbox, local
from connectors.sandbox.books import books
from connectors.sandbox.faults import truth
from connectors.sandbox.market import Market
from connectors.sandbox.world import World, WorldConfig

HOST = "127.0.0.1"
_MAX_BODY = 1 << 20


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, port: int, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        super().__init__((HOST, port), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection and remember it as long as it is open."""
        with self._lock:
            self._lines.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            with self._lock:
                self._lines.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent about clients that hang up; say everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End the connections that clients keep open, so that no thread outlives the server."""
        with self._lock:
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's signature
        """Stay silent: the requests belong to whoever sends them."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_BODY:
            self._send(Response(413, b"request body too large", "text/plain"))
            return
        body = self.rfile.read(int(length))
        target = quote(self.path, safe="/?&=%+:,;@!$'()*[]~-._")
        request = Request(self.command, target, self.server.base_url, dict(self.headers.items()), body)
        response = self.server.sandbox.handle(request)
        if response.is_dropped:
            self.close_connection = True
            return
        self._send(response)

    def _send(self, response: Response) -> None:
        head = [f"HTTP/1.1 {response.status} {self.responses.get(response.status, ('',))[0]}"]
        headers = {
            "Content-Type": response.content_type,
            "Content-Length": str(len(response.body)),
            "Date": self.date_time_string(),
            **response.headers,
        }
        head += [f"{name}: {value}" for name, value in headers.items()]
        # one write: a head sent apart from its body waits for the other side's delayed acknowledgement
        self.wfile.write("\r\n".join([*head, "", ""]).encode() + response.body)


def truth_of(config: WorldConfig, as_of: datetime) -> list[dict[str, Any]]:
    """The planted faults as ``GET /_sandbox/truth`` lists them, without a server; a time without offset is local."""
    with closing(World(config)) as world:
        return truth(Market(world), local(config, as_of))


def books_of(config: WorldConfig, as_of: datetime) -> dict[str, list[dict[str, Any]]]:
    """The sandbox's own totals as ``GET /_sandbox/books`` shows them, without a server."""
    with closing(World(config)) as world:
        return books(Market(world), local(config, as_of))


@contextmanager
def serve(config: WorldConfig, port: int = 0) -> Iterator[str]:
    """Serve a world until the block ends; yields the base URL. Port 0 takes a free one."""
    server = _Server(port, Sandbox(config))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.base_url
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()
        server.sandbox.close()
