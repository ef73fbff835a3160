"""A merchant in spreadsheets, to the cent, the morning after.

Cash on delivery, tills, credit, disputes, collected tax and converted payouts in the stores `phone` and `market`;
the platform beside the merchant's own system, and goods beside the money for them, in the store `shop`.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.merchant import HEAD, written
from tests.support import asked, run_at

pytestmark = pytest.mark.heavy
MORNING = "2026-04-21T10:30:00+08:00"
PAYING = """
[[store]]
code = "phone"
entity = "HQ"
platform = "own_site"
money = "channel"
payments = ["carrier"]

[[store]]
code = "market"
entity = "HQ"
platform = "amazon"
money = "platform"
settles_into = "market_wallet"

[[account]]
code = "carrier"
entity = "HQ"
kind = "channel"
platform = "offline"
currency = "CNY"
pays_out_to = "bank"

[[account]]
code = "market_wallet"
entity = "HQ"
kind = "wallet"
platform = "amazon"
currency = "USD"
pays_out_to = "bank"

[[account]]
code = "bank"
entity = "HQ"
kind = "bank"
platform = "bank"
currency = "CNY"

[[connection]]
name = "export"
source = "files"
path = "inbox"
"""
TWO_SYSTEMS = """
[[store]]
code = "shop"
entity = "HQ"
platform = "douyin"
money = "platform"
settles_into = "wallet"

[[account]]
code = "wallet"
entity = "HQ"
kind = "wallet"
platform = "douyin"
currency = "CNY"

[[connection]]
name = "shop"
source = "files"
store = "shop"
path = "shop"

[[connection]]
name = "own"
source = "files"
store = "shop"
role = "own_system"
path = "own"
"""
ORDERS = "order_no,status,ordered_at,paid_at,goods_amount,freight,buyer_paid,updated_at"
FILES = {
    "inbox/orders": """store,order_no,status,ordered_at,paid_at,shipped_at,signed_at,goods_amount,freight,buyer_paid,payment_method,tax_collected,currency
phone,PAID,completed,2026-04-02T09:00:00,2026-04-05T15:00:00,2026-04-03T15:00:00,2026-04-05T15:00:00,100.00,0.00,100.00,cod,,CNY
phone,WAITS,shipped,2026-04-12T09:00:00,,2026-04-13T15:00:00,2026-04-15T15:00:00,80.00,0.00,80.00,cod,,CNY
phone,KEPT,shipped,2026-04-02T09:00:00,,2026-04-03T15:00:00,2026-04-05T15:00:00,70.00,0.00,70.00,cod,,CNY
phone,ROAD,shipped,2026-04-02T09:00:00,,2026-04-03T15:00:00,,60.00,0.00,60.00,cod,,CNY
phone,TILL,completed,2026-04-10T09:00:00,2026-04-10T09:00:10,,,50.00,0.00,50.00,offline,,CNY
phone,EMPTY,completed,2026-04-10T09:00:00,2026-04-10T09:00:10,,,51.00,0.00,51.00,offline,,CNY
phone,CREDIT,shipped,2026-04-10T09:00:00,,2026-04-11T09:00:00,,40.00,0.00,40.00,credit,,CNY
market,TAXED,completed,2026-04-02T09:00:00,2026-04-02T09:00:10,2026-04-03T09:00:00,,90.00,10.00,108.00,online,8.00,USD
""",
    "inbox/payments": """account,transaction_no,type,status,amount,fee,order_no,original_transaction_no,occurred_at,succeeded_at
carrier,C1,payment,succeeded,100.00,1.00,PAID,,2026-04-05T15:00:00,2026-04-05T15:00:00
carrier,C2,payment,succeeded,50.00,0.50,TILL,,2026-04-10T09:00:10,2026-04-10T09:00:10
carrier,C3,chargeback,succeeded,100.00,15.00,PAID,C1,2026-04-14T15:00:00,2026-04-14T15:00:00
""",
    "inbox/settlements": """store,account,currency,settlement_no,total_amount,row_count,settled_at,payout_no
market,market_wallet,USD,S1,85.00,4,2026-04-10T22:00:00,W1
""",
    "inbox/settlement_lines": """store,account,currency,settlement_no,line_no,order_no,component,amount,settled_at
market,market_wallet,USD,S1,1,TAXED,goods,100.00,2026-04-10T22:00:00
market,market_wallet,USD,S1,2,TAXED,tax_collected,8.00,2026-04-10T22:00:00
market,market_wallet,USD,S1,3,TAXED,tax_withheld,-8.00,2026-04-10T22:00:00
market,market_wallet,USD,S1,4,TAXED,commission,-15.00,2026-04-10T22:00:00
""",
    "inbox/payouts": """account,currency,payout_no,amount,fee,initiated_at,bank_account,bank_currency,bank_amount,fx_rate,status
