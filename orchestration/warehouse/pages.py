"""JSON pages into a raw table, many files in one statement: the elements of each page's list are its records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from connectors.core.protocol import Part
from orchestration.warehouse.connect import name, text
from orchestration.warehouse.json_numbers import unsafe_records
from orchestration.warehouse.schema import RawTable
from orchestration.warehouse.targets import LONGEST_RAW_ROW, Counts, UnloadableError

LONG_NUMBER = r"[:,\[]\s*(-?[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))"


@dataclass(frozen=True, slots=True)
class Page:
    """One page, and the file it came in."""

    part: Part
    file_id: int
    landed_on: date


def insert_pages(connection: duckdb.DuckDBPyConnection, raw: RawTable, pages: Sequence[Page]) -> Mapping[int, Counts]:
    """Load pages whose list stands at the same place; counts by file. Raises UnloadableError for what is no JSON."""
    items, first = pages[0].part.items or "$", pages[0].part.first_row
    _read(connection, pages, items)
    bad = connection.execute("select file_id, path from pages where kind = 'INVALID' order by file_id").fetchall()
    if bad:
        raise UnloadableError({file_id: f"{path.rsplit('/', 1)[-1]}: is no valid JSON" for file_id, path in bad})
    _reject_unsafe(connection, items, first)
    connection.execute(
        f"""
        insert into raw.{name(raw.table)} (file_id, row_number, landed_on, record)
        select file_id, place + {first - 1}, landed_on, record
        from (
            select file_id, landed_on, unnest(records) as record, generate_subscripts(records, 1) as place
            from (
                select
                    file_id, landed_on,
                    case kind
                        when 'ARRAY' then json_extract(content, {text(items + "[*]")})
                        else [json_extract(content, {text(items)})]
                    end as records
                from pages where kind <> 'NULL'
            )
        ) as found
        anti join unsafe_records as unsafe on unsafe.file_id = found.file_id and unsafe.place = found.place
        """
    )
    counted = connection.execute(
        """
        select pages.file_id, pages.size, count(unsafe.place)
        from pages left join unsafe_records as unsafe on pages.file_id = unsafe.file_id
        group by pages.file_id, pages.size
        """
    ).fetchall()
    connection.execute("drop table pages")
    return {file_id: Counts(int(size) - int(rejected), int(rejected)) for file_id, size, rejected in counted}


def _read(connection: duckdb.DuckDBPyConnection, pages: Sequence[Page], items: str) -> None:
    """The temporary table ``pages``. ``kind``: of what stands at the list's place; NULL when nothing does."""
    files = ", ".join(f"({text(str(page.part.path))}, {page.file_id}, date '{page.landed_on}')" for page in pages)
    paths = ", ".join(dict.fromkeys(text(str(page.part.path)) for page in pages))
    connection.execute(
        f"""
        create or replace temp table pages as
        select
            files.path, files.file_id, files.landed_on, read.content,
            case
                when not coalesce(json_valid(read.content), false) then 'INVALID'
                else coalesce(json_type(read.content, {text(items)}), 'NULL')
            end as kind,
            case kind
                when 'ARRAY' then json_array_length(read.content, {text(items)})
                when 'NULL' then 0 when 'INVALID' then 0 else 1
            end as size
        from read_text([{paths}]) as read
        inner join (values {files}) as files (path, file_id, landed_on) on read.filename = files.path
        """
    )


def _reject_unsafe(connection: duckdb.DuckDBPyConnection, items: str, first: int) -> None:
    """Records with a number that a double cannot carry; only pages that hold a long decimal are looked at."""
    connection.execute("create or replace temp table unsafe_records (file_id integer, place bigint)")
    for file_id, content in connection.execute(
        f"select file_id, content from pages where {has_long_number('content')}"
    ).fetchall():
        for place, reason, raw_row in unsafe_records(content, items):
            connection.execute(f"insert into unsafe_records values ({file_id}, {place})")
            connection.execute(
                "insert into raw.rejected_rows values (?, ?, ?, ?)",
                [file_id, place + first - 1, reason, raw_row[:LONGEST_RAW_ROW]],
            )


def has_long_number(column: str) -> str:
    """Whether a document holds an unquoted number with a point or an exponent and more than 15 digits."""
    digits = "length(regexp_replace(number, '[^0-9]', '', 'g'))"
    found = f"regexp_extract_all({column}, {text(LONG_NUMBER)}, 1)"
    return f"len(list_filter({found}, lambda number: {digits} > 15)) > 0"
