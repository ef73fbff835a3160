"""The sandbox's direct bank: whom it refuses, how it goes on, and answers in the shape of the published ones."""

import base64
import json
from datetime import timedelta
from itertools import count

import pytest
import requests
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from connectors.sandbox import sm2
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.apis import cmb_direct as api

URL = "http://sandbox.test/cmb_direct/cdcserver/api/v2"
X1, Y1, Z1, Z2 = (f"TRANSQUERYBYBREAKPOINT_{name}" for name in ("X1", "Y1", "Z1", "Z2"))
PUBLISHED_ROW = {
    *("transDate", "transTime", "transSequenceIdn", "loanCode", "transAmount", "currencyNbr", "ctpAcctNbr"),
    *("ctpAcctName", "businessText", "remarkTextClt", "acctOnlineBal", "reversalFlag", "textCode", "valueDate"),
}
PUBLISHED_CONTROL = {"ctnFlag", "queryAcctNbr", "debitNums", "debitAmount", "creditNums", "creditAmount"}
NUMBERS = count(10**12)


class Merchant:
    """Asks like a merchant whose message may be wrong in one place."""

    def __init__(self, calm):
        self.keys, self.calm = calm.keys, calm
        self.vector = f"{self.keys['CMB_USER_ID']:0<16}".encode()
        self.session = requests.Session()
        self.session.mount("http://", SandboxAdapter(calm.sandbox))

    @property
    def cipher(self):
        return Cipher(SM4(self.keys["CMB_SM4_KEY"].encode()), CBC(self.vector))

    def text(self, request, *, late=timedelta(), key=None):
        stamp = f"{self.calm.clock.astimezone(self.calm.sandbox.config.timezone) - late:%Y%m%d%H%M%S}"
        message = {"request": request, "signature": {"sigdat": "__signature_sigdat__", "sigtim": stamp}}
        text = json.dumps(message, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        mark = sm2.sign(text.encode(), key or base64.b64decode(self.keys["CMB_PRIVATE_KEY"]), self.vector)
        return text.replace("__signature_sigdat__", base64.b64encode(mark).decode())

    def send(self, text, **changed):
        padder, encryptor = PKCS7(128).padder(), self.cipher.encryptor()
        body = encryptor.update(padder.update(text.encode()) + padder.finalize()) + encryptor.finalize()
        form = {"UID": self.keys["CMB_USER_ID"], "ALG": "SM", "DATA": base64.b64encode(body).decode()}
        form |= {"FUNCODE": "trsQryByBreakPoint"} | changed
        return self.session.post(URL, data={name: value for name, value in form.items() if value is not None})

    def request(self, day="20261001", **changed):
        stamp = f"{self.calm.clock.astimezone(self.calm.sandbox.config.timezone):%Y%m%d%H%M%S}"
        head = {"funcode": "trsQryByBreakPoint", "userid": self.keys["CMB_USER_ID"]}
        head |= {"reqid": f"{stamp}000{next(NUMBERS)}"}
        condition = {"cardNbr": self.keys["CMB_ACCOUNT_NO"], "beginDate": day, "endDate": day, "queryAcctNbr": ""}
        cursor = changed.pop("cursor", None)
        head |= {name: changed.pop(name) for name in ("funcode", "userid", "reqid") if name in changed}
        return {"head": head, "body": {X1: [condition | changed]} | ({Y1: cursor} if cursor else {})}

    def opened(self, response):
        decryptor, unpadder = self.cipher.decryptor(), PKCS7(128).unpadder()
        plain = unpadder.update(decryptor.update(base64.b64decode(response.content)) + decryptor.finalize())
        text = (plain + unpadder.finalize()).decode()
        message = json.loads(text)
        mark = message["signature"]["sigdat"]
        public = base64.b64decode(self.keys["CMB_BANK_PUBLIC_KEY"])
        signed = text.replace(mark, "__signature_sigdat__").encode()
        assert sm2.is_signed(signed, base64.b64decode(mark), public, self.vector)
        return message["response"]

    def ask(self, **changed):
        return self.opened(self.send(self.text(self.request(**changed))))


@pytest.fixture
def merchant(calm):
    return Merchant(calm)


def word(response):
    assert response.text.startswith("CDCServer:"), response.text[:80]
    return response.text.removeprefix("CDCServer:")


def test_only_the_merchants_own_message_of_this_hour_is_read(merchant):
    good = merchant.request()
    assert "SUC0000" == merchant.opened(merchant.send(merchant.text(good)))["head"]["resultcode"]
    assert "请求唯一标识重复或格式错误" == word(merchant.send(merchant.text(good)))
    assert "用户不存在" == word(merchant.send(merchant.text(merchant.request()), UID="U1"))
    assert "请求参数不完整" == word(merchant.send(merchant.text(merchant.request()), ALG="RSA"))
    assert "请求参数不完整" == word(merchant.send(merchant.text(merchant.request()), FUNCODE=None))
    assert "解密失败" == word(merchant.send("", DATA="AAAA"))
    assert "解密失败" == word(merchant.send("no json"))
    assert "报文格式错误" == word(merchant.send('{"request": {}}'))
    assert "报文格式错误" == word(merchant.send(merchant.text({"head": {}})))
    assert "验签失败" == word(merchant.send(merchant.text(merchant.request(), key=b"\x01" * 32)))
    assert "验签失败" == word(merchant.send(merchant.text(merchant.request()).replace("20261001", "20261002")))
    assert "报文与请求参数不一致" == word(merchant.send(merchant.text(merchant.request()), FUNCODE="NTQADINF"))
    assert "报文与请求参数不一致" == word(merchant.send(merchant.text(merchant.request(userid="U1"))))
    assert "请求唯一标识重复或格式错误" == word(
        merchant.send(merchant.text(merchant.request(reqid=good["head"]["reqid"][:17])))
    )


@pytest.mark.parametrize("minutes", [61, -61])
def test_a_clock_that_is_off_by_an_hour_is_refused(merchant, minutes):
    text = merchant.text(merchant.request(), late=timedelta(minutes=minutes))
    assert "报文时间与银行时间相差超过一小时" == word(merchant.send(text))


def test_movements_are_answered_in_the_published_shape(stormy):
    stormy.sandbox.market.ensure(stormy.sandbox.now.date())
    [[day]] = stormy.sandbox.market.rows(
        "select min(day) from market.bank_lines where bank = 'cmb_9001' and amount < 0 and day > '2026-09-24'"
    )
    answer = Merchant(stormy).ask(day=f"{day:%Y%m%d}")
    assert {"body", "head"} == answer.keys()
    assert {"funcode", "resultcode", "resultmsg"} <= answer["head"].keys()
    body = answer["body"]
    assert {Y1, Z1, Z2} == body.keys()
    [control] = body[Z1]
    assert PUBLISHED_CONTROL == control.keys()
    assert all({"acctNbr", "transDate", "expectNextSequence"} == item.keys() for item in body[Y1])
    assert {"C", "D"} == {row["loanCode"] for row in body[Z2]}
    for row in body[Z2]:
        assert row.keys() >= PUBLISHED_ROW
        assert row["transAmount"].startswith("-") is (row["loanCode"] == "D")
        assert all(isinstance(value, str) for value in row.values())
    assert str(len(body[Z2])) == str(int(control["creditNums"]) + int(control["debitNums"]))


def test_a_cursor_leads_on_only_whole(merchant, monkeypatch):
    whole = merchant.ask(day="20261008")["body"][Z2]
    assert len(whole) > 1
    monkeypatch.setattr(api, "PAGE_SIZE", 1)
    first = merchant.ask(day="20261008")["body"]
    token, cursor = first[Z1][0]["queryAcctNbr"], first[Y1]
    assert ("Y", whole[:1]) == (first[Z1][0]["ctnFlag"], first[Z2])
    second = merchant.ask(day="20261008", queryAcctNbr=token, cursor=cursor)["body"]
    assert whole[1:2] == second[Z2]
    for wrong in (None, cursor[1:], [*cursor[:1], cursor[1] | {"expectNextSequence": "9"}]):
        answer = merchant.ask(day="20261008", queryAcctNbr=token, cursor=wrong)
        assert "FABZ002" == answer["head"]["resultcode"]


def test_an_increment_goes_on_from_the_last_cursor_alone(merchant):
    body = merchant.ask(day="20261008")["body"]
    later = merchant.ask(day="20261008", cursor=body[Y1])["body"]
    assert ([], "N") == (later[Z2], later[Z1][0]["ctnFlag"])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"cardNbr": "7559"}, "FAAQ086"),
        ({"beginDate": "20261002"}, "FABZ002"),
        ({"day": "20991001"}, "FABZ002"),
        ({"day": "20250101"}, "FABZ002"),
        ({"day": "2026-10-01"}, "FABZ002"),
        ({"cursor": [{"acctNbr": 1}]}, "FABZ002"),
        ({"cursor": ["x"]}, "FABZ002"),
    ],
)
def test_a_question_nobody_can_answer_is_refused_inside_a_sealed_answer(merchant, changed, code):
    answer = merchant.ask(**changed)
    assert (code, {}) == (answer["head"]["resultcode"], answer["body"])


def test_another_function_is_refused_by_the_bank(merchant):
    text = merchant.text(merchant.request(funcode="NTQADINF"))
    answer = merchant.opened(merchant.send(text, FUNCODE="NTQADINF"))
    assert "FABZ002" == answer["head"]["resultcode"]


def test_a_quiet_account_and_a_day_that_runs(merchant, calm):
    assert [] == merchant.ask(cardNbr=api.QUIET_ACCOUNT)["body"][Z2]
    whole = merchant.ask(day="20261008")["body"][Z2]
    calm.at("2026-10-08T10:00:30+08:00")
    assert whole[:1] == merchant.ask(day="20261008")["body"][Z2]
    calm.at("2026-10-12T10:30:00+08:00")


def test_too_many_and_too_late_are_said_over_http(merchant, calm):
    calm.weather({"api": "cmb_direct", "kind": "late"}, {"api": "cmb_direct", "kind": "429"})
    text = merchant.text(merchant.request())
    assert [503, 429] == [merchant.send(text).status_code for _ in range(2)]
    assert 404 == merchant.session.get(URL).status_code
