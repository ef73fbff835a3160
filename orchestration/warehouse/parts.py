"""One part of an archived file into its raw table, in one statement. No row passes through Python."""

import duckdb

from connectors.core.protocol import Part
from orchestration.warehouse.connect import name, text
from orchestration.warehouse.csv_parts import insert_csv
from orchestration.warehouse.json_numbers import unsafe_records
from orchestration.warehouse.targets import LONGEST_RAW_ROW, Counts, Target, UnloadableError

LONG_NUMBER = r"[:,\[]\s*(-?[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))"


def insert_part(target: Target, part: Part) -> Counts:
    """Load one part inside the caller's transaction; raises UnloadableError when it cannot be read."""
    try:
        if part.kind == "csv":
            return insert_csv(target, part)
        return _insert_lines(target, part) if part.lines else _insert_page(target, part)
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        first = str(error).strip().splitlines()[0]
        raise UnloadableError(f"{part.path.name}: {first}") from error


def _one(target: Target, query: str) -> int:
    found = target.connection.execute(f"select {query}").fetchall()
    return int(found[0][0])


def _insert_page(target: Target, part: Part) -> Counts:
    """A JSON page: the elements of its list. What is no list is one record; what is absent is none."""
    path = text(str(part.path))
    document = f"(select content from read_text({path}))"
    if not _one(target, f"coalesce(json_valid(content), false) from {document}"):
        raise UnloadableError(f"{part.path.name}: is no valid JSON")
    unsafe = _unsafe(target, part, document)
    table = name(target.raw.table)
    where = f"where place not in ({', '.join(str(place) for place, _, _ in unsafe)})" if unsafe else ""
    found = f"json_extract(content, {text(part.items or '$')})"
    inserted = target.connection.execute(
        f"""
        insert into raw.{table} (file_id, row_number, landed_on, record)
        select {target.file_id}, place + {part.first_row - 1}, date '{target.landed_on}', record
        from (
            select unnest(records) as record, generate_subscripts(records, 1) as place
            from (
                select
                    case json_type({found})
                        when 'ARRAY' then json_extract({found}, '$[*]') when 'NULL' then [] else [{found}]
                    end as records
                from {document} where {found} is not null
            )
        ) {where}
        """
    ).fetchall()
    _reject_all(target, unsafe, part.first_row - 1)
    return Counts(int(inserted[0][0]), len(unsafe))


def _unsafe(target: Target, part: Part, document: str) -> list[tuple[int, str, str]]:
    digits = "length(regexp_replace(number, '[^0-9]', '', 'g'))"
    long = f"list_filter(regexp_extract_all(content, {text(LONG_NUMBER)}, 1), lambda number: {digits} > 15)"
    if not _one(target, f"coalesce(max(len({long})), 0) from {document}"):
        return []
    if part.lines:
        lines = enumerate(part.path.read_text(encoding="utf-8").splitlines(), start=1)
        return [(place, why, raw) for place, line in lines if line.strip() for _, why, raw in _of(line, part.items)]
    return _of(part.path.read_text(encoding="utf-8-sig"), part.items)


def _of(document: str, items: str) -> list[tuple[int, str, str]]:
    try:
        return list(unsafe_records(document, items))
    except ValueError:
        return []


def _reject_all(target: Target, rows: list[tuple[int, str, str]], shift: int) -> None:
    for place, reason, raw_row in rows:
        target.connection.execute(
            "insert into raw.rejected_rows values (?, ?, ?, ?)",
            [target.file_id, place + shift, reason, raw_row[:LONGEST_RAW_ROW]],
        )


def _insert_lines(target: Target, part: Part) -> Counts:
    """One JSON document a line: the record of each; a line that is no JSON, or holds no record, is rejected."""
    document = f"(select content from read_text({text(str(part.path))}))"
    unsafe = _unsafe(target, part, document)
    places = ", ".join(str(place) for place, _, _ in unsafe) or "-1"
    run = target.connection.execute
    run(
        f"""
        create or replace temp table json_lines as
        select
            place, line, place in ({places}) as is_unsafe,
            case when json_valid(line) then json_extract(line, {text(part.items or "$")}) end as record
        from (
            select unnest(lines) as line, generate_subscripts(lines, 1) as place
            from (select string_split(content, chr(10)) as lines from {document})
        ) where trim(line, chr(13) || ' ') <> ''
        """
    )
    run(
        f"""
        insert into raw.{name(target.raw.table)} (file_id, row_number, landed_on, record)
        select {target.file_id}, place + {part.first_row - 1}, date '{target.landed_on}', record
        from json_lines where record is not null and not is_unsafe order by place
        """
    )
    run(
        f"""
        insert into raw.rejected_rows
        select
            {target.file_id}, place + {part.first_row - 1},
            case when json_valid(line) then 'holds no record' else 'is no valid JSON' end,
            left(line, {LONGEST_RAW_ROW})
        from json_lines where record is null and not is_unsafe
        """
    )
    _reject_all(target, unsafe, part.first_row - 1)
    counted = run(
        "select count(*) filter (where record is not null and not is_unsafe), count(*) from json_lines"
    ).fetchall()[0]
    return Counts(int(counted[0]), int(counted[1]) - int(counted[0]))
