"""At the desk: what is refused, and with which sentence."""

from datetime import date
from decimal import Decimal

import desk_of
import duckdb
import pytest
from desk_of import now, written_off

from orchestration.decisions import Asked, DecisionError, approve, propose, reject, store_of
from orchestration.decisions.event import Draft
from orchestration.decisions.people import person_of
from orchestration.decisions.signing import signer

ONE_BY_ONE = ("split", "link", "correct")
"""What is asked of the record of each exception, where only that of e1 is published."""


@pytest.fixture
def settings(tmp_path):
    return desk_of.made(tmp_path)


@pytest.mark.parametrize(
    ("subject", "asked", "said"),
    [
        ("e1", Asked("snooze"), "a message is snoozed, never a record"),
        ("e1", Asked("split"), "needs --amount"),
        ("e1", Asked("split", Decimal("57.00")), "a part of 57.00 CNY, and not all of it"),
        ("e1", Asked("link", key="status=failed"), "status is succeeded already"),
        ("e1", Asked("correct", key="transaction_no=t2", note="n"), "transaction_no of payments cannot be corrected"),
        ("e1", Asked("correct", key="amount=1.001", note="n"), "at most 2 digits"),
        ("e1", Asked("correct", key="amount=57", note="n"), "amount is 57.00 already"),
        ("e1", Asked("correct", key="status=lost", note="n"), "allowed are succeeded, processing"),
        ("e1", Asked("correct", key="57.30", note="n"), "needs --key FIELD=VALUE"),
        ("e4", Asked("correct", key="amount=1", note="n"), "is about no single record"),
        ("e1", Asked("unmatch", note="n"), "e2 is no match and about none"),
        ("e1", Asked("manual_match"), "records are matched by hand on one level of payout_bank"),
        ("e1", Asked("forget"), "is not known"),
        ("e1", Asked("write_off"), "give --note"),
        ("e1", Asked("write_off", Decimal("0.31"), note="n"), "e1 is about 0.30 CNY: more is not written off"),
        ("e1", Asked("write_off", Decimal(0), note="n"), "and not nothing"),
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
        propose(settings, "lin", [*([] if asked.action in ONE_BY_ONE else ["e2"]), subject], asked, now)
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


def test_a_correction_says_what_was_and_what_shall_be_and_the_money_it_moves(settings):
    wanted = (
        (Asked("link", key="OWN1"), ("order_no", None, "OWN1", None)),
        (Asked("correct", key="amount=57.3", note="n"), ("amount", "57.00", "57.30", "0.30")),
        (Asked("correct", key="fee_rate = 0.0060001", note="n"), None),
        (Asked("correct", key="fee_rate=0.005", note="n"), ("fee_rate", "0.006000", "0.005000", None)),
        (Asked("split", Decimal("20.01"), key="OWN2"), ("amount", "57.00", "36.99", "20.01")),
    )
    for asked, said in wanted:
        if said is None:
            with pytest.raises(DecisionError, match="at most 6 digits"):
                propose(settings, "lin", ["e1"], asked, now)
            continue
        (event,) = propose(settings, "lin", ["e1"], asked, now)
        assert said == tuple(event.facts[name] for name in ("field", "old_value", "new_value", "amount"))
        reject(settings, "lin", [event.decision_id], "tried", now)
    assert "OWN2" == event.facts["part_ref"]


def test_a_field_is_corrected_once_at_a_time(settings):
    fix = Asked("correct", key="amount=57.30", note="n")
    (event,) = propose(settings, "lin", ["e1"], fix, now)
    approve(settings, "wang", [event.decision_id], now)
    with pytest.raises(DecisionError, match=f"amount of this record is corrected in {event.decision_id} already"):
        propose(settings, "lin", ["e1"], fix, now)
    propose(settings, "lin", ["e1"], Asked("link", key="OWN1"), now)
    (back,) = propose(settings, "lin", [event.decision_id], Asked("reverse", note="n"), now)
    approve(settings, "wang", [back.decision_id], now)
    assert 1 == len(propose(settings, "lin", ["e1"], fix, now))


def test_records_matched_by_hand_are_named_with_their_rows_and_the_larger_side(settings, tmp_path):
    with duckdb.connect(str(tmp_path / "data" / "published" / "tieout.duckdb")) as connection:
        for number, kind, side, amount in (("a", "payout", "left", "10.00"), ("b", "payout", "left", "20.00"),
                                           ("c", "bank_line", "right", "29.50"), ("d", "fund_flow", "right", "5.00")):  # fmt: skip
            connection.execute(
                f"insert into marts.exceptions by name select ? as exception_id, 'E402' as code, 'open' as status,"
                f" ? as record_type, ? as record_key, 'f' as record_fingerprint, 'CNY' as currency, ?::decimal(18, 2) as amount,"
                f" case when ? = 'd' then 'moves' else 'payout_bank' end as level, 'open' as kind,"
                f" amount as {side}_amount, upper(?) as {side}_key, ? as evidence",
                [number, kind, f"k{number}", amount, number, number, f'[{{"sha256": "5{number}", "row": 7}}]'],
            )
        # the wallet keeps a fee of what it pays out: the exception is about the rest, the approval covers the record
        connection.execute(
            "create table marts.payouts as from (values ('ka', 10.50::decimal(18, 2)), ('kb', 20.00)) as made (record_key, amount)"
        )
        connection.execute(
            "create table marts.bank_lines as select 'kc' as record_key, 29.50::decimal(18, 2) as amount"
        )
    (event,) = propose(settings, "lin", ["a", "b"], Asked("manual_match", key="C"), now)
    facts = event.facts
    assert ("30.50", "CNY", "a") == (facts["amount"], facts["currency"], facts["exception_id"])
    assert [("ka", "5a", "7"), ("kb", "5b", "7"), ("kc", "5c", "7")] == [
        (one["record_key"], one["sha256"], one["row"]) for one in facts["members"]
    ]
    for subjects, key, said in (
        (["a", "b"], None, "records of both sides"),
        (["a"], "C D", "1 open items of payout_bank carry C or D"),
        (["a", "d"], None, "on one level of"),
    ):
        with pytest.raises(DecisionError, match=said):
            propose(settings, "lin", subjects, Asked("manual_match", key=key), now)
    approve(settings, "zhao", [event.decision_id], now)
