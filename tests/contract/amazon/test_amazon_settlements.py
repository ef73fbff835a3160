"""Settlement reports: two layouts, many decimal marks, one total that everything must equal."""

import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.amazon import SOURCE
from connectors.amazon.components import component_of
from connectors.amazon.settlement import amount_of, time_of
from tests.support import fuzz

_, SETTLEMENTS, _ = SOURCE.streams
V2 = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency"),
    *("transaction-type", "order-id", "merchant-order-id", "adjustment-id", "shipment-id", "marketplace-name"),
    *("amount-type", "amount-description", "amount", "fulfillment-id", "posted-date", "posted-date-time"),
    *("order-item-code", "merchant-order-item-id", "merchant-adjustment-item-id", "sku", "quantity-purchased"),
    "promotion-id",
)
ORDER = "114-1261001-0000001"


def report(total, *rows, columns=V2, number="S1", currency="USD"):
    head = {
        "settlement-id": number,
        "settlement-start-date": "2026-10-01 00:00:00 UTC",
        "settlement-end-date": "2026-10-05 14:00:00 UTC",
        "total-amount": total,
        "currency": currency,
    }
    lines = [head, *({"settlement-id": number, "order-id": ORDER} | row for row in rows)]
    return "\n".join(["\t".join(columns), *("\t".join(line.get(c, "") for c in columns) for line in lines), ""])


def row(amount, kind="Order", amount_type="ItemPrice", description="Principal", **more):
    return {
        "transaction-type": kind,
        "amount-type": amount_type,
        "amount-description": description,
        "amount": amount,
        "posted-date-time": "2026-10-03 01:00:00 UTC",
    } | {name.replace("_", "-"): value for name, value in more.items()}


@pytest.fixture
def read(tmp_path, connect):
    def told(text, name="report.tsv", encoding="utf-8", options=None):
        path = tmp_path / "report"
        path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        connection = connect("amazon", options=options)
        unpacked = SETTLEMENTS.unpack(path, "tsv", tmp_path, connection, name)
        return unpacked, None if unpacked.refused else SETTLEMENTS.canonical(unpacked, connection)

    return told


def test_a_refund_keeps_part_of_the_commission_and_taxes_cancel(read):
    text = report(
        "-50.30",
        row("-60.00", "Refund", adjustment_id="ADJ1"),
        row("-4.80", "Refund", description="Tax", adjustment_id="ADJ1"),
        row("4.80", "Refund", "ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", adjustment_id="ADJ1"),
        row("9.63", "Refund", "ItemFees", "Commission", adjustment_id="ADJ1"),
        row("-1.93", "Refund", "ItemFees", "RefundCommission", adjustment_id="ADJ1"),
        row("2.00", "other-transaction", "other-transaction", "Previous Reserve Amount Balance"),
    )
    unpacked, found = read(text)
    assert unpacked.refused is None
    [settlement] = found.streams["settlements"]
    assert ("S1", "-50.30", "6", "S1", 0) == tuple(
        settlement[name] for name in ("settlement_no", "total_amount", "row_count", "payout_no", "statement")
    )
    assert ["refund", "tax_collected", "tax_withheld", "commission", "commission", "reserve_released"] == [
        line["component"] for line in found.streams["settlement_lines"]
    ]
    [refund] = found.streams["refunds"]
    assert ("ADJ1", ORDER, "64.80", "2026-10-03T01:00:00+00:00") == tuple(
        refund[name] for name in ("refund_no", "order_no", "amount", "succeeded_at")
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (report("5.00", row("4.99")), "states 5.00, its rows add up to 4.99 \\(deviation -0.01\\)"),
        (report("much", row("4.99")), "total-amount is 'much'"),
        (report("", row("4.99")), "total-amount is ''"),
        (report("1.00", row("1,234")), "amount is '1,234', no amount"),
        (report("1.00", row("1.00", posted_date_time="10/03/2026")), "posted-date is '10/03/2026'.*date_format"),
        (report("1.00", row("1.00")).replace("2026-10-05 14:00:00 UTC", "5 Oct"), "date of the period"),
        (report("1.00", row("1.00"), currency="dollar"), "currency is 'dollar'"),
        (report("1.00", row("1.00"), {"total-amount": "1.00"}), "second header"),
        (report("0.00").replace("S1", ""), "settlement-id is empty"),
        (report("0.00", columns=V2[:12]), "no column of amounts"),
        (report("0.00", columns=V2[1:]), "column settlement-id is missing"),
        (report("0.00", columns=(*V2, "sku")), "names a column twice"),
        (report("0.00") + "\t" * 30 + "x\n", "cells, the heading"),
        ("\t".join(V2), "holds no settlement"),
        (b"\x1f\x8b\x08\x00broken", "damaged inside its compression"),
        (b"a\x00b", "is no text"),
    ],
)
def test_a_report_that_cannot_be_trusted_is_refused_whole(read, text, reason):
    unpacked, _ = read(text)
    assert () == unpacked.parts
    assert re.search(reason, unpacked.refused or ""), unpacked.refused


def test_an_unknown_word_is_kept_and_never_guessed(read):
    unpacked, found = read(report("1.00", row("1.00", "Order", "ItemPrice", "Moonlight")))
    assert unpacked.refused is None
    assert [("component", "component is not known for Order/ItemPrice/Moonlight")] == [
        (reject.column, reject.reason) for reject in found.quarantine
    ]


