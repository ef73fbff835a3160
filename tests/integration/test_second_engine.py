"""The same models on Spark: every table of a small market, built there too, holds the rows that DuckDB's holds.

DuckDB and Spark build from the same loaded rows, all of them at once and nothing closed. `make test-spark` runs it.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.settings import Settings, load
from orchestration.warehouse import PROJECT_DIR, BuildReport, Variables, Warehouse, build, connect, manifest_of
from orchestration.warehouse.build import _invoke, _report
from tests.support import tieout

EVERY_SOURCE = PROJECT_DIR.parent / "docs/guides/every-source.toml"
AS_OF = datetime(2026, 9, 17, 2, 30, tzinfo=UTC)
DAYS = ("--from", "2026-09-10", "--to", "2026-09-16", "--as-of", AS_OF.isoformat())
NOT_COMPARED: Mapping[str, str] = {}
"""Model to the reason why it cannot be built on Spark, as decision 0008 gives it."""
OWN_TYPES = {"pay_key": "an integer as wide as a digest, for which Spark has no type: there it is the digest"}
"""Column to the reason why it is not compared."""
SHOWN_ROWS = 5
MISSING = [
    name
    for name, is_there in {
        "Java": shutil.which("java"),
        "pyspark": find_spec("pyspark"),
        "dbt-spark": find_spec("dbt") and find_spec("dbt.adapters.spark"),
    }.items()
    if not is_there
]
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(
        bool(MISSING),
        reason=f"{' and '.join(MISSING)} not found: install Java 17 and run `make test-spark`, which brings the rest",
    ),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyspark.*"),
]
CONF = {
    # no Hive beside it: the catalog lives as long as the session
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "3g",
    # some hundred rows a table: time goes into plans and compilers, memory into what is remembered of both
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.maxPlanStringLength": "1000",
    "spark.sql.ui.retainedExecutions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.retainedJobs": "1",
    "spark.ui.retainedStages": "1",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True)
class Built:
    """Both warehouses of one merchant: DuckDB's file of these settings, and Spark's folder of Parquet files."""

    settings: Settings
    variables: Variables
    tables: Path
    report: BuildReport


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """A week of every source with all faults, some 40 orders a day and shop."""
    folder = tmp_path_factory.mktemp("engines")
    text = EVERY_SOURCE.read_text(encoding="utf-8").replace("orders_per_day = 400", "orders_per_day = 40")
    (folder / "tieout.toml").write_text(text, encoding="utf-8")
    assert tieout(folder, "run", *DAYS) in {0, 3}  # 3: the planted faults make a source incomplete
    settings = load(folder / "tieout.toml")
    variables = Warehouse(settings).variables(AS_OF, "engines", full_refresh=True)
    assert build(settings, variables, full_refresh=True).errors == ()
    session = started(folder / "spark")
    try:
        hand_over(settings, variables, session, folder / "spark")
        report = built_on_spark(settings, folder / "spark")
        write_views(settings, session, folder / "spark/warehouse")
        yield Built(settings, variables, folder / "spark/warehouse", report)
    finally:
        session.stop()


def started(folder: Path) -> Any:
    """A session of Spark on this machine; dbt-spark takes the one that is there."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - not there in the ordinary suite

    builder = SparkSession.builder.master("local[2]").config("spark.sql.warehouse.dir", str(folder / "warehouse"))
    for name, value in CONF.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def hand_over(settings: Settings, variables: Variables, session: Any, folder: Path) -> None:
    """What dbt calls a source, as Parquet, and the run's variables: those of the session, as in DuckDB."""
    with connect(Warehouse(settings).path, read_only=True) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('raw', 'closed')"
        ).fetchall():
            place = folder / "sources" / schema / table
            place.mkdir(parents=True)
            # Parquet has types for JSON and UUID that Spark does not read
            columns = connection.execute(
                "select string_agg(case when data_type in ('JSON', 'UUID') then 'cast(\"' || column_name || '\" as varchar)"
                " as ' else '' end || '\"' || column_name || '\"', ', ' order by column_index)"
                " from duckdb_columns() where schema_name = ? and table_name = ?",
                [schema, table],
            ).fetchall()[0][0]
            connection.execute(f"copy (select {columns} from {schema}.\"{table}\") to '{place}/part.parquet'")
            session.sql(f"create schema if not exists {schema}")
            session.sql(f"create table {schema}.`{table}` using parquet location '{place}'")
    kinds = {"str": "string", "bytes": "binary", "date": "date", "datetime": "timestamp"}
    for name, value in variables.session().items():
        session.sql(f"declare or replace variable {name} {kinds[type(value).__name__]}")
        session.sql(f"set var {name} = ?", args=[value])


