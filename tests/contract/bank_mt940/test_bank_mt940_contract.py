"""MT940 as banks write it: marks, funds codes, dates without a year, pages, dialects, and files that cannot be trusted."""

import gzip
from decimal import Decimal

import mt940
import pytest

from connectors.bank_mt940 import SOURCE
from connectors.core.errors import Unavailable

[LINES] = SOURCE.streams


@pytest.fixture
def bank(connect, tmp_path):
    return connect("bank_mt940", path=tmp_path)


def message(
    *lines, account="DE12345678901234567890", number="7/1", opening="C261007EUR100,00", closing="C261008EUR100,00"
):
    ends = [f":62F:{closing}"] if closing else []
    return "\r\n".join([":20:REF", f":25:{account}", f":28C:{number}", f":60F:{opening}", *lines, *ends, "-"]) + "\r\n"


def read(text, tmp_path, bank, name="statement.sta"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return LINES.unpack(path, "sta", tmp_path, bank, name)


def lines(text, tmp_path, bank):
    unpacked = read(text, tmp_path, bank)
    assert unpacked.refused is None, unpacked.refused
    return LINES.canonical(unpacked, bank).streams["bank_lines"]


@pytest.mark.parametrize(
    ("mark", "direction"),
    [("C", "in"), ("D", "out"), ("RC", "out"), ("RD", "in"), ("CR", "in"), ("DD", "out"), ("CD", "in"), ("RCR", "out")],
)
def test_the_mark_and_the_funds_code_give_the_direction(tmp_path, bank, mark, direction):
    closing = "C261008EUR107,00" if direction == "in" else "C261008EUR93,00"
    (line,) = lines(message(f":61:2610081008{mark}7,00NTRFNONREF", closing=closing), tmp_path, bank)
    assert (direction, "7.00") == (line["direction"], line["amount"])


@pytest.mark.parametrize(
    ("movement", "value", "booked"),
    [
        (":61:2612300102C1,00NTRF", "2026-12-30", "2027-01-02"),
        (":61:2701021230C1,00NTRF", "2027-01-02", "2026-12-30"),
        (":61:261008    C1,00NTRF", "2026-10-08", "2026-10-08"),
        (":61:261008C1,00NTRF", "2026-10-08", "2026-10-08"),
        (":61:2602300301C1,00NTRF", "2026-02-28", "2026-03-01"),
    ],
)
def test_an_entry_date_takes_the_year_nearest_to_the_value_date(tmp_path, bank, movement, value, booked):
    (line,) = lines(message(movement, closing="C261008EUR101,00"), tmp_path, bank)
    assert (value, booked) == (line["value_date"], line["booked_at"])


@pytest.mark.parametrize("amount", ["5,", "5", "5,00", "5.00", "000000000005.00", "5,0"])
def test_amounts_are_read_in_every_form_banks_write(tmp_path, bank, amount):
    (line,) = lines(message(f":61:2610081008C{amount}NTRFX1//B1", closing="C261008EUR105,00"), tmp_path, bank)
    assert Decimal("5.00") == Decimal(line["amount"])


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            [
                ":86:166?00GUTSCHRIFT?20EREF+PO-20261008?21SVWZ+Payout of 8 October wi?22th a long text?30BANKDEFF?31DE88?32STRIPE?33 PAYMENTS"
            ],
            ("Payout of 8 October with a long text", "STRIPE PAYMENTS", "DE88", "PO-20261008"),
        ),
        ([":86:/EREF/PO-1/IBAN/NL12/NAME/Adyen NV/REMI/batch 4/"], ("batch 4", "Adyen NV", "NL12", "PO-1")),
        ([":86:/CNTP/NL34BANK/INGBNL2A/Payer BV/Town/REMI/thanks/"], ("thanks", "Payer BV", "NL34BANK", "X1")),
        ([":86:/BENM/300123", "/SHOP AD", "/order 7"], ("order 7", "SHOP AD", "300123", "X1")),
        ([":86:payout", "of today"], ("payout of today", None, None, "X1")),
    ],
)
def test_the_dialects_of_the_free_text(tmp_path, bank, texts, expected):
    (line,) = lines(message(":61:2610081008C5,00NTRFX1//B1", *texts, closing="C261008EUR105,00"), tmp_path, bank)
    assert expected == (line["remark"], line["counterparty_name"], line["counterparty_account"], line["bank_reference"])


