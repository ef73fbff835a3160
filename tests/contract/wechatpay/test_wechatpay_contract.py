"""WeChat Pay's answers, good and bad: two steps, the digest over the right bytes, empty and unfinished days."""

import base64
import gzip
import hashlib
import json
import re
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from connectors.core.errors import BadRequest, NotAuthorized, NotReadyYet, RateLimited, Unavailable, UnexpectedShape
from connectors.wechatpay import SOURCE

TRADES, FUNDS = SOURCE.streams
HEADING = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
FOOTER = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
PAID = (
    "`2026-10-08 17:07:11,`wx1,`16,`0,`,`4200,`S1,`o1,`NATIVE,`SUCCESS,`OTHERS,`CNY,`10.00,`0.00,`0,`0,`0.00,`0.00,`,`,"
    "`红茶, 大`号`,`order_no=A1,`0.06000,`0.60%,`10.00,`0.00,`"
)
REFUNDED = (
    "`2026-10-08 18:00:00,`wx1,`16,`0,`,`4200,`S1,`o1,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5000,`R1,`4.00,`0.00,"
    "`ORIGINAL,`SUCCESS,`x,`,`-0.02000,`0.60%,`0.00,`4.00,`"
)
TOTALS = "`2,`10.00,`4.00,`0.00,`0.04000,`10.00,`4.00"
BILL = f"{HEADING}\n{PAID}\n{REFUNDED}\n{FOOTER}\n{TOTALS}\n".encode()
URL = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=t0ken"


@pytest.fixture
def merchant(connect, keys):
    return connect("wechatpay", mch_id="1900", serial_no="5157", private_key=keys.private)


def applied(desk, body=BILL, *, url=URL, digest=None):
    facts = {"hash_type": "SHA1", "hash_value": digest or hashlib.sha1(body).hexdigest(), "download_url": url}  # noqa: S324
    return desk.reply(json.dumps(facts).encode(), headers={"Request-ID": "08F1"})


def refusal(desk, status, code):
    return desk.reply(json.dumps({"code": code, "message": "…"}).encode(), status, {"Request-ID": "08F1"})


def unpacked(delivery, tmp_path, connection, stream=TRADES):
    path = tmp_path / f"bill.{delivery.suffix}"
    path.write_bytes(delivery.body)
    return stream.unpack(path, delivery.suffix, tmp_path, connection, delivery.name)


def test_a_bill_is_applied_for_downloaded_checked_and_kept_as_it_came(desk, merchant, tmp_path):
    packed = gzip.compress(BILL, mtime=0)
    desk.source.answers_in_turn(applied(desk), desk.reply(packed))
    [delivery] = desk.fetch(TRADES, merchant)
    assert (packed, "csv.gz", desk.day) == (delivery.body, delivery.suffix, delivery.window)
    assert dict(delivery.stated) == {"rows": "2", "in_sum": "10.00", "out_sum": "4.00"}
    assert desk.source.queries()[0] == {"bill_date": "2026-10-08", "bill_type": "ALL", "tar_type": "GZIP"}
    found = unpacked(delivery, tmp_path, merchant)
    assert (
        found.refused,
        found.statements[0].row_count,
        found.statements[0].in_sum,
        found.statements[0].stated_out_sum,
    ) == (None, 2, "10.00", "4.00")
    paid, refunded = TRADES.canonical(found, merchant).streams["payments"]
    assert (paid["transaction_no"], paid["order_no"], paid["amount"], paid["fee"]) == ("4200", "A1", "10.00", "0.06")
    assert (
        refunded["transaction_no"],
        refunded["original_transaction_no"],
        refunded["type"],
        refunded["fee"],
    ) == ("5000", "4200", "refund", "-0.02")


def test_text_keeps_its_commas_and_backticks(desk, merchant, tmp_path):
    desk.source.answers_in_turn(applied(desk), desk.reply(BILL))
    [delivery] = desk.fetch(TRADES, merchant)
    found = unpacked(delivery, tmp_path, merchant)
    assert delivery.suffix == "csv"
    assert '"红茶, 大`号`"' in found.parts[0].path.read_text(encoding="utf-8")


