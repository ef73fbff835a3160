"""The sandbox's Douyin refuses what the platform refuses, and answers in the platform's shapes."""

import hashlib
import hmac
import json
import os
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

BASE = "http://sandbox.test/douyin"
MIDNIGHT = int(datetime(2026, 9, 28, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
WINDOW = {"update_time_start": MIDNIGHT, "update_time_end": MIDNIGHT + 86399}
BILL = {"start_time": "2026-09-28 00:00:00", "end_time": "2026-09-28 23:59:59"}
SAMPLE = Path(os.environ.get("SAMPLES_DIR", "../shared")) / (
    "samples/china/douyin/order_list_refunded_after_shipping_2024.json"
)
NOT_TOLD = {
    "encrypt_post_tel", "encrypt_post_receiver", "post_addr", "exp_ship_time", "seller_remark_stars", "order_phase_list",
    "serial_number_list", "isDdpSource", "sub_b_type", "sub_b_type_desc", "open_address_id",
}  # fmt: skip


@pytest.fixture
def ask(merchant):
    def asked(method, parameters, *, secret=None, shuffled=False, **changed):
        keys = merchant.keys
        body = json.dumps(parameters, sort_keys=not shuffled, separators=(",", ":"))
        query = {
            "app_key": keys["DOUYIN_APP_KEY"],
            "method": method,
            "timestamp": str(int(merchant.clock.timestamp())),
            "v": "2",
            "sign_method": "hmac-sha256",
            "access_token": keys["DOUYIN_ACCESS_TOKEN"],
        } | changed
        key = secret or keys["DOUYIN_APP_SECRET"]
        text = f"{key}app_key{query['app_key']}method{method}param_json{body}timestamp{query['timestamp']}v2{key}"
        query["sign"] = hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
        url = f"{BASE}/{method.replace('.', '/')}?{urlencode(query)}"
        return merchant.session.post(url, data=body.encode()).json()

    return asked


@pytest.mark.parametrize(
    ("changed", "sub_code"),
    [
        ({"secret": "other"}, "isv.sign-invalid"),
        ({"shuffled": True}, "isv.sign-invalid"),
        ({"sign_method": "md5"}, "isv.sign-invalid"),
        ({"timestamp": "1"}, "isv.timestamp-invalid"),
        ({"access_token": "other"}, "isv.access-token-no-existed"),
        ({"app_key": "other"}, "isv.app-key-invalid"),
        ({"v": "1"}, "isv.parameter-invalid"),
    ],
)
def test_a_call_that_is_not_signed_as_documented_is_refused(ask, changed, sub_code):
    answer = ask("order.searchList", {"size": 1, "page": 0, **WINDOW}, **changed)
    assert sub_code == answer["sub_code"]
    assert 10000 != answer["code"]


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("order.searchList", {"page": 0, "size": 101, **WINDOW}),
        ("order.searchList", {"page": -1, "size": 100, **WINDOW}),
        ("order.searchList", {"page": 500, "size": 100, **WINDOW}),
        ("order.searchList", {"page": 0, "size": 100}),
        ("order.getSettleBillDetailV3", {"size": 101, **BILL}),
        ("order.getShopAccountItem", {"size": 1001, **BILL}),
        ("order.getSettleBillDetailV3", {"size": 1, **BILL, "end_time": "2026-10-08 00:00:00"}),
        ("order.getSettleBillDetailV3", {"size": 1, **BILL, "start_time": "2026-09-28"}),
        ("order.noSuchMethod", {}),
    ],
)
def test_sizes_pages_and_spans_beyond_the_limits_are_refused(ask, method, parameters):
    assert 10000 != ask(method, parameters)["code"]


def test_orders_come_newest_first_unless_asked_otherwise_and_pages_hold_each_once(ask):
    asked = {"size": 3, "order_by": "update_time", **WINDOW}
    first = ask("order.searchList", asked | {"page": 0})["data"]
    times = [order["update_time"] for order in first["shop_order_list"]]
    assert sorted(times, reverse=True) == times
    numbers = []
    for page in range(-(-first["total"] // 3) + 1):
        answer = ask("order.searchList", asked | {"page": page, "order_asc": True})["data"]
        numbers += [order["order_id"] for order in answer["shop_order_list"]]
    assert first["total"] == len(numbers) == len(set(numbers))


def test_a_bill_goes_on_with_both_halves_of_its_cursor(ask):
    whole = ask("order.getShopAccountItem", {"size": 1000, **BILL})["data"]
    assert (1, "100000") == (whole["is_end"], whole["code"])
    asked, rows = {"size": 2, **BILL}, []
    while True:
        answer = ask("order.getShopAccountItem", asked)["data"]
        rows += answer["data"]
        if answer["is_end"] == 1:
            break
        asked |= {"start_index": answer["next_start_index"], "start_time": answer["next_start_time"]}
    assert whole["data"] == rows
    assert len(rows) > 2


def test_a_bill_appears_on_the_next_day(ask, merchant):
    merchant.at("2026-09-28T20:00:00+08:00")
    assert [] == ask("order.getSettleBillDetailV3", {"size": 100, **BILL})["data"]["data"]
    merchant.at("2026-09-29T00:30:00+08:00")
    assert [] != ask("order.getSettleBillDetailV3", {"size": 100, **BILL})["data"]["data"]


def test_orders_have_the_fields_of_a_real_one(ask):
    if not SAMPLE.exists():
        pytest.skip(f"the sample is not at {SAMPLE}")
    [real] = json.loads(SAMPLE.read_text(encoding="utf-8"))["data"]["shop_order_list"]
    orders = ask("order.searchList", {"page": 0, "size": 100, **WINDOW})["data"]["shop_order_list"]
    assert set() == set(real) - set(orders[0]) - NOT_TOLD
    known = {name: type(value) for name, value in real.items() if name in orders[0]}
    assert known == {name: type(orders[0][name]) for name in known}
    sub, real_sub = orders[0]["sku_order_list"][0], real["sku_order_list"][0]
    assert set() == set(sub) - set(real_sub)
    assert sub["product_id"] > 2**53
