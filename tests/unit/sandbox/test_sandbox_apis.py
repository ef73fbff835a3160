"""The APIs refuse, wait and fail the way their sources do."""

import base64
import gzip
import hashlib
import json
from datetime import date, timedelta

import pytest
import requests
import sandbox_auditor as audit

from connectors.sandbox.app import Limiter
from connectors.sandbox.keys import is_signed_rsa, sign_rsa
from connectors.sandbox.server import serve

DAY = date(2026, 9, 25)
INCREMENT = "taobao.trades.sold.increment.get"
WINDOW = {"start_modified": f"{DAY} 00:00:00", "end_modified": f"{DAY} 23:59:59", "fields": "tid,modified"}
BILL_KEY = "alipay_data_dataservice_bill_downloadurl_query_response"


def error_of(answer):
    return answer.json()["error_response"]


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_taobao_takes_every_documented_signature(merchant, method):
    assert "error_response" not in merchant.taobao(INCREMENT, sign_method=method, **WINDOW).json()


def test_taobao_refuses_a_wrong_secret_an_old_clock_and_wide_windows(merchant):
    assert error_of(merchant.taobao(INCREMENT, secret="wrong", **WINDOW))["code"] == 25
    assert error_of(merchant.taobao(INCREMENT, timestamp="2020-01-01 00:00:00", **WINDOW))["code"] == 31
    wide = WINDOW | {"end_modified": f"{DAY + timedelta(days=2)} 00:00:00"}
    assert error_of(merchant.taobao(INCREMENT, **wide))["sub_code"] == "isv.invalid-parameter:end_modified"
    assert error_of(merchant.taobao(INCREMENT, **(WINDOW | {"fields": ""})))["code"] == 40
    assert error_of(merchant.taobao("taobao.nothing.get", **WINDOW))["code"] == 22
    assert error_of(merchant.taobao(INCREMENT, session="stolen", **WINDOW))["code"] == 27
    assert error_of(merchant.taobao("taobao.trade.fullinfo.get", tid="1", fields="tid"))["code"] == 15


def test_taobao_shows_the_current_state_and_nothing_of_the_future(merchant):
    fields = "tid,status,modified,created"
    merchant.at("2026-09-25T18:00:00+08:00")
    early = merchant.taobao_pages(INCREMENT, DAY, fields, "trades", "trade")
    assert early
    assert max(trade["modified"] for trade in early) <= "2026-09-25 18:00:00"
    merchant.at("2026-10-12T10:30:00+08:00")
    late = {trade["tid"] for trade in merchant.taobao_pages(INCREMENT, DAY, fields, "trades", "trade")}
    assert not {trade["tid"] for trade in early if trade["status"] == "WAIT_BUYER_CONFIRM_GOODS"} & late


def test_taobao_pages_do_not_overlap_and_an_empty_window_has_no_list(merchant):
    rows = merchant.taobao_pages(INCREMENT, DAY, "tid,modified", "trades", "trade")
    assert len(rows) == len({row["tid"] for row in rows})
    empty = {"start_modified": "2026-09-01 00:00:00", "end_modified": "2026-09-01 01:00:00", "fields": "tid"}
    answer = merchant.taobao(INCREMENT, **empty).json()["trades_sold_increment_get_response"]
    assert answer["total_results"] == 0
    assert "trades" not in answer
    more = merchant.taobao(INCREMENT, use_has_next="true", page_size="1", **WINDOW).json()
    assert more["trades_sold_increment_get_response"]["has_next"] is True


def test_taobao_promotions_say_who_bears_them(merchant):
    fields = "tid,discount_fee,platform_subsidy_fee,promotion_details,total_fee,post_fee,payment"
    shown = merchant.taobao_pages(INCREMENT, DAY, "tid", "trades", "trade")
    for row in shown[:40]:
        answer = merchant.taobao("taobao.trade.fullinfo.get", tid=str(row["tid"]), fields=fields).json()
        trade = answer["trade_fullinfo_get_response"]["trade"]
        promotions = trade.get("promotion_details", {}).get("promotion_detail", [])
        total = sum(audit.money(p["discount_fee"]) for p in promotions)
        platform = sum(
            audit.money(p["discount_fee"]) for p in promotions if p["promotion_id"].startswith("tmallbonus-")
        )
        assert total == audit.money(trade["discount_fee"])
        assert platform == audit.money(trade["platform_subsidy_fee"])


def test_an_alipay_bill_is_there_from_ten_the_next_day(merchant):
    merchant.at("2026-09-26T09:59:59+08:00")
    refused = merchant.alipay_query("trade", DAY).json()[BILL_KEY]
    assert (refused["code"], refused["sub_code"]) == ("40004", "isv.invalid_arguments")
    merchant.at("2026-09-26T10:00:00+08:00")
    assert merchant.alipay_query("trade", DAY).json()[BILL_KEY]["code"] == "10000"
    assert merchant.alipay_query("sales", DAY).json()[BILL_KEY]["sub_code"] == "TYPE_NOT_SUPPORTED"


