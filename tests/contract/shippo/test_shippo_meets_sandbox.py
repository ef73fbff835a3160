"""The client and the sandbox's Shippo speak to each other: every parcel of a day is known, to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors.core.errors import NotAuthorized
from connectors.core.protocol import Number, Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig
from connectors.shippo import SOURCE

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
    sandbox.market.ensure(sandbox.now.date())
    yield sandbox
    sandbox.close()


@pytest.fixture
def talk(outside, desk, connect, tmp_path):
    known = credentials(outside.config.folder)

    def told(numbers, key=known["SHIPPO_API_TOKEN"]):
        connection = replace(
            connect("shippo", api_token=key),
            base_url="http://127.0.0.1/shippo",
            numbers=tuple(Number(number, "DHL") for number in numbers),
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
    return None if moment is None or moment > now else (moment - timedelta(hours=8)).replace(tzinfo=UTC).isoformat()


@pytest.mark.parametrize("day", ["2026-09-28", "2026-09-30", "2026-10-01"])
def test_client_and_sandbox_agree_on_a_day(outside, talk, day):
    now = outside.now.replace(tzinfo=None)
    parcels = outside.market.records(
        "select * from market.orders where carrier = 'DHL' and shipped_at::date = ? and shipped_at <= ?", [day, now]
    )
    assert {"woo_eu"} == {parcel["shop"] for parcel in parcels}
    rows = talk([parcel["waybill_no"] for parcel in parcels] + ["JD-UNKNOWN"])
    expected = {
        parcel["waybill_no"]: (at(parcel["picked_up_at"], now), at(parcel["delivered_at"], now)) for parcel in parcels
    }
    assert expected == {row["waybill_no"]: (row["picked_up_at"], row["delivered_at"]) for row in rows}
    assert len(parcels) == len(rows)
    assert all(row["last_scan_at"] >= (row["delivered_at"] or row["picked_up_at"]) for row in rows)
    assert {None} == {row["returned_at"] for row in rows}


def test_the_wrong_key_opens_nothing(talk):
    with pytest.raises(NotAuthorized):
        talk(["JD1"], key="other")
