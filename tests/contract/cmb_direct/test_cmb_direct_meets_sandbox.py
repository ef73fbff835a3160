"""Client and sandbox, written apart, speak to each other: every movement of a day arrives, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from connectors.cmb_direct import SOURCE
from connectors.core.errors import BadRequest, NotAuthorized, UnexpectedShape
from connectors.core.protocol import Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.apis import cmb_direct as api
from tests.contract.cmb_direct import bank
from tests.contract.meeting import FIRST, connected

[LINES] = SOURCE.streams
DAYS = [FIRST + timedelta(days=number) for number in range(9)]


@pytest.fixture(scope="module")
def outside(sandbox_of):
    sandbox = sandbox_of("2026-10-03T10:30:00+08:00", faults="all")
    sandbox.market.ensure(sandbox.now.date())
    return sandbox


@pytest.fixture
def talk(outside, desk, tmp_path):
    def told(day, *, late=timedelta(), **changed):
        account = connected(outside, SOURCE, changed, base_url="http://127.0.0.1/cmb_direct")
        session = requests.Session()
        session.mount("http://", SandboxAdapter(outside))
        tools = replace(desk.tools, session=session, now=lambda: datetime.now(UTC) - late)
        start = datetime.fromisoformat(f"{day}T00:00:00+08:00")
        [delivery] = LINES.fetch(account, Window(start, start + timedelta(days=1)), tools)
        path = tmp_path / delivery.name
        path.write_bytes(delivery.body)
        assert SOURCE.recognises(path)
        unpacked = LINES.unpack(path, delivery.suffix, tmp_path, account, delivery.name)
        assert unpacked.refused is None, unpacked.refused
        found = LINES.canonical(unpacked, account)
        assert () == found.quarantine
        return unpacked.statements, found.streams["bank_lines"]

    return told


def test_every_movement_of_every_day_arrives_with_its_balances(outside, talk):
    seen = 0
    for day in DAYS:
        world = outside.market.records(
            "select * from market.bank_lines where bank = 'cmb_9001' and day = ? order by line_no", [day]
        )
        [[opening, closing]] = outside.market.rows(
            "select opening, closing from market.balances where account = 'cmb_9001' and day = ?", [day]
        )
        [statement], lines = talk(day)
        assert [
            (row["reference"], abs(row["amount"]), "in" if row["amount"] > 0 else "out", row["balance"],
             row["counterparty"], row["remark"], day.isoformat())
            for row in world
        ] == [
            (line["bank_reference"], Decimal(line["amount"]) * 100, line["direction"], Decimal(line["balance"]) * 100,
             line["counterparty_name"], line["remark"], line["booked_at"][:10])
            for line in lines
        ]  # fmt: skip
        if world:
            assert (opening, closing) == (
                Decimal(statement.opening_balance) * 100, Decimal(statement.closing_balance) * 100,
            )  # fmt: skip
        assert (len(world), len(world)) == (statement.row_count, statement.stated_row_count)
        seen += len(world)
    assert seen > len(DAYS)


@pytest.mark.parametrize("size", [1, 2])
def test_a_day_in_small_pages_is_the_same_day(outside, talk, monkeypatch, size):
    [day] = (
        max(
            outside.market.rows(
                "select day from market.bank_lines where bank = 'cmb_9001' group by day having count(*) > 2"
            )
        ),
    )
    _, whole = talk(day[0])
    monkeypatch.setattr(api, "PAGE_SIZE", size)
    statements, lines = talk(day[0])
    assert -(-len(whole) // size) == len(statements) > 1
    assert [line | {"statement": 0} for line in lines] == whole


def test_an_account_on_which_nothing_moves_has_quiet_days(talk):
    [statement], lines = talk(DAYS[4], account_no=api.QUIET_ACCOUNT)
    assert ([], 0) == (lines, statement.row_count)


def test_the_bank_refuses_what_is_not_the_merchants(talk):
    with pytest.raises(BadRequest, match="knows no such account"):
        talk(DAYS[0], account_no="755900000000009")
    with pytest.raises(BadRequest, match="check user_id"):
        talk(DAYS[0], user_id="U000000001")
    with pytest.raises(BadRequest, match="keys and the clock"):
        talk(DAYS[0], private_key=bank.CREDENTIALS["private_key"])
    with pytest.raises(BadRequest, match="keys and the clock"):
        talk(DAYS[0], sm4_key="0" * 16)


def test_an_answer_of_another_bank_is_refused(talk):
    with pytest.raises(NotAuthorized, match="check bank_public_key"):
        talk(DAYS[0], bank_public_key=bank.CREDENTIALS["bank_public_key"])


def test_a_clock_that_is_off_by_more_than_an_hour_is_refused(talk):
    assert talk(DAYS[0], late=timedelta(minutes=58))
    for late in (timedelta(minutes=61), -timedelta(minutes=61)):
        with pytest.raises(BadRequest, match="the clock"):
            talk(DAYS[0], late=late)


@pytest.mark.parametrize(("kind", "error"), [("html", UnexpectedShape), ("broken_page", UnexpectedShape)])
def test_weather_over_the_bank_has_its_name(outside, talk, kind, error):
    outside.handle(_weather(kind))
    with pytest.raises(error):
        talk(DAYS[0])
    assert talk(DAYS[0])


def _weather(kind):
    from connectors.sandbox.apis.http import Request  # noqa: PLC0415 - made here only

    body = f'{{"weather": [{{"api": "cmb_direct", "kind": "{kind}"}}]}}'.encode()
    return Request("POST", "/_sandbox/weather", "http://127.0.0.1", {}, body)
