"""Whatever moves, in whatever pages, comes back to the cent and to the letter; damage is refused or accounted for."""

import json
from decimal import Decimal
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.cmb_direct import SOURCE
from tests.contract.cmb_direct.bank import chain, page, point
from tests.support import fuzz

[LINES] = SOURCE.streams
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
AMOUNTS = st.lists(st.integers(-(10**12), 10**12).filter(bool), max_size=30)
WORDS = st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)


def bundle(rows, size):
    """The rows in pages of a size; the last may be empty."""
    pages = [rows[at : at + size] for at in range(0, len(rows), size)] or [[]]
    if len(pages[-1]) == size:
        pages.append([])
    told = [page(one, more="c" if number < len(pages) else "", place=number) for number, one in enumerate(pages, 1)]
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in told)


def read(folder, connection, body):
    path = folder / "lines.ndjson"
    path.write_bytes(body)
    return LINES.unpack(path, "ndjson", folder, connection, path.name)


@QUICK
@given(amounts=AMOUNTS, texts=st.tuples(WORDS, WORDS), cut=st.tuples(st.integers(-(10**12), 10**12), st.integers(1, 9)))
def test_movements_come_back_as_written(tmp_path, connect, amounts, texts, cut):
    account, (remark, name), (opening, size) = connect("cmb_direct"), texts, cut
    rows = chain(amounts, opening, remarkTextClt=f"{remark}  ", ctpAcctName=name)
    unpacked = read(tmp_path, account, bundle(rows, size))
    assert unpacked.refused is None, unpacked.refused
    found = LINES.canonical(unpacked, account)
    assert () == found.quarantine
    lines = found.streams["bank_lines"]
    signed = [Decimal(line["amount"]) * (1 if line["direction"] == "in" else -1) for line in lines]
    assert [Decimal(amount).scaleb(-2) for amount in amounts] == signed
    assert [row["transSequenceIdn"] for row in rows] == [line["line_no"] for line in lines]
    assert {" ".join(remark.split()) or None} >= {line["remark"] for line in lines}
    assert {" ".join(name.split()) or None} >= {line["counterparty_name"] for line in lines}
    pages = [one for one in unpacked.statements if one.row_count]
    assert sum(one.row_count for one in unpacked.statements) == len(amounts)
    if amounts:
        assert (point(opening), point(opening + sum(amounts))) == (pages[0].opening_balance, pages[-1].closing_balance)
        assert all(one.closing_balance == two.opening_balance for one, two in pairwise(pages))


@QUICK
@given(amounts=AMOUNTS.filter(lambda found: len(found) > 1), data=st.data())
def test_a_row_that_is_lost_or_changed_is_noticed(tmp_path, connect, amounts, data):
    rows = chain(amounts)
    at = data.draw(st.integers(0, len(rows) - 1))
    written = page(rows)
    kept = written["response"]["body"]["TRANSQUERYBYBREAKPOINT_Z2"]
    if data.draw(st.booleans()):
        del kept[at]
    else:
        kept[at] = kept[at] | {"transAmount": point(amounts[at] + data.draw(st.sampled_from([-1, 1, 100])))}
    unpacked = read(tmp_path, connect("cmb_direct"), json.dumps(written).encode())
    assert "contradicts itself" in unpacked.refused
    assert () == unpacked.parts


def counted(body, unpacked, canonical):
    del body
    if unpacked.refused is None:
        assert sum(one.row_count for one in unpacked.statements) == len(canonical.streams["bank_lines"]) + len(
            canonical.quarantine
        )


def test_a_damaged_day_is_refused_or_every_row_is_accounted_for(tmp_path, connect):
    seeds = [bundle(chain([100, -50, 2_000, 7], 99), 3), bundle([], 5)]
    fuzz(LINES, seeds, connect("cmb_direct"), tmp_path, suffix="ndjson", check=counted)


def test_a_damaged_page_is_refused_or_every_row_is_accounted_for(tmp_path, connect):
    seeds = [json.dumps(page(chain([100, -50], 99), more="c"), ensure_ascii=False).encode()]
    fuzz(LINES, seeds, connect("cmb_direct"), tmp_path, suffix="json", check=counted)
