"""camt documents as banks write them: versions, batches, reversals, balances, and hostile ones."""

import gzip
from dataclasses import replace

import pytest

from connectors.bank_camt import SOURCE
from connectors.core.canonical import csv_rows
from connectors.core.errors import Unavailable

[ENTRIES] = SOURCE.streams


@pytest.fixture
def bank(connect, tmp_path):
    return connect("bank_camt", path=tmp_path)


def balance(code, amount, day="2026-10-08", sign="CRDT", currency="CNY"):
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(amount, sign, *, ref="R1", more="", details="", status="<Sts>BOOK</Sts>", currency="CNY"):
    return (
        f"<Ntry><Amt Ccy='{currency}'>{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{more}{status}"
        f"<BookgDt><Dt>2026-10-08</Dt></BookgDt><ValDt><Dt>2026-10-09</Dt></ValDt><AcctSvcrRef>{ref}</AcctSvcrRef>"
        f"{details}</Ntry>"
    )


def statement(*parts, number="S1", account="<Id><IBAN>CN12</IBAN></Id><Ccy>CNY</Ccy>", tag="Stmt"):
    return (
        f"<{tag}><Id>{number}</Id><CreDtTm>2026-10-08T23:00:00</CreDtTm><Acct>{account}</Acct>{''.join(parts)}</{tag}>"
    )


def document(*statements, version="053.001.02", body="BkToCstmrStmt"):
    return (
        f"<?xml version='1.0'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.{version}'><{body}><GrpHdr>"
        f"<MsgId>m</MsgId></GrpHdr>{''.join(statements)}</{body}></Document>"
    )


