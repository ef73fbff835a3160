"""UnionPay's answers and files, good and bad: layers, bytes, years, refusals."""

import base64
import hashlib
import io
import json
import zipfile
import zlib

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from connectors.core.errors import BadRequest, NotAuthorized, NotReadyYet, UnexpectedShape
from connectors.core.signing import rsa_sign
from connectors.unionpay import SOURCE
from tests.contract.refusals import by_status
from tests.contract.unionpay.writer import ZM, ZME, zm, zme

[TRADES] = SOURCE.streams
PAID = zm(code="S22", at="1008093000", amount=10_000, query="Q1", order="P1", fee="D000000000055", store="示例门店")
RETURNED = zm(code="S30", at="1008120000", amount=1_000, query="Q2", order="R1", fee="C000000000006", original="P1")


@pytest.fixture
def merchant(connect, keys):
    return connect("unionpay", mer_id="777", cert_id="69", private_key=keys.private)


def archive(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in files.items():
            made.writestr(name, body)
    return packed.getvalue()


def answer(content=None, *, code="00", **more):
    fields = {"merId": "777", "respCode": code, "respMsg": "成功"} | more
    if content is not None:
        fields["fileContent"] = base64.b64encode(zlib.compress(content)).decode()
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


def read(body, folder, connection, name="answer.upfile"):
    path = folder / name
    path.write_bytes(body)
    return TRADES.unpack(path, "upfile", folder, connection, name)


def test_a_day_is_asked_by_month_and_day_signed_and_kept_as_it_came(desk, merchant, keys):
    body = answer(archive({ZM: PAID}))
    desk.source.answers_in_turn(desk.reply(body))
    [delivery] = desk.fetch(TRADES, merchant)
    assert (body, desk.day, "unionpay_2026-10-08.upfile") == (delivery.body, delivery.window, delivery.name)
    [form] = desk.source.forms()
    assert ("76", "00", "01", "1008", "777", "69") == tuple(
        form[name] for name in ("txnType", "fileType", "txnSubType", "settleDate", "merId", "certId")
    )
    text = "&".join(f"{name}={form[name]}" for name in sorted(form) if name != "signature")
    digest = hashlib.sha256(text.encode()).hexdigest().encode()
    signature = base64.b64decode(form["signature"])
    keys.key.public_key().verify(signature, digest, padding.PKCS1v15(), hashes.SHA256())
    assert all(desk.source.timeouts)


def test_what_no_text_settles_is_an_option(desk, connect, keys):
    options = {"txn_sub_type": "07", "sign_style": "direct", "not_ready_codes": ("34",), "requests_per_second": 0}
    merchant = connect("unionpay", options=options, mer_id="777", cert_id="69", private_key=keys.private)
    desk.source.answers_in_turn(desk.reply(answer(code="34")))
    with pytest.raises(NotReadyYet):
        desk.fetch(TRADES, merchant)
    [form] = desk.source.forms()
    text = "&".join(f"{name}={form[name]}" for name in sorted(form) if name != "signature").encode()
    keys.key.public_key().verify(base64.b64decode(form["signature"]), text, padding.PKCS1v15(), hashes.SHA256())
    assert "07" == form["txnSubType"]
    odd = connect("unionpay", options={"sign_style": "x"}, mer_id="7", cert_id="6", private_key=keys.private)
    with pytest.raises(BadRequest, match="allowed: digest, direct"):
        desk.fetch(TRADES, odd)


def test_no_file_says_come_back_and_is_not_waited_for(desk, merchant):
    desk.source.answers_in_turn(desk.reply(answer(code="98")))
    with pytest.raises(NotReadyYet) as raised:
        desk.fetch(TRADES, merchant)
    assert ("unionpay", "trades", "98", desk.day, []) == (
        raised.value.source, raised.value.stream, raised.value.code, raised.value.window, desk.naps,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (answer(code="11"), BadRequest),
        (answer(), UnexpectedShape),
        (b"<html>maintenance</html>", UnexpectedShape),
        (b"", UnexpectedShape),
    ],
)
def test_an_answer_without_a_file_has_a_name(desk, merchant, body, kind):
    desk.source.answers = lambda _: desk.reply(body)
    with pytest.raises(kind):
        desk.fetch(TRADES, merchant)


@by_status
def test_a_status_is_an_error_with_a_name(desk, merchant, status, error, tries):
    headers = {"Retry-After": "3"} if status == 429 else {}
    desk.source.answers = lambda _: desk.reply(b"", status, headers)
    with pytest.raises(error) as raised:
        desk.fetch(TRADES, merchant)
    assert (status, tries) == (raised.value.status, len(desk.source.requests))
    assert (3.0 in desk.naps) is (status == 429)


def test_a_forged_answer_is_refused_and_a_signed_one_is_taken(desk, connect, keys):
    merchant = connect(
        "unionpay", mer_id="777", cert_id="69", private_key=keys.private, platform_public_key=keys.public
    )
    desk.source.answers = lambda _: desk.reply(answer(archive({ZM: PAID}), signature="AAAA"))
    with pytest.raises(NotAuthorized, match="signature is wrong"):
        desk.fetch(TRADES, merchant)
    body = answer(archive({ZM: PAID}))
    digest = hashlib.sha256("&".join(sorted(body.decode().split("&"))).encode()).hexdigest().encode()
    desk.source.answers = lambda _: desk.reply(body + f"&signature={rsa_sign(digest, keys.key)}".encode())
    assert 1 == len(desk.fetch(TRADES, merchant))


