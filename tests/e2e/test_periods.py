"""A month from its statements to its lock, what comes too late, and what was known when.

Each morning has a clock of its own, by which files arrive, people decide and the tables are made and published.
"""

import random
import time
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
import requests

from connectors.core.protocol import Tools
from connectors.core.registry import source_named
from orchestration.cli.statement import as_known
from orchestration.decisions import Asked, approve, land_events, propose
from orchestration.landing import Archive
from orchestration.proof import verify
from orchestration.settings import load
from orchestration.warehouse import RunFacts, Warehouse, build, close_threads, connect, manifest_of, publish
from tests.merchant import Merchant
from tests.support import asked, tieout

pytestmark = pytest.mark.heavy

PEOPLE = "person,roles,limit_amount,public_key\nlin,RA,,\nmei,FM,,\n"
HASHES = "select statement_id, content_hash from marts.statements order by statement_id"
SHOWN = "select statement_id, opening::int, in_amount::int, matched::int, closing::int from marts.statements where period = '{}' order by 1"
STATE = "select state, signed_by, reopened_count, period_hash from marts.periods where period = '2026-04'"
ORDERS = "store:own/order_payment/left/CNY/"
PAYMENTS = "account:card/order_payment/right/CNY/"


@dataclass
class Office:
    """A folder, and what each morning published: digests, the state of April, the statements of April and of May."""

    folder: Path
    day: datetime = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
    hashes: list[dict[str, str]] = field(default_factory=list)
    states: list[tuple] = field(default_factory=list)
    shown: list[dict[str, tuple]] = field(default_factory=list)

    def morning(self, day):
        self.day = self.day.replace(day=day)
        config = load(self.folder / "tieout.toml")
        archive, today = Archive(config.data_dir), self.day.date()
        archive.land_tables(config, today, self.day)
        land_events(archive, config, today, self.day)
        tools = Tools(requests.Session(), lambda: self.day, time.sleep, random.Random(0))  # noqa: S311 - no secret
        for connection in config.connections:
            source = source_named(connection.source)
            for stream in source.streams:
                received = connection.resolve({}, None)
                archive.land(connection, source, stream, today, today, received, tools, as_of=self.day)
        Warehouse(config).load(archive)
        report = build(config, Warehouse(config).variables(self.day, f"morning_{day}"))
        assert report.success, report.errors
        close_threads(config, manifest_of(config))
        publish(config, RunFacts(f"morning_{day}", self.day, today, today, self.day, self.day))
        self.hashes.append(dict(asked(self.folder, HASHES)))
        self.states += asked(self.folder, STATE)
        rows = [row for month in ("2026-04", "2026-05") for row in asked(self.folder, SHOWN.format(month))]
        self.shown.append({statement: tuple(amounts) for statement, *amounts in rows})

    def decide(self, action):
        settings = load(self.folder / "tieout.toml")
        subject = ["period:HQ:2026-04"]
        (event,) = propose(settings, "lin", subject, Asked(action, note="so be it"), lambda: self.day)
        approve(settings, "mei", [event.decision_id], lambda: self.day)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """April is published, locked, told something too late, and taken up again."""
    shop = Merchant(tmp_path_factory.mktemp("closed"))
    shop.store("own", "own_site", "card")
    shop.account("card", "wechatpay", "channel")
    shop.account("bank", "bank", "bank")
    for place, order_no in enumerate(("OWN1", "OWN2", "OWN3")):
        shop.order("own", order_no, f"2026-04-2{place}T09:00:05", "100.00")
    shop.pay("card", "OWN1", "T1", "2026-04-20T09:00:05", "100.00")
    shop.pay("card", "OWN2", "T2", "2026-05-02T09:00:05", "100.00")
    shop.deliver("1")
    (shop.folder / "rules" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    made = Office(shop.folder)
    made.morning(5)
    made.decide("lock")
    made.morning(6)
    # a payment of April that a later day brings, and with it a match of April
    shop.pay("card", "OWN3", "T3", "2026-04-22T09:00:05", "100.00")
    shop.deliver("2")
    made.morning(7)
    made.decide("reopen")
    made.morning(8)
    return made


def test_a_month_is_locked_by_two_and_stays_what_was_signed(office):
    digest = office.states[0][3]
    assert [
        ("open", None, 0, digest),
        ("locked", "lin, mei", 0, digest),
        ("locked", "lin, mei", 0, digest),
    ] == office.states[:3]


def test_what_comes_after_the_lock_is_told_in_the_open_month_and_says_where_it_belongs(office):
    locked, late = office.shown[1:3]
    # two orders were paid in April or not at all, one in May
    assert (0, 300, 100, 200) == locked[ORDERS + "2026-04"] == late[ORDERS + "2026-04"]
    assert (0, 100, 100, 0) == locked[PAYMENTS + "2026-04"] == late[PAYMENTS + "2026-04"]
    assert (200, 0, 100, 100) == locked[ORDERS + "2026-05"]
    assert (200, 0, 200, 0) == late[ORDERS + "2026-05"]
    assert (0, 200, 200, 0) == late[PAYMENTS + "2026-05"]


def test_a_month_that_was_taken_up_again_shows_it_for_ever_and_gets_its_own_back(office):
    state, signed_by, count, digest = office.states[3]
    assert ("reopened", None, 1) == (state, signed_by, count)
    assert digest != office.states[0][3]
    assert (0, 300, 200, 100) == office.shown[3][ORDERS + "2026-04"]
    assert (0, 200, 200, 0) == office.shown[3][PAYMENTS + "2026-04"]
    assert [("lock", "effective"), ("reopen", "effective")] == asked(
        office.folder, "select action, state from marts.decisions order by made_at"
    )


def test_closed_in_slices_the_statements_are_those_of_one_build(office):
    config = load(office.folder / "tieout.toml")
    with as_known(config, office.day.date()) as (path, _), connect(path, read_only=True) as again:
        assert office.hashes[-1] == dict(again.execute(HASHES).fetchall())


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_statement_as_it_was_known_has_the_digest_that_was_published_then(office, place):
    config = load(office.folder / "tieout.toml")
    with as_known(config, datetime(2026, 5, 5 + place, tzinfo=UTC).date()) as (path, entry):
        assert f"morning_{5 + place}" == entry.run_id
        with connect(path, read_only=True) as past:
            assert office.hashes[place] == dict(past.execute(HASHES).fetchall())


def test_the_bridge_leads_from_what_was_known_to_what_is(office):
    path = office.folder / "bridge.xlsx"
    days = ("--from", "2026-04-01", "--to", "2026-04-30", "--known-on", "2026-05-06")
    assert tieout(office.folder, "export", "statement", *days, "--language", "en", "--output", str(path)) == 0
    book = openpyxl.load_workbook(path)
    heading, *lines = book["Bridge"].iter_rows(values_only=True)
    told = [dict(zip(heading, line, strict=True)) for line in lines]
    effects = {(line["Left – right"], line["Side"], line["Source no."]): line["Effect on closing"] for line in told}
    assert {
        ("order – payment", "left (claimed)", "OWN3"): -100,
        ("order – payment", "right (came)", "T3"): 0,
    }.items() <= effects.items()
    assert {"late file"} == {line["Why"] for line in told}


def test_the_proof_holds_to_the_end(office):
    assert [] == verify(office.folder / "data")


def test_the_evidence_of_a_month_is_one_file_that_names_what_was_decided_about_it(office):
    path = office.folder / "evidence.zip"
    assert tieout(office.folder, "export", "evidence", "--period", "2026-04", "--output", str(path)) == 0
    with zipfile.ZipFile(path) as pack:
        events = pack.read("decisions/events.csv").decode()
        assert pack.testzip() is None
        assert {"tables/statements.parquet", "tables/statement_lines.parquet", "tables/periods.parquet"} <= set(
            pack.namelist()
        )
    assert [2, 2] == [events.count(kind) for kind in ("proposed", "approved")]
    assert events.count("period:HQ:2026-04") == 2
