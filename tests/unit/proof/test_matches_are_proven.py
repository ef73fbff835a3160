"""The proof of matching on small warehouses made by hand: silent on a sound one, and each planted fault is found."""

from collections.abc import Iterator
from itertools import combinations as subsets

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as some
from small_warehouse import FIRST, Shop, orders, payouts

from orchestration.proof.combinations import LIMIT, combinations, searches
from orchestration.proof.payouts import Item


@pytest.fixture(scope="module")
def made() -> Iterator[Shop]:
    """Sound: a match of every pass, and open items of every kind of search."""
    with duckdb.connect() as connection:
        shop = Shop(connection)
        orders(shop)
        payouts(shop)
        yield shop


@pytest.fixture
def shop(made: Shop) -> Iterator[Shop]:
    """What a test breaks is as before afterwards."""
    made.do("begin")
    yield made
    made.do("rollback")


FAULTS = {
    "a record in two matches": (
        "insert into marts.match_legs values ('o-d', 'order_payment', 'right', 'payment', 'p1', 'CNY', 0)",
        ("claims", "payment p1 is in 2 matches of order_payment"),
    ),
    "a record in a match and open": (
        "insert into marts.open_items values ('order_payment', 'order', 'o1', date '2026-09-01', null)",
        ("claims", "order o1 is in match o-p and open of order_payment"),
    ),
    "a record open twice": (
        "insert into marts.open_items select * from marts.open_items where record_key = 'o3'",
        ("claims", "order o3 is in 2 open items of order_payment"),
    ),
    "a match without its right legs": (
        "delete from marts.match_legs where match_id = 'o-p' and side = 'right'",
        ("sums", "match o-p of order_payment lacks the legs of a side"),
    ),
    "legs of no match": (
        "delete from marts.matches where match_id = 'o-p'",
        ("claims", "match o-p is there 0 times and has 2 legs"),
    ),
    "a missing adjustment leg": (
        "delete from marts.match_legs where match_id = 'o-d' and side = 'adjustment'",
        ("sums", "match o-d leaves -1.00 over, its adjustment leg 0.00"),
    ),
    "a leg one cent off": (
        "update marts.match_legs set amount = 10.01 where record_key = 'p1'",
        ("sums", "match o-p says 10.00 on its right, its legs make 10.01"),
    ),
    "a leg of another currency": (
        "update marts.match_legs set currency = 'EUR' where record_key = 'p1'",
        ("sums", "match o-p in CNY has a leg in EUR"),
    ),
    "a leg without an amount": (
        "update marts.match_legs set amount = null where record_key = 'p1'",
        ("sums", "match o-p of order_payment has a leg without an amount"),
    ),
    "a match without an amount": (
        "update marts.matches set left_amount = null where match_id = 'o-p'",
        ("sums", "match o-p of order_payment does not state its amounts"),
    ),
    "a match that agrees and does not": (
        "update marts.matches set status = 'matched' where match_id = 'o-d'",
        ("sums", "match o-d is matched with a difference of -1.00"),
    ),
    "another difference than right less left": (
        "update marts.matches set difference = 1 where match_id = 'o-d'",
        ("sums", "match o-d says a difference of 1.00, not -1.00"),
    ),
    "none said though the search was stopped": (
        "update marts.open_items set search = 'none_exists' where record_key = 'stopped'",
        ("search", "bank_line stopped says none_exists, and it is stopped_at_limit: 13 parts, 0 exact combinations"),
    ),
    "stopped said though the search came to its end": (
        "update marts.open_items set search = 'stopped_at_limit' where record_key = 'none'",
        ("search", "bank_line none says stopped_at_limit, and it is none_exists: 4 parts, 0 exact combinations"),
    ),
    "a search said where none applies": (
        "insert into marts.open_items values ('payout_bank', 'bank_line', 'debit', date '2026-09-01', 'none_exists')",
        ("search", "bank_line debit says none_exists, and nothing is searched for it"),
    ),
}


def test_a_sound_warehouse_has_no_findings(shop: Shop) -> None:
    assert [] == shop.findings()


