"""The sandbox's PayPal refuses strange keys, windows and pages, and answers in the shape of the published answers."""

import json

import pytest

from tests.samples.conftest import SAMPLES

ROOT = "http://sandbox.test/paypal"
DAY = {"start_date": "2026-09-27T16:00:00Z", "end_date": "2026-09-28T16:00:00Z"}
PUBLISHED = SAMPLES / "intl" / "paypal" / "oca_api_05_list.json"


def token(merchant, **changed):
    pair = (merchant.keys["PAYPAL_CLIENT_ID"], changed.pop("secret", merchant.keys["PAYPAL_CLIENT_SECRET"]))
    form = {"grant_type": "client_credentials"} | changed
    return merchant.session.post(f"{ROOT}/v1/oauth2/token", data=form, auth=pair)


@pytest.fixture
def search(merchant):
    bearer = token(merchant).json()["access_token"]

    def asked(given=bearer, **changed):
        headers = {"Authorization": f"Bearer {given}"}
        return merchant.session.get(f"{ROOT}/v1/reporting/transactions", params=DAY | changed, headers=headers)

    return asked


def test_wrong_keys_and_grants_get_no_token(merchant):
    assert 401 == token(merchant, secret="x").status_code
    assert 400 == token(merchant, grant_type="password").status_code
    answer = token(merchant).json()
    assert 32400 == answer["expires_in"]
    assert "services/reporting/search/read" in answer["scope"]


@pytest.mark.parametrize("given", ["", "x", "A21AA99999999999.00", "A21AAé.00"])
def test_a_strange_token_is_refused(search, given):
    assert 401 == search(given=given.encode("latin-1").decode("latin-1")).status_code


@pytest.mark.parametrize(
    "changed",
    [
        {"start_date": "2026-08-20T16:00:00Z"},
        {"start_date": "2026-09-29T16:00:00Z"},
        {"start_date": "2026-09-27"},
        {"start_date": "2026-09-27T16:00:00"},
        {"page_size": "501"},
        {"page_size": "0"},
        {"page": "0"},
        {"page": "x"},
    ],
)
def test_a_strange_question_is_refused(search, changed):
    answer = search(**changed)
    assert (400, "INVALID_REQUEST") == (answer.status_code, answer.json()["name"])
    assert answer.json()["debug_id"]


def test_what_has_not_happened_is_not_available(merchant, search):
    merchant.at("2026-09-28T01:59:00+08:00")
    assert "Data for the given start date is not available." == search().json()["message"]


def test_a_transaction_shows_two_hours_after_it_happened(merchant, search):
    merchant.at("2026-09-28T14:00:00+08:00")
    early = search(page_size="500").json()
    assert "2026-09-28T04:00:00+0000" == early["last_refreshed_datetime"]
    times = [one["transaction_info"]["transaction_initiation_date"] for one in early["transaction_details"]]
    assert "2026-09-28T04:00:00+0000" >= max(times)
    merchant.at("2026-09-29T10:30:00+08:00")
    assert early["total_items"] < search().json()["total_items"]


def test_pages_hold_every_record_once(search):
    whole = search(page_size="500").json()
    count, size = whole["total_items"], 3
    pages = [search(page_size=str(size), page=str(number + 1)).json() for number in range(-(-count // size))]
    assert whole["transaction_details"] == [one for page in pages for one in page["transaction_details"]]
    assert {-(-count // size)} == {page["total_pages"] for page in pages}
    assert [] == search(page_size=str(size), page=str(len(pages) + 1)).json()["transaction_details"]


@pytest.mark.samples
@pytest.mark.skipif(not PUBLISHED.is_file(), reason="no samples below SAMPLES_DIR")
def test_the_keys_are_those_of_a_published_answer(search):
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    answer = search().json()
    assert published.keys() == answer.keys()
    known = published["transaction_details"][0]["transaction_info"].keys()
    more = {
        "paypal_reference_id", "paypal_reference_id_type", "bank_reference_id", "custom_field", "protection_eligibility",
    }  # fmt: skip
    assert all(one["transaction_info"].keys() <= known | more for one in answer["transaction_details"])
