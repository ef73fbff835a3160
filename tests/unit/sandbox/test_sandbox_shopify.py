"""The sandbox's Shopify: tokens, cursors, costs, and the fields that published records have."""

import json
from datetime import timedelta

import pytest

from tests.unit.sandbox.conftest import BASE, FIRST_DAY

URL = f"{BASE}/shopify/admin/api/2026-10/graphql.json"
IDS = "query ($first: Int!, $after: String, $query: String) { orders(first: $first, after: $after, query: $query) {"
IDS += " pageInfo { hasNextPage endCursor } nodes { id updatedAt } } }"


def ask(merchant, text, token=None, url=URL, **variables):
    headers = {"X-Shopify-Access-Token": token or merchant.keys["SHOPIFY_ACCESS_TOKEN"]}
    return merchant.session.post(url, json={"query": text, "variables": variables}, headers=headers)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ orders(first: 5) { nodes { id colour } } }", "undefinedField"),
        ("{ orders(first: 5) { nodes { id }", "undefinedParse"),
        ("{ orders { nodes { id } } }", "BAD_REQUEST"),
        ("{ orders(first: 251) { nodes { id } } }", "BAD_REQUEST"),
        ('{ orders(first: 5, after: "x") { nodes { id } } }', "BAD_REQUEST"),
        ("{ orders(first: 100) { nodes { refunds(first: 50) { id } } } }", "MAX_COST_EXCEEDED"),
    ],
)
def test_a_bad_query_is_refused_with_status_200(merchant, query, code):
    answer = ask(merchant, query)
    assert 200 == answer.status_code
    assert [code] == [error["extensions"]["code"] for error in answer.json()["errors"]]


def test_a_wrong_token_and_a_wrong_path_have_a_status(merchant):
    assert 401 == ask(merchant, "{ orders(first: 1) { nodes { id } } }", token="shpat_other").status_code
    old = f"{BASE}/shopify/admin/api/latest/graphql.json"
    assert 404 == ask(merchant, "{ orders(first: 1) { nodes { id } } }", url=old).status_code
    assert 404 == merchant.session.get(URL).status_code


def test_cursors_reach_every_order_once(merchant):
    seen, cursor = [], None
    day = FIRST_DAY + timedelta(days=3)
    window = f"updated_at:>='{day}T00:00:00+08:00' AND updated_at:<'{day + timedelta(days=1)}T00:00:00+08:00'"
    while True:
        found = ask(merchant, IDS, first=7, after=cursor, query=window).json()["data"]["orders"]
        seen += [node["id"] for node in found["nodes"]]
        cursor = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen))
    expected = merchant.sandbox.market.rows(
        "select count(*) from market.orders_at(?, ?, ?) where shop = 'shopify_us' and modified_at::date = ?",
        [merchant.sandbox.now, FIRST_DAY, day, day],
    )
    assert [(len(seen),)] == expected


def test_weather_speaks_the_platforms_words(merchant):
    merchant.weather({"api": "shopify", "kind": "429", "times": 1})
    assert ask(merchant, "{ orders(first: 1) { nodes { id } } }").status_code in {200, 429}
    merchant.weather({"api": "shopify", "kind": "500", "times": 1})
    answer = ask(merchant, "{ orders(first: 1) { nodes { id } } }")
    assert ["INTERNAL_SERVER_ERROR"] == [error["extensions"]["code"] for error in answer.json()["errors"]]


def test_a_payout_is_made_of_the_movements_it_took(merchant):
    rows = "nodes { id type net { amount } associatedPayout { id status } }"
    query = (
        "{ shopifyPaymentsAccount { balanceTransactions(first: 250, query: \"processed_at:>='2026-09-27T00:00:00+08:00'"
        f" AND processed_at:<'2026-09-29T00:00:00+08:00'\") {{ {rows} }} }} }}"
    )
    found = ask(merchant, query).json()["data"]["shopifyPaymentsAccount"]["balanceTransactions"]["nodes"]
    cents = {row["id"]: round(float(row["net"]["amount"]) * 100) for row in found}
    [own] = [row for row in found if row["type"] == "TRANSFER" and row["associatedPayout"]["id"].endswith("0928")]
    taken = [row for row in found if row["associatedPayout"] == own["associatedPayout"] and row is not own]
    assert -cents[own["id"]] == sum(cents[row["id"]] for row in taken)


def test_an_unknown_movement_has_a_word_of_its_own(stormy):
    query = "{ shopifyPaymentsAccount { balanceTransactions(first: 250) { nodes { type adjustmentReason } } } }"
    types = {
        row["type"]
        for row in ask(stormy, query).json()["data"]["shopifyPaymentsAccount"]["balanceTransactions"]["nodes"]
    }
    assert {"CHARGE", "REFUND", "TRANSFER"} <= types
    assert 1 == len(types - {"CHARGE", "REFUND", "TRANSFER"})


@pytest.mark.samples
def test_a_balance_transaction_says_what_a_published_one_says(merchant):
    import os  # noqa: PLC0415 - only here
    from pathlib import Path  # noqa: PLC0415 - only here

    path = Path(os.environ.get("SAMPLES_DIR", "../shared")) / "samples/intl/shopify/python_payouts_transactions.json"
    if not path.exists():
        pytest.skip(f"{path.name} is not below SAMPLES_DIR")
    rest = set(json.loads(path.read_bytes())["transactions"][0])
    moved = {"processed_at": "transactionDate", "source_order_id": "associatedOrder", "payout_id": "associatedPayout"}
    moved |= {"payout_status": "associatedPayout", "currency": "amount"}
    names = {moved.get(name, _camel(name)) for name in rest}
    wanted = " ".join(sorted(names))
    query = "{ shopifyPaymentsAccount { balanceTransactions(first: 1) { nodes { " + wanted + " } } } }"
    assert "errors" not in ask(merchant, query).json()


def _camel(name):
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
