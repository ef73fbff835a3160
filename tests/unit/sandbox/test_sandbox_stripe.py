"""The sandbox's Stripe account: whom it lets in, how its lists go on, and that they add up."""

import pytest
import requests

from connectors.sandbox.adapter import SandboxAdapter

URL = "https://sandbox.test/stripe/v1/"


@pytest.fixture
def ask(calm):
    session = requests.Session()
    session.mount("https://", SandboxAdapter(calm.sandbox))
    headers = {"Authorization": f"Bearer {calm.keys['STRIPE_SECRET_KEY']}", "Stripe-Version": "2026-06-24.dahlia"}
    return lambda what, headers=headers, **query: session.get(URL + what, params=query, headers=headers)


def test_only_the_right_key_with_a_version_is_let_in(ask, calm):
    assert 200 == ask("payouts").status_code
    assert 401 == ask("payouts", headers={}).status_code
    key = f"Bearer {calm.keys['STRIPE_SECRET_KEY']}"
    assert 400 == ask("payouts", headers={"Authorization": key, "Stripe-Version": "soon"}).status_code
    assert 404 == ask("customers").status_code


def test_lists_go_on_after_the_last_id_newest_first(ask):
    seen, after = [], {}
    while True:
        page = ask("balance_transactions", limit=7, **after).json()
        seen += page["data"]
        if not page["has_more"]:
            break
        after = {"starting_after": page["data"][-1]["id"]}
    assert len(seen) > 14
    assert len(seen) == len({row["id"] for row in seen})
    assert sorted((row["created"] for row in seen), reverse=True) == [row["created"] for row in seen]
    assert 10 == len(ask("balance_transactions").json()["data"])


def test_bad_questions_are_refused(ask):
    for bad in ({"limit": 101}, {"limit": 0}, {"created[gte]": "soon"}, {"starting_after": "txn_none"}):
        assert 400 == ask("balance_transactions", **bad).status_code


def test_a_source_is_an_id_unless_it_is_expanded_and_every_row_nets(ask):
    plain = ask("balance_transactions", limit=100).json()["data"]
    whole = ask("balance_transactions", limit=100, **{"expand[]": "data.source"}).json()["data"]
    assert [row["source"] for row in plain] == [row["source"] and row["source"]["id"] for row in whole]
    assert all(row["net"] == row["amount"] - row["fee"] for row in whole)
    assert {"charge", "payout"} <= {row["reporting_category"] for row in whole}
