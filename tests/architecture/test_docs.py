"""Documentation: nothing stale, no dead link, no promise without a test, no command unsaid."""

import ast
import re

import duckdb
import house
import pytest
import typer

from orchestration.cli.main import app
from orchestration.cli.reference import stale_pages
from orchestration.settings import load
from orchestration.settings.connections import OPTION_KEYS

PAGES = house.project_files(".md")
HELD_BY = re.compile(r"`((?:tests|dbt_project)/[^`]+?\.(?:py|yml|sql))(?:::(\w+))?`")
OPTION = re.compile(r'options(?:\.get\(|\[)\s*"(\w+)"')


def test_the_reference_is_fresh():
    assert stale_pages() == ()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(house.ROOT)))
def test_links_lead_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    dead = [t for t in targets if t and not re.match(r"[a-z]+:", t) and not (path.parent / t).exists()]
    assert dead == []


def test_every_command_is_documented():
    text = (house.ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    group = typer.main.get_command(app)
    names = [name for name, command in group.commands.items() if not command.hidden]
    assert [name for name in names if f"## `tieout {name}" not in text] == []


def test_every_invariant_names_a_test_that_exists():
    text = (house.ROOT / "docs/invariants.md").read_text(encoding="utf-8")
    promises = re.findall(r"^\*\*.+?(?=^\*\*|^## |\Z)", text, flags=re.DOTALL | re.MULTILINE)
    assert len(promises) > 20
    without = [promise.splitlines()[0] for promise in promises if not HELD_BY.search(promise)]
    assert without == []
    missing = [f"{file}::{name}" for file, name in HELD_BY.findall(text) if not _exists(file, name)]
    assert missing == []


def test_every_option_is_described_where_its_source_is():
    options = {"requests_per_second"}  # every client's, and no oddity of any
    for page in sorted((house.ROOT / "connectors").glob("*/BEHAVIOR.md")):
        read = set().union(*(OPTION.findall(file.read_text(encoding="utf-8")) for file in page.parent.glob("*.py")))
        named = set(re.findall(r"`(\w+)`", page.read_text(encoding="utf-8")))
        assert read - named - {"files", "mapping", "requests_per_second"} == set(), page
        options |= named & set(OPTION_KEYS)
    assert options == set(OPTION_KEYS)
    reference = (house.ROOT / "docs/reference/settings.csv").read_text(encoding="utf-8")
    assert [key for key in OPTION_KEYS if f"`{key}`" not in reference] == []


def _exists(file, name):
    path = house.ROOT / file
    if not path.is_file():
        return False
    if path.suffix == ".sql":
        return path.is_relative_to(house.ROOT / "dbt_project/tests")
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yml":
        return re.search(rf"name: {name}\b", text) is not None
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_gives_the_two_commands(name):
    text = (house.ROOT / name).read_text(encoding="utf-8")
    assert "make run" in text
    assert "make test" in text


def test_every_make_target_that_a_page_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (house.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for path in PAGES for name in re.findall(r"`make ([a-z-]+)`", path.read_text(encoding="utf-8"))}
    assert named <= targets


def test_every_question_of_the_pages_is_one_that_the_tables_answer(dbt_models):
    questions = [
        (path.name, question.replace("\\\n", ""))
        for path in PAGES
        for question in re.findall(r'tieout query[^"`]*"([^"]+)"', path.read_text(encoding="utf-8"))
    ]
    assert questions
    with duckdb.connect() as connection:
        for node in dbt_models.values():
            if node["fqn"][1] == "marts":
                columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in node["columns"].values())
                connection.execute(f"create table {node['name']} ({columns})")
        for page, question in questions:
            assert connection.execute(question).fetchall() is not None, page


def test_the_settings_of_the_guide_are_accepted(tmp_path):
    guide = (house.ROOT / "docs/guides/first-real-merchant.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", guide, flags=re.DOTALL)
    file = tmp_path / "tieout.toml"
    file.write_text("start_date = 2026-10-01\n" + "".join(blocks), encoding="utf-8")
    settings = load(file)
    assert [c.name for c in settings.connections] == [
        *("tmall_flagship", "wechat_main", "alipay_main", "shop_export", "icbc_1234", "cmb_9001")
    ]
    assert [store.money for store in settings.stores] == ["platform", "channel"]