def test_a_broken_line_is_tried_again_and_no_secret_shows(desk, merchant, keys):
    desk.source.answers_in_turn(requests.ConnectionError("x"), desk.reply(answer(archive({ZM: PAID}))))
    [delivery] = desk.fetch(TRADES, merchant)
    assert 1 == len(desk.naps)
    assert keys.private not in json.dumps(dict(delivery.request)) + repr(merchant)


def test_every_layer_is_unwrapped_and_the_error_file_is_kept_with_its_code(tmp_path, merchant):
    body = answer(archive({ZM: PAID + b"\r\n" + RETURNED + b"\r\n", ZME: zme(code="E74", amount=7), "RD.txt": b"x"}))
    unpacked = read(body, tmp_path, merchant)
    [statement] = unpacked.statements
    assert (None, 3, "100.00", "10.00", "2026-10-08", "777290058110097") == (
        unpacked.refused, statement.row_count, statement.in_sum, statement.out_sum, statement.day, statement.account,
    )  # fmt: skip
    found = TRADES.canonical(unpacked, merchant)
    paid, returned = found.streams["payments"]
    assert ("Q1", "payment", "100.00", "0.55", "P1", "2026-10-08T09:30:00+08:00") == tuple(
        paid[name] for name in ("transaction_no", "type", "amount", "fee", "merchant_pay_no", "occurred_at")
    )
    assert ("Q2", "refund", "10.00", "-0.06", "P1", "R1") == tuple(
        returned[name] for name in ("transaction_no", "type", "amount", "fee", "merchant_pay_no", "merchant_refund_no")
    )
    assert ["ZME code E74 has no known type"] == [reject.reason for reject in found.quarantine]


@pytest.mark.parametrize(
    ("name", "sent", "year"),
    [
        ("INN26010188ZM_1.txt", "1231233000", "2025"),
        ("INN26010188ZM_1.txt", "0101000500", "2026"),
        ("INN25123188ZM_1.txt", "0101000500", "2026"),
        ("INN28030188ZM_1.txt", "0229120000", "2028"),
    ],
)
def test_the_year_comes_from_the_settlement_date_also_where_years_meet(tmp_path, merchant, name, sent, year):
    line = zm(code="S22", at=sent, amount=1, query="Q", order="P", fee="D000000000000")
    unpacked = read(line, tmp_path, merchant, name)
    [payment] = TRADES.canonical(unpacked, merchant).streams["payments"]
    assert year == payment["occurred_at"][:4]


def test_widths_count_bytes_so_chinese_text_shifts_nothing(tmp_path, merchant):
    line = zm(
        code="S30", at="1008093000", amount=5, query="Q", order="P", fee="D000000000000", store="海淀店", original="O"
    )
    [payment] = TRADES.canonical(read(line, tmp_path, merchant, ZM), merchant).streams["payments"]
    assert "O" == payment["merchant_pay_no"]


@pytest.mark.parametrize(
    ("body", "name", "reason"),
    [
        (PAID, "renamed.txt", "no settlement date in its name"),
        (PAID[:100], ZM, "breaks the ZM layout at field"),
        (PAID[:40] + b"x" + PAID[40:], ZM, "breaks the ZM layout"),
        (PAID.replace(b"000000010000", b"0000000x0000"), ZM, "no twelve digits"),
        (PAID.replace(b"D000000000055", b"X000000000055"), ZM, "fee is not C or D"),
        (PAID.replace(b"1008093000", b"1308093000"), ZM, "no time of the form"),
        (answer() + b"&fileContent=%%%", "a.upfile", "no base64"),
        (answer(b"no zip"), "a.upfile", "no zip archive"),
        (answer(archive({"RD.txt": b""})), "a.upfile", "holds no file named INN"),
        (answer(archive({ZM: PAID})[:-30]), "a.upfile", "damaged or cut off"),
        (answer(archive({ZM: PAID, ZM.replace("08", "09", 1): PAID})), "a.upfile", "mixes settlement days"),
    ],
)
def test_a_file_that_breaks_its_layout_is_refused_whole(tmp_path, merchant, body, name, reason):
    unpacked = read(body, tmp_path, merchant, name)
    assert reason in unpacked.refused
    assert () == unpacked.parts


def test_a_cut_off_deflate_is_refused(tmp_path, merchant):
    cut = base64.b64encode(zlib.compress(archive({ZM: PAID}))[:-9]).decode()
    assert "cut off" in read(answer() + f"&fileContent={cut}".encode(), tmp_path, merchant).refused


def test_an_empty_file_is_a_day_without_trades(tmp_path, merchant):
    unpacked = read(answer(archive({ZM: b""})), tmp_path, merchant)
    assert (None, 0) == (unpacked.refused, unpacked.statements[0].row_count)


def test_files_from_a_folder_are_taken_by_their_names(desk, connect, tmp_path):
    for name in (ZM, ZME, "other.txt"):
        (tmp_path / name).write_bytes(PAID if name == ZM else b"")
    found = desk.fetch(TRADES, connect("unionpay", path=tmp_path))
    assert sorted([ZM, ZME]) == [delivery.name for delivery in found]
    assert [True, True, False] == [SOURCE.recognises(tmp_path / name) for name in (ZM, ZME, "other.txt")]