def test_both_requests_are_signed_over_path_query_time_nonce_and_empty_body(desk, merchant, keys):
    desk.source.answers_in_turn(applied(desk), desk.reply(BILL))
    desk.fetch(TRADES, merchant)
    for request in desk.source.requests:
        header = request.headers["Authorization"]
        facts = dict(re.findall(r'(\w+)="([^"]*)"', header))
        parts = urlsplit(request.url)
        text = f"GET\n{parts.path}?{parts.query}\n{facts['timestamp']}\n{facts['nonce_str']}\n\n".encode()
        keys.key.public_key().verify(base64.b64decode(facts["signature"]), text, padding.PKCS1v15(), hashes.SHA256())
        assert (header.split()[0], facts["mchid"], facts["serial_no"]) == ("WECHATPAY2-SHA256-RSA2048", "1900", "5157")
    assert all(desk.source.timeouts)


def test_a_day_without_statement_brings_nothing(desk, merchant):
    desk.source.answers_in_turn(refusal(desk, 400, "NO_STATEMENT_EXIST"))
    assert desk.fetch(TRADES, merchant) == []


def test_an_unfinished_statement_says_come_back_and_is_not_waited_for(desk, merchant):
    desk.source.answers_in_turn(refusal(desk, 400, "STATEMENT_CREATING"))
    with pytest.raises(NotReadyYet) as raised:
        desk.fetch(FUNDS, merchant)
    assert ("wechatpay", "funds", 400, "STATEMENT_CREATING", "08F1", desk.day) == (
        raised.value.source,
        raised.value.stream,
        raised.value.status,
        raised.value.code,
        raised.value.request_id,
        raised.value.window,
    )
    assert desk.naps == []


@pytest.mark.parametrize(
    ("facts", "error", "tries"),
    [
        ((401, "SIGN_ERROR"), NotAuthorized, 1),
        ((403, "NO_AUTH"), NotAuthorized, 1),
        ((400, "PARAM_ERROR"), BadRequest, 1),
        ((404, "RESOURCE_NOT_EXISTS"), BadRequest, 1),
        ((429, "FREQUENCY_LIMITED"), RateLimited, 5),
        ((500, "SYSTEM_ERROR"), Unavailable, 5),
    ],
)
def test_refusals_have_their_name(desk, merchant, facts, error, tries):
    status, code = facts
    desk.source.answers = lambda _request: refusal(desk, status, code)
    with pytest.raises(error) as raised:
        desk.fetch(TRADES, merchant)
    assert (status, code, tries) == (raised.value.status, raised.value.code, len(desk.source.requests))
    assert merchant.credentials["private_key"].splitlines()[1] not in f"{raised.value!s}{raised.value!r}{merchant!r}"


def test_retry_after_is_obeyed(desk, merchant):
    limited = desk.reply(b"{}", 429, {"Retry-After": "9"})
    desk.source.answers_in_turn(limited, refusal(desk, 400, "NO_STATEMENT_EXIST"))
    desk.fetch(TRADES, merchant)
    assert desk.naps == [9.0]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param((BILL, "0" * 40), id="wrong digest"),
        pytest.param(
            (gzip.compress(BILL, mtime=0), hashlib.sha1(gzip.compress(BILL, mtime=0)).hexdigest()),  # noqa: S324
            id="digest of the gzip",
        ),
        pytest.param((gzip.compress(BILL, mtime=0)[:-20], None), id="cut off"),
        pytest.param((b"<html>busy</html>", None), id="html"),
    ],
)
def test_a_bill_that_is_not_what_was_stated_is_asked_for_anew_and_never_delivered(desk, merchant, bad):
    body, digest = bad

    def answer(request):
        return desk.reply(body) if "billdownload" in request.url else applied(desk, digest=digest)

    desk.source.answers = answer
    with pytest.raises(Unavailable):
        desk.fetch(TRADES, merchant)
    assert len(desk.source.requests) == 10


def test_the_second_try_may_succeed(desk, merchant):
    desk.source.answers_in_turn(applied(desk), desk.reply(BILL[:-9]), applied(desk), desk.reply(BILL))
    assert len(desk.fetch(TRADES, merchant)) == 1


def test_html_instead_of_json_is_named(desk, merchant):
    desk.source.answers = lambda _request: desk.reply(b"<html>", headers={"Content-Type": "text/html"})
    with pytest.raises(UnexpectedShape, match="no JSON but text/html"):
        desk.fetch(TRADES, merchant)


