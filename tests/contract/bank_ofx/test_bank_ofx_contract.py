"""OFX as banks write it: SGML and XML, twins, corrections, several accounts, and what cannot be trusted."""

import io
from decimal import Decimal

import ofxparse
import pytest

from connectors.bank_ofx import SOURCE

[LINES] = SOURCE.streams
HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"


@pytest.fixture
def bank(connect, tmp_path):
    return connect("bank_ofx", path=tmp_path)


def movement(amount, fitid="F1", day="20261008120000[-5:EST]", more=""):
    return f"<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{fitid}{more}</STMTTRN>"


def document(*movements, account="12345", currency="USD", balance="100.00", header=HEADER):
    return (
        f"{header}<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS></SONRS></SIGNONMSGSRSV1>"
        f"<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>{currency}"
        f"<BANKACCTFROM><BANKID>1<ACCTID>{account}<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261001"
        f"<DTEND>20261008{''.join(movements)}</BANKTRANLIST><LEDGERBAL><BALAMT>{balance}<DTASOF>20261008</LEDGERBAL>"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )


def read(text, tmp_path, bank):
    path = tmp_path / "statement.ofx"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return LINES.unpack(path, "ofx", tmp_path, bank, path.name)


def canonical(text, tmp_path, bank):
    unpacked = read(text, tmp_path, bank)
    assert unpacked.refused is None, unpacked.refused
    return LINES.canonical(unpacked, bank)


@pytest.mark.parametrize(
    ("text", "direction", "amount"),
    [
        ("-3.50", "out", "3.50"),
        ("+3.50", "in", "3.50"),
        ("3,5", "in", "3.50"),
        ("-.50", "out", "0.50"),
        ("7", "in", "7.00"),
    ],
)
def test_the_sign_is_the_customers_whatever_the_type_says(tmp_path, bank, text, direction, amount):
    (line,) = canonical(document(movement(text)), tmp_path, bank).streams["bank_lines"]
    assert (direction, amount) == (line["direction"], line["amount"])


@pytest.mark.parametrize(
    "day", ["20261008", "20261008000000", "20261008235959.000[+12:NZST]", "20261008120000[-5:EST]"]
)
def test_the_date_is_taken_as_written(tmp_path, bank, day):
    (line,) = canonical(document(movement("1", day=day)), tmp_path, bank).streams["bank_lines"]
    assert "2026-10-08" == line["booked_at"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (movement("$120"), "amount"),
        (movement("1,000.00"), "amount"),
        (movement("1", day=""), "booked_at"),
        (movement("0.001"), "amount"),
    ],
)
def test_a_row_that_cannot_be_read_is_in_quarantine_and_the_others_are_taken(tmp_path, bank, row, column):
    found = canonical(document(row, movement("5", fitid="F2")), tmp_path, bank)
    assert [column] == [reject.column for reject in found.quarantine]
    assert ["F2"] == [line["line_no"] for line in found.streams["bank_lines"]]


def test_twins_are_both_kept(tmp_path, bank):
    found = canonical(document(movement("1"), movement("1")), tmp_path, bank)
    assert ["F1", "F1#2"] == [line["line_no"] for line in found.streams["bank_lines"]]


def test_a_replacement_is_the_next_version_of_its_line_and_a_deletion_is_a_persons_to_decide(tmp_path, bank):
    found = canonical(
        document(
            movement("1", fitid="F9", more="<CORRECTFITID>F1<CORRECTACTION>REPLACE"),
            movement("1", fitid="F8", more="<CORRECTFITID>F2<CORRECTACTION>DELETE"),
        ),
        tmp_path,
        bank,
    )
    assert ["F1"] == [line["line_no"] for line in found.streams["bank_lines"]]
    assert ["the bank asks to delete line F2; decide by hand"] == [reject.reason for reject in found.quarantine]


def test_several_accounts_are_several_statements(tmp_path, bank):
    text = document(movement("1")).replace("</OFX>", "") + document(movement("2"), account="9", header="").replace(
        "<OFX>", "", 1
    )
    unpacked = read(text, tmp_path, bank)
    assert [("12345", "1.00"), ("9", "2.00")] == [(s.account, s.in_sum) for s in unpacked.statements]


def test_xml_reads_like_sgml(tmp_path, bank):
    xml = (
        '<?xml version="1.0"?><?OFX OFXHEADER="200"?><OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR</CURDEF>'
        "<BANKACCTFROM><ACCTID>DE1</ACCTID></BANKACCTFROM><BANKTRANLIST><STMTTRN><DTPOSTED>20261008</DTPOSTED>"
        "<TRNAMT>-2.00</TRNAMT><FITID>A</FITID><PAYEE><NAME>Shop &amp; Co</NAME></PAYEE><MEMO>order 7</MEMO>"
        "<REFNUM>TRACE7</REFNUM></STMTTRN></BANKTRANLIST><LEDGERBAL><BALAMT>5.00</BALAMT></LEDGERBAL></STMTRS>"
        "</STMTTRNRS></BANKMSGSRSV1></OFX>"
    )
    unpacked = read(xml, tmp_path, bank)
    (line,) = LINES.canonical(unpacked, bank).streams["bank_lines"]
    assert ("Shop & Co", "order 7", "TRACE7", "EUR") == (
        line["counterparty_name"], line["remark"], line["bank_reference"], line["currency"],
    )  # fmt: skip
    assert "5.00" == unpacked.statements[0].closing_balance


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<OFX><SONRS><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>Signon invalid</STATUS></SONRS></OFX>", "15500"),
        ("<OFX></OFX>", "holds no OFX statement"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><OFX>", "DOCTYPE"),
        (document() + "<STMTTRN><TRNAMT>1</STMTTRN>", "names 1 movements, 0 stand inside"),
        (document(movement("1", more=f"<MEMO>{'x' * 5000}")), "characters long"),
    ],
)
def test_what_cannot_be_trusted_is_refused(tmp_path, bank, text, reason):
    assert reason in read(text, tmp_path, bank).refused


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_library_reads_the_same_movements(tmp_path, bank):
    text = document(movement("1.25"), movement("-7.00", fitid="F2"))
    theirs = ofxparse.OfxParser.parse(io.BytesIO(text.encode())).account.statement
    ours = canonical(text, tmp_path, bank).streams["bank_lines"]
    assert [t.amount for t in theirs.transactions] == [
        Decimal(line["amount"]) * (1 if line["direction"] == "in" else -1) for line in ours
    ]
    assert [t.id for t in theirs.transactions] == [line["line_no"] for line in ours]