def test_alipay_answers_are_signed_over_their_raw_text(merchant):
    text = merchant.alipay_query("trade", DAY).text
    body = text[text.index(":") + 1 : text.index(',"sign"')]
    signature = base64.b64decode(json.loads(text)["sign"])
    assert "\\/" in body
    assert is_signed_rsa(merchant.keys["ALIPAY_PUBLIC_KEY"], body.encode(), signature)


def test_alipay_refuses_a_forged_request_and_an_old_download_url(merchant):
    forged = merchant.alipay_query("trade", DAY, biz_content='{"bill_type":"trade","bill_date":"2026-09-24"}')
    assert forged.json()[BILL_KEY]["sub_code"] == "isv.invalid-signature"
    url = merchant.alipay_query("trade", DAY).json()[BILL_KEY]["bill_download_url"]
    stamp = url.partition("timestamp=")[2].partition("&")[0]
    assert merchant.session.get(url.replace(stamp, str(int(stamp) - 31_000))).status_code == 403


def test_alipay_zip_names_are_raw_gbk(merchant):
    body = merchant.alipay_bill("signcustomer", DAY)
    assert "账务明细(汇总).csv".encode("gbk") in body
    rows, totals = audit.alipay_rows(body)
    outgoing = [row for row in rows if row["支出金额（-元）"] != "0.00"]
    assert f"#支出合计：{len(outgoing)}笔" in totals[0]


def test_a_wechat_bill_is_being_made_until_ten_and_absent_on_empty_days(merchant):
    target = f"/wechatpay/v3/bill/tradebill?bill_date={DAY}"
    codes = {
        "2026-09-25T23:59:59+08:00": (400, "PARAM_ERROR"),
        "2026-09-26T00:00:00+08:00": (400, "STATEMENT_CREATING"),
        "2026-09-26T09:59:59+08:00": (400, "STATEMENT_CREATING"),
    }
    for moment, (status, code) in codes.items():
        answer = merchant.at(moment).wechat_get(target)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    merchant.at("2026-10-12T10:30:00+08:00")
    for absent in (f"fundflowbill?bill_date={DAY}&account_type=FEES", "tradebill?bill_date=2026-09-01"):
        answer = merchant.wechat_get(f"/wechatpay/v3/bill/{absent}")
        assert (answer.status_code, answer.json()["code"]) == (400, "NO_STATEMENT_EXIST")


def test_the_wechat_hash_is_of_the_unpacked_bill(merchant):
    answer = merchant.wechat_get(f"/wechatpay/v3/bill/tradebill?bill_date={DAY}&tar_type=GZIP")
    packed = merchant.wechat_get(answer.json()["download_url"].removeprefix("http://sandbox.test")).content
    assert hashlib.sha1(gzip.decompress(packed), usedforsecurity=False).hexdigest() == answer.json()["hash_value"]
    assert hashlib.sha1(packed, usedforsecurity=False).hexdigest() != answer.json()["hash_value"]
    signed = f"{answer.headers['Wechatpay-Timestamp']}\n{answer.headers['Wechatpay-Nonce']}\n{answer.text}\n"
    signature = base64.b64decode(answer.headers["Wechatpay-Signature"])
    assert is_signed_rsa(merchant.keys["WECHAT_PLATFORM_PUBLIC_KEY"], signed.encode(), signature)


def test_wechat_refuses_a_foreign_signature_and_no_signature(merchant):
    target = f"/wechatpay/v3/bill/tradebill?bill_date={DAY}"
    foreign = merchant.wechat_get(target, key=merchant.keys["ALIPAY_PRIVATE_KEY"])
    bare = merchant.session.get(f"http://sandbox.test{target}")
    for answer in (foreign, bare):
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")


def test_wechat_also_takes_a_signature_of_the_bare_path(merchant):
    target = f"/v3/bill/tradebill?bill_date={DAY}"
    stamp = str(int(merchant.clock.timestamp()))
    sign = base64.b64encode(sign_rsa(merchant.keys["WECHAT_PRIVATE_KEY"], f"GET\n{target}\n{stamp}\nn\n\n".encode()))
    header = (
        f'WECHATPAY2-SHA256-RSA2048 mchid="{merchant.keys["WECHAT_MCH_ID"]}",nonce_str="n",'
        f'signature="{sign.decode()}",timestamp="{stamp}",serial_no="{merchant.keys["WECHAT_SERIAL_NO"]}"'
    )
    url = f"http://sandbox.test/wechatpay{target}"
    assert merchant.session.get(url, headers={"Authorization": header}).status_code == 200


