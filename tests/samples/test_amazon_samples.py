"""Amazon's own example answers, and a settlement report in the old layout."""

import json

import pytest

pytestmark = pytest.mark.samples


@pytest.fixture
def answers(sample, tmp_path):
    """The documented answers of an operation, each as a file."""

    def found(name, operation):
        examples = json.loads(sample(f"intl/amazon/{name}").read_bytes())[operation]
        paths = []
        for place, example in enumerate(examples):
            if example["http_status"] == 200:
                path = tmp_path / f"{place}.json"
                path.write_text(json.dumps(example["response"]), encoding="utf-8")
                paths.append(path)
        return paths

    return found


def test_the_documented_orders_are_read_whatever_their_marketplace(answers):
    from connectors.core.inspect import inspect_file  # noqa: PLC0415 - only here

    found = [inspect_file(path) for path in answers("sandbox_orders_2026-01-01.json", "searchOrders")]
    assert {("amazon", "ok")} == {(one["source"], one["verdict"]) for one in found}
    orders = {order["order_no"]: order for one in found for order in one["streams"]["orders"]}
    japan, england, brazil = (
        orders[number] for number in ("250-1234567-8901234", "202-7654321-1098765", "171-2345678-9012345")
    )
    assert ("shipped", "JPY", "19940.00", "19940.00", "fba") == tuple(
        japan[name] for name in ("status", "currency", "goods_amount", "buyer_paid", "ship_mode")
    )
    assert ("shipped", "GBP", "34.99", "2024-12-25T14:00:00+00:00") == tuple(
        england[name] for name in ("status", "currency", "buyer_paid", "shipped_at")
    )
    assert ("paid", "1599.90") == (brazil["status"], brazil["buyer_paid"])
    [shipment] = [row for one in found for row in one["streams"]["shipments"] if row["carrier"] == "DPD"]
    assert "15501234567890123456" == shipment["waybill_no"]


def test_the_documented_payout_names_its_settlement_and_the_banks_number(answers):
    from connectors.core.inspect import inspect_file  # noqa: PLC0415 - only here

    [path] = answers("sandbox_transfers_2024-06-01_payouts.json", "listPayouts")
    [payout] = inspect_file(path)["streams"]["payouts"]
    assert ("11888387941", "1250.75", "4B03616UONXSAWP", "paid", "1234") == tuple(
        payout[name] for name in ("payout_no", "amount", "bank_reference", "status", "bank_account")
    )


def test_the_old_layouts_dummy_does_not_add_up_and_is_refused(inspected):
    found = inspected("intl/amazon/settlement_v1_flat_file_dummy.tsv")
    assert ("amazon", "refused") == (found["source"], found["verdict"])
    assert "states 1234.56, its rows add up to 16.77" in found["reason"]


def test_the_old_layouts_dummy_is_read_where_its_total_is_what_its_row_adds_up_to(sample, tmp_path):
    from connectors.core.inspect import inspect_file  # noqa: PLC0415 - only here

    text = sample("intl/amazon/settlement_v1_flat_file_dummy.tsv").read_text(encoding="utf-8")
    path = tmp_path / "settlement.tsv"
    path.write_text(text.replace("1234.56", "16.77"), encoding="utf-8")
    found = inspect_file(path)
    [settlement] = found["streams"]["settlements"]
    assert ("12345678901", "16.77", "2", "2023-01-15T00:00:00+00:00") == tuple(
        settlement[name] for name in ("settlement_no", "total_amount", "row_count", "period_end")
    )
    assert [("goods", "19.99"), ("fulfilment", "-3.22")] == [
        (line["component"], line["amount"]) for line in found["streams"]["settlement_lines"]
    ]


@pytest.mark.parametrize(
    ("name", "operation", "sandboxed"),
    [("sandbox_reports_2021-06-30.json", "getReports", {"reportDocumentId"})],
)
def test_the_sandbox_lists_reports_like_the_documentation(sample, name, operation, sandboxed):
    from datetime import date, datetime  # noqa: PLC0415 - only here

    from connectors.sandbox.apis import amazon  # noqa: PLC0415 - only here

    examples = json.loads(sample(f"intl/amazon/{name}").read_bytes())[operation]
    documented = examples[0]["response"]["reports"][0].keys()
    settled = datetime(2026, 10, 5, 22)  # noqa: DTZ001 - the world's clock
    made = amazon._report({"settlement_no": "S", "period_start": date(2026, 10, 1), "settled_at": settled})
    assert documented | sandboxed == made.keys()
