"""SQL: who may read whom, how models are named, how they begin and end, and how money is written."""

import csv
import re

import house
import pytest

OWN_SOURCES = re.compile(r"landed_files|statements|rejected_rows|_rules__\w+|_settings__\w+|_decisions__\w+")
"""What the archive says about itself, rule tables, settings and decisions: the ledger reads them, they have no staging."""
COUNTS_RAW = {"int_ledger__conservation_counts": "the proof of completeness counts both sides of staging"}
READS = {
    "staging": {"source"},
    "ledger": {"staging", "ledger", "seed", "own source", "closed"},
    "matching": {"ledger", "matching", "seed", "closed"},
    "exceptions": {"ledger", "matching", "exceptions", "seed", "closed"},
    "marts": {"ledger", "matching", "exceptions", "marts", "seed", "closed"},
}
NAMES = {
    "staging": r"stg_[a-z0-9_]+?__[a-z0-9_]+",
    "ledger": r"int_ledger__[a-z0-9_]+",
    "matching": r"int_matching__[a-z0-9_]+",
    "exceptions": r"int_exceptions__[a-z0-9_]+",
    "marts": r"(?!stg_|int_|fct_|dim_|mart_)[a-z0-9_]+",
}
RATES_AS_DOUBLE = {
    "int_exceptions__fee_checks": "an implied rate for people to read; no amount is made from it",
    "int_exceptions__fee_rule_choices": "candidate rates; each is tried in DECIMAL before anything is concluded",
    "int_exceptions__rule_changes": "a candidate rate; it is tried in DECIMAL before anything is concluded",
}
FILES = house.models()


def _name(path):
    return path.stem


def _room(node):
    return node["fqn"][1]


def test_every_room_reads_only_what_it_may(manifest, dbt_models):
    def kind(parent):
        if parent.startswith("seed."):
            return "seed"
        if parent.startswith("source.tieout.closed."):
            return "closed"
        if parent.startswith("source."):
            name = manifest["sources"][parent]["identifier"]
            return "own source" if OWN_SOURCES.fullmatch(name) else "source"
        return _room(dbt_models[parent])

    wrong = [
        f"{node['name']} ({_room(node)}) reads {parent.split('.')[-1]} ({kind(parent)})"
        for node in dbt_models.values()
        for parent in node["depends_on"]["nodes"]
        if kind(parent) not in READS[_room(node)] and node["name"] not in COUNTS_RAW
    ]
    assert wrong == []


def test_staging_reads_the_tables_of_its_own_source(manifest, dbt_models):
    wrong = []
    for node in dbt_models.values():
        if _room(node) != "staging":
            continue
        source = node["fqn"][2]
        tables = {manifest["sources"][key]["identifier"] for key in node["depends_on"]["nodes"]}
        own = {name for name in tables if name.startswith(f"{source}__") or OWN_SOURCES.fullmatch(name)}
        if not node["name"].startswith(f"stg_{source}__") or tables != own:
            wrong.append(f"{node['name']} in {source} reads {sorted(tables)}")
    assert wrong == []


def test_names_follow_the_grammar(dbt_models):
    wrong = [node["name"] for node in dbt_models.values() if not re.fullmatch(NAMES[_room(node)], node["name"])]
    assert wrong == []


def test_every_configured_source_feeds_the_ledger(dbt_models):
    staged = {node["fqn"][2] for node in dbt_models.values() if _room(node) == "staging"}
    assert staged == set(house.NAMES)


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_the_first_line_is_the_grain(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.fullmatch(r"-- One row(: | per ).*[.:].*", first)


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.relative_to(house.MODELS).parts[0] in {"matching", "exceptions"}], ids=_name
)
def test_the_last_step_has_the_models_name(path):
    last = path.read_text(encoding="utf-8").rstrip().splitlines()[-1]
    assert last == f"select * from {path.stem}"


def test_money_is_never_a_float_in_sql():
    floats = re.compile(r"(?i)(::|\bas\s+|try_cast\(.*\bas\s+)(double|float4?8?|real)\b|\bdouble\b|\bfloat\b")
    found = {
        path.stem
        for path in house.project_files(".sql")
        if path.is_relative_to(house.ROOT / "dbt_project")
        and floats.search(re.sub(r"--.*|{#.*?#}", "", path.read_text(encoding="utf-8")))
    }
    assert found == set(RATES_AS_DOUBLE)


def test_money_is_never_divided_outside_the_rounding_macros():
    allowed = {*RATES_AS_DOUBLE, "half_up", "half_up_share"}
    found = {
        path.stem
        for path in house.project_files(".sql")
        if path.is_relative_to(house.ROOT / "dbt_project")
        and re.search(
            r"[\w)}]\s*/\s*[\w({]", re.sub(r"--.*|'[^']*'|{#(.|\n)*?#}", "", path.read_text(encoding="utf-8"))
        )
    }
    assert found <= allowed


def test_every_exception_code_has_its_row_of_labels():
    with (house.ROOT / "dbt_project/seeds/exception_codes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {row["code"] for row in rows}
    used = {code for path in FILES for code in re.findall(r"'(E\d{3})'", path.read_text(encoding="utf-8"))}
    assert used <= known
    assert all(row["name"] and row["name_zh"] and row["severity"] and row["role"] for row in rows)


def test_every_exception_is_explained_in_english_and_in_chinese():
    """A step says why in Chinese itself, or hands on the column of its level that does."""
    steps = [
        (path.stem, step)
        for path in FILES
        for step in re.findall(r"{{ exception_columns\((.*?)\) }}", path.read_text(encoding="utf-8"), re.DOTALL)
    ]
    given = re.compile(r"\bexplanation=.*\bexplanation_zh=(?=.*[\u4e00-\u9fff]|'\w+\.explanation_zh')", re.DOTALL)
    assert steps
    assert [name for name, step in steps if not given.search(step)] == []


def test_every_row_number_is_ordered():
    wrong = [
        path.stem
        for path in house.project_files(".sql")
        if path.is_relative_to(house.ROOT / "dbt_project")
        for window in re.findall(r"row_number\(\)\s*over\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)", path.read_text("utf-8"))
        if "order by" not in window
    ]
    assert wrong == []
