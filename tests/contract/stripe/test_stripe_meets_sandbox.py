"""The client and the sandbox's account speak to each other: all of a day arrives, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests

from connectors.core.errors import NotAuthorized
from connectors.core.protocol import Window
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials
from connectors.sandbox.world import WorldConfig
from connectors.stripe import SOURCE

BALANCE, PAYOUTS = SOURCE.streams
SIGN = {"in": 1, "out": -1}


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    config = WorldConfig(
        seed=7,
        first_day=datetime(2026, 9, 24, tzinfo=UTC).date(),
        orders_per_day=400,
        folder=tmp_path_factory.mktemp("keys"),
        requests_per_second=100_000,
        faults="all",
    )
    sandbox = Sandbox(config, sleep=lambda _: None)
    sandbox.set_time(datetime.fromisoformat("2026-10-02T10:30:00+08:00"))
    sandbox.market.ensure(sandbox.now.date())
    yield sandbox
    sandbox.close()


@pytest.fixture
def talk(outside, desk, connect, tmp_path):
    """What the client brings from the sandbox for one local day, as canonical records."""
    known = credentials(outside.config.folder)

    def told(stream, day, key=known["STRIPE_SECRET_KEY"]):
        connection = replace(connect("stripe", secret_key=key), base_url="http://127.0.0.1/stripe")
        session = requests.Session()
        session.mount("http://", SandboxAdapter(outside))
        start = datetime.fromisoformat(f"{day}T00:00:00+08:00")
        tools = replace(desk.tools, session=session, now=lambda: datetime.now(UTC))
        records = {}
        for number, found in enumerate(stream.fetch(connection, Window(start, start + timedelta(days=1)), tools)):
            path = tmp_path / f"{number}.{found.suffix}"
            path.write_bytes(found.body)
            unpacked = stream.unpack(path, found.suffix, tmp_path, connection, found.name)
            assert unpacked.refused is None
            made = stream.canonical(unpacked, connection)
            assert () == made.quarantine
            for name, rows in made.streams.items():
                records.setdefault(name, []).extend(rows)
        return records

    return told


@pytest.mark.parametrize("day", ["2026-09-28", "2026-09-29", "2026-09-30"])
def test_every_movement_of_a_day_arrives_to_the_cent(outside, talk, day):
    found = talk(BALANCE, day)
    flows = outside.market.records("select * from market.flows where account = 'stripe_eu' and day = ?", [day])
    assert flows
    assert len(flows) == len(found["fund_flows"])
    assert sum(flow["amount"] for flow in flows) == sum(
        SIGN[row["direction"]] * int(Decimal(row["amount"]) * 100) for row in found["fund_flows"]
    )
    payments = outside.market.records(
        "select payments.* from market.payments as payments inner join market.flows as flows using (account,"
        " transaction_no) where account = 'stripe_eu' and flows.day = ? and flows.kind in"
        " ('payment', 'refund', 'chargeback')",
        [day],
    )
    expected = sorted((row["transaction_no"], row["type"], row["amount"], row["pay_no"]) for row in payments)
    assert expected == sorted(
        (row["transaction_no"][3:], row["type"], int(Decimal(row["amount"]) * 100), row["merchant_pay_no"])
        for row in found["payments"]
    )


def test_every_payout_of_a_day_arrives_with_what_the_bank_will_show(outside, talk):
    payouts = outside.market.records("select * from market.payouts where account = 'stripe_eu' and day = '2026-09-28'")
    assert payouts
    assert [(row["payout_no"], row["amount"], row["trace_no"], row["arrives_on"]) for row in payouts] == [
        (
            row["payout_no"],
            int(Decimal(row["amount"]) * 100),
            row["bank_reference"],
            datetime.fromtimestamp(row["expected_on"], UTC).date(),
        )
        for row in talk(PAYOUTS, "2026-09-28")["payouts"]
    ]


def test_the_wrong_key_opens_nothing(talk):
    with pytest.raises(NotAuthorized):
        talk(BALANCE, "2026-09-29", key="sk_other")
