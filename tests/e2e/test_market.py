"""Every source at once: three entities, three currencies; each planted fault is found once, and nothing else."""

import shutil
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.core.registry import NAMES
from connectors.sandbox.market.cast import SHOP
from connectors.sandbox.server import truth_of
from orchestration.settings import load
from tests.e2e.test_planted_faults import as_of, assert_books_agree, found, names_of, open_faults, run, world
from tests.integration.test_dbt_units import CODES
from tests.support import published, tieout

SETTINGS = Path(__file__).parents[2] / "docs/guides/every-source.toml"
FIRST = date(2026, 9, 10)
LAST = FIRST + timedelta(days=6)
STATE_NO_BALANCE = (
    *("jd_wallet", "douyin_wallet", "pdd_wallet", "shopify_wallet", "stripe_eu", "paypal_eu", "adyen_eu"),
    *("citi_usd", "ccb_5678", "cmb_9001"),
)
"""Whose files or interfaces state no opening balance, or say nothing on a quiet day."""
RUNS_WITHOUT = "http://127.0.0.1:9"
"""The discard port: nobody answers there."""


# tables of the books that some sources tell in their own way: amounts are compared through what follows from them
TOLD_OTHERWISE = frozenset({
    ("stores", "pdd_shop"),  # its interface lists no unpaid orders
    ("tickets", "amazon_us"),  # refunds are known by the settlement that carries them
    ("payments", "adyen_eu"),  # a report per closed batch: the last day's is still open
    ("refunds", "adyen_eu"),
    ("settlements", "jd_shop"),  # an order's lines of one kind are one row of the export
    ("settlements", "douyin_shop"),
    *(("balances", account) for account in STATE_NO_BALANCE),
})  # fmt: skip


def market(folder: Path, orders_per_day: int = 400) -> Path:
    """A folder whose settings name a connection of every source."""
    text = SETTINGS.read_text(encoding="utf-8").replace("orders_per_day = 400", f"orders_per_day = {orders_per_day}")
    (folder / "tieout.toml").write_text(text, encoding="utf-8")
    return folder


def shows(fault: dict[str, Any], item: dict[str, Any]) -> bool:
    """Whether an exception is the planted fault: some sources write a number with a prefix of their own.

    Rows of Pinduoduo's ledger carry no number, those of PayPal several movements below one: they are known by amount.
    """
    if item["code"] != fault["code"] or item["amount"] != Decimal(fault["amount"]):
        return False
    has_no_number = fault["account"] in {"pdd_wallet", "paypal_eu"} and fault["code"] in {"E005", "E006", "E212"}
    known = item["keys"].split()
    return has_no_number or all(any(word.endswith(name) for word in known) for name in names_of(fault))


def compared(truth: list[dict[str, Any]], exceptions: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """What was planted and not found, and what was found and not planted."""
    left, missed = list(exceptions), []
    for fault in truth:
        item = next((item for item in left if shows(fault, item)), None)
        if item is None:
            missed.append(fault)
        else:
            left.remove(item)
    return missed, left


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six days fetched at once, then a normal day, which also asks the carriers about what is on its way."""
    folder = market(tmp_path_factory.mktemp("market"))
    run(folder, FIRST, LAST - timedelta(days=1))
    run(folder, LAST, LAST)
    return folder


def test_the_settings_name_every_source() -> None:
    assert set(NAMES) == {connection.source for connection in load(SETTINGS, {}).connections}


@pytest.mark.heavy
def test_every_code_is_led_to_by_a_planted_fault_but_for_two(tmp_path: Path) -> None:
    """E401 is what E402 is called before its time, and no account here pays out into another currency (E407)."""
    last = FIRST + timedelta(days=34)
    planted = truth_of(world(market(tmp_path)), datetime.fromisoformat(as_of(last)))
    assert {"E401", "E407"} == set(CODES) - {fault["code"] for fault in planted}


@pytest.mark.heavy
def test_every_fault_of_every_source_is_found_once_and_nothing_else(week: Path) -> None:
    truth = open_faults(week, LAST, pulled_once=True)
    assert len({fault["account"] for fault in truth}) >= 18
    assert len({fault["code"] for fault in truth}) >= 44
    assert len({fault["currency"] for fault in truth}) >= 3
    assert ([], []) == compared(truth, found(week))


@pytest.mark.heavy
def test_totals_agree_to_the_cent_with_the_books_of_all_shops(week: Path) -> None:
    assert_books_agree(week, LAST, TOLD_OTHERWISE)


@pytest.mark.heavy
def test_nothing_is_left_over_at_any_stage_of_any_source(week: Path) -> None:
    with published(week) as con:
        assert (
            []
            == con.execute(
                "select * from marts.conservation where residual_rows <> 0 or residual_amount <> 0"
            ).fetchall()
        )


@pytest.mark.heavy
def test_a_dead_source_stops_no_other(week: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(week, tmp_path / "dead"))
    settings = folder / "tieout.toml"
    text = settings.read_text(encoding="utf-8")
    head, name, tail = text.partition('source = "douyin"\n')
    settings.write_text(f'{head}{name}base_url = "{RUNS_WITHOUT}"\n{tail}', encoding="utf-8")
    first, last = LAST + timedelta(days=1), LAST + timedelta(days=2)
    words = ("--from", first.isoformat(), "--to", last.isoformat(), "--as-of", as_of(last))
    assert 3 == tieout(folder, "run", *words)
    planted = {fault["account"] for fault in open_faults(folder, last, pulled_once=True) if fault["code"] == "E001"}
    with published(folder) as con:
        silent = con.execute(
            "select distinct connection from marts.exceptions where code = 'E001' and status = 'open' and business_date = ?",
            [first],
        ).fetchall()
        stores = con.execute("select distinct store from marts.orders where business_date = ?", [first]).fetchall()
    assert {"douyin_shop"} == {connection for (connection,) in silent} - planted
    assert set(SHOP) - {"douyin_shop"} <= {store for (store,) in stores}
    assert ("douyin_shop",) not in stores


@pytest.mark.heavy
def test_thirty_five_days_of_the_whole_market(tmp_path: Path) -> None:
    folder, last = market(tmp_path), FIRST + timedelta(days=34)
    run(folder, FIRST, last - timedelta(days=1))
    run(folder, last, last)
    missed, extra = compared(open_faults(folder, last, pulled_once=True), found(folder))
    assert (Counter(), Counter()) == (
        Counter(fault["code"] for fault in missed),
        Counter(item["code"] for item in extra),
    )
