"""Which connectors exist: one per folder beside this one.

A connector is imported when it is first asked for, so an unused one costs nothing.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from connectors.core.protocol import Source, Stream

NO_SOURCES = {"core", "sandbox"}
NAMES = tuple(
    sorted(
        folder.parent.name
        for folder in Path(__file__).parents[1].glob("*/__init__.py")
        if folder.parent.name not in NO_SOURCES
    )
)


def _load(name: str) -> Source:
    source = import_module(f"connectors.{name}").SOURCE
    if not isinstance(source, Source):
        raise TypeError(f"connectors.{name}.SOURCE is no Source; every connector exports one")
    return source


SOURCES: Mapping[str, Callable[[], Source]] = MappingProxyType({name: partial(_load, name) for name in NAMES})


def source_named(name: str) -> Source:
    """The connector of that name; an unknown name says which exist."""
    if name not in SOURCES:
        raise KeyError(f"no connector is named {name!r}; allowed: {', '.join(NAMES)}")
    return SOURCES[name]()


def stream_named(source: Source, name: str) -> Stream:
    """The stream of that name; an unknown name says which exist."""
    for stream in source.streams:
        if stream.name == name:
            return stream
    raise KeyError(f"{source.name} has no stream {name!r}; allowed: {', '.join(s.name for s in source.streams)}")
