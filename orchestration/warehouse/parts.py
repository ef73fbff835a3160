"""One part of an archived file into its raw table, in one statement. No row passes through Python."""

import duckdb

from connectors.core.protocol import Part
from orchestration.warehouse.connect import name, text
from orchestration.warehouse.csv_parts import insert_csv
from orchestration.warehouse.json_numbers import unsafe_records
from orchestration.warehouse.pages import has_long_number
from orchestration.warehouse.targets import LONGEST_RAW_ROW, Counts, Target, UnloadableError


def insert_part(target: Target, part: Part) -> Counts:
    """Load a CSV part or a bundle inside the caller's transaction; raises UnloadableError when it cannot be read."""
    try:
        return insert_csv(target, part) if part.kind == "csv" else _insert_lines(target, part)
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        first = str(error).strip().splitlines()[0]
        raise UnloadableError({target.file_id: f"{part.path.name}: {first}"}) from error


def _insert_lines(target: Target, part: Part) -> Counts:
    """One JSON document a line: the record of each; a line that is no JSON, or holds no record, is rejected."""
    run = target.connection.execute
    items = part.items or "$"
    run(
        f"""
        create or replace temp table json_lines as
        select place, line, json_valid(line) as is_json, false as is_unsafe,
            case when json_valid(line) then json_extract(line, {text(items)}) end as record
        from (
            select unnest(lines) as line, generate_subscripts(lines, 1) as place
            from (select string_split(content, chr(10)) as lines from read_text({text(str(part.path))}))
        ) where trim(line, chr(13) || ' ') <> ''
        """
    )
    _reject_unsafe(target, part, items)
    inserted = run(
        f"""
        insert into raw.{name(target.raw.table)} (file_id, row_number, landed_on, record)
        select {target.file_id}, place + {part.first_row - 1}, date '{target.landed_on}', record
        from json_lines where record is not null and not is_unsafe order by place
        """
    ).fetchall()
    rejected = run(
        f"""
        insert into raw.rejected_rows
        select
            {target.file_id}, place + {part.first_row - 1},
            case when is_json then 'holds no record' else 'is no valid JSON' end, left(line, {LONGEST_RAW_ROW})
        from json_lines where record is null and not is_unsafe
        """
    ).fetchall()
    unsafe = run("select count(*) from json_lines where is_unsafe").fetchall()
    return Counts(int(inserted[0][0]), int(rejected[0][0]) + int(unsafe[0][0]))


def _reject_unsafe(target: Target, part: Part, items: str) -> None:
    """Lines with a number that a double cannot carry."""
    run = target.connection.execute
    found = run(f"select place, line from json_lines where is_json and {has_long_number('line')}").fetchall()
    for place, line in found:
        for _, reason, raw_row in unsafe_records(line, items):
            run(f"update json_lines set is_unsafe = true where place = {place}")
            run(
                "insert into raw.rejected_rows values (?, ?, ?, ?)",
                [target.file_id, place + part.first_row - 1, reason, raw_row[:LONGEST_RAW_ROW]],
            )
