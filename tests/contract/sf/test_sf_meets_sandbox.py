"""The client and the sandbox's carrier speak to each other: every parcel of a day arrives, its cost to the fen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from connectors.core.errors import NotAuthorized
from connectors.core.protocol import Number, Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.apis.sf import freight
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig
from connectors.sf import SOURCE

[WAYBILLS] = SOURCE.streams


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    config = WorldConfig(
        seed=7,
        first_day=datetime(2026, 9, 24, tzinfo=UTC).date(),
        orders_per_day=200,
        folder=tmp_path_factory.mktemp("keys"),
        requests_per_second=100_000,
        faults="none",
    )
    sandbox = Sandbox(config, sleep=lambda _: None)
    sandbox.set_time(datetime.fromisoformat("2026-10-02T10:30:00+08:00"))
    yield sandbox
    sandbox.close()


@pytest.fixture
def talk(outside, desk, connect, tmp_path):
    known = credentials(outside.config.folder)

    def told(numbers, word=known["SF_CHECK_WORD"]):
        connection = replace(
            connect("sf", partner_id=known["SF_PARTNER_ID"], check_word=word),
            base_url="http://127.0.0.1/sf",
            numbers=tuple(Number(number, "顺丰速运") for number in numbers),
        )
        session = requests.Session()
        session.mount("http://", SandboxAdapter(outside))
        tools = replace(desk.tools, session=session, now=lambda: datetime.now(UTC))
        start = datetime.fromisoformat("2026-10-01T00:00:00+08:00")
        rows = []
        for found in WAYBILLS.fetch(connection, Window(start, start + timedelta(days=1)), tools):
            path = tmp_path / found.name
            path.write_bytes(found.body)
            unpacked = WAYBILLS.unpack(path, found.suffix, tmp_path, connection, found.name)
            assert unpacked.refused is None
            made = WAYBILLS.canonical(unpacked, connection)
            assert () == made.quarantine
            rows += made.streams["trackings"]
        return rows

    return told


def at(moment, now):
    return None if moment is None or moment > now else f"{moment.isoformat(timespec='seconds')}+08:00"


def test_client_and_sandbox_agree_on_a_day(outside, talk):
    outside.market.ensure(outside.now.date())
    parcels = outside.market.records(
        "select * from market.orders where carrier = '顺丰速运' and shipped_at::date = date '2026-10-01'"
    )
    assert parcels
    rows = talk([parcel["waybill_no"] for parcel in parcels] + ["SF-UNKNOWN"])
    routes = {row["waybill_no"]: row for row in rows if row["last_scan_at"]}
    fees = {row["waybill_no"]: row["freight_cost"] for row in rows if row["freight_cost"]}
    now = outside.now.replace(tzinfo=None)
    picked = [parcel for parcel in parcels if parcel["picked_up_at"] <= now]
    assert {parcel["waybill_no"]: at(parcel["picked_up_at"], now) for parcel in picked} == {
        number: row["picked_up_at"] for number, row in routes.items()
    }
    assert {parcel["waybill_no"]: at(parcel["delivered_at"], now) for parcel in picked} == {
        number: row["delivered_at"] for number, row in routes.items()
    }
    assert {parcel["waybill_no"]: freight(parcel) for parcel in picked} == {
        number: int(Decimal(cost) * 100) for number, cost in fees.items()
    }


def test_the_wrong_check_word_opens_nothing(talk):
    with pytest.raises(NotAuthorized):
        talk(["SF1"], word="other")
