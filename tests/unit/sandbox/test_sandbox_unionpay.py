"""The sandbox's UnionPay refuses what is not signed or not of a known shape, and answers in layers."""

import base64
import hashlib
import io
import zipfile
import zlib

import pytest

from connectors.sandbox.keys import sign_rsa

URL = "http://sandbox.test/unionpay/"
LINE_BYTES = 607
"""The 42 widths of the layout and the blanks between them."""


@pytest.fixture
def ask(merchant):
    def asked(*, key=None, **changed):
        keys = merchant.keys
        form = {
            "version": "5.1.0", "txnType": "76", "txnSubType": "01", "fileType": "00", "settleDate": "0928",
            "merId": keys["UNIONPAY_MER_ID"], "certId": keys["UNIONPAY_CERT_ID"],
        } | changed  # fmt: skip
        text = "&".join(f"{name}={form[name]}" for name in sorted(form))
        digest = hashlib.sha256(text.encode()).hexdigest().encode()
        form["signature"] = base64.b64encode(sign_rsa(key or keys["UNIONPAY_PRIVATE_KEY"], digest)).decode()
        body = merchant.session.post(URL, data=form).content.decode()
        return dict(piece.partition("=")[::2] for piece in body.split("&"))

    return asked


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"merId": "1"}, "11"),
        ({"certId": "1"}, "11"),
        ({"txnType": "01"}, "10"),
        ({"fileType": "07"}, "10"),
        ({"settleDate": "1345"}, "10"),
    ],
)
def test_a_strange_request_is_refused(ask, changed, code):
    assert code == ask(**changed)["respCode"]


def test_another_key_is_refused(ask, merchant):
    assert "11" == ask(key=merchant.keys["WECHAT_PRIVATE_KEY"])["respCode"]


def test_a_day_without_file_says_so_until_eight_on_the_next(ask, merchant):
    merchant.at("2026-09-29T07:59:00+08:00")
    assert "98" == ask()["respCode"]
    merchant.at("2026-09-29T08:00:00+08:00")
    assert "00" == ask()["respCode"]


def test_the_file_lies_in_three_layers_and_every_line_has_the_same_number_of_bytes(ask):
    packed = zlib.decompress(base64.b64decode(ask()["fileContent"], validate=True))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        [name] = [name for name in archive.namelist() if "ZM_" in name]
        lines = archive.read(name).splitlines()
    assert name.startswith("INN26092888ZM_")
    assert len(lines) > 1
    assert {LINE_BYTES} == {len(line) for line in lines}
    assert "示例门店".encode("gbk") in lines[0]
