"""Alipay's answers, good and bad: signature over the raw text, addresses of thirty seconds, GBK names in zips."""

import base64
import io
import json
import zipfile

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from connectors.alipay import SOURCE
from connectors.core.errors import BadRequest, NotAuthorized, NotReadyYet, RateLimited, Unavailable, UnexpectedShape

TRADES, FUNDS = SOURCE.streams
KEY = "alipay_data_dataservice_bill_downloadurl_query_response"
URL = "http://dwbillcenter.alipay.com/downloadBillFile.resource?bizType=trade&downloadFileName=2088_20261008.csv.zip&token=t0"
TRADE_HEADING = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
TRADE = (
    "2026X\t,S1\t,交易\t,茶,2026-10-08 10:00:00,2026-10-08 10:00:05,\t,\t,\t,\t,买*,10.00,10.00,0.00,0.00,0.00,0.00,0.00,,"
    "0.00\t,0.00,\t,-0.06,0.00,order_no=A1"
)
REFUND = (
    "2026X\t,S1\t,退款\t,茶,2026-10-08 10:00:00,2026-10-08 11:00:00,\t,\t,\t,\t,买*,-4.00,-4.00,0.00,0.00,0.00,0.00,0.00,,"
    "0.00\t,0.00,R1\t,0.00,0.00,"
)
TRADE_TAIL = "#----业务明细列表结束----\r\n#交易合计：1笔，商家实收共10.00元，商家优惠共0.00元\r\n#退款合计：1笔，商家实收退款共-4.00元，商家优惠退款共0.00元\r\n#导出时间：[2026年10月09日 09:00:00]\r\n"
TOP = "#支付宝业务明细查询\r\n#账号：[20880156]\r\n#起始日期：[2026年10月08日 00:00:00]   终止日期：[2026年10月09日 00:00:00]\r\n#----业务明细列表----\r\n"
TRADE_BILL = f"{TOP}{TRADE_HEADING}\r\n{TRADE}\r\n{REFUND}\r\n{TRADE_TAIL}"
FUND_HEADING = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,"
    "备注,业务描述,业务账单来源,业务基础订单号,业务订单号"
)
FUND_BILL = (
    "#支付宝账务明细查询\n#账号：[20880156]\n#起始日期：[2026年10月08日 00:00:00]   终止日期：[2026年10月09日 00:00:00]\n#---\n"
    + FUND_HEADING
    + "\n3\t,B3\t,\t,,2026-10-08 12:00:00,,0.00,-1.00,108.94,,提现,,,,,\n2\t,B1\t,S1\t,,2026-10-08 10:00:05,,0.00,-0.06,109.94,,收费,,,,,"
    + "\n1\t,B1\t,S1\t,,2026-10-08 10:00:05,,10.00,,110.00,,在线支付,,,,,\n#---结束---\n#支出合计：2笔，共-1.06元\n#收入合计：1笔，共10.00元,,,,\n"
)


@pytest.fixture
def merchant(connect, keys):
    bare = "".join(keys.private.splitlines()[1:-1])
    return connect("alipay", app_id="2021", private_key=bare, alipay_public_key=keys.public)


