"""Landing: what arrives is kept as it came; what does not arrive is said; a source stops nobody."""

from datetime import UTC, date, datetime, timedelta

import pytest
from demo_source import TOML, delivery

from connectors.core.errors import NotAuthorized, NotReadyYet, Unavailable
from orchestration.landing import complete_days

D25, D26, D27 = date(2026, 9, 25), date(2026, 9, 26), date(2026, 9, 27)


def story(world):
    return [(entry.day[-2:], entry.status) for entry in world.archive().entries()]


def test_bytes_are_kept_as_they_came_under_their_digest(world):
    world.answers[D26] = [delivery(b"\xb5\xa5\r\n", D26, "csv.gz", rows="7")]
    report = world.land("bills", D26, D26)
    entry = next(entry for entry in report.entries if entry.status == "arrived")
    assert b"\xb5\xa5\r\n" == world.archive().path_of(entry).read_bytes()
    assert f"demo/bills/2026-09-26/{entry.digest}.csv.gz" in str(world.archive().path_of(entry))
    assert (1, 4, 7) == (report.arrived, report.bytes, report.rows)
    assert "2026-09-28T03:00:00.000000+00:00" == entry.received_at
    assert world.archive().verify().broken_at is None


def test_bills_are_asked_for_again_some_days_back_but_never_before_the_start(world):
    world.land("bills", D26, D26)
    assert [D25, D26] == world.asked
    world.asked.clear()
    world.land("bills", D27, D27)
    assert [D25, D26, D27] == world.asked


def test_the_same_bytes_again_are_unchanged_and_older_bytes_that_come_back_are_news(world):
    for body in (b"one", b"one", b"two", b"one"):
        world.answers[D25] = [delivery(body, D25)]
        world.land("bills", D25, D25)
    assert [("25", "arrived"), ("25", "unchanged"), ("25", "arrived"), ("25", "arrived")] == story(world)


def test_an_answer_of_several_pages_is_compared_as_a_whole(world):
    for pages in ((b"a", b"b"), (b"a", b"b"), (b"b", b"c")):
        world.answers[D25] = [delivery(page, D25) for page in pages]
        world.land("pages", D25, D25)
    assert ["arrived", "arrived", "unchanged", "unchanged", "unchanged", "arrived"] == [s for _, s in story(world)]


def test_nothing_arrived_is_an_entry(world):
    report = world.land("pages", D25, D26)
    assert [("25", "nothing"), ("26", "nothing")] == story(world)
    assert (2, None) == (report.nothing, report.error)


def test_a_source_that_fails_leaves_missing_days_and_goes_on(world):
    world.answers |= {D25: Unavailable("no answer"), D26: [delivery(b"x", D26)]}
    report = world.land("pages", D25, D26)
    assert [("25", "missing"), ("26", "arrived")] == story(world)
    entry = report.entries[0]
    assert ("Unavailable", "transient") == (entry.error_class, entry.error_code)
    assert "no answer" in entry.reason
    assert isinstance(report.error, Unavailable)


def test_after_an_error_that_will_not_pass_nobody_is_asked_again(world):
    world.answers[D25] = NotAuthorized("key refused")
    report = world.land("pages", D25, D27)
    assert [D25] == world.asked
    assert 3 == report.missing


@pytest.mark.parametrize(
    ("stream", "kept"),
    [
        ("pages", [("25", "missing")]),
        ("bills", [("25", "missing")]),
        ("parcels", [("25", "arrived"), ("25", "missing")]),
    ],
)
def test_what_came_before_an_error_counts_only_where_each_answer_stands_for_itself(world, stream, kept):
    def broken():
        yield delivery(b"page 1", D25)
        raise Unavailable("page 2 did not come")

    world.answers[D25] = broken()
    world.land(stream, D25, D25)
    assert kept == story(world)