@pytest.mark.parametrize("what", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(shop: Shop, what: str) -> None:
    sql, expected = FAULTS[what]
    shop.do(sql)
    assert expected in {(finding.link, finding.detail) for finding in shop.findings()}
    assert [expected[0]] == shop.links()


@pytest.mark.parametrize(
    ("match", "says"),
    [
        ("m-named", "payout named and bank_line says share a number with nothing else"),
        ("m-alike", "payout alike and bank_line same are each other's only candidate by amount"),
        ("m-both", "bank_line both is made up by half, rest and by nothing else"),
        ("m-first", "first in, first out payout first goes with bank_line to-first"),
    ],
)
def test_a_pair_that_a_pass_left_open_was_passed_over(shop: Shop, match: str, says: str) -> None:
    shop.unmatch(match)
    found = [finding for finding in shop.findings() if finding.link == "passes"]
    assert [says] == [finding.detail.partition(", yet ")[0] for finding in found]
    assert all(" is open" in finding.detail for finding in found)


def test_none_said_though_combinations_exist_is_found(shop: Shop) -> None:
    for key, amount in (("a", "1.10"), ("b", "2.20")):
        shop.payout(key, amount, 50)
        shop.open("payout", key)
    shop.line("fits", "3.30", 51)
    shop.open("bank_line", "fits", "none_exists")
    (finding,) = shop.findings()
    assert "bank_line fits is made up by a, b and by nothing else, yet bank_line fits is open" == finding.detail
    shop.payout("c", "1.10", 50)
    shop.open("payout", "c")
    (finding,) = shop.findings()
    assert "bank_line fits says none_exists, and it is several: 3 parts, 2 exact combinations" == finding.detail


def test_a_queue_that_is_not_first_in_first_out_is_found(shop: Shop) -> None:
    shop.do(
        "update marts.match_legs set match_id = case match_id when 'm-first' then 'm-second' else 'm-first' end "
        "where record_key in ('to-first', 'to-second')"
    )
    (finding,) = shop.findings()
    assert "first in, first out payout first goes with bank_line to-first" in finding.detail


@pytest.mark.parametrize(("match", "name"), [("m-alike", "P1"), ("m-both", "P4"), ("m-first", "P5"), ("m-named", "P6")])
def test_a_match_of_a_pass_whose_rule_it_does_not_keep_is_found(shop: Shop, match: str, name: str) -> None:
    shop.do("update marts.matches set pass = ? where match_id = ?", name, match)
    assert any(finding.link == "passes" and name in finding.detail for finding in shop.findings())


def test_a_tie_by_amount_or_number_is_no_missed_pair(shop: Shop) -> None:
    shop.payout("tie", "70.00", 0)
    shop.line("tie-1", "71.00", 1, remark="no-tie")
    shop.line("tie-2", "72.00", 1, remark="no-tie")
    shop.open("payout", "tie", "none_exists")
    shop.open("bank_line", "tie-1", "none_exists")
    shop.open("bank_line", "tie-2", "none_exists")
    assert [] == shop.findings()


def test_the_window_ends_on_the_fifteenth_day(shop: Shop) -> None:
    shop.payout("far", "0.70", 40)
    shop.line("late", "0.70", 56)
    shop.open("payout", "far")
    shop.open("bank_line", "late")
    assert [] == shop.findings()
    shop.do("update ledger.int_ledger__match_rules set window_after = 16 where pass = 'P4'")
    assert ["passes"] == shop.links()


def test_what_arrives_is_compared_in_the_currency_and_amount_of_the_bank(shop: Shop) -> None:
    shop.payout("abroad", "100.00", 40)
    shop.do(
        "update ledger.int_ledger__payouts set currency = 'USD', bank_currency = 'CNY', fee = 1, fx_rate = 7.105 "
        "where record_key = 'abroad'"
    )
    shop.line("home", "703.40", 41)
    shop.open("payout", "abroad")
    shop.open("bank_line", "home")
    assert ["passes"] == shop.links()


def test_an_order_and_a_payment_that_name_each_other_alone_were_passed_over(shop: Shop) -> None:
    shop.do("update marts.payments set order_no = 'n3' where record_key = 'p6'")
    (finding,) = shop.findings()
    assert finding.detail == "order o3 and payment p6 are open and share a number with each other alone"


def test_a_number_that_a_matched_record_carries_too_is_no_missed_pair(shop: Shop) -> None:
    shop.do("update marts.payments set order_no = 'n3' where record_key in ('p6', 'p1')")
    assert [] == shop.findings()


def test_a_period_asks_only_for_its_own_months(shop: Shop) -> None:
    shop.do("update marts.match_legs set amount = 10.01 where record_key = 'p1'")
    assert [] == shop.findings("2026-08")
    assert ["sums"] == [finding.link for finding in shop.findings("2026-09")]


def test_a_snapshot_without_the_ledger_is_asked_for_claims_sums_and_numbers_only(shop: Shop) -> None:
    shop.unmatch("m-alike")
    shop.do("drop schema ledger cascade")
    assert [] == shop.findings()
    shop.do("update marts.match_legs set amount = 10.01 where record_key = 'p1'")
    assert ["sums"] == shop.links()


def item(number: int, cents: int, family: str = "w") -> Item:
    return Item("payout", str(number), family, "bank", "CNY", cents, FIRST, 0, frozenset())


@given(some.lists(some.integers(1, 30), max_size=LIMIT), some.integers(2, 120))
def test_every_exact_combination_is_found_once(amounts: list[int], target: int) -> None:
    parts = [item(number, cents) for number, cents in enumerate(amounts)]
    every = [
        {part.key for part in chosen}
        for size in range(1, len(parts) + 1)
        for chosen in subsets(parts, size)
        if sum(part.cents for part in chosen) == target
    ]
    found = [{part.key for part in chosen} for chosen in combinations(target, parts)]
    assert sorted(map(sorted, every)) == sorted(map(sorted, found))


def test_a_search_is_stopped_only_beyond_the_limit_and_in_any_family() -> None:
    whole = item(0, 100)
    parts = [item(number, number, "many") for number in range(1, LIMIT + 1)]
    fitting = [item(50, 40, "few"), item(51, 60, "few")]
    assert searches([(whole, parts)])[whole].verdict == "none_exists"
    assert searches([(whole, parts + fitting)])[whole].verdict == "found"
    more = [*parts, item(99, 99, "many")]
    assert searches([(whole, more + fitting)])[whole].verdict == "stopped_at_limit"


def test_a_part_that_two_wholes_want_is_claimed_by_neither() -> None:
    one, other, third = item(0, 30), item(1, 40), item(2, 50)
    parts = {cents: item(cents, cents) for cents in (10, 20, 30)}
    found = searches([(one, [parts[10], parts[20]]), (other, [parts[10], parts[30]]), (third, [parts[20]])])
    assert ["contested", "contested", "none_exists"] == [search.verdict for search in found.values()]