def test_wechat_success_and_refund_bills_are_the_parts_of_all(merchant):
    whole, _ = audit.wechat_rows(merchant.wechat_bill("tradebill", DAY))
    paid, _ = audit.wechat_rows(merchant.wechat_bill("tradebill", DAY, "&bill_type=SUCCESS"))
    refunded, _ = audit.wechat_rows(merchant.wechat_bill("tradebill", DAY, "&bill_type=REFUND"))
    assert len(whole) == len(paid) + len(refunded)
    assert len(paid[0]) == 20
    assert len(refunded[0]) == 29


def test_a_restated_bill_shows_the_right_amount_from_the_third_day(stormy):
    def total():
        return audit.money(audit.wechat_rows(stormy.wechat_bill("tradebill", DAY))[1][1])

    def transient():
        truth = stormy.session.get("http://sandbox.test/_sandbox/truth").json()
        return [f for f in truth if f["fault"] == "restated_bill" and f["code"] == "E103" and f["day"] == str(DAY)]

    stormy.at("2026-09-27T23:59:59+08:00")
    before, waiting = total(), transient()
    stormy.at("2026-09-28T00:00:00+08:00")
    after = total()
    stormy.at("2026-10-12T10:30:00+08:00")
    assert before - after == 1
    assert len(waiting) == 1
    assert transient() == []


WEATHER = [
    ("429", lambda answer: answer.status_code == 429 and answer.headers["Retry-After"] == "1"),
    ("500", lambda answer: answer.status_code == 500),
    ("html", lambda answer: answer.headers["Content-Type"] == "text/html"),
    ("broken_page", lambda answer: not answer.text.endswith("}")),
    ("late", lambda answer: answer.json()["error_response"]["code"] == 15),
    ("slow", lambda answer: "error_response" not in answer.json()),
]


@pytest.mark.parametrize(("kind", "holds"), WEATHER, ids=[kind for kind, _ in WEATHER])
def test_weather_lasts_as_long_as_asked_for(merchant, kind, holds):
    merchant.weather({"api": "taobao", "kind": kind, "times": 1})
    assert holds(merchant.taobao(INCREMENT, **WINDOW))
    assert "error_response" not in merchant.taobao(INCREMENT, **WINDOW).json()


def test_weather_can_cut_the_line_and_spoil_hashes_and_zips(merchant):
    merchant.weather({"api": "taobao", "kind": "down"})
    with pytest.raises(requests.ConnectionError):
        merchant.taobao(INCREMENT, **WINDOW)
    merchant.weather({"api": "wechatpay.v3.bill.tradebill", "kind": "wrong_hash"})
    answer = merchant.wechat_get(f"/wechatpay/v3/bill/tradebill?bill_date={DAY}")
    assert answer.json()["hash_value"] == "0" * 40
    merchant.weather({"api": "alipay.downloadBillFile", "kind": "truncated_zip"})
    spoilt = merchant.alipay_bill("trade", DAY)
    assert len(spoilt) < len(merchant.alipay_bill("trade", DAY))
    refused = merchant.session.post(
        "http://sandbox.test/_sandbox/weather", json={"weather": [{"api": "x", "kind": "y"}]}
    )
    assert refused.status_code == 400


def test_an_api_takes_so_many_calls_a_second():
    moments = iter([0.0, 0.0, 0.0, 0.0, 1.0])
    limiter = Limiter(2, lambda: next(moments))
    assert [limiter.allows("taobao") for _ in range(5)] == [True, True, False, False, True]


def test_too_many_calls_get_the_sources_own_words(merchant_of):
    merchant = merchant_of(orders_per_day=20, requests_per_second=1).at("2026-09-26T10:30:00+08:00")
    merchant.taobao(INCREMENT, **WINDOW)
    merchant.wechat_get(f"/wechatpay/v3/bill/tradebill?bill_date={DAY}")
    assert error_of(merchant.taobao(INCREMENT, **WINDOW))["code"] == 7
    assert merchant.wechat_get(f"/wechatpay/v3/bill/tradebill?bill_date={DAY}").status_code == 429


@pytest.mark.enable_socket
def test_the_server_answers_on_loopback_and_ends_with_its_block(config):
    with serve(config) as url:
        assert url.startswith("http://127.0.0.1:")
        answer = requests.post(f"{url}/_sandbox/time", json={"as_of": "2026-09-24T12:00:00+08:00"}, timeout=10)
        assert answer.json() == {"as_of": "2026-09-24T12:00:00"}
        assert requests.get(f"{url}/nothing", timeout=10).status_code == 404
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/_sandbox/time", timeout=2)