def test_the_signed_header_goes_to_no_other_host(desk, merchant):
    desk.source.answers_in_turn(applied(desk, url="https://example.org/file?token=1"))
    with pytest.raises(UnexpectedShape, match=r"on host example\.org"):
        desk.fetch(TRADES, merchant)
    assert len(desk.source.requests) == 1


def test_the_answer_is_verified_when_the_platform_key_is_known(desk, connect, keys):
    merchant = connect(
        "wechatpay", mch_id="1900", serial_no="5157", private_key=keys.private, platform_public_key=keys.public
    )
    desk.source.answers_in_turn(applied(desk))
    with pytest.raises(NotAuthorized, match="signature is wrong"):
        desk.fetch(TRADES, merchant)


def test_more_accounts_are_asked_for_when_wanted(desk, connect, keys, tmp_path):
    options = {"account_types": ["BASIC", "FEES"], "requests_per_second": 0}
    merchant = connect("wechatpay", options=options, mch_id="1900", serial_no="5157", private_key=keys.private)
    fund = (
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,"
        "业务凭证号\n`2026-10-08 09:00:00,`4200,`F1,`交易,`交易,`收入,`10.00,`25.00,`system,`,`4200\n"
        "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`1.0,`1.0,`10.00,`0.0,`0.00\n"
    ).encode()
    desk.source.answers_in_turn(
        refusal(desk, 400, "NO_STATEMENT_EXIST"), applied(desk, fund), desk.reply(gzip.compress(fund, mtime=0))
    )
    [delivery] = desk.fetch(FUNDS, merchant)
    assert [query["account_type"] for query in desk.source.queries()[:2]] == ["BASIC", "FEES"]
    found = unpacked(delivery, tmp_path, merchant, FUNDS)
    assert (found.statements[0].opening_balance, found.statements[0].closing_balance) == ("15.00", "25.00")
    assert found.parts[0].path.read_text(encoding="utf-8").splitlines()[1].endswith(",FEES")


def test_an_unknown_account_type_names_what_is_allowed(desk, connect, keys):
    merchant = connect(
        "wechatpay", options={"account_types": ["ALL"]}, mch_id="1", serial_no="2", private_key=keys.private
    )
    with pytest.raises(BadRequest, match="BASIC, OPERATION, FEES"):
        desk.fetch(FUNDS, merchant)


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (BILL.replace(b"`2,`10.00", b"`3,`10.00"), "总交易单数"),
        (BILL.replace(b"`0.04000", b"`0.05000"), "手续费总金额"),
        (BILL.rpartition("总交易单数".encode())[0], "no footer"),
        (BILL.replace(b"`NATIVE,`REFUND", b"`REFUND"), "line 3 has 26 cells"),
        (BILL.replace(b",`10.00,`0.00,`\n", b",`10.00,`1e3,`\n"), "refund_requested_amount"),
        (BILL + b"`more\n", "after its footer"),
        ("微信支付账单明细,,,\n".encode(), "personal export"),
        (b"<xml><error_code>20002</error_code></xml>", "error answer"),
        (BILL.decode().encode("utf-16"), "UTF-16"),
        (BILL[:200] + b"\xff\xff" + BILL[200:], "neither UTF-8 nor GB18030"),
        (gzip.compress(BILL, mtime=0)[:-9], "cut off"),
    ],
)
def test_a_bill_that_contradicts_itself_is_refused_whole_with_the_reason(merchant, tmp_path, broken, word):
    path = tmp_path / "tradebill.csv"
    path.write_bytes(broken)
    found = TRADES.unpack(path, "csv", tmp_path, merchant)
    assert found.parts == ()
    assert word in (found.refused or "")
    assert "tradebill.csv" in (found.refused or "")


def test_bills_in_a_folder_are_delivered_for_the_day_in_their_name(desk, connect, tmp_path):
    for name in ("1900_tradebill_20261008.csv", "1900_tradebill_20261007.csv", "x_fundflowbill_20261008.csv"):
        (tmp_path / name).write_bytes(BILL)
    folder = connect("wechatpay", path=tmp_path)
    assert [delivery.name for delivery in desk.fetch(TRADES, folder)] == ["1900_tradebill_20261008.csv"]