@pytest.mark.parametrize(
    ("words", "component"),
    [
        (("Order", "ItemPrice", "Principal"), "goods"),
        (("Order", "ItemPrice", "ShippingTax"), "tax_collected"),
        (("Order", "Promotion", "Principal"), "goods"),
        (("Refund", "Promotion", "Shipping"), "refund"),
        (("Order", "ItemFees", "FBAPerUnitFulfillmentFee"), "fulfilment"),
        (("ServiceFee", "Cost of Advertising", "TransactionTotalAmount"), "ads"),
        (("other-transaction", "other-transaction", "Current Reserve Amount"), "reserve_held"),
        (("Payable to Amazon", "Other", ""), "adjustment"),
        (("Subscription Fee", "Other", ""), "tech_fee"),
        (("WAREHOUSE_DAMAGE", "Other", ""), "compensation"),
        (("Order", "SomethingNew", "Principal"), ""),
    ],
)
def test_words_have_one_meaning(words, component):
    assert component == component_of(*words)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("95,00", "95.00"),
        ("-1.234,56", "-1234.56"),
        ("1,234.56", "1234.56"),
        ("(5.00)", "-5.00"),
        ("\u22127.10", "-7.10"),
        ("1 234,56", "1234.56"),
        ("19940", "19940"),
        ("1,234", None),
        ("1.234", None),
        ("(5", None),
        ("", None),
        ("1e3", None),
    ],
)
def test_amounts_come_in_the_marketplaces_own_style(text, value):
    assert (None if value is None else Decimal(value)) == amount_of(text)


def test_times_of_unknown_form_are_none_unless_an_option_names_it():
    assert "2026-10-05T14:00:00+00:00" == time_of("05.10.2026 14:00:00 UTC", None)
    assert "2026-10-05T12:00:00+00:00" == time_of("2026-10-05T14:00:00+02:00", None)
    assert time_of("10/05/2026", None) is None
    assert "2026-10-05T00:00:00+00:00" == time_of("10/05/2026", "%m/%d/%Y")
    assert time_of("2026-10-05", "%m/%d/%Y") is None


def test_a_debt_is_carried_into_the_next_period(read):
    _, first = read(report("-321.69", row("-321.69", "ServiceFee", "Cost of Advertising", "x")))
    [debt] = first.streams["settlements"]
    carried = {"transaction-type": "Payable to Amazon", "other-amount": "-321.69", "order-id": ""}
    columns = (*V2[:12], "price-type", "price-amount", "other-amount", "posted-date")
    price = {"transaction-type": "Order", "price-type": "Principal", "price-amount": "400.00"}
    _, second = read(report("78.31", carried, price, columns=columns))
    amounts = {line["source_component"]: line["amount"] for line in second.streams["settlement_lines"]}
    assert debt["total_amount"] == amounts["Payable to Amazon/Other/"]
    assert "400.00" == amounts["Order/ItemPrice/Principal"]


def test_an_older_layout_with_fewer_columns_is_read_by_its_headings(read):
    columns = ("currency", "price-amount", "price-type", "item-related-fee-amount", "item-related-fee-type", *V2[:5])
    columns += ("transaction-type", "order-id", "posted-date", "quantity-purchased")
    line = {
        "transaction-type": "Order",
        "price-type": "Principal",
        "price-amount": "19.99",
        "item-related-fee-type": "FBAPerUnitFulfillmentFee",
        "item-related-fee-amount": "-3.22",
    }
    quantity = {"transaction-type": "Order", "quantity-purchased": "1"}
    unpacked, found = read(report("16.77", line, quantity, columns=columns))
    assert unpacked.refused is None
    assert [("goods", "19.99"), ("fulfilment", "-3.22")] == [
        (line["component"], line["amount"]) for line in found.streams["settlement_lines"]
    ]


def test_a_japanese_report_is_read_in_the_charset_its_source_stated(read):
    text = report("1.00", row("1.00", sku="商品"))
    unpacked, _ = read(text, "settlement_R1.shift_jis.tsv", "cp932")
    assert unpacked.refused is None
    unpacked, _ = read(report("1.00", row("1.00", sku="Größe")), "settlement_R1.tsv", "latin-1")
    assert unpacked.refused is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cents=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30),
    style=st.sampled_from(["point", "comma", "grouped"]),
    sku=st.text(st.characters(blacklist_characters="\t\n\r\0", blacklist_categories=("Cs",)), max_size=20),
)
def test_rows_come_back_as_written(read, cents, style, sku):
    def written(value):
        text = format(Decimal(value).scaleb(-2), ",.2f" if style == "grouped" else ".2f")
        return text.replace(".", ",") if style == "comma" else text

    rows = [row(written(value), sku=sku) for value in cents]
    unpacked, found = read(report(written(sum(cents)), *rows))
    assert unpacked.refused is None, unpacked.refused
    lines = found.streams["settlement_lines"]
    assert cents == [int(Decimal(line["amount"]) * 100) for line in lines]
    assert [str(place) for place in range(1, len(cents) + 1)] == [line["line_no"] for line in lines]


def test_damaged_reports_are_refused_or_add_up(tmp_path, connect):
    seeds = [
        report("-45.00", row("-60.00", "Refund"), row("15.00"), row("0.00", sku='商品,"x"')).encode(),
        report("16.77", row("19.99"), row("-3.22", amount_type="ItemFees", description="Commission")).encode(),
    ]

    def check(_body, unpacked, canonical):
        if unpacked.refused is None:
            lines = len(canonical.streams["settlement_lines"])
            unknown = sum(reject.column == "component" for reject in canonical.quarantine)
            assert sum(statement.row_count for statement in unpacked.statements) == lines + unknown

    fuzz(SETTLEMENTS, seeds, connect("amazon"), tmp_path, suffix="tsv", check=check)