def test_every_message_is_a_statement_of_its_own(tmp_path, bank):
    text = message(number="1") + message(
        ":61:2610081008C1,00NTRF", account="NL9", number="2", closing="C261008EUR101,00"
    )
    unpacked = read(text, tmp_path, bank)
    assert [("DE12345678901234567890", 0), ("NL9", 1)] == [(s.account, s.row_count) for s in unpacked.statements]
    assert [1] == [line["statement"] for line in LINES.canonical(unpacked, bank).streams["bank_lines"]]


def test_pages_must_meet(tmp_path, bank):
    page = message(":61:2610081008C1,00NTRF", number="1/1", closing=None).replace(
        "-\r\n", ":62M:C261008EUR101,00\r\n-\r\n"
    )
    follow = message(number="1/2", opening="C261008EUR102,00", closing="C261008EUR102,00").replace(":60F:", ":60M:")
    assert "the page before closed with 101" in read(page + follow, tmp_path, bank).refused


def test_expected_entries_are_no_bank_lines(tmp_path, bank):
    unpacked = read(message(":61:2610081008EC1,00NTRF"), tmp_path, bank)
    assert [] == LINES.canonical(unpacked, bank).streams["bank_lines"]
    assert "1 expected entries" in unpacked.notes[0]


def test_an_interim_report_shows_its_entries_and_brings_no_bank_lines(tmp_path, bank):
    text = (
        ":20:R\n:25:A\n:28C:1\n:34F:EUR0,\n:13D:2610081200+0000\n:61:2610081008C3,00NTRF\n:90D:0EUR0,\n:90C:1EUR3,\n-\n"
    )
    unpacked = read(text, tmp_path, bank)
    (statement,) = unpacked.statements
    assert (1, "3.00", "EUR", None) == (statement.row_count, statement.in_sum, statement.currency, statement.day)
    assert [] == LINES.canonical(unpacked, bank).streams["bank_lines"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (message(":61:2610081008C1,00NTRF"), "opening 100.00 + movements 1.00 = 101.00, closing is stated as 100.00"),
        (message(":61:26100810C1,00NTRF"), "is no day|no movement"),
        (message(":61:2613081008C1,00NTRF"), "no month and day"),
        (message(":61:2610081008C1.000,00NTRF"), "no amount such as"),
        (message(closing="C261008USD100,00"), "opens in EUR and closes in USD"),
        (message(opening="X"), "is no balance such as"),
        ("nothing at all", "no tag 20"),
        (b":20:X\x00", "NUL bytes"),
        (":20:X\n:86:" + "a" * 3000, "characters long"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_the_deviation(tmp_path, bank, text, reason):
    unpacked = read(text, tmp_path, bank)
    assert any(part in unpacked.refused for part in reason.split("|")), unpacked.refused
    assert () == unpacked.parts


def test_a_swift_envelope_and_other_letters_are_read(tmp_path, bank):
    text = "{1:F01BANKDEFF}{2:I940X}{4:\r\n" + message(
        ":61:2610081008C1,00NTRF", ":86:Müller", closing="C261008EUR101,00"
    )
    unpacked = read(text.replace("-\r\n", "-}\r\n").encode("cp1252"), tmp_path, bank)
    assert ["Müller"] == [line["remark"] for line in LINES.canonical(unpacked, bank).streams["bank_lines"]]


def test_a_damaged_archive_is_refused(tmp_path, bank):
    assert "damaged inside its compression" in read(gzip.compress(b":20:")[:9], tmp_path, bank).refused


def test_repeated_numbers_of_the_bank_make_no_repeated_line(tmp_path, bank):
    text = message(":61:2610081008C1,00NTRFN//55", ":61:2610081008C1,00NTRFN//55", closing="C261008EUR102,00")
    assert ["2026-10-08/7/1/1", "2026-10-08/7/1/2"] == [line["line_no"] for line in lines(text, tmp_path, bank)]


def test_a_missing_folder_is_no_quiet_day(desk, connect, tmp_path):
    with pytest.raises(Unavailable, match="does not exist"):
        desk.fetch(LINES, connect("bank_mt940", path=tmp_path / "gone"))


def test_the_library_reads_the_same_movements(tmp_path, bank):
    text = message(
        ":61:2610081008C7,00NTRFA//1", ":86:one", ":61:2610081008D3,50NTRFB//2", ":86:two", closing="C261008EUR103,50"
    )
    theirs = mt940.parse(text.replace("\r\n", "\n"))
    ours = lines(text, tmp_path, bank)
    signed = [Decimal(line["amount"]) * (1 if line["direction"] == "in" else -1) for line in ours]
    assert [transaction.data["amount"].amount for transaction in theirs] == signed
