"""Landing side by side: connections at once, streams of one in order, our own faults raised, nobody else stopped."""

import threading
from types import SimpleNamespace

import dagster as dg
import pytest

from orchestration.landing import LandingReport
from orchestration.lib.ingest import Place, side_by_side


def places(*names):
    """``shop/orders`` is the stream orders of connection shop."""
    return {
        dg.AssetKey(["landing", *name.split("/")]): Place(
            SimpleNamespace(name=name.split("/")[0]), SimpleNamespace(), SimpleNamespace(name=name.split("/")[1])
        )
        for name in names
    }


def test_connections_are_asked_at_the_same_time():
    together = threading.Barrier(3, timeout=10)

    def ask(place):
        together.wait()
        return LandingReport(arrived=1)

    found = dict(side_by_side(places("a/x", "b/x", "c/x"), ask))
    assert 3 == len(found)


def test_the_streams_of_one_connection_keep_their_order():
    seen = []

    def ask(place):
        seen.append((place.connection.name, place.stream.name))
        return LandingReport()

    list(side_by_side(places("a/x", "b/x", "a/y", "a/z"), ask))
    assert [("a", "x"), ("a", "y"), ("a", "z")] == [place for place in seen if place[0] == "a"]


def test_a_slow_connection_holds_up_no_other():
    others_done = threading.Event()

    def ask(place):
        if place.connection.name == "slow":
            assert others_done.wait(10)
        return LandingReport()

    order = []
    for key, _ in side_by_side(places("slow/x", "a/x", "b/x"), ask):
        order.append(key.path[1])
        if len(order) == 2:
            others_done.set()
    assert ["slow"] == order[2:]


def test_what_is_broken_on_our_side_is_raised():
    def ask(place):
        if place.connection.name == "a":
            raise OSError("No space left on device")
        return LandingReport()

    with pytest.raises(OSError, match="No space left"):
        list(side_by_side(places("a/x", "b/x"), ask))
