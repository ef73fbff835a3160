"""The sandbox's Amazon: tokens, limits, reports that add up, addresses that run out."""

import gzip
from decimal import Decimal

import pytest

from tests.unit.sandbox.conftest import BASE

URL = f"{BASE}/amazon"
ORDERS = f"{URL}/orders/2026-01-01/orders"
REPORTS = f"{URL}/reports/2021-06-30/reports"
PAYOUTS = f"{URL}/finances/transfers/2024-06-01/payouts"
TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"


def grant(merchant, **changed):
    form = {
        "grant_type": "refresh_token",
        "refresh_token": merchant.keys["AMAZON_REFRESH_TOKEN"],
        "client_id": merchant.keys["AMAZON_CLIENT_ID"],
        "client_secret": merchant.keys["AMAZON_CLIENT_SECRET"],
    }
    return merchant.session.post(f"{URL}/auth/o2/token", data=form | changed)


@pytest.fixture
def ask(merchant):
    token = grant(merchant).json()["access_token"]

    def asked(url, token=token, **query):
        return merchant.session.get(url, params=query, headers={"x-amz-access-token": token})

    return asked


def test_only_the_right_grant_brings_a_token(merchant):
    assert {"access_token", "refresh_token", "token_type", "expires_in"} == grant(merchant).json().keys()
    assert (400, "invalid_grant") == (grant(merchant, refresh_token="x").status_code, "invalid_grant")
    assert (401, "invalid_client") == (
        grant(merchant, client_secret="x").status_code,
        grant(merchant, client_secret="x").json()["error"],
    )
    assert 400 == grant(merchant, grant_type="password").status_code


def test_a_call_without_a_good_token_is_refused(ask):
    for token in ("", "Atza|1.x", "Atza|99999999999.x"):
        assert (403, "Unauthorized") == (
            ask(ORDERS, token=token).status_code,
            ask(ORDERS, token=token).json()["errors"][0]["code"],
        )
    assert "NotFound" == ask(f"{URL}/orders/v0/orders").json()["errors"][0]["code"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"createdAfter": "2026-09-29", "lastUpdatedAfter": "2026-09-29"},
        {"lastUpdatedAfter": "soon"},
        {"lastUpdatedAfter": "2026-09-29", "maxResultsPerPage": "101"},
        {"lastUpdatedAfter": "2026-09-29", "paginationToken": "x"},
    ],
)
def test_a_bad_question_is_refused(ask, query):
    assert "InvalidInput" == ask(ORDERS, **query).json()["errors"][0]["code"]


def test_pages_hold_every_order_once_and_only_what_was_asked_for(ask):
    query = {"lastUpdatedAfter": "2026-09-28T16:00:00Z", "lastUpdatedBefore": "2026-09-29T16:00:00Z"}
    whole = ask(ORDERS, **query).json()["orders"]
    assert {"proceeds", "packages", "fulfillment"}.isdisjoint(whole[0])
    seen, token = [], None
    while True:
        more = {"paginationToken": token} if token else {}
        page = ask(ORDERS, **query, maxResultsPerPage="7", includedData="PROCEEDS,PACKAGES", **more).json()
        seen += [order["orderId"] for order in page["orders"]]
        assert all("proceeds" in order for order in page["orders"])
        token = page.get("pagination", {}).get("nextToken")
        if not token:
            break
    assert [order["orderId"] for order in whole] == seen
    assert len(seen) == len(set(seen)) > 7


def test_a_report_adds_up_to_its_header_and_its_payout(ask, merchant):
    first, *rest = ask(REPORTS, reportTypes=TYPE, pageSize="1").json()["reports"]
    assert [] == rest
    link = ask(f"{URL}/reports/2021-06-30/documents/{first['reportDocumentId']}").json()
    assert "GZIP" == link["compressionAlgorithm"]
    answer = merchant.session.get(link["url"])
    headings, header, *rows = (line.split("\t") for line in gzip.decompress(answer.content).decode().splitlines())
    assert 24 == len(headings)
    amount, total = headings.index("amount"), headings.index("total-amount")
    assert Decimal(header[total]) == sum(Decimal(row[amount]) for row in rows)
    payouts = ask(PAYOUTS, marketplaceIds="ATVPDKIKX0DER", createdAfter="2026-09-01").json()["payouts"]
    paid = {row["relatedIdentifiers"][0]["relatedIdentifierValue"]: row["amount"]["currencyAmount"] for row in payouts}
    assert Decimal(header[total]) == Decimal(str(paid[header[0]]))
    assert 403 == merchant.session.get(link["url"][:-1] + "x").status_code
    old = link["url"].split("?")[0] + "?X-Amz-Expires=1&X-Amz-Signature=x"
    assert 403 == merchant.session.get(old).status_code


def test_a_token_for_more_reports_comes_alone(ask):
    page = ask(REPORTS, reportTypes=TYPE, pageSize="1").json()
    following = ask(REPORTS, nextToken=page["nextToken"]).json()["reports"]
    assert page["reports"] != following
    assert "InvalidInput" == ask(REPORTS, nextToken=page["nextToken"], pageSize="1").json()["errors"][0]["code"]
    assert "InvalidInput" == ask(REPORTS, reportTypes="OTHER").json()["errors"][0]["code"]
    assert 404 == ask(f"{URL}/reports/2021-06-30/documents/doc-none").status_code