def archive(text, member="2088_20261008_业务明细.csv", summary="2088_20261008_业务明细(汇总).csv"):
    """Two members whose names are GBK bytes without the flag, the summary first."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in ((summary, "汇总"), (member, text)):
            stand_in = "x" * len(name.encode("gbk"))
            file.writestr(stand_in, content.encode("gb18030"))
    body = packed.getvalue()
    for name in (summary, member):
        stand_in = b"x" * len(name.encode("gbk"))
        body = body.replace(stand_in, name.encode("gbk"), 1)
        at = body.rindex(stand_in) if stand_in in body else -1
        body = body[:at] + name.encode("gbk") + body[at + len(stand_in) :] if at >= 0 else body
    return body


def answer(desk, keys, url=URL, *, sign=True, **facts):
    content = {"code": "10000", "msg": "Success", "bill_download_url": url} | facts
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    signature = base64.b64encode(keys.key.sign(raw.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    return desk.reply(f'{{"{KEY}":{raw}{f",{chr(34)}sign{chr(34)}:{json.dumps(signature)}" if sign else ""}}}'.encode())


def refusal(desk, code, sub_code=""):
    body = {KEY: {"code": code, "msg": "m", "sub_code": sub_code}}
    return desk.reply(json.dumps(body).encode(), headers={"trace_id": "t7"})


def unpacked(body, tmp_path, connection, stream=TRADES, suffix="csv.zip"):
    path = tmp_path / f"bill.{suffix}"
    path.write_bytes(body)
    return stream.unpack(path, suffix, tmp_path, connection)


def test_a_bill_is_asked_for_verified_downloaded_and_kept_as_it_came(desk, merchant, keys, tmp_path):
    body = archive(TRADE_BILL)
    desk.source.answers_in_turn(answer(desk, keys), desk.reply(body))
    [delivery] = desk.fetch(TRADES, merchant)
    assert (body, "csv.zip", "2088_20261008.csv.zip", desk.day) == (
        delivery.body,
        delivery.suffix,
        delivery.name,
        delivery.window,
    )
    assert dict(delivery.request) == {"bill_type": "trade", "bill_date": "2026-10-08"}
    assert desk.source.requests[1].url.startswith("https://dwbillcenter.alipay.com/")
    found = unpacked(body, tmp_path, merchant)
    assert (
        found.refused,
        found.statements[0].row_count,
        found.statements[0].stated_row_count,
        found.statements[0].in_sum,
        found.statements[0].stated_out_sum,
        found.statements[0].day,
        found.statements[0].account,
    ) == (None, 2, 2, "10.00", "4.00", "2026-10-08", "20880156")
    paid, refunded = TRADES.canonical(found, merchant).streams["payments"]
    assert (paid["transaction_no"], paid["order_no"], paid["amount"], paid["fee"]) == ("2026X", "A1", "10.00", "0.06")
    assert (
        refunded["transaction_no"],
        refunded["original_transaction_no"],
        refunded["amount"],
    ) == ("2026X-R1", "2026X", "4.00")
    assert found.parts[0].first_row == 6


def test_the_question_is_signed_over_every_parameter(desk, merchant, keys):
    desk.source.answers_in_turn(answer(desk, keys), desk.reply(archive(TRADE_BILL)))
    desk.fetch(TRADES, merchant)
    form = desk.source.forms()[0]
    text = "&".join(f"{name}={form[name]}" for name in sorted(form) if name != "sign")
    keys.key.public_key().verify(base64.b64decode(form["sign"]), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(form["biz_content"]) == {"bill_type": "trade", "bill_date": "2026-10-08"}
    assert all(desk.source.timeouts)


def test_a_fund_bill_newest_first_ties_by_its_balances(merchant, tmp_path):
    found = unpacked(FUND_BILL.encode("gb18030"), tmp_path, merchant, FUNDS, "csv")
    statement = found.statements[0]
    assert (
        found.refused,
        statement.opening_balance,
        statement.closing_balance,
        statement.in_sum,
        statement.out_sum,
        statement.stated_row_count,
    ) == (None, "100.00", "108.94", "10.00", "1.06", 3)
    flows = FUNDS.canonical(found, merchant).streams["fund_flows"]
    assert [(f["direction"], f["amount"]) for f in flows] == [("out", "1.00"), ("out", "0.06"), ("in", "10.00")]


@pytest.mark.parametrize(
    ("facts", "error", "tries"),
    [
        (("40004", "isv.invalid_arguments"), NotReadyYet, 1),
        (("40004", "TYPE_NOT_SUPPORTED"), BadRequest, 1),
        (("40002", "isv.invalid-signature"), NotAuthorized, 1),
        (("40006", "isv.insufficient-isv-permissions"), NotAuthorized, 1),
        (("20001", "aop.invalid-auth-token"), NotAuthorized, 1),
        (("20000", "isp.unknow-error"), Unavailable, 5),
        (("40005", "isv.app-call-limited"), RateLimited, 5),
    ],
)
def test_refusals_have_their_name(desk, merchant, facts, error, tries):
    code, sub_code = facts
    desk.source.answers = lambda _request: refusal(desk, code, sub_code)
    with pytest.raises(error) as raised:
        desk.fetch(TRADES, merchant)
    assert (sub_code, "t7", "trades", tries) == (
        raised.value.code,
        raised.value.request_id,
        raised.value.stream,
        len(desk.source.requests),
    )


@pytest.mark.parametrize(
    ("status", "error"), [(401, NotAuthorized), (403, NotAuthorized), (404, BadRequest), (500, Unavailable)]
)
def test_statuses_of_the_gateway_have_their_name(desk, merchant, keys, status, error):
    desk.source.answers = lambda _request: desk.reply(b"", status)
    with pytest.raises(error) as raised:
        desk.fetch(TRADES, merchant)
    assert keys.private.splitlines()[1] not in f"{raised.value!s}{raised.value!r}{merchant!r}"


def test_retry_after_is_obeyed(desk, merchant, keys):
    desk.source.answers_in_turn(
        desk.reply(b"", 429, {"Retry-After": "Fri, 09 Oct 2026 04:00:08 GMT"}),
        answer(desk, keys),
        desk.reply(archive(TRADE_BILL)),
    )
    desk.fetch(TRADES, merchant)
    assert desk.naps == [8.0]


def test_an_address_with_a_wrong_signature_is_not_followed(desk, merchant, keys):
    good = answer(desk, keys).body
    desk.source.answers_in_turn(desk.reply(good.replace(b"bizType=trade", b"bizType=other")))
    with pytest.raises(NotAuthorized, match="signature is wrong"):
        desk.fetch(TRADES, merchant)
    assert len(desk.source.requests) == 1


def test_an_address_without_a_signature_is_not_followed(desk, merchant, keys):
    desk.source.answers_in_turn(answer(desk, keys, sign=False))
    with pytest.raises(NotAuthorized, match="carries no signature"):
        desk.fetch(TRADES, merchant)


def test_an_address_on_another_host_is_not_followed(desk, merchant, keys):
    desk.source.answers_in_turn(answer(desk, keys, url="https://example.org/bill"))
    with pytest.raises(UnexpectedShape, match=r"on host example\.org"):
        desk.fetch(TRADES, merchant)


def test_html_instead_of_json_is_named(desk, merchant):
    desk.source.answers = lambda _request: desk.reply(b"<html>", headers={"Content-Type": "text/html"})
    with pytest.raises(UnexpectedShape, match="no JSON but text/html"):
        desk.fetch(TRADES, merchant)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param((archive(TRADE_BILL)[:-30], 200), id="cut off"),
        pytest.param((b"<html>expired</html>", 200), id="html"),
        pytest.param((b"", 403), id="expired"),
        pytest.param(
            (archive(TRADE_BILL).replace(b"20261008,", b"20261009,").replace(b"10.00", b"99.00", 1), 200),
            id="bytes changed",
        ),
    ],
)
def test_a_failed_download_asks_for_a_new_address_each_time(desk, merchant, keys, bad):
    body, status = bad

    def reply(request):
        is_download = "downloadBillFile" in request.url
        return desk.reply(body, status) if is_download else answer(desk, keys)

    desk.source.answers = reply
    if (
        body[:2] == b"PK"
        and zipfile.is_zipfile(io.BytesIO(body))
        and zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    ):
        pytest.skip("the change hit nothing that is checked")
    with pytest.raises(Unavailable):
        desk.fetch(TRADES, merchant)
    assert sum("gateway.do" in request.url for request in desk.source.requests) == 5


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (TRADE_BILL.replace("1笔，商家实收共10.00元", "2笔，商家实收共10.00元"), "incoming money: the count"),
        (TRADE_BILL.replace("退款共-4.00元", "退款共-5.00元"), "outgoing money: the sum"),
        (TRADE_BILL.partition("#----业务明细列表结束")[0], "cut off"),
        (TRADE_BILL.replace("\r\n2026X\t,S1\t,退款", "\r\n2026X\t,退款"), "24 cells"),
        (TRADE_BILL.replace("10.00,10.00", "10.00,1E1"), "received_amount"),
        (TRADE_BILL.replace("完成时间", "完成日"), "no line is its heading"),
        (TRADE_BILL.replace("门店编号", "门店名称"), "twice"),
        (TRADE_BILL.replace("\r\n2026X\t,S1\t,退款", "\r\n\r\n2026X\t,S1\t,退款"), "empty line"),
        ("支付宝账户：x\r\n", "personal export"),
    ],
)
def test_a_bill_that_contradicts_itself_is_refused_whole_with_the_reason(merchant, tmp_path, text, word):
    found = unpacked(text.encode("gb18030"), tmp_path, merchant, suffix="csv")
    assert found.parts == ()
    assert word in (found.refused or "")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (archive(TRADE_BILL)[:-30], "cut off"),
        (archive(TRADE_BILL, member="2088_20261008_账务明细.csv"), "holds 0 files named …业务明细"),
    ],
)
def test_an_archive_without_the_bill_is_refused(merchant, tmp_path, body, word):
    found = unpacked(body, tmp_path, merchant)
    assert found.parts == ()
    assert word in (found.refused or "")


def test_a_quiet_day_has_a_bill_without_rows(merchant, tmp_path):
    tail = "#----业务明细列表结束----\r\n#交易合计：0笔，商家实收共0.00元，商家优惠共0.00元\r\n#退款合计：0笔，商家实收退款共0.00元\r\n"
    found = unpacked((TOP + TRADE_HEADING + "\r\n" + tail).encode("gb18030"), tmp_path, merchant, suffix="csv")
    assert (found.refused, found.statements[0].row_count, found.statements[0].stated_row_count) == (None, 0, 0)


def test_bills_in_a_folder_are_delivered_to_their_own_stream(desk, connect, tmp_path):
    (tmp_path / "2088_20261008.csv").write_bytes(FUND_BILL.encode("gb18030"))
    (tmp_path / "2088_20261008.csv.zip").write_bytes(archive(TRADE_BILL))
    folder = connect("alipay", path=tmp_path)
    assert [[delivery.name for delivery in desk.fetch(stream, folder)] for stream in SOURCE.streams] == [
        ["2088_20261008.csv.zip"],
        ["2088_20261008.csv"],
    ]
