"""Shopify's answers, good and bad: cursors, errors with HTTP 200, a budget of points."""

import json

import pytest

from connectors.core.errors import BadRequest, NotAuthorized, PagingError, RateLimited, Unavailable, UnexpectedShape
from connectors.shopify import SOURCE
from connectors.shopify.streams import recognises
from tests.contract.refusals import by_status, refused_whole

TOKEN = "shpat_secret"
ORDERS, BALANCE, PAYOUTS = SOURCE.streams
INSIDE = "2026-10-08T02:00:00Z"
EXTENSIONS = {
    "cost": {
        "requestedQueryCost": 100,
        "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 1900, "restoreRate": 50},
    }
}


@pytest.fixture
def shop(connect):
    return connect("shopify", shop="demo-shop", access_token=TOKEN)


def order(number, lines=1, more=None, **changed):
    info = {"hasNextPage": more is not None, "endCursor": more}
    nodes = [{"id": f"gid://shopify/LineItem/{number}{line}", "quantity": 1} for line in range(lines)]
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "createdAt": INSIDE,
        "updatedAt": INSIDE,
        "lineItems": {"pageInfo": info, "nodes": nodes},
        "refunds": [],
        "fulfillments": [],
        "transactions": [],
    } | changed


def page(records, cursor=None, way="orders"):
    inner = {"pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor}, "nodes": records}
    data = {"orders": inner} if way == "orders" else {"shopifyPaymentsAccount": {way: inner}}
    return json.dumps({"data": data, "extensions": EXTENSIONS}, indent=1).encode()


def refusal(code, available=1900):
    bucket = EXTENSIONS["cost"]["throttleStatus"] | {"currentlyAvailable": available}
    extensions = {"cost": EXTENSIONS["cost"] | {"throttleStatus": bucket}}
    return json.dumps({"errors": [{"message": "m", "extensions": {"code": code}}], "extensions": extensions}).encode()


def listing(reply, orders):
    """A server that pages by the number asked for and the cursor it gave."""

    def answer(request):
        asked = json.loads(request.body)["variables"]
        start = int(asked["after"] or 0)
        end = start + asked["first"]
        return reply(page(orders[start:end], str(end) if end < len(orders) else None))

    return answer


def variables(source):
    return [json.loads(request.body)["variables"] for request in source.requests]


def numbers(deliveries):
    return [
        node["id"].rpartition("/")[2] for one in deliveries for node in json.loads(one.body)["data"]["orders"]["nodes"]
    ]


@pytest.mark.parametrize("count", [1, 9, 10, 11, 20, 25])
def test_cursors_are_followed_to_the_end(desk, shop, count):
    desk.source.answers = listing(desk.reply, [order(number) for number in range(count)])
    found = desk.fetch(ORDERS, shop)
    assert [str(number) for number in range(count)] == numbers(found)
    assert -(-count // 10) == len(desk.source.requests)
    assert {desk.day.start.date()} == {delivery.day for delivery in found}


def test_a_quiet_day_brings_nothing(desk, shop):
    desk.source.answers = listing(desk.reply, [])
    assert [] == desk.fetch(ORDERS, shop)


def test_an_empty_last_page_ends_the_walk(desk, shop):
    desk.source.answers_in_turn(desk.reply(page([order(1)], "c1")), desk.reply(page([])))
    assert ["1"] == numbers(desk.fetch(ORDERS, shop))


def test_a_cursor_that_repeats_is_an_error(desk, shop):
    desk.source.answers = lambda _request: desk.reply(page([order(1)], "same"))
    with pytest.raises(PagingError, match="repeated its cursor"):
        desk.fetch(ORDERS, shop)


def test_more_without_a_cursor_is_an_error(desk, shop):
    body = page([order(1)], "x").replace(b'"endCursor": "x"', b'"endCursor": null')
    desk.source.answers = lambda _request: desk.reply(body)
    with pytest.raises(PagingError, match="not where"):
        desk.fetch(ORDERS, shop)


def test_the_day_is_asked_in_utc_with_the_minutes_before_it(desk, shop):
    desk.source.answers = listing(desk.reply, [])
    desk.fetch(ORDERS, shop)
    [asked] = variables(desk.source)
    assert "updated_at:>='2026-10-07T15:50:00Z' AND updated_at:<'2026-10-08T16:00:00Z'" == asked["query"]
    [request] = desk.source.requests
    assert "https://demo-shop.myshopify.com/admin/api/2026-10/graphql.json" == request.url
    assert TOKEN == request.headers["X-Shopify-Access-Token"]
    assert all(desk.source.timeouts)


def test_the_version_is_an_option(desk, connect):
    desk.source.answers = listing(desk.reply, [])
    options = {"requests_per_second": 0, "api_version": "2027-01"}
    desk.fetch(ORDERS, connect("shopify", options=options, shop="demo-shop.myshopify.com", access_token=TOKEN))
    assert "/admin/api/2027-01/" in desk.source.requests[0].url
    with pytest.raises(BadRequest, match="option api_version is 'latest'"):
        desk.fetch(ORDERS, connect("shopify", options={"api_version": "latest"}, shop="s", access_token=TOKEN))


def test_a_filter_that_the_source_ignored_is_noticed(desk, shop):
    desk.source.answers = lambda _request: desk.reply(page([order(1, updatedAt="2020-01-01T00:00:00Z")]))
    with pytest.raises(UnexpectedShape, match="outside the window"):
        desk.fetch(ORDERS, shop)


def test_the_lines_that_a_page_has_no_room_for_are_asked_for(desk, shop, tmp_path):
    further = {"id": "gid://shopify/Order/7", "name": "#7", "lineItems": order(7, lines=3)["lineItems"]}
    desk.source.answers_in_turn(desk.reply(page([order(7, lines=20, more="l20")])), desk.reply(page([further])))
    found = desk.fetch(ORDERS, shop)
    assert {"after": "l20", "query": "id:7"} == variables(desk.source)[1]
    lines = []
    for place, one in enumerate(found):
        path = tmp_path / f"{place}.json"
        path.write_bytes(one.body)
        made = ORDERS.canonical(ORDERS.unpack(path, "json", tmp_path, shop), shop)
        lines += made.streams["order_lines"]
    assert 23 == len(lines)
    assert {"7"} == {line["order_no"] for line in lines}


@pytest.mark.parametrize(
    "changed",
    [
        {"refunds": [{}] * 10},
        {"refunds": [{"transactions": {"nodes": [{}] * 5}}]},
        {"fulfillments": [{"trackingInfo": [{}] * 5}]},
        {"transactions": [{}] * 20},
    ],
)
def test_a_plain_list_that_is_full_may_be_cut(desk, shop, changed):
    desk.source.answers = lambda _request: desk.reply(page([order(1, **changed)]))
    with pytest.raises(UnexpectedShape, match="may be cut"):
        desk.fetch(ORDERS, shop)


@pytest.mark.parametrize(
    ("body", "error", "tries"),
    [
        (refusal("ACCESS_DENIED"), NotAuthorized, 1),
        (refusal("undefinedField"), BadRequest, 1),
        (refusal("INTERNAL_SERVER_ERROR"), Unavailable, 5),
        (b'{"errors":"[API] odd"}', BadRequest, 1),
        (b"<html>maintenance</html>", UnexpectedShape, 1),
        (b'{"data":{"orders":{"nodes":[{"id"', UnexpectedShape, 1),
        (b'{"data":null}', UnexpectedShape, 1),
        (b'{"data":{"orders":{}}}', UnexpectedShape, 1),
        (b'{"data":{"orders":{"nodes":[]}}}', UnexpectedShape, 1),
        (b'{"data":{"orders":null}}', BadRequest, 1),
    ],
)
def test_refusals_that_come_with_status_200_have_their_name(desk, shop, body, error, tries):
    desk.source.answers = lambda _request: desk.reply(body, headers={"Content-Type": "text/html"})
    with pytest.raises(error) as raised:
        desk.fetch(ORDERS, shop)
    assert tries == len(desk.source.requests)
    assert ("shopify", "orders") == (raised.value.source, raised.value.stream)
    assert TOKEN not in f"{raised.value!s}{raised.value!r}"


def test_an_empty_bucket_is_waited_for_as_long_as_it_takes_to_fill(desk, shop):
    desk.source.answers_in_turn(desk.reply(refusal("THROTTLED", available=20)), desk.reply(page([])))
    assert [] == desk.fetch(ORDERS, shop)
    assert [1.6] == desk.naps


def test_a_bucket_that_never_fills_ends_with_its_name(desk, shop):
    desk.source.answers = lambda _request: desk.reply(refusal("THROTTLED", available=0))
    with pytest.raises(RateLimited, match="fewer points"):
        desk.fetch(ORDERS, shop)


def test_what_the_bucket_lacks_is_waited_for_before_the_next_query(desk, shop):
    first = json.loads(page([order(1)], "c1"))
    first["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] = 50
    desk.source.answers_in_turn(desk.reply(json.dumps(first).encode()), desk.reply(page([])))
    desk.fetch(ORDERS, shop)
    assert [1.0] == desk.naps


def test_a_query_that_costs_too_much_is_asked_for_fewer_records(desk, shop):
    costly = desk.reply(refusal("MAX_COST_EXCEEDED"))
    desk.source.answers_in_turn(costly, costly, desk.reply(page([order(1)])))
    assert ["1"] == numbers(desk.fetch(ORDERS, shop))
    assert [10, 5, 2] == [asked["first"] for asked in variables(desk.source)]
    desk.source.answers = lambda _request: costly
    with pytest.raises(BadRequest, match="may not cost that much"):
        desk.fetch(ORDERS, shop)


@by_status
def test_statuses_have_their_name_and_only_what_can_pass_is_tried_again(desk, shop, status, error, tries):
    desk.source.answers = lambda _request: desk.reply(b"no", status, {"X-Request-Id": "r-1"})
    with pytest.raises(error) as raised:
        desk.fetch(BALANCE, shop)
    assert (status, tries, "r-1") == (raised.value.status, len(desk.source.requests), raised.value.request_id)


def test_retry_after_is_obeyed(desk, shop):
    desk.source.answers_in_turn(desk.reply(b"", 429, {"Retry-After": "17"}), desk.reply(page([])))
    assert [] == desk.fetch(ORDERS, shop)
    assert [17.0] == desk.naps


def test_a_shop_without_shopify_payments_is_told_so(desk, shop):
    desk.source.answers = lambda _request: desk.reply(b'{"data":{"shopifyPaymentsAccount":null}}')
    with pytest.raises(BadRequest, match="no Shopify Payments"):
        desk.fetch(PAYOUTS, shop)


def test_secrets_show_in_no_repr_and_no_request(desk, shop):
    from connectors.shopify.client import client_for  # noqa: PLC0415 - only here

    desk.source.answers = listing(desk.reply, [order(1)])
    [found] = desk.fetch(ORDERS, shop)
    assert TOKEN not in f"{shop!r}{client_for(shop, desk.tools)!r}{found.request}{found.name}"


def test_what_is_no_shop_name_is_refused(desk, connect):
    with pytest.raises(BadRequest, match="is no shop name"):
        desk.fetch(ORDERS, connect("shopify", shop="https://demo/", access_token=TOKEN))


def test_payouts_of_the_last_two_weeks_are_asked_for_again(desk, shop):
    desk.source.answers = lambda _request: desk.reply(page([], way="payouts"))
    desk.fetch(PAYOUTS, shop)
    [asked] = variables(desk.source)
    assert "issued_at:>='2026-09-23T16:00:00Z' AND issued_at:<'2026-10-08T16:00:00Z'" == asked["query"]


# what the published REST records hold, in the shape of the GraphQL API
def money(text):
    return {"amount": text, "currencyCode": "USD"}


def transaction(number, kind, amount, fee, net, **more):
    return {
        "id": f"gid://shopify/ShopifyPaymentsBalanceTransaction/{number}",
        "type": kind,
        "transactionDate": INSIDE,
        "amount": money(amount),
        "fee": money(fee),
        "net": money(net),
        "associatedPayout": {"id": "gid://shopify/ShopifyPaymentsPayout/623721858", "status": "PAID"},
    } | more


def flows(tmp_path, shop, *records):
    path = tmp_path / "balance.json"
    path.write_bytes(json.dumps(json.loads(page(list(records), way="balanceTransactions"))).encode())
    return BALANCE.canonical(BALANCE.unpack(path, "json", tmp_path, shop), shop).streams["fund_flows"]


def test_a_dispute_costs_its_fee_on_top_and_an_adjustment_is_worth_its_net(tmp_path, shop):
    found = flows(
        tmp_path,
        shop,
        transaction(1, "DISPUTE_WITHDRAWAL", "-11.50", "15.00", "-26.50"),
        transaction(2, "ADJUSTMENT", "-1.50", "-0.25", "-1.75"),
        transaction(3, "TRANSFER", "-41.90", "0.00", "-41.90"),
        transaction(4, "NEVER_SEEN", "0.00", "0.00", "0.00"),
        transaction(5, "TRANSFER", "5.00", "0.00", "5.00"),
    )
    told = [(row["flow_no"], row["business_type"], row["direction"], row["amount"], row["payout_no"]) for row in found]
    assert [
        ("1", "DISPUTE_WITHDRAWAL", "out", "11.50", None),
        ("1-fee", "DISPUTE_WITHDRAWAL_FEE", "out", "15.00", None),
        ("2", "ADJUSTMENT", "out", "1.75", None),
        ("3", "TRANSFER", "out", "41.90", "623721858"),
        ("4", "NEVER_SEEN", "in", "0.00", None),
        ("5", "TRANSFER_IN", "in", "5.00", "623721858"),
    ] == told


def payout(net, charges, fee):
    names = ("charges", "refundsFee", "adjustments", "reservedFunds", "retriedPayouts")
    summary = {f"{name}Gross": money("0.0") for name in names} | {
        ("refundsFee" if name == "refundsFee" else f"{name}Fee"): money("0.0") for name in names
    }
    summary |= {"chargesGross": money(charges), "chargesFee": money(fee)}
    return {
        "id": "gid://shopify/ShopifyPaymentsPayout/7",
        "issuedAt": INSIDE,
        "status": "PAID",
        "transactionType": "DEPOSIT",
        "externalTraceId": "TR7",
        "net": money(net),
        "summary": summary,
    }


def test_a_payout_that_its_summary_does_not_add_up_to_is_named(tmp_path, shop):
    path = tmp_path / "payouts.json"
    path.write_bytes(page([payout("43.20", "44.52", "1.32")], way="payouts"))
    unpacked = PAYOUTS.unpack(path, "json", tmp_path, shop)
    [found] = PAYOUTS.canonical(unpacked, shop).streams["payouts"]
    assert ("7", "43.20", "TR7", "paid") == tuple(
        found[name] for name in ("payout_no", "amount", "bank_reference", "status")
    )
    path.write_bytes(page([payout("43.21", "44.52", "1.32")], way="payouts"))
    told = PAYOUTS.unpack(path, "json", tmp_path, shop)
    assert ("payout 7 states 43.21, its summary adds up to 43.20",) == told.notes
    assert told.parts


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"data":{"orders":{"nodes":[1]}}}', b"\xff\xfe"])
def test_a_page_that_is_no_answer_is_refused_whole(tmp_path, shop, body):
    refused_whole(ORDERS, body, tmp_path, shop)


def test_saved_answers_in_a_folder_are_delivered_to_their_own_stream(desk, connect, tmp_path):
    (tmp_path / "a.json").write_bytes(page([payout("1.0", "1.0", "0.0")], way="payouts"))
    (tmp_path / "b.json").write_bytes(json.dumps(json.loads(page([order(1)]))).encode())
    (tmp_path / "c.json").write_bytes(b"{}")
    folder = connect("shopify", path=tmp_path)
    assert [2, 0, 1] == [len(desk.fetch(stream, folder)) for stream in SOURCE.streams]
    assert recognises(tmp_path / "a.json")
    assert not recognises(tmp_path / "c.json")
