"""Loading: every file once, every row with its line, nothing lost, nothing half-loaded."""

from dataclasses import replace
from datetime import date

import pytest
from demo_source import COLUMNS, csv_part, json_part, statement

from connectors.core.protocol import ColumnRule, Part, Unpacked
from orchestration.landing.manifest import Manifest
from orchestration.warehouse import connect, loading

DAY = date(2026, 9, 26)
HEAD = b"order_no,amount,note\n"


def rows(world, table="demo__bills", columns="row_number, order_no, amount, note"):
    found = world.warehouse().read(f'select {columns} from raw."{table}" order by row_number')
    return [tuple(row.values()) for row in found]


def rejected(world):
    found = world.warehouse().read("select row_number, reason, raw_row from raw.rejected_rows order by row_number")
    return [tuple(row.values()) for row in found]


def test_a_file_is_loaded_once_with_its_lines(world):
    world.unpacked = csv_part()
    world.bring("bills", HEAD + b"007,1.10,a\n008,2.00,\n", DAY)
    first = world.warehouse().load(world.archive())
    second = world.warehouse().load(world.archive())
    assert [(2, "007", "1.10", "a"), (3, "008", "2.00", None)] == rows(world)
    assert (1, 2) == (first.files, first.rows)
    assert (0, 0) == (second.files, second.rows)
    assert (DAY, DAY) == (first.tables["demo__bills"].first_day, first.tables["demo__bills"].last_day)


def test_broken_records_are_kept_beside_and_the_others_keep_their_lines(world):
    world.unpacked = csv_part()
    body = HEAD + b'1,1,a\n2,2,b,extra\n3\n4,4,d\n5,"x"y,e\n6,6,f\n\xff\xfe7,7,g\n8,8,h\n'
    world.bring("bills", body, DAY)
    report = world.warehouse().load(world.archive())
    assert [2, 5, 7, 9] == [row[0] for row in rows(world)]
    assert [3, 4, 6, 8] == [row[0] for row in rejected(world)]
    assert ["2,2,b,extra", "3", '5,"x"y,e'] == [row[2] for row in rejected(world)[:3]]
    assert all("is no valid CSV record" in row[1] for row in rejected(world))
    assert (4, 4) == (report.rows, report.rejected)


