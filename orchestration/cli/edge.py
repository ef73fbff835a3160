"""The outermost edge: errors become one sentence on stderr and an exit code (contract §1)."""

import functools
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

DONE: Final = 0
RED: Final = 1
USAGE: Final = 2
INCOMPLETE: Final = 3

Config = Annotated[
    Path,
    typer.Option("--config", envvar="TIEOUT_CONFIG", help="The settings file.", metavar="FILE", show_default=True),
]
Who = Annotated[str, typer.Option("--as", metavar="NAME", help="The person who says so, by the rule table people.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
DEFAULT_CONFIG: Final = Path("tieout.toml")

INTERRUPTED: Final = 130


class UsageError(Exception):
    """The command cannot be done as it was asked; the message says what is allowed. Exit code 2."""


def command(body: Callable[..., int]) -> Callable[..., None]:
    """Wraps a command: its result is the exit code, its errors are sentences, and it takes ``--debug``."""
    signature = inspect.signature(body)
    debug_option = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)

    @functools.wraps(body)
    def wrapped(*, debug: bool, **given: Any) -> None:
        try:
            code = body(**given)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            _say("stopped; what is archived stays, and the next run goes on from there")
            code = INTERRUPTED
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = DONE
        except Exception as error:
            if debug:
                raise
            _say(_sentence(error))
            code = USAGE if _is_usage(error) else RED
        raise typer.Exit(code)

    wrapped.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), debug_option], return_annotation=None
    )
    wrapped.__annotations__ = {**body.__annotations__, "debug": Debug, "return": None}
    return wrapped


def _is_usage(error: Exception) -> bool:
    """Errors of settings, clock, decisions, worklists and messages: their rooms are not imported just to compare."""
    names = {cls.__name__ for cls in type(error).__mro__}
    return bool(names & {"UsageError", "SettingsError", "ClockError", "DecisionError", "WorklistError", "AlertError"})


def _sentence(error: Exception) -> str:
    """The first line of what went wrong; a fault without a text gives its name."""
    text = str(error).strip()
    named = _is_usage(error) or type(error).__module__.startswith(("orchestration.", "connectors."))
    if not text:
        return f"{type(error).__name__}; run again with --debug to see where"
    return text if named else f"{type(error).__name__}: {text.splitlines()[0]}; run again with --debug to see where"


def _say(sentence: str) -> None:
    sys.stderr.write(f"tieout: {sentence}\n")