def read(text, tmp_path, bank, name="statement.xml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return ENTRIES.unpack(path, "xml", tmp_path, bank, name)


PARTIES = (
    "<RltdPties><Dbtr>{open}<Nm>Payer</Nm>{close}</Dbtr><DbtrAcct><Id><Othr><Id>622</Id></Othr></Id></DbtrAcct>"
    "<Cdtr>{open}<Nm>Us</Nm>{close}</Cdtr></RltdPties>"
)


@pytest.mark.parametrize("version", ["053.001.02", "053.001.04", "053.001.08", "053.001.12"])
def test_all_versions_read_alike(tmp_path, bank, version):
    is_new = version != "053.001.02"
    parties = PARTIES.format(open="<Pty>" if is_new else "", close="</Pty>" if is_new else "")
    details = f"<NtryDtls><TxDtls><Refs><EndToEndId>PO7</EndToEndId></Refs>{parties}<RmtInf><Ustrd>a  b</Ustrd></RmtInf></TxDtls></NtryDtls>"
    status = "<Sts><Cd>BOOK</Cd></Sts>" if is_new else "<Sts>BOOK</Sts>"
    text = document(
        statement(
            balance("OPBD", "100.00"), balance("CLBD", "110.00"), entry("10.00", "CRDT", details=details, status=status)
        ),
        version=version,
    )
    found = read(text, tmp_path, bank)
    assert (None, "100.00", "110.00", "2026-10-08", "CN12", 1) == (
        found.refused,
        found.statements[0].opening_balance,
        found.statements[0].closing_balance,
        found.statements[0].day,
        found.statements[0].account,
        found.statements[0].row_count,
    )
    [line] = ENTRIES.canonical(found, bank).streams["bank_lines"]
    assert {
        "line_no": "R1",
        "booked_at": "2026-10-08",
        "value_date": "2026-10-09",
        "direction": "in",
        "amount": "10.00",
        "balance": None,
        "counterparty_name": "Payer",
        "counterparty_account": "622",
        "remark": "a b",
        "bank_reference": "PO7",
        "statement": 0,
        "account": "CN12",
        "currency": "CNY",
    } == line


def test_a_reversal_keeps_its_mark_and_its_booked_direction(tmp_path, bank):
    text = document(
        statement(
            balance("PRCD", "100.00"),
            balance("CLBD", "94.00"),
            entry("6.00", "DBIT", more="<RvslInd>1</RvslInd>"),
        )
    )
    found = read(text, tmp_path, bank)
    assert found.refused is None
    [(_, row)] = csv_rows(found.parts[0])
    assert ("out", "true") == (row["direction"], row["reversal"])


def test_a_batch_is_one_line_and_its_transactions_are_details(tmp_path, bank):
    transactions = "".join(f"<TxDtls><Amt Ccy='CNY'>{amount}</Amt></TxDtls>" for amount in ("4.00", "5.00"))
    batch = f"<NtryDtls><Btch><MsgId>B7</MsgId><NbOfTxs>2</NbOfTxs></Btch>{transactions}</NtryDtls>"
    text = document(statement(balance("OPBD", "0"), balance("CLBD", "10.00"), entry("10.00", "CRDT", details=batch)))
    found = read(text, tmp_path, bank)
    assert (1, 2) == tuple(len(list(csv_rows(part))) for part in found.parts)
    [(_, row)] = csv_rows(found.parts[0])
    assert ("10.00", "2", "B7") == (row["amount"], row["batch_count"], row["bank_reference"])
    assert "its details add up to 9.00, the entry counts 10.00" in found.notes[0]


def test_pending_entries_are_no_lines_and_do_not_count(tmp_path, bank):
    pending = entry("7.00", "CRDT", status="<Sts>PDNG</Sts>")
    found = read(document(statement(balance("OPBD", "1.00"), balance("CLBD", "1.00"), pending)), tmp_path, bank)
    assert (None, 0) == (found.refused, found.statements[0].row_count)
    assert "1 entries are not booked yet" in found.notes[0]


def test_statements_of_one_message_are_never_merged(tmp_path, bank):
    first = statement(balance("OPBD", "1.00"), balance("CLBD", "3.00"), entry("2.00", "CRDT"))
    second = statement(
        balance("OPBD", "5.00", currency="USD"),
        balance("CLBD", "4.00", currency="USD"),
        entry("1.00", "DBIT", currency="USD"),
        number="S2",
        account="<Id><Othr><Id>777</Id></Othr></Id><Ccy>USD</Ccy>",
    )
    found = read(document(first, second), tmp_path, bank)
    assert [("CN12", "CNY", "S1"), ("777", "USD", "S2")] == [
        (item.account, item.currency, item.statement_no) for item in found.statements
    ]
    assert [("0", "R1"), ("1", "R1#2")] == [
        (row["statement_index"], row["line_no"]) for _, row in csv_rows(found.parts[0])
    ]


def test_two_equal_entries_without_reference_stay_two(tmp_path, bank):
    twins = [entry("2.00", "CRDT", ref="NONREF")] * 2
    found = read(document(statement(balance("OPBD", "0"), balance("CLBD", "4"), *twins)), tmp_path, bank)
    assert ["S1#1", "S1#2"] == [row["line_no"] for _, row in csv_rows(found.parts[0])]


def test_an_entry_in_another_currency_is_not_summed_and_a_note_says_so(tmp_path, bank):
    foreign = entry("2.00", "CRDT", currency="EUR")
    found = read(document(statement(balance("OPBD", "1"), balance("CLBD", "99"), foreign)), tmp_path, bank)
    assert found.refused is None
    assert "entries in EUR" in found.notes[0]


SUMMARY = "<TxsSummry><TtlNtries><NbOfNtries>5</NbOfNtries></TtlNtries></TxsSummry>"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (
            document(statement(balance("OPBD", "1.00"), balance("CLBD", "9.00"), entry("2.00", "CRDT"))),
            "(deviation -6.00)",
        ),
        (document(statement(balance("OPBD", "1"), balance("CLBD", "3"), SUMMARY, entry("2", "CRDT"))), "stated as 5"),
        (document(statement(balance("OPBD", "1"), balance("CLBD", "3", currency="EUR"))), "not in one currency"),
        (document(statement(tag="Rpt"), version="052.001.02", body="BkToCstmrAcctRpt"), "camt.052 intraday"),
        (
            document(statement(tag="Ntfctn"), version="054.001.02", body="BkToCstmrDbtCdtNtfctn"),
            "camt.054 notification",
        ),
        (document(statement(balance("OPBD", "1"), balance("CLBD", "1e3"))), "no plain decimal"),
        (document(statement())[:-30], "no well-formed XML"),
        (document(), "no bank statement"),
        ("<html/>", "no bank statement"),
        ("<!DOCTYPE d [<!ENTITY a 'x'>]>" + document(statement()).partition("?>")[2], "DOCTYPE"),
        ("<!DOCTYPE d SYSTEM 'file:///etc/passwd'>" + document(statement()).partition("?>")[2], "DOCTYPE"),
        (gzip.compress(document(statement()).encode(), mtime=0)[:-12], "cut off"),
    ],
)
def test_what_must_not_be_loaded_is_refused_whole_with_the_reason(tmp_path, bank, text, word):
    found = read(text, tmp_path, bank)
    assert () == found.parts
    assert word in (found.refused or "")
    assert (found.refused or "").startswith("statement.xml")


