"""The market's bank statements, read by the connectors: every line of the world arrives, balances and all."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.core.protocol import Connection
from connectors.core.registry import source_named
from connectors.sandbox.drops import DROPS
from connectors.sandbox.market import Market
from connectors.sandbox.world import World

DAYS = 12
FIRST = date(2026, 9, 10)
BANKS = {
    "bank_bai2": "usd_bank",
    "bank_csv": "ccb_5678",
    "cmb_9001": "cmb_9001",
    "bank_mt940": "eur_bank",
    "bank_ofx": "citi_usd",
}
"""Drop → account. The CMB export is read by the source of the other exports."""


@pytest.fixture(scope="module")
def market(keys_folder_of_module):
    from connectors.sandbox.world import WorldConfig  # noqa: PLC0415 - made here only

    config = WorldConfig(seed=7, first_day=FIRST, folder=keys_folder_of_module, orders_per_day=100)
    made = Market(World(replace(config, has_market=True)))
    made.ensure(FIRST + timedelta(days=DAYS - 1))
    return made


@pytest.fixture(scope="module")
def keys_folder_of_module(tmp_path_factory):
    return tmp_path_factory.mktemp("bank-keys")


@pytest.mark.parametrize("drop", BANKS)
def test_every_line_of_the_world_arrives_with_its_balances(market, tmp_path, drop):
    source = "bank_csv" if drop == "cmb_9001" else drop
    (stream,) = source_named(source).streams
    bank = Connection(
        name="b", source=source, base_url=None, credentials={}, path=tmp_path, timezone=None, currency="CNY",
        account=None, store=None,
    )  # fmt: skip
    found, closing = [], {}
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        (path,) = DROPS[drop](market, tmp_path, day)
        unpacked = stream.unpack(path, path.suffix.lstrip("."), tmp_path, bank, path.name)
        assert unpacked.refused is None, unpacked.refused
        canonical = stream.canonical(unpacked, bank)
        assert () == canonical.quarantine
        found += canonical.streams["bank_lines"]
        closing[day] = unpacked.statements[0].closing_balance
    lines = market.records("select * from market.bank_lines where bank = ? order by day, line_no", [BANKS[drop]])
    assert sorted((str(line["day"]), Decimal(line["amount"]).scaleb(-2)) for line in lines) == sorted(
        (r["booked_at"][:10], Decimal(r["amount"]) * (1 if r["direction"] == "in" else -1)) for r in found
    )
    known = {r["bank_reference"] for r in found}
    assert {
        line["remark"] if _is_traced(line) and source != "bank_csv" else line["reference"] for line in lines
    } == known
    if source != "bank_csv":
        stated = market.rows("select day, closing from market.balances where account = ?", [BANKS[drop]])
        assert {day: Decimal(amount).scaleb(-2) for day, amount in stated} == {
            d: Decimal(c) for d, c in closing.items()
        }


def _is_traced(line):
    return line["amount"] > 0 and line["fault"] in {None, "payout_short"} and line["remark"] != "payout"
