"""What is not delivered waits; what may have been delivered is sent again and says so."""

import sqlite3

import pytest
import requests
import teller

from orchestration.alerts import store_of


@pytest.fixture
def shop(tmp_path):
    return teller.made(tmp_path)


@pytest.fixture
def wire():
    return teller.Wire()


class KilledError(BaseException):
    """Stands for a process that dies."""


def test_who_dies_while_sending_sends_again_and_says_that_it_may_be_a_repetition(shop, wire):
    teller.published(shop, {})
    wire.answers["desk"] = KilledError()
    with pytest.raises(KilledError):
        teller.round_of(shop, wire)
    wire.answers.clear()
    _, delivery, titles = teller.round_of(shop, wire)
    assert (1, 1, ["To do: S2 Local unpaid E104"]) == (delivery.sent, delivery.repeated, titles)
    assert "(May be a repetition" in wire.posts[0][1]["text"]["content"]
    assert "1 messages may have arrived twice" == delivery.sentence()


def test_who_dies_after_sending_and_before_noting_it_sends_again(shop, wire, monkeypatch):
    teller.published(shop, {})
    with monkeypatch.context() as patch:
        patch.setattr("orchestration.alerts.store.AlertStore.sent", lambda *_: (_ for _ in ()).throw(KilledError()))
        with pytest.raises(KilledError):
            teller.round_of(shop, wire)
    assert ["To do: S2 Local unpaid E104"] == teller.round_of(shop, wire)[2]
    assert ["", "repetition"] == ["repetition" * ("May be a repetition" in str(body)) for _, body in wire.posts]


def test_who_dies_while_planning_leaves_nothing_half_said(shop, wire, monkeypatch):
    teller.published(shop, {}, {"code": "E105"})
    written = []

    def dying(self, draft, now):
        written.append(draft)
        if len(written) == 2:
            raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("orchestration.alerts.store.State.write", dying)
        with pytest.raises(KilledError):
            teller.round_of(shop, wire)
    assert ({}, []) == (dict(store_of(shop).known()), list(store_of(shop).pending()))
    assert 2 == len(teller.round_of(shop, wire)[2])


@pytest.mark.parametrize(
    ("answer", "tries", "expected"),
    [
        (requests.ConnectTimeout(), 3, ("no connection", False)),
        (requests.ReadTimeout(), 3, ("no answer", True)),
        (requests.ConnectionError(), 3, ("no answer", True)),
        (requests.exceptions.SSLError(), 1, ("its certificate is not valid", False)),
        ((500, b""), 3, ("HTTP 500", False)),
        ((429, b""), 3, ("HTTP 429", False)),
        ((302, b""), 1, ("it points elsewhere, which is not followed", False)),
        ((403, b""), 1, ("HTTP 403", False)),
        ((200, b'{"errcode": 45009}'), 3, ("it answered code 45009", False)),
        ((200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}'), 1, ("it answered code 93000", False)),
        ((200, b"<html>"), 1, ("its answer is no JSON object", False)),
        ((200, b"[]"), 1, ("its answer is no JSON object", False)),
    ],
)
def test_what_is_refused_waits_with_its_reason_and_is_tried_again_where_that_may_help(
    shop, wire, answer, tries, expected
):
    said, unclear = expected
    teller.published(shop, {}, {"code": "E105"}, {"code": "E106"})
    wire.answers["desk"] = answer
    slept = []
    _, delivery, _ = teller.round_of(shop, wire, slept=slept)
    assert (0, 3, tries - 1) == (delivery.sent, delivery.waiting, len(slept))
    assert said in delivery.sentence()
    assert "3 messages wait, for the next run or tieout alerts send" in delivery.sentence()
    waiting = store_of(shop).pending()
    # one alone may be refused for what it says; who does not answer, or refuses twice, is left in peace
    tried = [0, 0, 3] if tries == 3 else [0, 1, 1]
    assert tried == sorted(message.attempts for message in waiting)
    assert {unclear} == {message.unclear for message in waiting if message.attempts}
    wire.answers.clear()
    assert (3, 0) == ((done := teller.sent(shop, wire)).sent, done.waiting)


def test_a_channel_that_fails_holds_up_no_other(shop, wire):
    teller.published(shop, {}, {"code": "E111", "owner": "FM"})
    wire.answers["desk"] = (500, b"")
    _, delivery, titles = teller.round_of(shop, wire)
    assert (1, 1, "To do: S2 Local unpaid E111") == (delivery.sent, delivery.waiting, titles[-1])


def test_a_missing_address_is_told_and_its_message_waits(tmp_path, wire):
    settings = teller.made(tmp_path, hooks={})
    teller.published(settings, {})
    _, delivery, _ = teller.round_of(settings, wire)
    assert "the environment variable DESK is not set" in delivery.sentence()
    assert (1, 0) == (delivery.waiting, store_of(settings).pending()[0].attempts)


def test_a_flood_is_spread_over_several_times(tmp_path, wire):
    settings = teller.made(tmp_path, teller.ALERTS.replace("[alerts]", "[alerts]\nmost = 2"))
    teller.published(settings, *({"code": f"E10{place}"} for place in range(5)))
    counts = [(teller.round_of(settings, wire)[1].sent) for _ in range(4)]
    assert [2, 2, 1, 0] == counts


def test_what_was_tried_in_vain_again_and_again_waits_behind_the_others(shop, wire):
    teller.published(shop, {"severity": "S1"})
    wire.answers["desk"] = (403, b"")
    for _ in range(3):
        teller.round_of(shop, wire)
    teller.published(shop, {"severity": "S1"}, {"code": "E105", "severity": "S3"})
    wire.answers.clear()
    assert ["S3", "S1"] == [title.split()[2] for title in teller.round_of(shop, wire)[2]]


def test_no_address_and_no_secret_is_kept_or_shown(shop, wire):
    teller.published(shop, {})
    wire.answers["desk"] = requests.ConnectionError("http://127.0.0.1:1/desk?key=k")
    _, delivery, _ = teller.round_of(shop, wire)
    with sqlite3.connect(store_of(shop).path) as connection:
        kept = "\n".join(connection.iterdump())
    connection.close()
    resolved = repr(shop.alerts.resolve_all(shop.path, shop.environ))
    for text in (kept, delivery.sentence(), resolved, repr(shop)):
        assert "key=k" not in text
        assert "'sign'" not in text


def test_a_message_that_is_refused_for_what_it_says_holds_up_no_other(shop, wire):
    teller.published(shop, {"code": "E111", "severity": "S1"}, {"code": "E105"}, {"code": "E106"})
    usual = wire.post

    def picky(url, *, json, **more):
        wire.answers = {"desk": (403, b"")} if "E111" in json["text"]["content"] else {}
        return usual(url, json=json, **more)

    wire.post = picky
    _, delivery, _ = teller.round_of(shop, wire)
    assert (2, 1, {"desk": "HTTP 403"}) == (delivery.sent, delivery.waiting, delivery.problems)