def notices(*entries, kind="054"):
    tag, body = {"052": ("Rpt", "BkToCstmrAcctRpt"), "054": ("Ntfctn", "BkToCstmrDbtCdtNtfctn")}[kind]
    return document(statement(*entries, tag=tag), version=f"{kind}.001.02", body=body)


@pytest.mark.parametrize("kind", ["052", "054"])
def test_where_notices_are_wanted_an_entry_is_known_by_the_banks_name_for_it(tmp_path, bank, kind):
    wanted = replace(bank, options={"load_notices": True})
    pending = entry("9.00", "CRDT", ref="P", status="<Sts>PDNG</Sts>")
    told = read(notices(entry("2.00", "CRDT", ref="A1"), pending, kind=kind), tmp_path, wanted)
    stated = read(
        document(statement(balance("OPBD", "0"), balance("CLBD", "2"), entry("2.00", "CRDT", ref="A1"))),
        tmp_path,
        wanted,
    )
    [(_, early)] = list(csv_rows(told.parts[0]))
    told = ENTRIES.canonical(told, wanted)
    assert ["2.00"] == [row["amount"] for row in told.streams["bank_lines"]]
    [(_, late)] = list(csv_rows(stated.parts[0]))
    assert ("A1", "2.00", "in") == (early["line_no"], early["amount"], early["direction"])
    assert early["line_no"] == late["line_no"]


def test_a_notice_states_no_balance(tmp_path, bank):
    wanted = replace(bank, options={"load_notices": True})
    report = notices(balance("OPBD", "0"), balance("CLBD", "2"), entry("2.00", "CRDT", ref="A1"), kind="052")
    assert () == read(report, tmp_path, wanted).statements


@pytest.mark.parametrize(
    "entries", [(entry("2.00", "CRDT", ref="NONREF"),), (entry("2.00", "CRDT"), entry("2.00", "CRDT"))]
)
def test_a_notice_whose_entries_have_no_name_of_their_own_is_refused(tmp_path, bank, entries):
    found = read(notices(*entries), tmp_path, replace(bank, options={"load_notices": True}))
    assert "1 of its entries carry no reference" in found.refused
    assert () == found.parts


def test_a_refused_statement_still_shows_what_it_says(tmp_path, bank):
    found = read(document(statement(balance("OPBD", "1.00"), balance("CLBD", "9.00"))), tmp_path, bank)
    assert ("1.00", "9.00") == (found.statements[0].opening_balance, found.statements[0].closing_balance)


def test_files_of_the_folder_are_delivered_below_it_too_and_unfinished_ones_are_left(desk, bank, tmp_path):
    (tmp_path / "2026").mkdir()
    for name in ("2026/a.xml", "b.xml.gz", "c.xml.part", ".d.xml", "e.csv"):
        (tmp_path / name).write_bytes(b"x")
    found = desk.fetch(ENTRIES, bank)
    assert [("a.xml", "xml"), ("b.xml.gz", "xml.gz")] == [(delivery.name, delivery.suffix) for delivery in found]
    assert "2026-10-09" == found[0].day.isoformat()


def test_a_folder_that_is_not_there_is_no_quiet_day(desk, connect, tmp_path):
    with pytest.raises(Unavailable, match="does not exist"):
        desk.fetch(ENTRIES, connect("bank_camt", path=tmp_path / "gone"))
