"""A CSV part into its raw table: records that are none are kept beside, every row keeps the line it came from."""

from array import array
from collections.abc import Sequence

from connectors.core.protocol import Part
from orchestration.warehouse.connect import name, text
from orchestration.warehouse.numbering import OpenQuoteError, line_count, record_starts
from orchestration.warehouse.rules_sql import select_list
from orchestration.warehouse.targets import LONGEST_RAW_ROW, Counts, Target, UnloadableError

MARK = 10**15
"""Set off from the rows of an earlier part of the same file until their lines are known."""
FIRST_NUMBER = r'^"?([0-9]+)'


def insert_csv(target: Target, part: Part) -> Counts:
    """Load the part; see Part for what its fields mean."""
    run = target.connection.execute
    run("drop table if exists reject_errors")
    run("drop table if exists reject_scans")
    mark = MARK if target.again else 0
    cells = ", ".join(f"{text(column)}: 'varchar'" for column in part.columns)
    columns = ", ".join(name(column) for column in (*target.raw.columns, "extra"))
    place = f"_place + {part.first_row - 1 - mark}"
    number = f"try_cast({name(part.line_column)} as bigint)" if part.line_column else place
    inserted = run(
        f"insert into raw.{name(target.raw.table)} (file_id, row_number, landed_on, {columns})"
        f" select {target.file_id}, {number}, date '{target.landed_on}',"
        f" {', '.join(select_list(part, target.raw.columns))}"
        f" from (select row_number() over () as _place, * from read_csv({text(str(part.path))},"
        f" auto_detect = false, header = false, skip = {part.skip}, delim = {text(part.delimiter)}, quote = '\"',"
        f" escape = '\"', columns = {{{cells}}}, strict_mode = true, null_padding = false, encoding = 'utf-8',"
        " store_rejects = true, rejects_limit = 0))"
    ).fetchall()
    accepted = int(inserted[0][0])
    rejected = _collect_rejects(target, part)
    if not part.line_column:
        _number(target, part, accepted, rejected, mark)
    if rejected:
        _keep_rejects(target, part)
    return Counts(accepted, rejected)


def _collect_rejects(target: Target, part: Part) -> int:
    """One row for each record that is none, however many faults it has. ``line`` counts records from the file's top."""
    run = target.connection.execute
    if not run("select 1 from reject_errors limit 1").fetchall():
        run("create or replace temp table rejects (line bigint, offset_bytes bigint, row_number bigint)")
        return 0
    run(
        f"""
        create or replace temp table rejects as
        select
            cast(line as bigint) as line,
            cast(line_byte_position - 1 as bigint) as offset_bytes,
            cast(line + {part.first_row - 1 - part.skip} as bigint) as row_number,
            string_agg(distinct lower(cast(error_type as varchar)), ', ') as faults,
            left(trim(any_value(csv_line), chr(10) || chr(13)), {LONGEST_RAW_ROW}) as raw_row
        from reject_errors group by line, line_byte_position
        """
    )
    return int(run("select count(*) from rejects").fetchall()[0][0])


def _number(target: Target, part: Part, accepted: int, rejected: int, mark: int) -> None:
    """Turn positions into lines. Where every line is one record, only the rejected ones push the others on."""
    run = target.connection.execute
    if line_count(part.path) - part.skip == accepted + rejected:
        if rejected:
            run(
                f"""
                create or replace temp table steps as
                select place, max(step) as step
                from (
                    select
                        line - {part.skip} - row_number() over (order by line) + 1 as place,
                        row_number() over (order by line) as step
                    from rejects
                ) group by place
                """
            )
            _move(target, part, mark)
    else:
        _walk(target, part, accepted)
        _move(target, part, mark)
    if mark:
        run(
            f"update raw.{name(target.raw.table)} set row_number = row_number + {mark}"
            f" where file_id = {target.file_id} and row_number < 0"
        )


def _walk(target: Target, part: Part, accepted: int) -> None:
    """Find the line of each record in a file with blank lines or line breaks in cells; keep only where it shifts."""
    run = target.connection.execute
    offsets = [row[0] for row in run("select offset_bytes from rejects order by offset_bytes desc").fetchall()]
    rejected, shifts = (array("q"), array("q")), (array("q"), array("q"))
    good = before = 0
    try:
        for line, offset in record_starts(part.path, part.skip, part.delimiter):
            if offsets and offsets[-1] <= offset:  # the place of a reject may be the blank line before it
                rejected[0].append(offsets.pop())
                rejected[1].append(line + part.first_row - 1 - part.skip)
                continue
            good += 1
            step = line - part.skip - good
            if step != before:
                shifts[0].append(good)
                shifts[1].append(step)
                before = step
    except OpenQuoteError as error:
        line = error.line + part.first_row - 1 - part.skip
        reason = f"{part.path.name} line {line} is no CSV: a quote is not closed; double the quotes inside a cell"
        raise UnloadableError({target.file_id: reason}) from None
    if good != accepted:
        reason = f"{part.path.name}: {good} records begin and {accepted} could be read; correct its quotes"
        raise UnloadableError({target.file_id: reason})
    _temp_table(target, "reject_lines", ("offset_bytes", "row_number"), rejected)
    run(
        "update rejects set row_number = reject_lines.row_number from reject_lines"
        " where reject_lines.offset_bytes = rejects.offset_bytes"
    )
    _temp_table(target, "steps", ("place", "step"), shifts)


def _temp_table(target: Target, table: str, columns: tuple[str, str], values: Sequence["array[int]"]) -> None:
    """Two columns of whole numbers, without a Python object for each."""
    import pyarrow as pa  # noqa: PLC0415 - rarely needed, and slow to import

    cells = [pa.Array.from_buffers(pa.int64(), len(column), [None, pa.py_buffer(column)]) for column in values]
    target.connection.register("found", pa.table(cells, names=columns))
    target.connection.execute(f"create or replace temp table {table} as from found")
    target.connection.unregister("found")


def _move(target: Target, part: Part, mark: int) -> None:
    table = name(target.raw.table)
    base = part.first_row - 1 - mark
    target.connection.execute(
        f"""
        update raw.{table} as raw_row set row_number = raw_row.row_number + moved.step
        from (
            select counted.place, steps.step
            from (
                select row_number - {base} as place from raw.{table}
                where file_id = {target.file_id} {"and row_number < 0" if mark else ""}
            ) as counted
            asof join steps on counted.place >= steps.place
        ) as moved
        where raw_row.file_id = {target.file_id} and raw_row.row_number - {base} = moved.place
        """
    )


def _keep_rejects(target: Target, part: Part) -> None:
    number = "row_number"
    if part.line_column and part.columns[0] == part.line_column:
        number = f"coalesce(try_cast(regexp_extract(raw_row, {text(FIRST_NUMBER)}, 1) as bigint), row_number)"
    target.connection.execute(
        f"insert into raw.rejected_rows select {target.file_id}, {number},"
        " 'is no valid CSV record: ' || faults, raw_row from rejects"
    )
