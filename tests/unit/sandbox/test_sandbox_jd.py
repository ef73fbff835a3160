"""The sandbox's JD refuses what the platform refuses, and answers and exports in the platform's shapes."""

import hashlib
import json
import os
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from connectors.sandbox.drops import DROPS

URL = "http://sandbox.test/jd/routerjson"
SAMPLES = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples/china/jd"
ORDERS, TICKETS = "jingdong.pop.order.search", "jingdong.pop.afs.soa.refundapply.queryPageList"
STATES = "WAIT_SELLER_STOCK_OUT,WAIT_GOODS_RECEIVE_CONFIRM,FINISHED_L,TRADE_CANCELED"
DAY = {"start_date": "2026-09-28 00:00:00", "end_date": "2026-09-28 23:59:59"}
ASKED = {**DAY, "order_state": STATES, "optional_fields": "orderId,modified", "page": "1", "page_size": "50"}
APPLIED = {"applyTimeStart": "2026-09-28 00:00:00", "applyTimeEnd": "2026-09-28 23:59:59"}


@pytest.fixture
def ask(merchant):
    def asked(method, parameters, *, secret=None, **changed):
        keys = merchant.keys
        beijing = merchant.clock.astimezone(merchant.sandbox.config.timezone)
        form = {
            "method": method,
            "app_key": keys["JD_APP_KEY"],
            "access_token": keys["JD_ACCESS_TOKEN"],
            "timestamp": beijing.strftime("%Y-%m-%d %H:%M:%S"),
            "v": "2.0",
            "360buy_param_json": json.dumps(parameters),
        } | changed
        key = secret or keys["JD_APP_SECRET"]
        text = "".join(f"{name}{form[name]}" for name in sorted(form))
        form["sign"] = hashlib.md5(f"{key}{text}{key}".encode()).hexdigest().upper()  # noqa: S324 - the platform's scheme
        return merchant.session.post(URL, data=form).json()

    return asked


def listed(answer):
    return answer["jingdong_pop_order_search_responce"]["searchorderinfo_result"]


def applied(answer):
    return answer["jingdong_pop_afs_soa_refundapply_queryPageList_responce"]["queryResult"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"secret": "other"}, "10"),
        ({"timestamp": "2020-01-01 00:00:00"}, "8"),
        ({"timestamp": "now"}, "8"),
        ({"access_token": "other"}, "19"),
        ({"app_key": "other"}, "20"),
        ({"v": "1.0"}, "5"),
        ({"v": ""}, "9"),
        ({"360buy_param_json": "{"}, "11"),
    ],
)
def test_a_call_that_is_not_signed_as_documented_is_refused(ask, changed, code):
    assert code == ask(ORDERS, ASKED, **changed)["error_response"]["code"]


def test_an_unknown_method_is_refused(ask):
    assert "13" == ask("jingdong.no.such", {})["error_response"]["code"]


@pytest.mark.parametrize(
    "changed",
    [
        {"page_size": "51"},
        {"page": "0"},
        {"page": "301"},
        {"optional_fields": ""},
        {"order_state": ""},
        {"start_date": "2026-09-28"},
        {"end_date": "2026-11-30 00:00:00"},
    ],
)
def test_sizes_pages_and_spans_beyond_the_limits_are_refused(ask, changed):
    result = listed(ask(ORDERS, ASKED | changed))
    assert (False, []) == (result["apiResult"]["success"], result["orderInfoList"])


@pytest.mark.parametrize("changed", [{"pageSize": 51}, {"pageIndex": 101}, {"applyTimeStart": "x"}])
def test_applications_have_limits_of_their_own(ask, changed):
    assert not applied(ask(TICKETS, {"pageIndex": 1, "pageSize": 50, **APPLIED} | changed))["success"]
    assert not applied(ask(TICKETS, {"pageIndex": 1, "pageSize": 50}))["success"]


