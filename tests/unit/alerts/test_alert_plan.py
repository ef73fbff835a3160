"""Who is told of what, and when: once, again when time is up, and when it is over."""

from datetime import date

import pytest
import teller

from orchestration.alerts import AlertError, note_failure, snooze, store_of
from orchestration.alerts.open import open_incidents


@pytest.fixture
def shop(tmp_path):
    return teller.made(tmp_path)


@pytest.fixture
def wire():
    return teller.Wire()


def number(settings):
    return open_incidents(settings)[0].incident_id


def test_an_incident_is_told_once_to_its_owner_however_often_a_run_is_repeated(shop, wire):
    teller.published(shop, {}, {"exception_id": "e2", "open_amount": "-2.00"})
    _, _, first = teller.round_of(shop, wire)
    _, _, again = teller.round_of(shop, wire)
    _, _, later = teller.round_of(shop, wire, teller.MORNING + teller.DAY)
    assert (["To do: S2 Local unpaid E104"], [], []) == (first, again, later)
    text = wire.posts[0][1]["text"]["content"]
    assert "Local unpaid E104: 2 open, 14.30 CNY" in text
    assert "Owner: RA Reconciliation" in text
    assert "First seen: 2026-10-02; due: 2026-10-05 18:00+08:00" in text


def test_one_alone_keeps_its_number_when_others_join_it(shop, wire):
    teller.published(shop, {})
    teller.round_of(shop, wire)
    teller.published(shop, {}, {"exception_id": "e2"})
    assert [] == teller.round_of(shop, wire)[2]


def test_what_waits_inside_its_time_or_is_explained_by_another_is_not_told(shop, wire):
    teller.published(shop, {"status": "timing"}, {"status": "cleared"}, {"parent_exception_id": "e0"})
    assert [] == teller.round_of(shop, wire)[2]


def test_the_gravest_comes_first_and_the_light_ones_not_at_all(shop, wire):
    teller.published(
        shop, {"severity": "S3", "code": "E201"}, {"severity": "S1", "code": "E111"}, {"severity": "S4", "code": "E003"}
    )
    assert ["S1 Local unpaid E111", "S3 Local unpaid E201"] == [
        title.removeprefix("To do: ") for title in teller.round_of(shop, wire)[2]
    ]


def test_nothing_of_a_buyer_or_an_order_is_in_a_message(tmp_path, wire):
    settings = teller.made(tmp_path, language="zh")
    teller.published(settings, {})
    teller.round_of(settings, wire, teller.MORNING + 5 * teller.DAY)
    note_failure(settings, "r9", "2026-10-08", ["publish"], teller.now())
    teller.sent(settings, wire)
    assert ["待处理: S2 本地未付 E104", "已超时: S2 本地未付 E104", "运行失败: r9"] == wire.titles()
    assert "SECRET" not in str(wire.posts)


def test_the_second_is_told_once_when_time_is_up(shop, wire):
    teller.published(shop, {})
    assert ["To do: S2 Local unpaid E104"] == teller.round_of(shop, wire)[2]
    late = teller.MORNING + 3 * teller.DAY
    assert ["Overdue: S2 Local unpaid E104"] == teller.round_of(shop, wire, late)[2]
    assert [] == teller.round_of(shop, wire, late + teller.DAY)[2]
    assert teller.HOOKS["BOSS"] == wire.posts[-1][0]
    assert "Told as the second: FM Finance manager" in wire.texts[-1]


def test_the_second_of_all_is_not_told_twice_of_what_is_his_own(shop, wire):
    teller.published(shop, {"owner": "FM"})
    assert ["To do: S2 Local unpaid E104"] == teller.round_of(shop, wire, teller.MORNING + 9 * teller.DAY)[2]


def test_everybody_who_was_told_gets_the_all_clear_once(shop, wire):
    late = teller.MORNING + 9 * teller.DAY
    teller.published(shop, {})
    teller.round_of(shop, wire, late)
    teller.published(shop, {"status": "cleared"})
    assert ["All clear: S2 E104", "All clear: S2 E104"] == teller.round_of(shop, wire, late)[2]
    assert [] == teller.round_of(shop, wire, late)[2]
    assert {teller.HOOKS["DESK"], teller.HOOKS["BOSS"]} == {url for url, _ in wire.posts[-2:]}


