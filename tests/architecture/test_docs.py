"""Documentation: nothing stale, no dead link, no promise without a test, no command unsaid."""

import ast
import re

import house
import pytest
import typer

from orchestration.cli.main import app
from orchestration.cli.reference import stale_pages

PAGES = house.project_files(".md")
HELD_BY = re.compile(r"`((?:tests|dbt_project)/[^`]+?\.(?:py|yml|sql))(?:::(\w+))?`")


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
