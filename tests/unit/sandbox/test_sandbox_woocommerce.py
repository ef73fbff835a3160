"""The sandbox's site: whom it lets in, which pages it has, and both signs of a refund."""

import base64
from decimal import Decimal

import pytest
import requests

from connectors.sandbox.adapter import SandboxAdapter

SECURE = "https://sandbox.test"
URL = f"{SECURE}/woocommerce/wp-json/wc/v3/orders"


@pytest.fixture
def ask(calm):
    session = requests.Session()
    for door in ("https://", "http://"):
        session.mount(door, SandboxAdapter(calm.sandbox))
    pair = f"{calm.keys['WOO_CONSUMER_KEY']}:{calm.keys['WOO_CONSUMER_SECRET']}"
    headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return lambda url=URL, headers=headers, **query: session.get(url, params=query, headers=headers)


def test_only_the_right_pair_over_https_is_let_in(ask):
    assert 200 == ask().status_code
    assert 401 == ask(headers={}).status_code
    wrong = base64.b64encode(b"ck_1:cs_2").decode()
    assert "woocommerce_rest_authentication_error" == ask(headers={"Authorization": f"Basic {wrong}"}).json()["code"]
    assert 401 == ask(url=URL.replace("https", "http")).status_code


def test_a_wrong_or_old_signature_is_refused(ask, calm):
    plain = URL.replace("https", "http")
    signed = {
        "oauth_consumer_key": calm.keys["WOO_CONSUMER_KEY"],
        "oauth_nonce": "n",
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(int(calm.clock.timestamp())),
        "oauth_signature": "x",
    }
    assert "provided signature" in ask(url=plain, headers={}, **signed).json()["message"]
    old = signed | {"oauth_timestamp": "1"}
    assert "Invalid timestamp." == ask(url=plain, headers={}, **old).json()["message"]
    other = signed | {"oauth_consumer_key": "ck_other"}
    assert 401 == ask(url=plain, headers={}, **other).status_code
    method = signed | {"oauth_signature_method": "PLAINTEXT"}
    assert "signature method" in ask(url=plain, headers={}, **method).json()["message"]


def test_pages_hold_ten_unless_asked_and_their_totals_are_in_the_headers(ask):
    first = ask(orderby="id", order="asc")
    assert 10 == len(first.json())
    total = int(first.headers["X-WP-Total"])
    assert -(-total // 10) == int(first.headers["X-WP-TotalPages"])
    seen = [row["id"] for page in range(1, -(-total // 100) + 1) for row in ask(per_page=100, page=page).json()]
    assert total == len(set(seen))
    assert [] == ask(page=total).json()
    for bad in ({"per_page": 101}, {"page": 0}, {"orderby": "colour"}, {"modified_after": "soon"}):
        assert (400, "rest_invalid_param") == (ask(**bad).status_code, ask(**bad).json()["code"])


def test_a_refund_is_negative_in_its_order_and_positive_by_itself(ask):
    order = next(row for row in ask(per_page=100).json() if row["refunds"])
    [refund] = ask(url=f"{URL}/{order['id']}/refunds").json()
    assert Decimal(order["refunds"][0]["total"]) == -Decimal(refund["amount"])
    assert "rest_no_route" == ask(url=f"{URL}s").json()["code"]
    assert "woocommerce_rest_invalid_order_id" == ask(url=f"{URL}/1/refunds").json()["code"]


def test_a_busy_host_speaks_html(ask, merchant):
    merchant.weather({"api": "woocommerce", "kind": "late", "times": 1})
    answer = ask()
    assert (503, "text/html") == (answer.status_code, answer.headers["Content-Type"])
