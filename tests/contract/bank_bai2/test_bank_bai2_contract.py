"""BAI2 as banks write it: sides, funds types, continuations, control totals, and what cannot be trusted."""

from decimal import Decimal

import pytest
from bai2 import bai2

from connectors.bank_bai2 import SOURCE

[LINES] = SOURCE.streams


@pytest.fixture
def bank(connect, tmp_path):
    return connect("bank_bai2", path=tmp_path)


def document(*details, opening="10000", closing=None, summary="", currency="USD", status="1", total=None, records=None):
    """A file whose trailers are right unless they are given; ``details`` are whole records."""
    moved = sum(side(line) for line in details)
    closing = str(int(opening) + moved) if closing is None else closing
    more = f",{summary}" if summary else ""
    account = f"03,123,{currency},010,{opening},,,015,{closing},,{more}/"
    amounts = [int(opening), int(closing), *[int(line.split(",")[2]) for line in details if line.startswith("16,")]]
    amounts += [int(part) for part in summary.split(",")[1::4] if part]
    count = len(details) + 2
    total = sum(amounts) if total is None else total
    records = count if records is None else records
    return "\n".join(
        [
            "01,BANK,US,261009,0700,1,,,2/",
            f"02,US,BANK,{status},261008,2400,{currency},2/",
            account,
            *details,
            f"49,{total},{records}/",
            f"98,{sum(amounts)},1,{count + 2}/",
            f"99,{sum(amounts)},1,{count + 4}/",
        ]
    )


def side(line):
    if not line.startswith("16,"):
        return 0
    _, code, amount, *_ = line.split(",")
    return int(amount) * (1 if int(code) < 400 else -1)


def read(text, tmp_path, bank):
    path = tmp_path / "statement.bai2"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return LINES.unpack(path, "bai2", tmp_path, bank, path.name)


def canonical(text, tmp_path, bank):
    unpacked = read(text, tmp_path, bank)
    assert unpacked.refused is None, unpacked.refused
    return LINES.canonical(unpacked, bank)


@pytest.mark.parametrize(("code", "direction"), [("100", "in"), ("399", "in"), ("400", "out"), ("699", "out")])
def test_the_type_code_gives_the_side(tmp_path, bank, code, direction):
    (line,) = canonical(document(f"16,{code},1234,,,,/"), tmp_path, bank).streams["bank_lines"]
    assert (direction, "12.34", "2026-10-08") == (line["direction"], line["amount"], line["booked_at"])


@pytest.mark.parametrize(("currency", "amount"), [("USD", "12.34"), ("JPY", "1234.00"), ("EUR", "12.34")])
def test_amounts_are_scaled_by_their_currency(tmp_path, bank, currency, amount):
    (line,) = canonical(document("16,142,1234,,,,/", currency=currency), tmp_path, bank).streams["bank_lines"]
    assert Decimal(amount) == Decimal(line["amount"])


@pytest.mark.parametrize(
    "detail",
    [
        "16,142,1234,,B1,C1,some, text/with/it",
        "16,142,1234,1,B1,C1,some, text/with/it",
        "16,142,1234,V,261008,1200,B1,C1,some, text/with/it",
        "16,142,1234,S,1000,200,34,B1,C1,some, text/with/it",
        "16,142,1234,D,2,0,1000,1,234,B1,C1,some, text/with/it",
    ],
)
def test_the_funds_type_brings_its_fields_along(tmp_path, bank, detail):
    (line,) = canonical(document(detail), tmp_path, bank).streams["bank_lines"]
    assert ("C1", "some, text/with/it") == (line["bank_reference"], line["remark"])


def test_a_text_goes_on_in_continuations(tmp_path, bank):
    text = document("16,142,1234,,B1,,one/", "88,two/", "88,three/")
    (line,) = canonical(text, tmp_path, bank).streams["bank_lines"]
    assert ("one two three", "B1") == (line["remark"], line["bank_reference"])


def test_a_continuation_may_cut_an_amount_from_its_type(tmp_path, bank):
    text = (
        "01,B,U,261009,0700,1,,,2/\n02,U,B,1,261008,2400,USD,2/\n03,123,USD,010,100,,,015/\n88,350,,/\n"
        "16,142/\n88,250,,,,payout/\n49,700,5/\n98,700,1,7/\n99,700,1,9/\n"
    )
    unpacked = read(text, tmp_path, bank)
    assert unpacked.refused is None
    assert ("1.00", "3.50") == (unpacked.statements[0].opening_balance, unpacked.statements[0].closing_balance)
    assert ["2.50"] == [line["amount"] for line in LINES.canonical(unpacked, bank).streams["bank_lines"]]


def test_several_records_may_share_a_line(tmp_path, bank):
    text = document("16,142,1234,,,,/").replace("/\n", "/")
    assert 1 == len(canonical(text, tmp_path, bank).streams["bank_lines"])


def test_a_code_of_the_banks_own_is_in_quarantine(tmp_path, bank):
    text = document("16,142,1234,,,,/").replace("16,142", "16,942").replace("015,11234", "015,10000")
    text = text.replace("49,22468", "49,21234").replace("98,22468", "98,21234").replace("99,22468", "99,21234")
    found = canonical(text, tmp_path, bank)
    assert [] == found.streams["bank_lines"]
    assert ["type 942 is the bank's own: its side is not known"] == [reject.reason for reject in found.quarantine]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (document("16,142,1234,,,,/", total=1), "control total of account 123 is stated as 1"),
        (document("16,142,1234,,,,/", records=9), "number of records of account 123 is stated as 9"),
        (document("16,142,1234,,,,/", closing="9"), "closing is stated as 0.09"),
        (document("16,142,1234,,,,/", summary="100,1234,2,,400,0,0,"), "the number of lines is stated as 2"),
        (document(status="3"), "is a correction"),
        (document().replace("99,", "98,"), "does not end with a 99 record"),
        (document("16,142,12.34,,,,/".replace("12.34", "12")).replace("16,142,12,", "16,142,1x,"), "no whole amount"),
        ("hello", "no BAI2 record"),
        ("88,x/", "continues nothing"),
        (document().replace("02,", "01,"), "outside a group"),
        ("01," + "x" * 3000, "characters long"),
    ],
)
def test_what_cannot_be_trusted_is_refused(tmp_path, bank, text, reason):
    assert reason in read(text, tmp_path, bank).refused


def test_the_library_reads_the_same_movements(tmp_path, bank):
    text = document("16,142,1234,,B1,C1,one/", "16,475,200,,B2,C2,two/")
    theirs = bai2.parse_from_string(text).children[0].children[0].children
    ours = canonical(text, tmp_path, bank).streams["bank_lines"]
    assert [t.amount for t in theirs] == [int(Decimal(line["amount"]) * 100) for line in ours]
    assert [t.text for t in theirs] == [line["remark"] for line in ours]
