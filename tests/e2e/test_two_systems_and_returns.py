"""The platform beside the merchant's own system, and goods beside the money for them, in spreadsheets."""

from pathlib import Path

import pytest

from tests.merchant import HEAD, written
from tests.support import asked, run_at

MORNING = "2026-04-21T10:30:00+08:00"
SETTINGS = (
    HEAD
    + """
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
name = "export"
source = "files"
store = "shop"
path = "inbox"

[[connection]]
name = "own"
source = "files"
store = "shop"
role = "own_system"
path = "own"
"""
)
ORDERS = "order_no,status,ordered_at,paid_at,goods_amount,freight,buyer_paid,updated_at"
FILES = {
    "inbox/orders": f"""{ORDERS}
SAME,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
PRICE,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
GOODS,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
STATUS,completed,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-19T09:00:00
MOVING,completed,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-20T12:00:00
PUSH,paid,2026-04-02T09:00:00,2026-04-02T09:01:00,100.00,0.00,100.00,2026-04-02T09:01:00
NEW,paid,2026-04-20T12:00:00,2026-04-20T12:01:00,100.00,0.00,100.00,2026-04-20T12:01:00
""",
    "inbox/order_lines": """order_no,line_no,sku,quantity,unit_price,line_amount
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
    "inbox/refunds": """refund_no,order_no,type,status,amount,applied_at,succeeded_at
MET,SAME,return_refund,succeeded,10.00,2026-04-05T09:00:00,2026-04-08T09:00:00
KEPT,PRICE,return_refund,succeeded,11.00,2026-04-01T09:00:00,2026-04-03T09:00:00
COMES,GOODS,return_refund,succeeded,12.00,2026-04-10T09:00:00,2026-04-12T09:00:00
QUEUE,STATUS,return_refund,approved,13.00,2026-04-10T09:00:00,
MONEY,PUSH,refund_only,succeeded,14.00,2026-04-01T09:00:00,2026-04-03T09:00:00
""",
    "inbox/returns": """return_no,order_no,refund_no,received_at
B1,SAME,MET,2026-04-07T09:00:00
B2,STATUS,QUEUE,2026-04-15T09:00:00
B3,MOVING,,2026-04-20T09:00:00
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = written(tmp_path_factory.mktemp("merchant"), SETTINGS, FILES)
    assert 0 == run_at(place, MORNING)
    return place


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
    assert asked(folder, "select order_no from marts.orders order by 1") == [
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
    assert asked(folder, "select sum(orders), sum(amount)::varchar from marts.order_state_cube") == [(7, "700.00")]
    assert asked(
        folder,
        "select paid_state, delivered_state, invoiced_state, orders from marts.order_state_cube where day = '2026-04-20'",
    ) == [("paid", "not_shipped", "not_invoiced", 1)]