def test_pages_hold_each_order_once_oldest_change_first_with_the_fields_asked_for(ask):
    asked = ASKED | {"page_size": "7"}
    total = listed(ask(ORDERS, asked))["orderTotal"]
    orders = []
    for page in range(1, -(-total // 7) + 2):
        orders += listed(ask(ORDERS, asked | {"page": str(page)}))["orderInfoList"]
    assert total == len(orders) == len({order["orderId"] for order in orders})
    times = [order["modified"] for order in orders]
    assert sorted(times) == times
    assert {("modified", "orderId")} == {tuple(sorted(order)) for order in orders}
    newest = listed(ask(ORDERS, asked | {"sortType": 1}))["orderInfoList"]
    assert times[-1] == newest[0]["modified"]


def test_states_choose_and_unpaid_orders_are_not_listed(ask, merchant):
    merchant.at("2026-09-28T18:00:00+08:00")
    paid = listed(
        ask(ORDERS, ASKED | {"order_state": "WAIT_SELLER_STOCK_OUT", "optional_fields": "orderState,orderId"})
    )
    assert {"WAIT_SELLER_STOCK_OUT"} == {order["orderState"] for order in paid["orderInfoList"]}
    unpaid = listed(ask(ORDERS, ASKED | {"order_state": "NOT_PAY"}))
    assert 0 == unpaid["orderTotal"]


def test_an_application_is_found_by_the_time_it_was_decided(ask):
    asked = {"pageIndex": 1, "pageSize": 50}
    decided = applied(ask(TICKETS, {**asked, "checkTimeStart": DAY["start_date"], "checkTimeEnd": DAY["end_date"]}))
    assert decided["totalCount"] == len(decided["result"]) > 0
    assert {3} == {ticket["status"] for ticket in decided["result"]}
    assert all(ticket["checkTime"].startswith("2026-09-28") for ticket in decided["result"])
    assert all(isinstance(ticket["applyRefundSum"], int) for ticket in decided["result"])


def test_orders_have_the_fields_of_a_real_one(ask):
    if not SAMPLES.exists():
        pytest.skip(f"the samples are not at {SAMPLES}")
    real = json.loads((SAMPLES / "order_2022.json").read_text(encoding="utf-8"))
    fields = ",".join(real)
    order = listed(ask(ORDERS, ASKED | {"optional_fields": fields}))["orderInfoList"][0]
    assert set() == set(real) - set(order)
    assert {name: type(value) for name, value in real.items()} == {name: type(order[name]) for name in real}
    assert set(real["itemInfoList"][0]) == set(order["itemInfoList"][0])


def test_exports_have_the_headings_of_real_ones_in_turns(merchant, tmp_path):
    if not SAMPLES.exists():
        pytest.skip(f"the samples are not at {SAMPLES}")
    market = merchant.sandbox.market
    folders = [tmp_path / "a", tmp_path / "b"]
    headings = set()
    for folder, day in zip(folders, (date(2026, 9, 28), date(2026, 9, 29)), strict=True):
        folder.mkdir()
        lines, wallet = DROPS["jd"](market, folder, day)
        text = lines.read_text(encoding="utf-8-sig").splitlines()
        headings.add(text[1] if text[0].startswith("名称") else text[0])
        book, real = openpyxl.load_workbook(wallet), openpyxl.load_workbook(SAMPLES / "wallet_ledger_10col_2021.xlsx")
        assert ["结算表", "资金表"] == book.sheetnames
        assert [cell.value for cell in real.worksheets[0][1]] == [cell.value for cell in book["资金表"][1]]
        known = (SAMPLES / "wallet_settlement_sheet_22col_header.csv").read_text(encoding="utf-8").strip()
        assert known == ",".join(cell.value for cell in book["结算表"][1])
    real = (SAMPLES / "settlement_export_22col_2026-07.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert real in headings
    assert {22, 18} == {len(heading.split(",")) for heading in headings}


def test_the_same_day_gives_the_same_bytes(merchant, tmp_path):
    bodies = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        bodies.append([path.read_bytes() for path in DROPS["jd"](merchant.sandbox.market, folder, date(2026, 9, 28))])
    assert bodies[0] == bodies[1]
