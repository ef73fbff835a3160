"""The sandbox's WeChat shop refuses what the platform refuses, and answers in the documents' shapes."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.drops import DROPS

BASE = "http://sandbox.test/wechat_shop"
MIDNIGHT = int(datetime(2026, 9, 28, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
DAY = 86_400
ORDERS = "/channels/ec/order/list/get"
TICKETS = "/channels/ec/aftersale/getaftersalelist"
FLOWS = "/channels/ec/funds/getfundsflowlist"


@pytest.fixture
def ask(merchant):
    keys = merchant.keys
    asked = {
        "grant_type": "client_credential",
        "appid": keys["WECHAT_SHOP_APP_ID"],
        "secret": keys["WECHAT_SHOP_APP_SECRET"],
    }
    token = merchant.session.post(f"{BASE}/cgi-bin/stable_token", json=asked).json()["access_token"]

    def call(path, access_token=token, **body):
        url = f"{BASE}{path}" + (f"?access_token={access_token}" if access_token else "")
        return merchant.session.post(url, json=body).json()

    return call


def times(days=1, start=MIDNIGHT):
    return {"update_time_range": {"start_time": start, "end_time": start + days * DAY}, "page_size": 100}


def test_wrong_keys_get_no_token(merchant):
    good = {
        "grant_type": "client_credential",
        "appid": merchant.keys["WECHAT_SHOP_APP_ID"],
        "secret": merchant.keys["WECHAT_SHOP_APP_SECRET"],
    }
    for wrong, code in (({"appid": "x"}, 40013), ({"secret": "x"}, 40125), ({"grant_type": "x"}, 40002)):
        assert code == merchant.session.post(f"{BASE}/cgi-bin/stable_token", json=good | wrong).json()["errcode"]


def test_calls_without_a_good_token_are_refused(ask):
    assert 41001 == ask(ORDERS, "", **times())["errcode"]
    assert 40001 == ask(ORDERS, "1_x", **times())["errcode"]
    assert 40066 == ask("/channels/ec/no/such", **times())["errcode"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (ORDERS, times(8)),
        (ORDERS, times() | {"page_size": 101}),
        (ORDERS, times() | {"next_key": "?"}),
        (ORDERS, {"page_size": 10}),
        (TICKETS, {"begin_update_time": MIDNIGHT, "end_update_time": MIDNIGHT + DAY + 1}),
        (FLOWS, {"start_time": MIDNIGHT}),
    ],
)
def test_limits_are_held(ask, path, body):
    assert 40097 == ask(path, **body)["errcode"]


def walked(ask, path, items, body):
    found, key = [], None
    while True:
        page = ask(path, **body, **({"next_key": key} if key else {}))
        found += page[items]
        if not page["has_more"]:
            return found
        key = page["next_key"]


def test_cursors_lead_through_every_number_once(ask):
    found = walked(ask, ORDERS, "order_id_list", times() | {"page_size": 7})
    assert len(found) == len(set(found)) > 20
    flows = walked(ask, FLOWS, "flow_ids", {"start_time": MIDNIGHT, "end_time": MIDNIGHT + DAY, "page_size": 7})
    assert len(flows) == len(set(flows)) > 20


def test_movements_that_are_not_out_yet_are_left_out_without_a_word(ask, merchant):
    window = {"start_time": MIDNIGHT, "end_time": MIDNIGHT + DAY, "page_size": 100}
    merchant.at("2026-09-29T09:30:00+08:00")
    assert [] == ask(FLOWS, **window)["flow_ids"]
    merchant.at("2026-09-29T10:30:00+08:00")
    assert ask(FLOWS, **window)["flow_ids"]


def test_an_order_closes_in_fen(ask):
    for number in ask(ORDERS, **times())["order_id_list"]:
        order = ask("/channels/ec/order/get", order_id=number)["order"]
        price = order["order_detail"]["price_info"]
        assert number == order["order_id"]
        assert price["merchant_receieve_price"] == price["product_price"] + price["freight"] - price["discounted_price"]
        assert price["order_price"] == price["merchant_receieve_price"] - price["cash_coupon_discounted_price"]
        items = order["order_detail"]["product_infos"]
        assert price["product_price"] == sum(item["sale_price"] * item["sku_cnt"] for item in items)


def test_answers_have_the_keys_of_the_documents(ask):
    order = ask("/channels/ec/order/get", order_id=ask(ORDERS, **times())["order_id_list"][0])["order"]
    assert {"order_id", "openid", "create_time", "update_time", "status", "order_detail", "aftersale_detail"} == set(
        order
    )
    assert {"product_infos", "price_info", "pay_info", "delivery_info", "ext_info"} == set(order["order_detail"])
    tickets = [
        number
        for day in range(4)
        for number in ask(TICKETS, begin_update_time=MIDNIGHT + day * DAY, end_update_time=MIDNIGHT + (day + 1) * DAY)[
            "after_sale_order_id_list"
        ]
    ]
    ticket = ask("/channels/ec/aftersale/getaftersaleorder", after_sale_order_id=tickets[0])["after_sale_order"]
    assert {
        "after_sale_order_id", "status", "openid", "order_id", "product_info", "refund_info", "return_info",
        "create_time", "update_time", "reason", "reason_text", "type",
    } == set(ticket)  # fmt: skip
    flow = ask(FLOWS, start_time=MIDNIGHT, end_time=MIDNIGHT + DAY, page_size=1)["flow_ids"][0]
    assert {
        "flow_id", "funds_type", "flow_type", "amount", "balance", "related_info_list", "bookkeeping_time", "remark",
    } == set(ask("/channels/ec/funds/getfundsflowdetail", flow_id=flow)["funds_flow"])  # fmt: skip


def test_what_does_not_exist_is_refused(ask):
    assert 10020050 == ask("/channels/ec/order/get", order_id="37")["errcode"]
    assert 10024008 == ask("/channels/ec/funds/getfundsflowdetail", flow_id="x")["errcode"]


def test_bad_weather_speaks_the_platforms_words(ask, merchant):
    merchant.weather({"api": "wechat_shop.channels.ec.order.list.get", "kind": "late", "times": 1})
    assert [-1, 0] == [ask(ORDERS, **times())["errcode"] for _ in range(2)]


def test_the_ledger_of_a_day_is_dropped_whole(merchant, tmp_path):
    day = date(2026, 9, 28)
    [path] = DROPS["wechat_shop"](merchant.sandbox.market, tmp_path, day)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert (
        "流水单号,记账时间,动帐类型,收支类型,收支金额,账户余额,关联订单号,关联售后单号,关联提现单号,关联保单号,详情"
        == lines[0]
    )
    [balance] = merchant.sandbox.market.records(
        "select * from market.balances where account = 'wechat_shop_wallet' and day = ?", [day]
    )
    assert balance["in_count"] + balance["out_count"] == len(lines) - 1
    assert f"{balance['closing'] / 100:.2f}" == lines[-1].split(",")[5]
