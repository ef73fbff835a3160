"""Text as exports write it."""

import gzip
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.text import Refused, amount, clean, encoding_of, heading, money, plain, western, whole_file


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("123\t", "123"),
        ("`123", "123"),
        ("'123", "123"),
        ('="123"', "123"),
        ("123   ", "123"),
        ("=1+1", "=1+1"),
        ("", ""),
        ("'", ""),
    ],
)
def test_five_kinds_of_protection_are_taken_off(cell, expected):
    assert expected == clean(cell)


def test_headings_are_compared_in_one_form():
    assert {"收入金额(+元)"} == {heading(text) for text in ("收入金额（+元）", " 收入金额(＋元)\t", "收入金额 (+元)")}


@pytest.mark.parametrize(
    "text", ["1e3", "1_000.00", "1,000.00", "", " 1", "1.", ".5", "NaN", "１２", "0x1", "12345678901234567"]
)
def test_what_is_no_plain_decimal_is_no_amount(text):
    assert amount(text) is None


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=2))
def test_amounts_survive_their_way_through_text(value):
    assert value == amount(plain(value))
    assert value == Decimal(money(value))
    assert "E" not in money(value)
    assert "-0.00" != money(value)


@given(
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=200),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_what_was_encoded_is_decoded(text, encoding):
    body = text.encode(encoding)
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    found = encoding_of(lambda: io.BytesIO(body), "x.csv")
    assert found in {"utf-8-sig", "gb18030"}
    body.decode(found)
    if encoding != "gb18030":
        assert "utf-8-sig" == found


def test_other_encodings_are_refused_by_name():
    with pytest.raises(Refused, match=r"x\.csv is UTF-16"):
        encoding_of(lambda: io.BytesIO("号".encode("utf-16")), "x.csv")
    with pytest.raises(Refused, match="neither UTF-8 nor GB18030"):
        encoding_of(lambda: io.BytesIO(b"a\xff\xff"), "x.csv")


def test_a_file_comes_whole_or_not_at_all(tmp_path):
    path = tmp_path / "lines.gz"
    path.write_bytes(gzip.compress(b"01,a"))
    assert b"01,a" == whole_file(path, "lines")
    path.write_bytes(gzip.compress(b"01,a" * 99)[:-9])
    with pytest.raises(Refused, match="lines is cut off or damaged inside its compression; fetch it again"):
        whole_file(path, "lines")


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"\xef\xbb\xbfa", "a"), ("Müller".encode(), "Müller"), (b"M\xfcller \x80", "Müller €"), (b"\x81", "\x81")],
)
def test_a_western_text_is_read_in_the_first_encoding_that_fits(body, expected):
    assert expected == western(body)
    assert body.decode("latin-1") == western(body, ())
