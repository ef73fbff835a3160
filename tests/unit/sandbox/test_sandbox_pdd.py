"""The sandbox's Pinduoduo refuses what the platform refuses, and answers in the platform's shapes."""

import hashlib
import json
import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

BASE = "http://sandbox.test/pdd"
MIDNIGHT = int(datetime(2026, 9, 28, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
WINDOW = {"start_updated_at": str(MIDNIGHT + 36_000), "end_updated_at": str(MIDNIGHT + 37_800)}
ALL = {"is_lucky_flag": "0", "order_status": "5", "refund_status": "5"}
CHANGED = "pdd.order.number.list.increment.get"
SAMPLES = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples" / "china" / "pdd"


@pytest.fixture
def ask(merchant):
    def asked(method, *, secret=None, stamp=None, **parameters):
        keys = merchant.keys
        form = {
            "type": method,
            "client_id": keys["PDD_CLIENT_ID"],
            "access_token": keys["PDD_ACCESS_TOKEN"],
            "timestamp": str(int(merchant.clock.timestamp()) if stamp is None else stamp),
            "data_type": "JSON",
            "version": "V1",
        } | parameters
        text = "".join(f"{name}{form[name]}" for name in sorted(form))
        key = secret or keys["PDD_CLIENT_SECRET"]
        sign = hashlib.md5(f"{key}{text}{key}".encode()).hexdigest().upper()  # noqa: S324 - the platform's choice
        return merchant.session.post(f"{BASE}/api/router", data=form | {"sign": sign}).json()

    return asked


def code(answer):
    return answer["error_response"]["error_code"]


def test_a_wrong_signature_an_old_stamp_and_a_strange_token_are_refused(ask):
    assert 20004 == code(ask(CHANGED, secret="other", **WINDOW, **ALL))
    assert 10001 == code(ask(CHANGED, stamp=1, **WINDOW, **ALL))
    assert 10019 == code(ask(CHANGED, access_token="other", **WINDOW, **ALL))
    assert 10001 == code(ask(CHANGED, client_id="other", **WINDOW, **ALL))
    assert 10001 == code(ask("pdd.no.such.api"))


@pytest.mark.parametrize(
    "wrong",
    [{"page_size": "101"}, {"page": "0"}, {"end_updated_at": str(MIDNIGHT + 36_000 + 1801)}, {"order_status": ""}],
)
def test_limits_are_held(ask, wrong):
    assert 50001 == code(ask(CHANGED, **(WINDOW | ALL | wrong)))


def test_pages_hold_every_changed_order_once(ask):
    found, half_hours = [], 0
    for start in range(MIDNIGHT - 86_400, MIDNIGHT, 1800):
        window = {"start_updated_at": str(start), "end_updated_at": str(start + 1799)}
        head = ask(CHANGED, **window, **ALL, page_size="2")["order_sn_increment_get_response"]
        half_hours += head["total_count"] > 2
        for page in range(1, -(-head["total_count"] // 2) + 1):
            body = ask(CHANGED, **window, **ALL, page_size="2", page=str(page))["order_sn_increment_get_response"]
            found += [order["order_sn"] for order in body["order_sn_list"]]
    assert half_hours
    assert len(found) == len(set(found)) > 20


def test_the_money_file_is_ready_at_ten_and_its_address_dies(ask, merchant):
    address = "pdd.finance.balance.daily.bill.url.get"
    assert 50001 == code(ask(address, bill_date="2026-10-12"))
    url = ask(address, bill_date="2026-09-28")["finance_balance_daily_bill_url_get_response"]["download_url"]
    text = merchant.session.get(url).content.decode("gb18030")
    assert "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述" == text.splitlines()[4]
    assert 403 == merchant.session.get(f"{url}0").status_code


def test_bad_weather_speaks_the_platforms_words(ask, merchant):
    merchant.weather({"api": "pdd.api.router", "kind": "late", "times": 1})
    assert {50001} == {code(ask(CHANGED, **WINDOW, **ALL))}


def sample(name):
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"sample {name} is not below SAMPLES_DIR")
    return json.loads(path.read_text(encoding="utf-8"))


def some_order(ask, day=date(2026, 9, 28)):
    for hour in range(24):
        start = int(datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
        page = ask("pdd.order.list.get", start_confirm_at=str(start), end_confirm_at=str(start + 3600), **ALL)
        if page["order_list_get_response"]["order_list"]:
            return page["order_list_get_response"]["order_list"][0]
    raise AssertionError("no order that day")


def test_an_order_has_the_keys_of_the_official_sample(ask):
    order = some_order(ask)
    detail = ask("pdd.order.information.get", order_sn=order["order_sn"])["order_info_get_response"]["order_info"]
    assert order == detail
    expected = sample("order_information_get_2018.json")["order_info_get_response"]["order_info"]
    assert set(expected) == set(detail)
    assert set(expected["item_list"][0]) == set(detail["item_list"][0])
    assert {name: type(value) for name, value in expected.items() if isinstance(value, str | list)} == {
        name: type(detail[name]) for name, value in expected.items() if isinstance(value, str | list)
    }


def test_a_refund_has_the_keys_of_the_official_sample(ask):
    expected = sample("refund_list_increment_get_2018.json")["refund_increment_get_response"]["refund_list"][0]
    for start in range(MIDNIGHT, MIDNIGHT + 3 * 86_400, 1800):
        window = {"start_updated_at": str(start), "end_updated_at": str(start + 1800)}
        page = ask("pdd.refund.list.increment.get", after_sales_status="1", after_sales_type="1", **window)
        for refund in page["refund_increment_get_response"]["refund_list"]:
            assert set(expected) == set(refund)
            assert {name: type(value) for name, value in expected.items()} == {n: type(v) for n, v in refund.items()}
            return
    raise AssertionError("no refund in three days")


def test_a_refusal_has_the_keys_of_a_real_one(ask):
    expected = sample("error_common_param_type.json")["error_response"]
    assert set(expected) == set(ask("pdd.no.such.api")["error_response"])
