import pytest
import typer
from typer.testing import CliRunner

from orchestration.cli.edge import UsageError, command
from orchestration.cli.main import app
from orchestration.lib.clock import ClockError


def commanded(body):
    made = typer.Typer()
    made.command()(command(body))
    return made


def failing(error):
    def body() -> int:
        raise error

    return commanded(body)


@pytest.mark.parametrize(
    ("error", "code"),
    [(UsageError("choose a day"), 2), (ClockError("choose a time"), 2), (RuntimeError("choose a disk"), 1)],
)
def test_an_error_is_a_sentence_and_an_exit_code(error, code):
    result = CliRunner().invoke(failing(error), [])
    assert code == result.exit_code
    assert "choose a" in result.stderr
    assert "Traceback" not in result.output


def test_debug_shows_the_traceback():
    result = CliRunner().invoke(failing(RuntimeError("broken")), ["--debug"])
    assert isinstance(result.exception, RuntimeError)


def test_the_result_of_a_command_is_its_exit_code():
    def body() -> int:
        return 3

    assert 3 == CliRunner().invoke(commanded(body), []).exit_code


def commands(group, prefix=()):
    for name, sub in group.commands.items():
        yield from commands(sub, (*prefix, name)) if hasattr(sub, "commands") else [(*prefix, name)]


@pytest.mark.parametrize("path", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_every_command_has_help_and_the_common_options(path):
    result = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "200"})
    assert 0 == result.exit_code
    assert "--config" in result.output
    assert "--debug" in result.output


def test_wrong_usage_is_exit_code_2():
    assert 2 == CliRunner().invoke(app, ["run", "--nothing"]).exit_code
    assert 2 == CliRunner().invoke(app, ["query", "select 1", "--config", "nowhere.toml"]).exit_code
