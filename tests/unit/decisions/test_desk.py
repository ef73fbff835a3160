"""At the desk: what is refused, and with which sentence."""

from datetime import date
from decimal import Decimal

import desk_of
import pytest
from desk_of import now, written_off

from orchestration.decisions import Asked, DecisionError, approve, propose, reject, store_of
from orchestration.decisions.event import Draft
from orchestration.decisions.people import person_of
from orchestration.decisions.signing import signer


@pytest.fixture
def settings(tmp_path):
    return desk_of.made(tmp_path)


@pytest.mark.parametrize(
    ("subject", "asked", "said"),
    [
        ("e1", Asked("split"), "not yet possible"),
        ("e1", Asked("match"), "not yet possible"),
        ("e1", Asked("forget"), "is not known"),
        ("e1", Asked("write_off"), "give --note"),
        ("e1", Asked("write_off", Decimal("0.20"), note="n"), "the whole of it is written off or nothing"),
        ("e1", Asked("accept_timing"), "needs --posted-on"),
        ("e1", Asked("accept_timing", Decimal(1), date(2026, 10, 5)), "--amount says nothing"),
        ("e1", Asked("cause"), "needs --cause"),
        ("e1", Asked("cause", cause="moon"), "is not known; allowed are timing"),
        ("e1", Asked("assign", assignee="nobody"), "nobody is not in the rule table people"),
        ("e1", Asked("cause", cause="timing", note="a\nb"), "one line"),
        ("e3", Asked("cause", cause="timing"), "is cleared"),
        ("e4", Asked("accept_timing", posted_on=date(2026, 10, 5)), "a bill that is missing"),
        ("e9", Asked("cause", cause="timing"), "is no exception"),
        ("e1", Asked("reverse", note="n"), "there is no decision e2"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_leaves_nothing(settings, subject, asked, said):
    with pytest.raises(DecisionError, match=said):
        propose(settings, "lin", ["e2", subject], asked, now)
    assert [] == store_of(settings).events()


def test_nobody_approves_his_own_above_his_limit_or_what_is_not_pending(settings):
    small, large = written_off(settings), written_off(settings, "e2")
    for number, name, said in (
        (small, "lin", "lin's own"),
        (large, "zhao", "zhao may not approve 7000.00 CNY"),
        ("none", "mei", "there is no decision none"),
        (small, "tan", "tan is not in the rule table people"),
    ):
        with pytest.raises(DecisionError, match=said):
            approve(settings, name, [small, number], now)
    assert 2 == len(store_of(settings).events())
    approve(settings, "wang", [small], now)
    with pytest.raises(DecisionError, match="was approved by wang already"):
        reject(settings, "mei", [small], "late", now)


def test_all_is_what_others_made_as_far_as_the_limit_goes(settings):
    small, large = written_off(settings), written_off(settings, "e2", "wang")
    own, left = approve(settings, "lin", (), now, everything=True)
    assert ([], 1) == (own, len(left))
    taken, left = approve(settings, "mei", (), now, everything=True)
    assert ([small, large], []) == ([event.decision_id for event in taken], left)


def test_what_changed_since_it_was_proposed_is_not_approved(settings, tmp_path):
    number = written_off(settings)
    desk_of.published(tmp_path, [("e1", "E103", "open", "payment", "p1", "other", "CNY", "0.30")])
    with pytest.raises(DecisionError, match="no longer so"):
        approve(settings, "wang", [number], now)


def test_only_an_approved_decision_is_reversed_and_once(settings):
    number = written_off(settings)
    with pytest.raises(DecisionError, match="cannot be reversed"):
        propose(settings, "lin", [number], Asked("reverse", note="wrong"), now)
    approve(settings, "wang", [number], now)
    (reversal,) = propose(settings, "wang", [number], Asked("reverse", note="wrong"), now)
    assert ("0.30", "p1", number) == tuple(reversal.facts[name] for name in ("amount", "record_key", "reverses"))
    approve(settings, "lin", [reversal.decision_id], now)
    with pytest.raises(DecisionError, match="is decided in"):
        propose(settings, "lin", [number], Asked("reverse", note="wrong"), now)


def test_one_matter_is_proposed_once(settings):
    number = written_off(settings)
    with pytest.raises(DecisionError, match=f"is decided in {number} already"):
        written_off(settings, name="wang")
    reject(settings, "wang", [number], "ask first", now)
    written_off(settings, name="wang")


def test_an_approval_that_does_not_count_keeps_nobody_from_approving(settings):
    small, large = written_off(settings), written_off(settings, "e2")
    cases = {event.decision_id: event for event in store_of(settings).events()}
    public, sign = signer(settings.data_dir, person_of(settings, "zhao"))
    with store_of(settings).appending() as log:
        for number, signed in ((small, lambda event: "AAAA"), (large, sign)):
            said = {"proposal": cases[number].hash, "public_key": public}
            log.add(Draft("approved", "zhao", said, number), signed, now)
    assert [small, large] == [event.decision_id for event in approve(settings, "mei", [small, large], now)[0]]


def test_who_left_is_still_the_second_person_of_what_he_approved(settings, tmp_path):
    number = written_off(settings)
    approve(settings, "wang", [number], now)
    settings = desk_of.made(tmp_path, desk_of.PEOPLE.replace("wang,RA,,\n", ""))
    assert propose(settings, "lin", [number], Asked("reverse", note="wrong"), now)
