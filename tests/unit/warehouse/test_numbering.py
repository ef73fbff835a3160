"""Where records begin."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.warehouse.numbering import line_count, record_starts


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("numbering")


def starts(path, body, skip=0, delimiter=","):
    path.write_bytes(body)
    return [(start.line, start.offset) for start in record_starts(path, skip, delimiter)]


def test_blank_lines_and_quoted_breaks(folder):
    path = folder / "a.csv"
    assert [(2, 4), (6, 14)] == starts(path, b'h,h\n1,"a\n\nb"\n\n2,c\n', 1)
    assert [(1, 0), (3, 7)] == starts(path, b'a"b,c\n\nd,e')


@pytest.mark.parametrize(("body", "lines"), [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n\n", 2)])
def test_lines_are_counted_with_or_without_the_last_break(folder, body, lines):
    path = folder / "b.csv"
    path.write_bytes(body)
    assert lines == line_count(path)


cells = st.text(alphabet='ab",;\n x', max_size=6)


@given(st.lists(st.lists(cells, min_size=2, max_size=3).filter(any), max_size=6))
def test_records_written_by_any_writer_are_found(folder, table):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    expected, line = [], 1
    for row in table:
        expected.append(line)
        before = text.tell()
        writer.writerow(row)
        line += text.getvalue()[before:].count("\n")
    assert expected == [found for found, _ in starts(folder / "c.csv", text.getvalue().encode())]
