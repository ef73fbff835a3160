"""Bodies and signatures as the robots' makers describe them; the signatures by another library."""

from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from orchestration.alerts.hooks import LONGEST_BYTES, cut, posted, refusal
from orchestration.alerts.text import plain

NOW = datetime(2026, 10, 3, 2, 30, 0, 123000, tzinfo=UTC)
SECRET = "SEC+/=秘"
OPENSSL_DINGTALK = "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="


def signed(key, message):
    mac = HMAC(key.encode(), hashes.SHA256())
    mac.update(message.encode())
    return b64encode(mac.finalize()).decode()


def test_dingtalk_is_signed_in_its_address():
    post = posted("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=a%2Bb", SECRET, "你好", NOW)
    stamp = "1790994600123"
    assert {"access_token": ["a+b"], "timestamp": [stamp], "sign": [signed(SECRET, f"{stamp}\n{SECRET}")]} == parse_qs(
        urlsplit(post.url).query
    )
    assert {"msgtype": "text", "text": {"content": "你好"}} == post.body


def test_feishu_is_signed_in_its_body():
    post = posted("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/h", SECRET, "你好", NOW)
    stamp = "1790994600"
    expected = {"timestamp": stamp, "sign": signed(f"{stamp}\n{SECRET}", "")}
    assert {**expected, "msg_type": "text", "content": {"text": "你好"}} == post.body
    assert "https://open.feishu.cn/open-apis/bot/v2/hook/h" == post.url


def test_a_signature_that_was_worked_out_elsewhere():
    """By ``openssl dgst -sha256 -hmac``."""
    assert OPENSSL_DINGTALK == signed("this is secret", "1577262236757\nthis is secret")
    post = posted("dingtalk", "https://h/x", "this is secret", "", datetime.fromtimestamp(1577262236757 / 1000, tz=UTC))
    assert [OPENSSL_DINGTALK] == parse_qs(urlsplit(post.url).query)["sign"]


def test_without_a_secret_nothing_is_signed():
    assert "https://h/x?access_token=a" == posted("dingtalk", "https://h/x?access_token=a", "", "", NOW).url
    assert {"msg_type", "content"} == set(posted("feishu", "https://h/x", "", "", NOW).body)


def test_wecom_and_slack_take_text():
    assert {"msgtype": "text", "text": {"content": "a<b"}} == posted("wecom", "https://h/x?key=k", "", "a<b", NOW).body
    assert "a&lt;b &amp; c" == posted("slack", "https://h/x", "", "a<b & c", NOW).body["text"]


@pytest.mark.parametrize("kind", ["dingtalk", "wecom", "feishu", "slack"])
def test_what_a_robot_says_when_it_took_the_message(kind):
    said = {"slack": "ok", "feishu": '{"StatusCode": 0, "code": 0, "msg": "success"}'}
    assert refusal(kind, 200, said.get(kind, '{"errcode": 0, "errmsg": "ok"}')) is None
    assert refusal(kind, 200, "{}") is not None


def test_a_long_text_is_cut_between_characters():
    text = cut("账" * 5000)
    assert len(text.encode()) <= LONGEST_BYTES
    assert text.endswith("账…")


def test_a_name_is_text_and_calls_nobody():
    assert '‹at user_id="all"›所有人‹/at› ＆amp; x' == plain('<at user_id="all">所有人</at>\r\n&amp;\x00 x')