market_wallet,USD,W1,85.00,0.00,2026-04-11T09:00:00,bank,CNY,603.50,7.1,paid
""",
    "inbox/bank_lines": """account,currency,line_no,booked_at,direction,amount,balance,counterparty_name,remark
bank,CNY,B1,2026-04-13T10:00:00,in,603.50,1603.50,AMAZON,remittance
""",
    "shop/orders": f"""{ORDERS}
SAME,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
PRICE,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
GOODS,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
STATUS,completed,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-19T09:00:00
MOVING,completed,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-20T12:00:00
PUSH,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
NEW,paid,2026-04-20T12:00:00,2026-04-20T12:01:00,100.00,0.00,100.00,2026-04-20T12:01:00
""",
    "shop/order_lines": """order_no,line_no,sku,quantity,unit_price,line_amount
SAME,1,A,1,100.00,100.00
GOODS,1,A,1,100.00,100.00
""",
    "own/orders": f"""{ORDERS}
SAME,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
PRICE,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,98.50,0.00,98.50,2026-04-02T09:01:00
GOODS,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
STATUS,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
MOVING,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
GHOST,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,55.00,0.00,55.00,2026-04-02T09:01:00
""",
    "own/order_lines": """order_no,line_no,sku,quantity,unit_price,line_amount
SAME,1,A,1,100.00,100.00
GOODS,1,A,2,50.00,100.00
""",
    "shop/refunds": """refund_no,order_no,type,status,amount,applied_at,succeeded_at
MET,SAME,return_refund,succeeded,10.00,2026-04-05T09:00:00,2026-04-08T09:00:00
KEPT,PRICE,return_refund,succeeded,11.00,2026-04-01T09:00:00,2026-04-03T09:00:00
COMES,GOODS,return_refund,succeeded,12.00,2026-04-10T09:00:00,2026-04-12T09:00:00
QUEUE,STATUS,return_refund,approved,13.00,2026-04-10T09:00:00,
MONEY,PUSH,refund_only,succeeded,14.00,2026-04-01T09:00:00,2026-04-03T09:00:00
""",
    "shop/returns": """return_no,order_no,refund_no,received_at
B1,SAME,MET,2026-04-07T09:00:00
B2,STATUS,QUEUE,2026-04-15T09:00:00
B3,MOVING,,2026-04-20T09:00:00
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = written(tmp_path_factory.mktemp("merchant"), HEAD + PAYING + TWO_SYSTEMS, FILES)
    orders = place / "shop" / "orders.csv"
    head, *rows = orders.read_text(encoding="utf-8").splitlines(keepends=True)
    (place / "shop" / "orders_copy.csv").write_bytes(orders.read_bytes())
    (place / "shop" / "orders_sorted.csv").write_text(head + "".join(sorted(rows)), encoding="utf-8")
    assert 0 == run_at(place, MORNING)
    return place


def test_cash_on_delivery_waits_for_the_carrier_and_breaks_after_its_days(folder):
    assert asked(
        folder,
        "select order_no, match_status from marts.orders where store = 'phone' and payment_method = 'cod' order by 1",
    ) == [("KEPT", "open"), ("PAID", "matched"), ("ROAD", "timing"), ("WAITS", "timing")]
    assert asked(
        folder,
        "select left_key, status, amount, breaks_on from marts.exceptions where code = 'E101' and left_key <> 'EMPTY' order by 1",
    ) == [
        ("KEPT", "open", Decimal("70.00"), None),
        ("ROAD", "timing", Decimal("60.00"), None),
        ("WAITS", "timing", Decimal("80.00"), date(2026, 4, 23)),
    ]


def test_money_that_comes_days_after_the_order_is_no_cross_day_payment(folder):
    assert [] == asked(folder, "select * from marts.exceptions where code in ('E106', 'E107')")


def test_a_till_must_show_its_payments_and_credit_waits_for_nobody(folder):
    assert asked(
        folder,
        "select order_no, match_status from marts.orders where payment_method in ('offline', 'credit') order by 1",
    ) == [("CREDIT", "excluded"), ("EMPTY", "open"), ("TILL", "matched")]


def test_a_dispute_stays_open_with_what_was_taken(folder):
    assert asked(
        folder, "select left_key, right_key, amount, status, owner from marts.exceptions where code = 'E116'"
    ) == [(None, "C3", Decimal("100.00"), "open", "CS")]


def test_collected_tax_comes_with_the_money_and_is_no_difference(folder):
    assert asked(
        folder,
        "select status, left_amount, right_amount, difference from marts.matches where level = 'order_settlement'",
    ) == [("matched", Decimal("85.00"), Decimal("85.00"), Decimal("0.00"))]


def test_a_settlement_meets_the_payout_it_became(folder):
    assert asked(
        folder, "select status, left_amount, right_amount from marts.matches where level = 'settlement_flow'"
    ) == [("matched", Decimal("85.00"), Decimal("85.00"))]