def test_what_comes_back_is_told_anew_and_cleared_anew(shop, wire):
    for status in ("open", "cleared", "open", "cleared"):
        teller.published(shop, {"status": status})
        teller.round_of(shop, wire)
    assert ["To do", "All clear", "To do", "All clear"] == [title.split(":")[0] for title in wire.titles()]


def test_what_was_never_delivered_is_withdrawn_when_it_is_gone(shop, wire):
    wire.answers["desk"] = (403, b"")
    teller.published(shop, {})
    teller.round_of(shop, wire)
    teller.published(shop)
    wire.answers.clear()
    assert [] == teller.round_of(shop, wire)[2][1:]
    assert () == tuple(store_of(shop).pending())


def test_a_new_assignee_is_told(shop, wire):
    teller.published(shop, {})
    teller.round_of(shop, wire)
    teller.published(shop, {"assignee": "lin"})
    assert ["To do: S2 Local unpaid E104"] == teller.round_of(shop, wire)[2]
    assert "Owner: lin (RA Reconciliation)" in wire.posts[-1][1]["text"]["content"]


def test_a_lighter_threshold_later_is_no_all_clear(tmp_path, wire):
    settings = teller.made(tmp_path)
    teller.published(settings, {})
    teller.round_of(settings, wire)
    stricter = teller.made(tmp_path, teller.ALERTS.replace("[alerts]", '[alerts]\nseverity = "S1"'))
    assert [] == teller.round_of(stricter, wire)[2]


def test_an_older_snapshot_says_nothing_new(shop, wire):
    teller.published(shop, {})
    teller.round_of(shop, wire)
    teller.published(shop)
    planned, _, titles = teller.round_of(shop, wire, teller.MORNING - teller.DAY)
    assert (True, []) == (planned.is_older, titles)


def test_a_snoozed_message_is_silent_until_its_day_and_then_comes_once(shop, wire):
    teller.published(shop, {})
    teller.round_of(shop, wire)
    assert number(shop) == snooze(shop, number(shop)[:8], date(2026, 10, 8), "lin", teller.now())
    assert [] == teller.round_of(shop, wire, teller.MORNING + 4 * teller.DAY)[2]
    day = teller.MORNING + 5 * teller.DAY
    assert ["Still to do: S2 Local unpaid E104", "Overdue: S2 Local unpaid E104"] == teller.round_of(shop, wire, day)[2]
    assert [] == teller.round_of(shop, wire, day)[2]


def test_a_snoozed_message_hides_no_all_clear(shop, wire):
    teller.published(shop, {})
    teller.round_of(shop, wire)
    snooze(shop, number(shop), date(2026, 10, 8), "lin", teller.now())
    teller.round_of(shop, wire)
    teller.published(shop)
    assert ["All clear: S2 E104"] == teller.round_of(shop, wire)[2]


@pytest.mark.parametrize(
    ("incident", "until", "said"),
    [
        ("0" * 32, date(2026, 10, 8), "no incident of that number is open"),
        ("", date(2026, 10, 8), "no incident of that number is open"),
        (None, date(2026, 10, 3), "is snoozed for one day to a year; what is published is of 2026-10-03"),
        (None, date(2027, 10, 8), "is snoozed for one day to a year"),
    ],
)
def test_a_snooze_needs_an_open_incident_and_a_day_to_come(shop, incident, until, said):
    teller.published(shop, {})
    with pytest.raises(AlertError, match=said):
        snooze(shop, number(shop) if incident is None else incident, until, "lin", teller.now())


def test_a_failed_run_is_told_once_on_its_own_channel_and_so_is_that_runs_publish_again(shop, wire):
    teller.published(shop)
    assert note_failure(shop, "r1", "2026-10-03", ["publish", "marts/matches keys"], teller.now())
    assert not note_failure(shop, "r1", "2026-10-03", [], teller.now())
    teller.sent(shop, wire)
    assert ["Run failed: r1"] == wire.titles()
    assert teller.HOOKS["MACHINE"] == wire.posts[0][0]
    assert "Failed: publish, marts/matches keys" in wire.texts[0]
    assert ["Runs again: r1"] == teller.round_of(shop, wire)[2]
    assert [] == teller.round_of(shop, wire)[2]
