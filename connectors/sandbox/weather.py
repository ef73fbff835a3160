"""Bad weather on request: the next so many answers of an API come late, slow, broken or not at all."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.sandbox.apis.http import Response

KINDS = ("late", "slow", "429", "500", "broken_page", "html", "truncated_zip", "wrong_hash", "down")


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to the next ``times`` answers of the API whose name starts with ``api``."""

    api: str
    kind: str
    times: int = 1
    seconds: float = 2.0


def parse(entries: Sequence[Mapping[str, Any]]) -> list[Weather]:
    """Read a weather list; an unknown kind is refused."""
    found = [
        Weather(str(entry["api"]), str(entry["kind"]), int(entry.get("times", 1)), float(entry.get("seconds", 2.0)))
        for entry in entries
    ]
    for weather in found:
        if weather.kind not in KINDS:
            raise ValueError(f"weather kind {weather.kind!r} is not known; use one of {', '.join(KINDS)}.")
    return found


class Sky:
    """Hands out each piece of weather as often as asked for, in the order given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: list[Weather] = []

    def replace(self, weather: Sequence[Weather]) -> None:
        """Forget what was coming and expect this instead."""
        with self._lock:
            self._coming = [item for item in weather if item.times > 0]

    def take(self, api: str) -> Weather | None:
        """The weather for one answer of an API, used up by asking."""
        with self._lock:
            for index, item in enumerate(self._coming):
                if api.startswith(item.api):
                    self._coming[index] = replace(item, times=item.times - 1)
                    self._coming = [left for left in self._coming if left.times > 0]
                    return item
        return None


def spoil(response: Response, kind: str) -> Response:
    """The answer as the weather leaves it; kinds that need the API's own words pass through."""
    if kind == "429":
        return Response(429, b"Too Many Requests", "text/plain", {"Retry-After": "1"})
    if kind == "500":
        return Response(500, b"Internal Server Error", "text/plain")
    if kind == "down":
        return replace(response, is_dropped=True)
    if kind == "html":
        return Response(200, b"<html><body><h1>Login</h1></body></html>", "text/html")
    if kind in ("broken_page", "truncated_zip"):
        return replace(response, body=response.body[: len(response.body) // 2])
    return response
