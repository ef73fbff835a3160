"""The house: its folders, the direction of imports, the size of its files, and what may not stand in them."""

import ast
import os
import re
import tomllib

import house
import pytest

from connectors.core.registry import NAMES

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
FOLDERS = {".ci", "connectors", "orchestration", "dbt_project", "tests", "docs", "data"}
FILES = {
    *(".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "README.zh.md"),
    *(
        "pyproject.toml",
        "requirements.lock",
        "requirements-rivals.lock",
        "requirements-spark.lock",
        "tieout.sandbox.toml",
    ),
}
OPTIONAL_FILES = {"CONTRIBUTING.md", "NOTICE", ".gitattributes", ".sqlfluff"}
ROOMS = {"settings", "landing", "warehouse", "decisions", "proof", "reports", "alerts", "lib", "defs", "cli", "bench"}
SOURCE_FILES = {"__init__.py", "client.py", "streams.py", "BEHAVIOR.md"}
FORBIDDEN = {
    "a registry's host": r"pypi\.|python" + r"hosted\.org|npm" + r"js\.|(index|extra-index|find-links)-url",
    "a path of one machine": r"/(home|Users|root|work)/" + r"[\w.]|/tmp/" + r"[\w.]|[A-Z]:\\Users",
    "the way it was written": r"(?i)\b(clau" + r"de|anthro" + r"pic|chat" + r"gpt|sub-?agent|ai assist" + r"ant)\b",
    "unfinished work": r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b(?! \(?#\d)",
}
PYTHON = house.project_files(".py")


def test_the_top_level_is_the_agreed_one():
    tops = {path.relative_to(house.ROOT).parts for path in house.project_files()}
    folders = {parts[0] for parts in tops if len(parts) > 1}
    files = {parts[0] for parts in tops if len(parts) == 1} - OPTIONAL_FILES
    assert folders == FOLDERS
    assert files == FILES


def test_the_rooms_of_orchestration_are_the_agreed_ones():
    found = {path.parent.name for path in house.ROOT.glob("orchestration/*/__init__.py")}
    assert found == ROOMS


@pytest.mark.parametrize("name", NAMES)
def test_every_source_has_the_same_files(name):
    found = {path.name for path in (house.ROOT / "connectors" / name).iterdir()}
    assert found >= SOURCE_FILES


def test_every_source_is_registered():
    packages = {path.parent.name for path in house.ROOT.glob("connectors/*/__init__.py")}
    assert packages - {"core", "sandbox"} == set(NAMES)


def test_import_contracts_hold(monkeypatch, capfd):
    from importlinter.cli import lint_imports  # noqa: PLC0415 - it sets up its own output when imported

    monkeypatch.chdir(house.ROOT)
    monkeypatch.syspath_prepend(str(house.ROOT))
    code = lint_imports(no_cache=True, no_logo=True)
    assert code == 0, capfd.readouterr().out


def test_import_contracts_know_every_room_and_source():
    settings = tomllib.loads((house.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = {room.strip() for c in contracts for layer in c.get("layers", ()) for room in layer.split("|")}
    assert {f"orchestration.{room}" for room in ROOMS} <= layers
    independent = {module for c in contracts if c["type"] == "independence" for module in c["modules"]}
    assert independent == {"connectors.*"}


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: os.fspath(path.relative_to(house.ROOT)))
def test_python_files_and_functions_stay_short(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < LONGEST_FILE
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 >= LONGEST_FUNCTION
    }
    assert long == {}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_stands_in_the_files_that_is_not_the_projects(what):
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in house.project_files():
        if path.suffix in {".lock", ".png", ".xlsx", ".gz", ".zip"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(house.ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-rivals.lock"])
def test_a_lock_file_names_no_registry_and_every_hash(name):
    text = (house.ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line for line in pinned)
    assert text.count("--hash=sha256:") >= len(pinned)


def test_the_rivals_are_locked_as_written_and_never_installed_with_the_product():
    settings = tomllib.loads((house.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rivals = settings["dependency-groups"]["rivals"]
    lock = (house.ROOT / "requirements-rivals.lock").read_text(encoding="utf-8")
    product = (house.ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert [rival for rival in rivals if f"{rival} " not in lock] == []
    assert [rival for rival in rivals if f"\n{rival.split('==')[0]}==" in product] == []


def test_the_clock_is_asked_in_one_place():
    asks = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(")
    allowed = {"orchestration/lib/clock.py"}
    found = {
        str(path.relative_to(house.ROOT))
        for path in PYTHON
        if path.is_relative_to(house.ROOT / "orchestration") and asks.search(path.read_text(encoding="utf-8"))
    }
    assert found <= allowed


def test_money_never_becomes_a_float_in_python():
    found = []
    for path in PYTHON:
        if not path.is_relative_to(house.ROOT / "connectors") or path.is_relative_to(house.ROOT / "connectors/sandbox"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            exact = any(word.arg == "parse_float" for word in node.keywords)
            if name == "json.loads" and not exact:
                found.append(f"{path.relative_to(house.ROOT)}:{node.lineno}: json.loads without parse_float")
    assert found == []