def built_on_spark(settings: Settings, folder: Path) -> BuildReport:
    """What became of every seed and model; tests are DuckDB's, for both have the same rows or differ below."""
    arguments = ["build", "--target", "spark", "--full-refresh"]
    arguments += ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    arguments += ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR), "--no-print"]
    arguments += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), "--log-level", "none"]
    if NOT_COMPARED:
        arguments += ["--exclude", *NOT_COMPARED]
    return _report(_invoke(settings, arguments, None))


def write_views(settings: Settings, session: Any, tables: Path) -> None:
    """What is no table in Spark, as files of its own beside those of the tables."""
    for node in nodes_of(settings):
        place = tables / f"{node['schema']}.db" / node["name"]
        if node["name"] not in NOT_COMPARED and not place.exists():
            session.table(f"{node['schema']}.{node['name']}").write.parquet(str(place))


def differences(connection: duckdb.DuckDBPyConnection, ours: str, theirs: str, key: Sequence[str] = ()) -> list[str]:
    """What two relations do not have in common, each in one sentence; no more than some rows of it."""
    columns, others = (
        [row[0] for row in connection.execute(f"describe from {one}").fetchall()] for one in (ours, theirs)
    )
    if columns != others:
        return [f"{ours} has the columns {columns} in DuckDB and {others} in Spark"]
    columns = [column for column in columns if column not in OWN_TYPES]
    listed = ", ".join(f'"{column}"' for column in columns)
    here, there = (
        connection.execute(f"select {listed} from {a} except all select {listed} from {b} order by all").fetchall()
        for a, b in ((ours, theirs), (theirs, ours))
    )
    if len(here) != len(there):
        told = [f"{ours}: {len(here)} rows are only in DuckDB and {len(there)} only in Spark"]
    else:
        told = [f"{ours}: {len(here)} rows differ"] if here else []
    for row in here[:SHOWN_ROWS]:
        other = max(there, key=lambda one: sum(a == b for a, b in zip(row, one, strict=True)), default=None)
        name = ", ".join(f"{column} {row[columns.index(column)]}" for column in key or columns[:1])
        if other is None:
            told.append(f"{ours}, {name}: no row like it in Spark")
            continue
        told += [
            f"{ours}, {name}: {column} is {a!r} in DuckDB and {b!r} in Spark"
            for column, a, b in zip(columns, row, other, strict=True)
            if a != b
        ]
    return told


def nodes_of(settings: Settings) -> list[Mapping[str, Any]]:
    """Every seed and model of the project."""
    return [node for node in manifest_of(settings)["nodes"].values() if node["resource_type"] in {"model", "seed"}]


def test_every_seed_and_model_is_built_on_spark(built: Built) -> None:
    assert built.report.errors == ()
    done = {node.unique_id.rsplit(".", 1)[1] for node in built.report.nodes if node.status == "success"}
    assert {node["name"] for node in nodes_of(built.settings)} - set(NOT_COMPARED) == done


def test_every_table_holds_the_same_rows_on_both_engines(built: Built) -> None:
    told, rows = [], 0
    with connect(Warehouse(built.settings).path, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, value in built.variables.session().items():
            connection.execute(f"set variable {name} = ?", [value])
        for node in nodes_of(built.settings):
            if node["name"] in NOT_COMPARED:
                continue
            ours = f"{node['schema']}.{node['name']}"
            theirs = f"read_parquet('{built.tables}/{node['schema']}.db/{node['name']}/*.parquet')"
            told += differences(connection, ours, theirs, node["config"].get("meta", {}).get("key") or ())
            rows += connection.execute(f"select count(*) from {ours}").fetchall()[0][0]
    assert rows > 0
    assert told == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("update b set amount = 1.01", "a, no n1: amount is Decimal('1.00') in DuckDB and Decimal('1.01') in Spark"),
        ("update b set amount = null", "a, no n1: amount is Decimal('1.00') in DuckDB and None in Spark"),
        ("delete from b", "a, no n1: no row like it in Spark"),
        ("insert into b select * from b", "a: 0 rows are only in DuckDB and 1 only in Spark"),
        (
            "alter table b rename amount to sum",
            "a has the columns ['no', 'amount'] in DuckDB and ['no', 'sum'] in Spark",
        ),
    ],
)
def test_a_difference_of_one_cent_or_one_row_is_told(change: str, what: str) -> None:
    with duckdb.connect() as connection:
        for table in ("a", "b"):
            connection.execute(f"create table {table} as select 'n1' as no, 1.00 as amount")
        assert differences(connection, "a", "b", ["no"]) == []
        connection.execute(change)
        assert what in differences(connection, "a", "b", ["no"])
