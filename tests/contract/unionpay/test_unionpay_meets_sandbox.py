"""Client and sandbox, written apart, speak to each other: a settlement day arrives whole and to the fen."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from connectors.core.errors import NotReadyYet
from connectors.unionpay import SOURCE
from tests.contract.meeting import connected, fetched, read, yuan

[TRADES] = SOURCE.streams
DAY = date(2025, 12, 31)


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    first, last = date(2025, 12, 29), date(2026, 1, 3)
    return sandbox_of("2026-01-01T10:30", first_day=first, last_day=last, orders_per_day=2000)


def test_every_payment_and_return_of_the_last_day_of_a_year_arrives(sandbox, tmp_path):
    till = connected(sandbox, SOURCE)
    [delivery] = fetched(sandbox, till, TRADES, DAY)
    path = tmp_path / delivery.name
    path.write_bytes(delivery.body)
    payments = read(till, TRADES, path, delivery.suffix)["payments"]
    arrived = {payment["transaction_no"]: payment for payment in payments}
    world = sandbox.market.records(
        "select * from market.payments where account = 'unionpay_main' and happened_at::date = ?", [DAY]
    )
    assert len(world) > 10
    assert {row["transaction_no"] for row in world} == set(arrived)
    for row in world:
        payment = arrived[row["transaction_no"]]
        assert (yuan(row["amount"]), yuan(row["fee"]), row["type"], row["pay_no"]) == (
            Decimal(payment["amount"]), Decimal(payment["fee"]), payment["type"], payment["merchant_pay_no"],
        )  # fmt: skip
        assert row["happened_at"] == datetime.fromisoformat(payment["occurred_at"]).replace(tzinfo=None)
        assert row["merchant_refund_no"] == payment["merchant_refund_no"]


def test_a_day_that_is_not_over_has_no_file_yet(sandbox):
    with pytest.raises(NotReadyYet):
        list(fetched(sandbox, connected(sandbox, SOURCE), TRADES, "2026-01-01"))
