"""A month is locked and taken up again by two people, over just the statements that are published."""

import desk_of
import duckdb
import pytest
from desk_of import now

from orchestration.decisions import Asked, DecisionError, approve, propose, reject, store_of, subject_of

SEPTEMBER = "period:HQ:2026-09"
LOCK, REOPEN = Asked("lock", note="all is there"), Asked("reopen", note="a bill came")


def published(settings, state="open", digest="h1"):
    """The months as a run has published them: September is over, October is not."""
    path = settings.data_dir / "published" / "tieout.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create or replace table marts.run_ledger as select '2026-10-03T02:30:00+00:00' as as_of;"
            "create or replace table marts.periods (subject varchar, entity varchar, period varchar, state varchar,"
            " period_hash varchar, period_end date)"
        )
        connection.executemany(
            "insert into marts.periods values (?, 'HQ', ?, ?, ?, ?)",
            [
                (SEPTEMBER, "2026-09", state, digest, "2026-09-30"),
                ("period:HQ:2026-10", "2026-10", "open", "h2", "2026-10-31"),
            ],
        )


@pytest.fixture
def settings(tmp_path):
    made = desk_of.made(tmp_path)
    published(made)
    return made


def test_a_month_is_locked_over_the_digest_of_its_statements(settings):
    (event,) = propose(settings, "lin", [subject_of(settings, "2026-09", "HQ")], LOCK, now)
    said = {name: event.facts[name] for name in ("exception_id", "record_type", "record_key", "record_fingerprint")}
    assert {
        "exception_id": SEPTEMBER,
        "record_type": "period",
        "record_key": "HQ|2026-09",
        "record_fingerprint": "h1",
    } == said
    ((verdict,), left) = approve(settings, "mei", [event.decision_id], now)
    assert ("approved", []) == (verdict.kind, left)


def test_one_of_the_two_answers_for_the_books(settings):
    (event,) = propose(settings, "lin", [SEPTEMBER], LOCK, now)
    with pytest.raises(DecisionError, match="of whom one has the role FM"):
        approve(settings, "wang", [event.decision_id], now)
    reject(settings, "wang", [event.decision_id], "not I", now)
    (event,) = propose(settings, "mei", [SEPTEMBER], LOCK, now)
    with pytest.raises(DecisionError, match="mei's own"):
        approve(settings, "mei", [event.decision_id], now)
    assert approve(settings, "wang", [event.decision_id], now)[0]


def test_what_has_changed_since_it_was_proposed_is_not_approved(settings):
    (event,) = propose(settings, "lin", [SEPTEMBER], LOCK, now)
    published(settings, digest="other")
    with pytest.raises(DecisionError, match="no longer so"):
        approve(settings, "mei", [event.decision_id], now)


@pytest.mark.parametrize(
    ("state", "subject", "asked", "said"),
    [
        ("open", SEPTEMBER, Asked("lock"), "lock says why: give --note"),
        ("open", SEPTEMBER, Asked("cause", cause="timing"), "is a month: it can be decided to lock or reopen it"),
        ("open", "e1", LOCK, "is no month; write tieout decide 2026-10"),
        ("open", "period:HQ:2026-08", LOCK, "no statements of it are published"),
        ("open", "period:HQ:2026-10", LOCK, "is not over yet"),
        ("locked", SEPTEMBER, LOCK, "is locked as it is"),
        ("open", SEPTEMBER, REOPEN, "is not locked"),
    ],
)
def test_what_cannot_be_decided_about_a_month_is_refused(settings, state, subject, asked, said):
    published(settings, state)
    with pytest.raises(DecisionError, match=said):
        propose(settings, "mei", [subject], asked, now)
    assert [] == store_of(settings).events()


def test_a_lock_is_not_reversed_but_taken_up_again(settings):
    (event,) = propose(settings, "lin", [SEPTEMBER], LOCK, now)
    approve(settings, "mei", [event.decision_id], now)
    with pytest.raises(DecisionError, match="--action lock or reopen decides about it anew"):
        propose(settings, "lin", [event.decision_id], Asked("reverse", note="n"), now)
    published(settings, "locked")
    (again,) = propose(settings, "lin", [SEPTEMBER], REOPEN, now)
    assert approve(settings, "mei", [again.decision_id], now)[0]


@pytest.mark.parametrize(
    ("period", "entity", "said"), [("2026-13", "HQ", "is no month"), ("2026-09", "X", "configured are HQ")]
)
def test_a_month_and_an_entity_that_are_none_are_named(settings, period, entity, said):
    with pytest.raises(DecisionError, match=said):
        subject_of(settings, period, entity)
    assert SEPTEMBER == subject_of(settings, "2026-09", None)