def test_lines_are_true_behind_blank_lines_and_line_breaks_in_cells(world):
    world.unpacked = csv_part()
    body = HEAD + b'1,1,"two\nlines"\n\n2,2,b\n3,3\n4,4,"a ""quoted""\n\n word"\n5,5,e\n\n'
    world.bring("bills", body, DAY)
    world.warehouse().load(world.archive())
    assert [(2, "1"), (5, "2"), (7, "4"), (10, "5")] == [row[:2] for row in rows(world)]
    assert [(6, "3,3")] == [(row[0], row[2]) for row in rejected(world)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_broken_record_behind_a_blank_line_has_its_own_line(world, end):
    world.unpacked = csv_part()
    body = HEAD + b"1,1,a\n\n\n2,2\n3,3,c\n\n4\n\n5,5,e\n\n"
    world.bring("bills", body.replace(b"\n", end), DAY)
    world.warehouse().load(world.archive())
    assert [(2, "1"), (6, "3"), (10, "5")] == [row[:2] for row in rows(world)]
    assert [(5, "2,2"), (8, "4")] == [(row[0], row[2]) for row in rejected(world)]


def test_two_parts_of_one_file_keep_their_own_lines(world):
    def unpack(path, workdir):
        second = workdir / "second.csv"
        second.write_bytes(HEAD + b"9,9,z\n8\n7,7,y\n")
        parts = [Part("bills", "csv", path, COLUMNS, 2), Part("bills", "csv", second, COLUMNS, 102)]
        return Unpacked(parts=tuple(parts))

    world.unpacked = unpack
    world.bring("bills", HEAD + b"1,1,a\n2\n3,3,c\n", DAY)
    world.warehouse().load(world.archive())
    assert [(2, "1"), (4, "3"), (102, "9"), (104, "7")] == [row[:2] for row in rows(world)]
    assert [3, 103] == [row[0] for row in rejected(world)]


def test_a_line_column_says_the_line(world):
    world.unpacked = csv_part(columns=("line", *COLUMNS), line_column="line", skip=0)
    world.bring("bills", b"12,1,1,a\n15,2,2,b\n17,broken\n", DAY)
    world.warehouse().load(world.archive())
    assert [(12, "1"), (15, "2")] == [row[:2] for row in rows(world)]
    assert [17] == [row[0] for row in rejected(world)]


def test_a_quote_that_never_closes_refuses_the_file_with_its_name_and_line(world):
    world.unpacked = csv_part()
    world.bring("bills", HEAD + b'1,1,a\n\n2,2,"open\n3,3,c\n', DAY)
    report = world.warehouse().load(world.archive())
    assert ([], [], 1) == (rows(world), rejected(world), report.refused)
    facts = world.warehouse().read("select refused_reason from raw.landed_files where status = 'arrived'")
    assert facts[0]["refused_reason"].startswith("bill.csv line 4 is no CSV: a quote is not closed")


def test_what_a_killed_run_was_unpacking_is_cleared_away(world):
    left = world.root / "data/warehouse/.unpacked/group-1/file.csv"
    left.parent.mkdir(parents=True)
    left.write_text("half")
    world.warehouse().load(world.archive())
    assert not left.exists()


def test_unknown_columns_are_kept_as_json(world):
    world.unpacked = csv_part(columns=("order_no", "colour", "amount", "size"))
    world.bring("bills", b"h\n1,red,1,\n2,,2,\n", DAY)
    world.warehouse().load(world.archive())
    assert [("1", None, '{"colour":"red"}'), ("2", None, None)] == rows(world, columns="order_no, note, extra")


def test_a_mapping_is_applied_in_sql_and_exactly(world):
    rules = {
        "order_no": ColumnRule(columns=("a", "b"), join="-"),
        "amount": ColumnRule(columns=("c",), scale="0.01"),
        "note": ColumnRule(columns=("d",), map={"已付款": "paid"}),
    }
    world.unpacked = csv_part(columns=("a", "b", "c", "d"), rules=rules)
    body = "a,b,c,d\nx,1,1234567890123456,已付款\n,,12.5,other\ny,,1e3,\n".encode()
    world.bring("bills", body, DAY)
    world.warehouse().load(world.archive())
    assert [
        ("x-1", "12345678901234.56", "paid", None),
        (None, "0.125", "other", None),
        ("y", "1e3", None, None),
    ] == rows(world, columns="order_no, amount, note, extra")


@pytest.mark.parametrize(
    ("form", "given", "expected"),
    [
        ("%d/%m/%Y", "03/10/2026", "2026-10-03"),
        ("%d/%m/%Y %H:%M", "03/10/2026 09:05", "2026-10-03T09:05:00.000000"),
        ("%Y-%m-%d %H:%M:%S%z", "2026-10-03 09:05:00+08", "2026-10-03T01:05:00.000000Z"),
        ("%d/%m/%Y", "2026-10-03", "2026-10-03"),
        ("%d/%m/%Y", "soon", "soon"),
    ],
)
def test_times_become_iso_and_what_is_no_time_stays(world, form, given, expected):
    world.unpacked = csv_part(columns=("t",), rules={"note": ColumnRule(columns=("t",), format=form)})
    world.bring("bills", f"t\n{given}\n".encode(), DAY)
    world.warehouse().load(world.archive())
    assert [(expected,)] == rows(world, columns="note")


def test_a_page_gives_one_row_for_each_record(world):
    world.unpacked = json_part("$.answer.list.item")
    body = b'{"answer":{"list":{"item":[{"id":32609260000012300,"fee":"1.10"},{"id":"x"}]}}}'
    world.bring("pages", body, DAY, "json")
    world.warehouse().load(world.archive())
    found = rows(world, "demo__pages", "row_number, record ->> 'id', record ->> 'fee'")
    assert [(1, "32609260000012300", "1.10"), (2, "x", None)] == found


def test_a_page_without_its_list_is_empty(world):
    world.unpacked = json_part("$.answer.list.item")
    world.bring("pages", b'{"answer":{"total":0}}', DAY, "json")
    assert 0 == world.warehouse().load(world.archive()).rows


def test_a_number_that_a_double_cannot_carry_rejects_its_record(world):
    world.unpacked = json_part("$.rows")
    body = b'{"rows":[{"n":1,"a":1.10},{"n":2,"deep":{"a":1234567890123456.78}},{"n":3,"id":12345678901234567890123}]}'
    world.bring("pages", body, DAY, "json")
    report = world.warehouse().load(world.archive())
    assert (2, 1) == (report.rows, report.rejected)
    assert [(2, "deep.a")] == [(row[0], row[1].split()[0]) for row in rejected(world)]
    found = rows(world, "demo__pages", "row_number, record ->> 'id'")
    assert [(1, None), (3, "12345678901234567890123")] == found


def test_a_bundle_has_one_document_a_line(world):
    world.unpacked = json_part("$.trade", lines=True)
    body = b'{"trade":{"tid":1}}\n\nnot json\n{"other":1}\n{"trade":{"tid":2,"fee":0.12345678901234567}}\n{"trade":{"tid":3}}\n'
    world.bring("pages", body, DAY, "json")
    report = world.warehouse().load(world.archive())
    assert [(1, "1"), (6, "3")] == rows(world, "demo__pages", "row_number, record ->> 'tid'")
    assert [3, 4, 5] == [row[0] for row in rejected(world)]
    assert (2, 3) == (report.rows, report.rejected)


def test_a_page_that_is_no_json_is_refused_whole_and_spoils_nothing(world):
    world.unpacked = json_part("$.rows")
    world.bring("pages", b"<html>busy</html>", DAY, "json")
    world.bring("pages", b'{"rows":[{"n":1}]}', date(2026, 9, 27), "json")
    report = world.warehouse().load(world.archive())
    assert (1, 1) == (report.rows, report.refused)
    facts = world.warehouse().read("select refused_reason, loaded_rows from raw.landed_files order by file_id")
    assert "is no valid JSON" in facts[0]["refused_reason"]
    assert (None, 1) == (facts[0]["loaded_rows"], facts[1]["loaded_rows"])


def test_a_refused_file_leaves_its_statement_without_counts(world):
    part = csv_part()

    def unpack(path, workdir):
        whole = part(path, workdir)
        return replace(whole, statements=(statement(day="2026-09-26"), statement(day="someday")), refused="odd totals")

    world.unpacked = unpack
    world.bring("bills", HEAD + b"1,1,a\n", DAY)
    world.warehouse().load(world.archive())
    assert [] == rows(world)
    facts = world.warehouse().read("select day, row_count, in_sum from raw.statements order by statement_index")
    assert [(DAY, None, "1.00"), (None, None, "1.00")] == [tuple(row.values()) for row in facts]


def test_what_brought_nothing_is_loaded_too(world):
    world.land("bills", DAY, DAY)
    world.warehouse().load(world.archive())
    facts = world.warehouse().read(
        "select distinct status, loaded_rows, window_end - window_start as span from raw.landed_files"
    )
    assert [("nothing", None, 86400.0)] == [(f["status"], f["loaded_rows"], f["span"].total_seconds()) for f in facts]
    assert world.warehouse().pending() is None


def test_only_asked_tables_are_loaded_and_the_rest_follows(world):
    world.unpacked = csv_part()
    world.bring("bills", HEAD + b"1,1,a\n", DAY)
    world.archive().land_tables(world.settings(), DAY, world.now)
    assert 1 == world.warehouse().load(world.archive(), ["demo__bills"]).files
    rest = world.warehouse().load(world.archive())
    assert "_rules__fee_rules" in rest.tables
    assert 0 == rest.rejected


def test_a_crash_inside_a_file_leaves_nothing_of_it_and_the_next_run_heals(world, monkeypatch):
    world.unpacked = csv_part()
    world.bring("bills", HEAD + b"1,1,a\n", DAY)
    with monkeypatch.context() as broken:
        broken.setattr(loading.Loader, "_state", lambda *facts: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            world.warehouse().load(world.archive())
    assert [] == rows(world)
    assert 1 == world.warehouse().load(world.archive()).rows
    assert 1 == len(rows(world))


def test_the_order_of_loading_does_not_matter(world):
    world.unpacked = csv_part()
    for number in range(3):
        world.bring("bills", HEAD + f"{number},{number},a\n".encode(), date(2026, 9, 25 + number))
    world.warehouse().load(world.archive())
    first = rows(world, columns="file_id, row_number, landed_on, order_no")
    world.warehouse().rebuild()
    world.warehouse().load(world.archive(), ["demo__bills"])
    assert sorted(first) == sorted(rows(world, columns="file_id, row_number, landed_on, order_no"))


def test_a_new_column_of_a_newer_version_is_added(world):
    world.warehouse().ensure()
    settings = world.settings()
    with loading_connection(world) as connection:
        connection.execute("alter table raw.demo__bills drop column note")
    world.warehouse().ensure()
    assert settings.sources == ("demo",)
    assert "note" in world.warehouse().read("select * from raw.demo__bills limit 1") or rows(world) == []


def loading_connection(world):
    return connect(world.warehouse().path)


def test_pending_days_are_those_not_built_yet(world):
    world.unpacked = csv_part()
    world.bring("bills", HEAD + b"1,1,a\n", DAY)
    world.warehouse().load(world.archive())
    assert (DAY, DAY) == world.warehouse().pending()
    variables = world.warehouse().variables(world.now, "r1")
    assert (DAY, DAY, date(2026, 9, 28)) == (variables.load_from, variables.load_to, variables.today)
    world.warehouse().built()
    assert world.warehouse().pending() is None
    empty = world.warehouse().variables(world.now, "r2")
    assert empty.load_from > empty.load_to


def test_the_manifest_is_the_file_id(world):
    world.unpacked = csv_part()
    world.bring("bills", HEAD + b"1,1,a\n", DAY)
    world.warehouse().load(world.archive())
    entries = Manifest(world.root / "data" / "landing" / "manifest.jsonl").entries()
    ids = world.warehouse().read("select file_id, sha256 from raw.landed_files order by 1")
    assert [(entry.sequence, entry.digest) for entry in entries] == [(row["file_id"], row["sha256"]) for row in ids]


def test_the_same_page_received_twice_is_two_files_and_no_product_of_both(world):
    world.unpacked = json_part("$.rows")
    for body in (b'{"rows":[{"n":1}]}', b'{"rows":[{"n":2}]}', b'{"rows":[{"n":1}]}'):
        world.bring("pages", body, DAY, "json")
    assert 3 == world.warehouse().load(world.archive()).rows
    found = world.warehouse().read("select file_id, record ->> 'n' as n from raw.demo__pages order by file_id")
    assert [(1, "1"), (2, "2"), (3, "1")] == [tuple(row.values()) for row in found]
