"""What two people correct, link, map, split, match and take apart by hand: applied, kept, told when the data moves."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orchestration.decisions import approve, propose
from orchestration.decisions.asked import Asked
from orchestration.settings import load
from tests.merchant import Merchant
from tests.support import asked, run_at, tieout

pytestmark = pytest.mark.heavy
FIRST, SECOND, THIRD = (f"2026-04-{day}T10:30:00+08:00" for day in ("27", "28", "29"))
PEOPLE = "person,roles,limit_amount,public_key\nlin,RA,,\nmei,FM,,\n"
TABLES = (
    *("exceptions", "decisions", "orders", "payments", "fund_flows", "bank_lines", "payouts", "open_items"),
    *("matches", "match_legs", "daily_reconciliation", "account_balances", "conservation"),
)
MADE = """
    select string_agg(leg.source_no, ' ' order by side, leg.source_no), pass, status, difference::varchar
    from marts.matches inner join marts.match_legs as leg using (match_id)
    where matches.level = 'payout_bank' and side <> 'adjustment'
    group by match_id, pass, status, difference order by 1
"""


def now():
    return datetime(2026, 4, 27, 4, tzinfo=UTC)


def content(folder):
    return {table: sorted(map(repr, asked(folder, f"select * from marts.{table}"))) for table in TABLES}


def exception(folder, number, level="payout_bank"):
    sql = "select exception_id from marts.exceptions where level = ? and coalesce(left_key, right_key, order_no) = ?"
    found = asked(folder, sql.replace("?", "'{}'").format(level, number))
    assert len(found) == 1, (number, asked(folder, "select code, level, left_key, right_key from marts.exceptions"))
    return found[0][0]


def deliver_payments(shop, label, amount):
    """The bill once more; its wallet has not moved."""
    shop.add(
        "payments", account="card", transaction_no="T2", type="payment", status="succeeded", amount=amount, fee="0.34",
        fee_rate="0.006", order_no="OWN2", occurred_at="2026-04-12T09:00:05",
    )  # fmt: skip
    shop.deliver(label)


@pytest.fixture(scope="module")
def mornings(tmp_path_factory):
    shop = Merchant(tmp_path_factory.mktemp("by_hand"))
    shop.store("own", "own_site", "card")
    shop.account("card", "wechatpay", "channel")
    shop.account("bank", "bank", "bank")
    for number, paid, named in (("1", "100.00", ""), ("2", "57.00", "OWN2")):
        shop.order("own", f"OWN{number}", f"2026-04-1{number}T09:00:05", "100.00" if number == "1" else "57.30")
        shop.pay("card", named, f"T{number}", f"2026-04-1{number}T09:00:05", paid)
    shop.add(
        "fund_flows", account="card", flow_no="ODD", occurred_at="2026-04-13T09:00:00", direction="out", amount="3.00",
        balance=str(shop.balances["card"] - 3), business_type="mystery", category="",
    )  # fmt: skip
    shop.balances["card"] -= 3
    for number, amount in (("P10", "10.00"), ("P20", "20.00"), ("P91", "91.00"), ("P30", "30.03"), ("P77", "77.00")):
        shop.payout("card", "2026-04-14T10:00:00", amount, number)
    for day, amount, number in (
        *(("15", "14.00", "C14"), ("15", "16.00", "C16"), ("15", "90.50", "C90")),
        *(("16", "50.05", "C50"), ("16", "77.00", "C77")),
    ):
        shop.bank(f"2026-04-{day}", "in", amount, bank_reference=number)
    shop.deliver("1")
    folder = shop.folder
    (folder / "rules" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    assert run_at(folder, FIRST) == 0
    settings = load(folder / "tieout.toml")
    ((pair,),) = asked(folder, "select match_id from marts.matches where level = 'payout_bank'")
    by_action = {}
    for action, subjects, facts in (
        ("link", [exception(folder, "T1", "order_payment")], {"key": "OWN1"}),
        ("correct", [exception(folder, "OWN2", "order_payment")], {"key": "buyer_paid=57.00", "note": "agreed"}),
        ("map", [exception(folder, "ODD", "source")], {"key": "fulfilment"}),
        ("split", [exception(folder, "C50")], {"amount": "30.03", "key": "P30"}),
        ("unmatch", [pair], {"note": "not the same seventy-seven"}),
        ("manual_match", [exception(folder, "P10"), exception(folder, "P20")], {"key": "C14 C16"}),
        ("manual_match", [exception(folder, "P91"), exception(folder, "C90")], {}),
    ):
        words = {name: Decimal(value) if name == "amount" else value for name, value in facts.items()}
        (event,) = propose(settings, "lin", subjects, Asked(action, **words), now)
        approve(settings, "mei", [event.decision_id], now)
        by_action.setdefault(action, event.decision_id)
    assert run_at(folder, SECOND) == 0
    return shop, by_action


def test_each_is_applied_and_nothing_else(mornings):
    folder = mornings[0].folder
    states = asked(folder, "select action, state from marts.decisions order by 1")
    assert {"effective"} == {state for _, state in states}, states
    assert [
        ("P10 P20 C14 C16", "MANUAL", "matched", "0.00"),
        ("P30 P30", "P1", "matched", "0.00"),
        ("P91 C90", "MANUAL", "differs", "-0.50"),
    ] == asked(folder, MADE)
    assert [("OWN1", "matched"), ("OWN2", "matched")] == asked(
        folder, "select order_no, match_status from marts.orders order by 1"
    )
    assert [("fulfilment",)] == asked(folder, "select category from marts.fund_flows where flow_no = 'ODD'")
    assert [("C50", "20.02"), ("C77", "77.00"), ("P77", "77.00")] == asked(
        folder, "select source_no, amount::varchar from marts.open_items where level = 'payout_bank' order by 1"
    )
    assert tieout(folder, "verify") == 0


def test_a_full_refresh_gives_the_same(mornings):
    folder = mornings[0].folder
    in_steps = content(folder)
    assert tieout(folder, "run", "--from", "2026-04-27", "--to", "2026-04-27", "--as-of", SECOND, "--full-refresh") == 0
    assert in_steps == content(folder)


def test_it_holds_until_the_record_says_something_else_or_two_people_take_it_back(mornings):
    shop, by_action = mornings
    settings = load(shop.folder / "tieout.toml")
    for action in ("correct", "manual_match", "split"):
        (event,) = propose(settings, "lin", [by_action[action]], Asked("reverse", note="as it was"), now)
        approve(settings, "mei", [event.decision_id], now)
    shop.order("own", "OWN1", "2026-04-11T09:00:05", "100.00")
    deliver_payments(shop, "2", "57.00")
    assert run_at(shop.folder, THIRD) == 0
    assert [("OWN1", "matched"), ("OWN2", "differs")] == asked(
        shop.folder, "select order_no, match_status from marts.orders order by 1"
    )
    assert [("P91 C90", "MANUAL", "differs", "-0.50")] == asked(shop.folder, MADE)
    assert [("50.05",)] == asked(
        shop.folder, "select amount::varchar from marts.bank_lines where bank_reference = 'C50'"
    )
    in_steps = content(shop.folder)
    assert (
        tieout(shop.folder, "run", "--from", "2026-04-28", "--to", "2026-04-28", "--as-of", THIRD, "--full-refresh")
        == 0
    )
    assert in_steps == content(shop.folder)