def test_a_converted_payout_is_matched_in_the_banks_currency_with_the_rate_on_its_leg(folder):
    assert asked(
        folder,
        """
        select matches.currency, matches.status, side, amount, original_amount, original_currency, fx_rate
        from marts.match_legs inner join marts.matches using (match_id)
        where matches.level = 'payout_bank' order by side
        """,
    ) == [
        ("CNY", "matched", "left", Decimal("603.50"), Decimal("85.00"), "USD", Decimal("7.100000")),
        ("CNY", "matched", "right", Decimal("603.50"), None, None, None),
    ]


def test_what_differs_between_the_systems_is_named_once_it_had_a_day_to_arrive(folder):
    found = asked(
        folder,
        "select order_no, status, amount::varchar, difference::varchar, explanation from marts.exceptions"
        " where code = 'E108' order by order_no",
    )
    assert found == [
        ("GOODS", "open", "0.00", "0.00", "Platform / own system: goods A 1.00 x 100.00 / A 2.00 x 50.00"),
        ("MOVING", "timing", "0.00", "0.00", "Platform / own system: status completed / paid"),
        (
            *("PRICE", "open", "1.50", "-1.50"),
            "Platform / own system: goods_amount 100.00 / 98.50; buyer_paid 100.00 / 98.50",
        ),
        ("STATUS", "open", "0.00", "0.00", "Platform / own system: status completed / paid"),
    ]


def test_an_order_that_one_system_lacks_is_open_after_a_day(folder):
    assert asked(
        folder,
        "select order_no, status, amount::varchar, left_key, right_key from marts.exceptions where code = 'E109'"
        " order by order_no",
    ) == [
        ("GHOST", "open", "55.00", None, "GHOST"),
        ("NEW", "timing", "100.00", "NEW", None),
        ("PUSH", "open", "100.00", "PUSH", None),
    ]


def test_orders_are_listed_once_and_each_pair_is_a_match(folder):
    assert asked(folder, "select order_no from marts.orders where store = 'shop' order by 1") == [
        (name,) for name in ("GOODS", "MOVING", "NEW", "PRICE", "PUSH", "SAME", "STATUS")
    ]
    assert asked(folder, "select count(*) from marts.order_lines") == [(2,)]
    assert asked(
        folder, "select status, count(*) from marts.matches where level = 'order_order' group by 1 order by 1"
    ) == [("differs", 4), ("matched", 1)]


def test_goods_and_the_money_for_them_wait_for_each_other_so_long_and_no_longer(folder):
    assert asked(
        folder,
        "select code, order_no, status, amount::varchar, breaks_on::varchar from marts.exceptions"
        " where level = 'return_refund' order by code, order_no",
    ) == [
        ("E505", "MOVING", "timing", "100.00", "2026-04-24"),
        ("E505", "STATUS", "open", "13.00", None),
        ("E506", "GOODS", "timing", "12.00", "2026-04-28"),
        ("E506", "PRICE", "open", "11.00", None),
    ]
    assert asked(folder, "select return_no, match_status from marts.returns order by 1") == [
        ("B1", "matched"),
        ("B2", "open"),
        ("B3", "timing"),
    ]


def test_no_money_is_left_over(folder):
    assert asked(folder, "select * from marts.conservation where residual_rows <> 0 or residual_amount <> 0") == []


def test_exceptions_of_one_kind_are_one_incident(folder):
    assert asked(
        folder,
        "select code, exception_count, order_count, store_count, amount::varchar, trend from marts.incidents"
        " where code in ('E108', 'E109') order by code",
    ) == [("E108", 3, 3, 1, "1.50", "new"), ("E109", 2, 2, 1, "155.00", "new")]
    assert asked(
        folder,
        "select count(*) from marts.exceptions where code = 'E109' and (incident_id is not null) <> (status = 'open')",
    ) == [(0,)]


def test_every_order_stands_in_one_cell_of_the_cube(folder):
    assert asked(
        folder,
        "select store, currency, sum(orders), sum(amount)::varchar from marts.order_state_cube group by all order by 1",
    ) == [("market", "USD", 1, "100.00"), ("phone", "CNY", 7, "451.00"), ("shop", "CNY", 7, "700.00")]
    assert asked(
        folder,
        "select paid_state, delivered_state, invoiced_state, orders from marts.order_state_cube"
        " where store = 'shop' and day = '2026-04-20'",
    ) == [("paid", "not_shipped", "not_invoiced", 1)]


def test_a_file_that_brings_nothing_new_is_named_and_changes_nothing(folder):
    assert asked(
        folder,
        "select split_part(left_key, ' ', 1), status, amount::varchar, split_part(explanation, ' ', 3) from marts.exceptions"
        " where code = 'E003' order by explanation",
    ) == [("shop", "cleared", "0.00", "orders_copy.csv"), ("shop", "cleared", "0.00", "orders_sorted.csv")]
