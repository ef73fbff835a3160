"""The client and the sandbox's carrier speak to each other: every parcel of a day is known, to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors.core.errors import BadRequest
from connectors.core.protocol import Number, Window
from connectors.kuaidi100 import SOURCE
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig

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

    def told(numbers, key=known["KUAIDI100_KEY"], rows=None):
        connection = replace(
            connect("kuaidi100", customer=known["KUAIDI100_CUSTOMER"], key=key),
            base_url="http://127.0.0.1/kuaidi100",
            numbers=tuple(one if isinstance(one, Number) else Number(one, "圆通速递") for one in numbers),
            options={"requests_per_second": 0, "phone": "12"},
        )
        session = requests.Session()
        session.mount("http://", SandboxAdapter(outside))
        tools = replace(desk.tools, session=session, now=lambda: datetime.now(UTC))
        start = datetime.fromisoformat("2026-10-01T00:00:00+08:00")
        rows = [] if rows is None else rows
        for found in WAYBILLS.fetch(connection, Window(start, start + timedelta(days=1)), tools):
            path = tmp_path / found.name
            path.write_bytes(found.body)
            unpacked = WAYBILLS.unpack(path, found.suffix, tmp_path, connection, found.name)
            assert unpacked.refused is None
            rows += WAYBILLS.canonical(unpacked, connection).streams["trackings"]
        return rows

    return told


def at(moment, now):
    return None if moment is None or moment > now else moment.isoformat(sep=" ", timespec="seconds")


@pytest.mark.parametrize("day", ["2026-09-28", "2026-10-01"])
def test_client_and_sandbox_agree_on_a_day(outside, talk, day):
    parcels = outside.market.records(
        "select * from market.orders where carrier = '圆通速递' and shipped_at::date = ?", [day]
    )
    assert parcels
    now = outside.now.replace(tzinfo=None)
    rows = talk([parcel["waybill_no"] for parcel in parcels] + ["YT-UNKNOWN"])
    expected = {
        parcel["waybill_no"]: (at(parcel["picked_up_at"], now), at(parcel["delivered_at"], now))
        for parcel in parcels
        if parcel["picked_up_at"] and parcel["picked_up_at"] <= now
    }
    assert expected == {row["waybill_no"]: (row["picked_up_at"], row["delivered_at"]) for row in rows}


def test_a_parcel_that_is_refused_for_its_phone_keeps_no_other_waiting(outside, talk):
    known = outside.market.records(
        "select waybill_no from market.orders where carrier = '圆通速递' and shipped_at::date = '2026-09-28' limit 2"
    )
    first, last = (parcel["waybill_no"] for parcel in known)
    rows = []
    with pytest.raises(BadRequest, match="refused for 1 of 3 numbers, among them SF0000001"):
        talk([first, Number("SF0000001", "顺丰速运"), last], rows=rows)
    assert [first, last] == [row["waybill_no"] for row in rows]


def test_the_wrong_key_opens_nothing(talk):
    with pytest.raises(BadRequest, match="check customer, key"):
        talk(["YT1"], key="other")
