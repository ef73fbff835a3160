"""Stripe's answers, good and bad: lists that go on by the last id, whole minor units, one key."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.core.errors import (
    PagingError,
    UnexpectedShape,
)
from connectors.stripe import SOURCE
from connectors.stripe.streams import recognises
from tests.contract.refusals import by_status

KEY = "sk_live_secret"
BALANCE, PAYOUTS = SOURCE.streams


@pytest.fixture
def account(connect):
    return connect("stripe", secret_key=KEY)


def transaction(number, amount=1000, fee=44, *, currency="eur"):
    return {
        "id": f"txn_{number}",
        "object": "balance_transaction",
        "amount": amount,
        "created": 1791518400,
        "currency": currency,
        "fee": fee,
        "net": amount - fee,
        "reporting_category": "charge",
        "source": {"id": f"ch_{number}", "object": "charge", "payment_intent": f"pi_{number}"},
        "type": "charge",
    }


def page(records, has_more=False, **more):
    return json.dumps({"object": "list", "data": records, "has_more": has_more, "url": "/v1/x"} | more).encode()


def listing(reply, records, size=100):
    def answer(request):
        after = dict(part.split("=") for part in request.url.partition("?")[2].split("&")).get("starting_after")
        start = [record["id"] for record in records].index(after) + 1 if after else 0
        return reply(page(records[start : start + size], has_more=start + size < len(records)))

    return answer


@pytest.mark.parametrize(("count", "asked"), [(1, 1), (99, 1), (100, 1), (101, 2), (200, 2)])
def test_pages_go_on_by_the_last_id_and_hold_every_record(desk, account, count, asked):
    desk.source.answers = listing(desk.reply, [transaction(number) for number in range(count)])
    found = desk.fetch(BALANCE, account)
    assert count == len({record["id"] for one in found for record in json.loads(one.body)["data"]})
    assert asked == len(desk.source.requests) == len(found)
    assert count == sum(int(one.stated["rows"]) for one in found)


def test_an_empty_last_page_ends_the_list(desk, account):
    desk.source.answers_in_turn(desk.reply(page([transaction(1)], has_more=True)), desk.reply(page([])))
    assert 1 == len(desk.fetch(BALANCE, account))


def test_a_quiet_day_brings_nothing(desk, account):
    desk.source.answers = lambda _request: desk.reply(page([]))
    assert [] == desk.fetch(BALANCE, account)
    assert [] == desk.fetch(PAYOUTS, account)


def test_a_day_is_asked_with_the_minutes_before_it_and_its_sources_expanded(desk, account):
    desk.source.answers = lambda _request: desk.reply(page([]))
    desk.fetch(BALANCE, account)
    [request] = desk.source.requests
    assert [
        {"created[gte]": "1791388200", "created[lt]": "1791475200", "limit": "100", "expand[]": "data.source"}
    ] == desk.source.queries()
    assert request.url.startswith("https://api.stripe.com/v1/balance_transactions?")
    assert f"Bearer {KEY}" == request.headers["Authorization"]
    assert "2026-06-24.dahlia" == request.headers["Stripe-Version"]
    assert KEY not in request.url
    assert all(desk.source.timeouts)


def test_the_version_is_an_option(desk, account):
    desk.source.answers = lambda _request: desk.reply(page([]))
    desk.fetch(PAYOUTS, replace(account, options=dict(account.options) | {"api_version": "2025-01-27.acacia"}))
    assert "2025-01-27.acacia" == desk.source.requests[0].headers["Stripe-Version"]


def test_a_page_that_leads_nowhere_new_is_an_error(desk, account):
    desk.source.answers = lambda _request: desk.reply(page([transaction(1)], has_more=True))
    with pytest.raises(PagingError, match="no new id"):
        desk.fetch(BALANCE, account)
    desk.source.answers = lambda _request: desk.reply(page([], has_more=True))
    with pytest.raises(PagingError, match="no new id"):
        desk.fetch(BALANCE, account)


@by_status
def test_refusals_have_their_name_and_tell_no_key(desk, account, status, error, tries):
    body = json.dumps({"error": {"type": "invalid_request_error", "code": "some_code", "message": "no"}}).encode()
    desk.source.answers = lambda _request: desk.reply(body, status=status, headers={"Request-Id": "req_1"})
    with pytest.raises(error) as raised:
        desk.fetch(BALANCE, account)
    assert tries == len(desk.source.requests)
    assert ("stripe", "balance_transactions") == (raised.value.source, raised.value.stream)
    assert KEY not in f"{raised.value!s}{raised.value!r}"


@pytest.mark.parametrize(
    "body",
    [b"<html>maintenance</html>", b'{"data": [', b"[]", b'{"data": {}}', b'{"data": []}', b'{"has_more": false}'],
)
def test_odd_answers_have_their_name(desk, account, body):
    desk.source.answers = lambda _request: desk.reply(body)
    with pytest.raises(UnexpectedShape):
        desk.fetch(BALANCE, account)


def test_the_key_is_in_no_delivery(desk, account):
    desk.source.answers = lambda _request: desk.reply(page([transaction(1)]))
    [found] = desk.fetch(BALANCE, account)
    assert KEY not in f"{found!r}"


def read(stream, body, folder, connection):
    path = folder / "page.json"
    path.write_bytes(body)
    return stream.unpack(path, "json", folder, connection, "page.json")


def test_a_movement_and_its_fee_are_two_flows_and_one_payment(tmp_path, account):
    unpacked = read(BALANCE, page([transaction(1)]), tmp_path, account)
    found = BALANCE.canonical(unpacked, account)
    assert [("txn_1", "in", "10.00", "charge"), ("txn_1/fee", "out", "0.44", "charge fee")] == [
        tuple(flow[name] for name in ("flow_no", "direction", "amount", "business_type"))
        for flow in found.streams["fund_flows"]
    ]
    [payment] = found.streams["payments"]
    assert ("ch_1", "payment", "10.00", "0.44", "pi_1") == tuple(
        payment[name] for name in ("transaction_no", "type", "amount", "fee", "merchant_pay_no")
    )


@pytest.mark.parametrize(("currency", "amount"), [("jpy", "1000"), ("eur", "10.00"), ("kwd", "1.000")])
def test_the_currency_decides_how_many_digits_are_minor(tmp_path, account, currency, amount):
    unpacked = read(BALANCE, page([transaction(1, fee=0, currency=currency)]), tmp_path, account)
    [flow] = BALANCE.canonical(unpacked, account).streams["fund_flows"]
    assert Decimal(amount) == Decimal(flow["amount"])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "no JSON"),
        (b'{"data": [', "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"data": 1}', "no list of records"),
        (page([{"object": "payout"}]), "no list of balance_transaction"),
    ],
)
def test_what_is_no_page_is_refused_by_name(tmp_path, account, body, why):
    assert why in read(BALANCE, body, tmp_path, account).refused


def test_an_amount_that_is_no_whole_number_is_set_aside_and_the_others_are_read(tmp_path, account):
    odd = transaction(1) | {"amount": "ten"}
    found = BALANCE.canonical(read(BALANCE, page([odd, transaction(2)]), tmp_path, account), account)
    assert [1] == [reject.row for reject in found.quarantine]
    assert ["ch_2"] == [payment["transaction_no"] for payment in found.streams["payments"]]


def test_saved_pages_are_told_apart_and_others_are_not_ours(tmp_path):
    for name, body, expected in (
        ("a.json", page([transaction(1)]), True),
        ("b.json", page([{"object": "payout", "id": "po_1"}]), True),
        ("c.json", page([{"object": "customer"}]), False),
        ("d.json", b'{"object": "payout"}', False),
        ("e.csv", b"id,amount\n", False),
    ):
        (tmp_path / name).write_bytes(body)
        assert expected == recognises(tmp_path / name), name


def test_files_of_a_folder_go_to_their_own_list(desk, account, tmp_path):
    (tmp_path / "flows.json").write_bytes(page([transaction(1)]))
    (tmp_path / "payouts.json").write_bytes(page([{"object": "payout", "id": "po_1", "amount": 5, "currency": "eur"}]))
    (tmp_path / "neither.json").write_bytes(b"{}")
    placed = replace(account, path=tmp_path)
    assert {"flows.json", "neither.json"} == {one.name for one in desk.fetch(BALANCE, placed)}
    assert {"payouts.json"} == {one.name for one in desk.fetch(PAYOUTS, placed)}
