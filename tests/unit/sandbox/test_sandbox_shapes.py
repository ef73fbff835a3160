"""The sandbox answers in the shape of the recordings: same headings, same envelopes, same kinds of values."""

import json
import os
import unicodedata
from datetime import date
from pathlib import Path

import pytest
import sandbox_auditor as audit

CHINA = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples" / "china"
DAY = date(2026, 9, 25)
LATER = date(2026, 9, 30)

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not CHINA.is_dir(), reason=f"SAMPLES_DIR holds no samples/china (looked in {CHINA})"),
]


def plain(text):
    return unicodedata.normalize("NFKC", text)


def first_trade(merchant, **more):
    fields = ",".join(
        json.loads((CHINA / "taobao/trade_fullinfo_get_2013.json").read_text())["trade_fullinfo_get_response"]["trade"]
    )
    window = {"start_modified": f"{LATER} 00:00:00", "end_modified": f"{LATER} 23:59:59", "fields": "tid,status"}
    answer = merchant.taobao("taobao.trades.sold.increment.get", page_size="100", **window).json()
    trades = answer["trades_sold_increment_get_response"]["trades"]["trade"]
    tid = next(str(trade["tid"]) for trade in trades if trade["status"] == "TRADE_FINISHED")
    return merchant.taobao("taobao.trade.fullinfo.get", tid=tid, fields=fields, **more).json()


def test_a_taobao_trade_has_the_recorded_envelope_and_kinds_of_values(merchant):
    recorded = json.loads((CHINA / "taobao/trade_fullinfo_get_2013.json").read_text())["trade_fullinfo_get_response"]
    answered = first_trade(merchant)["trade_fullinfo_get_response"]
    assert set(recorded) == set(answered)
    for name, value in answered["trade"].items():
        assert type(recorded["trade"][name]) is type(value), name
    line = recorded["trade"]["orders"]["order"][0]
    for name, value in answered["trade"]["orders"]["order"][0].items():
        assert name not in line or type(line[name]) is type(value), name
    needed = {"tid", "status", "payment", "total_fee", "discount_fee", "post_fee", "created", "modified", "orders"}
    assert needed <= set(answered["trade"])


def test_every_taobao_field_is_a_documented_one(merchant):
    documented = {}
    for name in ("trade_fullinfo_get", "refunds_receive_get"):
        lines = (CHINA / f"taobao/fields/taobao_{name}.csv").read_text().splitlines()
        documented[name] = {line.split(",")[1] for line in lines if line.startswith("response,")}
    trades = {path.split(".")[1] for path in documented["trade_fullinfo_get"] if path.count(".") == 1}
    fields = ",".join(sorted(trades | {"platform_subsidy_fee"}))
    tid = str(first_trade(merchant)["trade_fullinfo_get_response"]["trade"]["tid"])
    trade = merchant.taobao("taobao.trade.fullinfo.get", tid=tid, fields=fields).json()
    shown = trade["trade_fullinfo_get_response"]["trade"]
    undocumented = {f"trade.orders.{name}" for line in shown["orders"]["order"] for name in line}
    assert undocumented - documented["trade_fullinfo_get"] == set()
    names = sorted(path.split(".")[1] for path in documented["refunds_receive_get"] if path.startswith("refunds."))
    refunds = merchant.taobao_pages("taobao.refunds.receive.get", DAY, ",".join(names), "refunds", "refund")
    assert {"refund_id", "tid", "oid", "refund_fee", "status", "refund_phase"} <= set(refunds[0])


def test_simplify_takes_one_level_of_the_lists_away(merchant):
    trade = first_trade(merchant, simplify="true")["trade_fullinfo_get_response"]["trade"]
    assert isinstance(trade["orders"], list)


def test_the_alipay_trade_bill_has_the_recorded_lines(merchant):
    recorded = (CHINA / "alipay/trade_detail_2019-09-16.gbk.csv").read_bytes().decode("gb18030").splitlines()
    rows, totals = audit.alipay_rows(merchant.alipay_bill("trade", DAY))
    assert recorded[4].split(",") == list(rows[0])
    assert [line[:6] for line in recorded if "合计" in line] == [line[:6] for line in totals]
    answered = audit.alipay_lines(merchant.alipay_bill("trade", DAY))[5].split(",")
    tabbed = [cell.endswith("\t") for cell in recorded[5].split(",")]
    assert tabbed == [cell.endswith("\t") for cell in answered]


def test_the_alipay_refusal_is_the_recorded_one(merchant):
    recorded = json.loads((CHINA / "alipay/bill_downloadurl_error_invalid_arguments.json").read_text())
    answered = merchant.alipay_query("trade", date(2026, 10, 12)).json()
    assert recorded.items() <= answered.items()


@pytest.mark.parametrize(
    ("sample", "more"),
    [("tradebill_all_2021-01-28.csv", ""), ("tradebill_success_20col_2019.csv", "&bill_type=SUCCESS")],
)
def test_the_wechat_trade_bill_has_the_recorded_headings(merchant, sample, more):
    recorded = (CHINA / "wechat" / sample).read_text().splitlines()
    answered = merchant.wechat_bill("tradebill", DAY, more).decode().splitlines()
    assert recorded[0] == answered[0]
    assert recorded[-2] == answered[-2]
    assert [cell[:1] for cell in recorded[1].split(",")] == [cell[:1] for cell in answered[1].split(",")]


def test_the_wechat_fund_bill_has_the_recorded_headings(merchant):
    recorded = (CHINA / "wechat/fundflowbill_doc_2018-02-01.csv").read_text().splitlines()
    answered = merchant.wechat_bill("fundflowbill", DAY).decode().splitlines()
    assert plain(recorded[0]) == plain(answered[0])
    assert recorded[-2] == answered[-2]


@pytest.mark.parametrize(
    ("sample", "day"), [("no_statement_exist", "2026-09-01"), ("statement_creating", "2026-10-11")]
)
def test_the_wechat_refusals_are_the_recorded_ones(merchant, sample, day):
    recorded = json.loads((CHINA / f"wechat/v3_error_{sample}.json").read_text())
    merchant.at("2026-10-12T09:30:00+08:00")
    assert recorded == merchant.wechat_get(f"/wechatpay/v3/bill/tradebill?bill_date={day}").json()
    applied = json.loads((CHINA / "wechat/v3_bill_apply_response.json").read_text())
    assert set(applied) == set(merchant.wechat_get(f"/wechatpay/v3/bill/tradebill?bill_date={DAY}").json())
