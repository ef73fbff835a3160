"""The whole sandbox behind one door: world time, weather, limits, and the road to each API."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.apis import APIS, Api, Scene
from connectors.sandbox.apis.http import Request, Response, json_response
from connectors.sandbox.books import books
from connectors.sandbox.drops import drop_due
from connectors.sandbox.faults import truth
from connectors.sandbox.keys import keys
from connectors.sandbox.market import Market
from connectors.sandbox.weather import Sky, Weather, parse, spoil
from connectors.sandbox.world import World, WorldConfig


class Limiter:
    """So many calls a second and no more, per API; the bucket holds one second's worth."""

    def __init__(self, per_second: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def allows(self, api: str) -> bool:
        """Take one call out of the API's bucket, if there is one."""
        with self._lock:
            moment = self._monotonic()
            left, since = self._buckets.get(api, (float(self._rate), moment))
            left = min(float(self._rate), left + (moment - since) * self._rate)
            self._buckets[api] = (left - 1 if left >= 1 else left, moment)
            return left >= 1


def local(config: WorldConfig, moment: datetime) -> datetime:
    """A moment on the world's own clock; one without offset is taken to be on it already."""
    return moment if moment.tzinfo is None else moment.astimezone(config.timezone).replace(tzinfo=None)


class Sandbox:
    """One simulated outside. ``now`` is the world's time, local and naive; the clock that signs is the machine's."""

    def __init__(
        self,
        config: WorldConfig,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.config = config
        self.world = World(config)
        self.market = Market(self.world)
        self.sky = Sky()
        self._keys = keys(config.folder)
        self._clock = clock
        self._sleep = sleep
        self._limiter = Limiter(config.requests_per_second)
        self._lock = threading.Lock()
        self.now = local(config, clock())

    def set_time(self, as_of: datetime) -> None:
        """Move the world's time and drop the files that are due; a time without offset is local."""
        with self._lock:
            self.now = local(self.config, as_of)
            self.world.ensure_orders(self.now.date())
            drop_due(self.market, self.now)

    def close(self) -> None:
        """Let go of the world."""
        self.world.close()

    def handle(self, request: Request) -> Response:
        """Answer any request."""
        name = request.path.strip("/").partition("/")[0]
        if name == "_sandbox":
            return self._control(request)
        if name not in APIS:
            return json_response({"error": f"no such API: {request.path}"}, 404)
        api, scene = APIS[name], self._scene()
        if not self._limiter.allows(name):
            return api.limited(scene)
        weather = self.sky.take(f"{name}{_label(request)}")
        return api.handle(request, scene) if weather is None else self._weathered(api, request, scene, weather)

    def _scene(self) -> Scene:
        self.world.ensure_orders(self.now.date())
        return Scene(self.world, self.market, self._keys, self.now, self._clock())

    def _weathered(self, api: Api, request: Request, scene: Scene, weather: Weather) -> Response:
        if weather.kind == "late":
            return api.late(scene)
        if weather.kind == "500" and api.failed is not None:
            return api.failed(scene)
        if weather.kind == "slow":
            self._sleep(weather.seconds)
        response = api.handle(request, scene)
        if weather.kind in api.spoilt:
            return api.spoilt[weather.kind](response)
        return spoil(response, weather.kind)

    def _control(self, request: Request) -> Response:
        commands: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Any]] = {
            ("GET", "time"): lambda _: {"as_of": self.now.isoformat()},
            ("POST", "time"): self._timed,
            ("POST", "weather"): self._forecast,
            ("GET", "truth"): lambda _: truth(self.market, self.now),
            ("GET", "books"): lambda _: books(self.market, self.now),
        }
        command = commands.get((request.method, request.path.removeprefix("/_sandbox/")))
        if command is None:
            return json_response({"error": "unknown sandbox command"}, 404)
        try:
            return json_response(command(json.loads(request.body) if request.body else {}))
        except (KeyError, TypeError, ValueError) as error:
            return json_response({"error": f"{type(error).__name__}: {error}"}, 400)

    def _timed(self, body: Mapping[str, Any]) -> Any:
        self.set_time(datetime.fromisoformat(str(body["as_of"])))
        return {"as_of": self.now.isoformat()}

    def _forecast(self, body: Mapping[str, Any]) -> Any:
        self.sky.replace(parse(body["weather"]))
        return {"weather": len(body["weather"])}


def _label(request: Request) -> str:
    parts = request.path.strip("/").partition("/")[2].replace("/", ".")
    return f".{request.parameters.get('method', parts)}"
