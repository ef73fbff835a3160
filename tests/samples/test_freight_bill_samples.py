"""Carriers' monthly bills under Cainiao's own headings, read as ``freight_bills`` by a mapping."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.core.protocol import Connection
from connectors.core.registry import source_named, stream_named

pytestmark = pytest.mark.samples
BILLS = stream_named(source_named("files"), "freight_bills")
ORDER = {"bill_no": "支付流水号", "waybill_no": "运单号", "amount": "支付金额", "billed_on": "支付时间"}
SERVICE = {"bill_no": "支付流水号", "waybill_no": "关联单据号", "amount": "支付金额", "billed_on": "支付时间"}


@pytest.fixture
def read(sample, tmp_path):
    """What a bill with the sample's headings and these rows says under a mapping."""

    def found(name, mapping, *rows):
        connection = Connection(
            name="bills",
            source="files",
            base_url=None,
            credentials={},
            path=tmp_path,
            timezone=ZoneInfo("Asia/Shanghai"),
            currency="CNY",
            account=None,
            store=None,
            options={"mapping": {"freight_bills": mapping}},
        )
        heading = sample(f"china/logistics/{name}").read_text(encoding="utf-8-sig").strip()
        columns = heading.split(",")
        lines = [",".join(row.get(column, "") for column in columns) for row in rows]
        path = Path(tmp_path) / "freight_bills_202610.csv"
        path.write_text("\n".join([heading, *lines]) + "\n", encoding="gb18030")
        unpacked = BILLS.unpack(path, "csv", tmp_path, connection, path.name)
        return unpacked, None if unpacked.refused else BILLS.canonical(unpacked, connection)

    return found


def test_the_sheet_by_order_is_read_to_the_fen(read):
    rows = [
        {"支付流水号": "P1", "运单号": "YT1", "支付金额": amount, "支付时间": "2026-10-31 10:00:00", "费用项": "快递费"}
        for amount in ("3.20", "0.05")
    ]
    unpacked, found = read("cainiao_order_fee_header.csv", ORDER, *rows)
    assert unpacked.refused is None
    assert () == found.quarantine
    bills = found.streams["freight_bills"]
    assert [("P1", "YT1", "3.20"), ("P1", "YT1", "0.05")] == [
        tuple(bill[name] for name in ("bill_no", "waybill_no", "amount")) for bill in bills
    ]
    assert {"2026-10-31"} == {bill["billed_on"][:10] for bill in bills}


def test_the_sheet_by_service_bills_the_document_it_names(read):
    row = {"支付流水号": "P2", "关联单据号": "LP1", "支付金额": "12.00", "支付时间": "2026-10-31 10:00:00"}
    _, found = read("cainiao_sku_fee_header.csv", SERVICE, row)
    [bill] = found.streams["freight_bills"]
    assert ("P2", "LP1", "12.00") == tuple(bill[name] for name in ("bill_no", "waybill_no", "amount"))


def test_the_sheet_by_payment_names_no_waybill_and_is_refused(read):
    unpacked, _ = read("cainiao_sale_fee_header.csv", ORDER | {"amount": "支出金额", "billed_on": "支出时间"})
    assert () == unpacked.parts
    assert "运单号" in (unpacked.refused or "")


def test_a_row_without_a_waybill_is_kept_aside_with_its_reason(read):
    row = {"支付流水号": "P1", "支付金额": "3.20", "支付时间": "2026-10-31 10:00:00"}
    _, found = read("cainiao_order_fee_header.csv", ORDER, row)
    assert [] == found.streams["freight_bills"]
    assert ["waybill_no"] == [reject.column for reject in found.quarantine]