def test_a_failed_second_look_takes_nothing_away(world):
    world.answers |= {D25: [delivery(b"x", D25)], D26: [delivery(b"y", D26)]}
    world.land("bills", D25, D25)
    world.answers[D25] = Unavailable("no answer")
    world.land("bills", D26, D26)
    assert [("25", "arrived"), ("26", "arrived")] == story(world)


def test_a_day_whose_bill_cannot_be_there_yet_is_only_missing_when_asked_for(world):
    early = datetime(2026, 9, 26, 1, 0, tzinfo=UTC)
    assert () == world.land("bills", D25, D25, as_of=early).entries
    report = world.land("bills", D25, D25, as_of=early, explicit=True)
    assert isinstance(report.error, NotReadyYet)
    assert [("25", "missing")] == story(world)
    assert [] == world.asked


def test_a_folder_is_taken_in_once_also_after_a_correction(world):
    world.lying = [delivery(b"a", D27, name="a.csv")]
    world.land("files", D25, D27, name="folder")
    world.lying += [delivery(b"b", D27, name="a.csv")]
    world.land("files", D25, D27, name="folder")
    world.land("files", D25, D27, name="folder")
    assert ["arrived", "arrived"] == [status for _, status in story(world)]


def test_the_same_bytes_under_another_name_are_noted_once(world):
    world.lying = [delivery(b"a", D27, name="a.csv"), delivery(b"a", D27, name="copy.csv")]
    world.land("files", D25, D27, name="folder")
    world.land("files", D25, D27, name="folder")
    assert ["arrived", "unchanged"] == [status for _, status in story(world)]


def test_a_day_that_brings_only_copies_brought_nothing(world):
    world.lying = [delivery(b"a", D27, name="a.csv")]
    world.land("files", D25, D27, name="folder")
    world.lying += [delivery(b"a", D27, name="copy.csv")]
    world.now += timedelta(days=1)
    world.land("files", D25, D27, name="folder")
    assert ["arrived", "unchanged", "nothing"] == [status for _, status in story(world)]


def test_an_empty_folder_is_said_once_a_day(world):
    world.land("files", D25, D27, name="folder")
    world.land("files", D25, D27, name="folder")
    assert [("28", "nothing")] == story(world)


def test_complete_days_are_those_with_an_answer(world):
    world.answers |= {D25: [delivery(b"x", D25)], D27: Unavailable("no answer")}
    world.land("pages", D25, D27)
    days = complete_days(world.archive(), world.settings())
    assert {D25, D26} == days["demo", "pages"]
    assert frozenset() == days["demo", "bills"]
    assert ("folder", "files") not in days


def test_a_lost_or_changed_file_is_named(world):
    world.answers[D25] = [delivery(b"x", D25)]
    entry = world.land("pages", D25, D25).entries[0]
    path = world.archive().path_of(entry)
    path.write_bytes(b"y")
    assert "was changed" in world.archive().verify().reason
    path.unlink()
    report = world.archive().verify()
    assert (1, True) == (report.broken_at, "is gone" in report.reason)


def test_rules_and_settings_are_landed_only_when_they_differ(world):
    settings = world.settings()
    first = world.archive().land_tables(settings, D26, world.now)
    again = world.archive().land_tables(settings, D27, world.now)
    assert (first.arrived, 0) == (again.unchanged, again.arrived)
    changed = world.settings(_with("[parameters]\nsync_hours = 25\n"))
    third = world.archive().land_tables(changed, D27, world.now)
    assert ["parameters"] == [entry.stream for entry in third.entries]
    assert not list((world.root / "data/landing/_rules/fee_rules").glob("2026-09-27/*"))


def _with(text):
    return TOML.replace("[[connection]]", text + "\n[[connection]]", 1)


@pytest.mark.parametrize("stream", ["bills", "pages"])
def test_a_connection_with_a_folder_is_walked_as_a_folder(world, stream):
    world.lying = [delivery(b"a", D26, name="a.csv")]
    world.land(stream, D25, D27, name="folder")
    world.land(stream, D25, D27, name="folder")
    assert [("26", "arrived")] == story(world)
