"""The simulated outside systems from the command line: for the length of a run, alone, and what they planted.

Only the command line knows the sandbox; everything below talks to it as it would to the real sources.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from orchestration.cli.edge import DONE, UsageError
from orchestration.settings import Settings, load

if TYPE_CHECKING:
    from connectors.sandbox.world import WorldConfig

URL_VARIABLE: Final = "TIEOUT_SANDBOX_URL"


def world_config(settings: Settings, *, dropping: bool = True) -> "WorldConfig":
    """The world the settings describe.

    Its files go to the connection that has a drop's name, else to the first one of the drop's source; other folders
    are people's.
    """
    from connectors.sandbox.drops import DROPS
    from connectors.sandbox.world import WorldConfig

    if settings.sandbox is None:
        raise UsageError(f"{settings.path} has no [sandbox] section: add one, or use --config tieout.sandbox.toml")
    drops: dict[str, Path] = {}
    for connection in settings.connections if dropping else ():
        name = connection.name if connection.name in DROPS else connection.source
        if name in DROPS and connection.path is not None:
            drops.setdefault(name, connection.path)
    return WorldConfig(
        seed=settings.sandbox.seed,
        first_day=settings.sandbox.first_day,
        orders_per_day=settings.sandbox.orders_per_day,
        faults=settings.sandbox.faults,
        timezone=settings.timezone,
        folder=settings.data_dir / "sandbox",
        drops=drops,
        has_market=settings.sandbox.market,
    )


@contextmanager
def sandbox_for(settings: Settings, port: int | None = None) -> Iterator[str | None]:
    """Serves the sandbox where the settings use one, and hands its address and credentials to this process."""
    if settings.sandbox is None:
        yield None
        return
    with served(world_config(settings), settings.sandbox.port if port is None else port) as url:
        os.environ[URL_VARIABLE] = url
        try:
            yield url
        finally:
            del os.environ[URL_VARIABLE]


@contextmanager
def served(world: "WorldConfig", port: int) -> Iterator[str]:
    """Serves a world for the length of a block; its merchant's credentials are in the environment then."""
    from connectors.sandbox.keys import credentials
    from connectors.sandbox.server import serve

    with serve(world, port) as url:
        os.environ.update(credentials(world.folder))
        yield url


def serve_alone(config: Path, port: int | None, as_of: str | None) -> int:
    """Serves until interrupted; prints the address first."""
    settings = load(config)
    world = world_config(settings)
    wanted = settings.sandbox.port if settings.sandbox and port is None else port or 0
    with served(world, wanted) as url:
        if as_of is not None:
            _ask(url, "time", {"as_of": _moment(as_of, settings)})
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        threading.Event().wait()
    return DONE


def show_truth(config: Path, as_of: str | None, *, as_json: bool) -> int:
    """Asks a world of its own, which drops no files; no running sandbox is needed or disturbed."""
    settings = load(config)
    with served(world_config(settings, dropping=False), 0) as url:
        if as_of is not None:
            _ask(url, "time", {"as_of": _moment(as_of, settings)})
        faults: list[dict[str, Any]] = _ask(url, "truth")
    if as_json:
        sys.stdout.write(json.dumps(faults, ensure_ascii=False, indent=1) + "\n")
        return DONE
    _print_truth(faults)
    return DONE


def _ask(url: str, what: str, body: dict[str, str] | None = None) -> Any:
    import requests

    method = "GET" if body is None else "POST"
    answer = requests.request(method, f"{url}/_sandbox/{what}", json=body, timeout=600)
    answer.raise_for_status()
    return answer.json()


def _moment(text: str, settings: Settings) -> str:
    from orchestration.lib.clock import parse_moment

    return parse_moment(text, settings.timezone).isoformat()


def _print_truth(faults: list[dict[str, Any]]) -> None:
    from orchestration.cli.tables import console, table_of

    names = ("day", "fault", "code", "account", "store", "key", "amount", "open_from")
    out = console()
    out.print(table_of(names, [{name: fault.get(name) for name in names} for fault in faults]))
    out.print(f"{len(faults)} planted faults", style="dim")
