"""The front doors that have several commands behind them: files, rule tables, messages."""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.edge import DEFAULT_CONFIG, Config, Who, command

export_app = typer.Typer(help="Files for people and other programs.", no_args_is_help=True)
rules_app = typer.Typer(help="Rule tables: what a change would do, and how it comes into force.", no_args_is_help=True)
alerts_app = typer.Typer(help="Messages about what is open and what failed.", no_args_is_help=True)

First = Annotated[str | None, typer.Option("--from", metavar="DAY", help="First business day.")]
Last = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last business day.")]
Language = Annotated[
    str | None, typer.Option(metavar="zh|en", help="Language of the labels; default: as in the settings.")
]
Output = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where to write; default: in the reports of the data folder.")
]
Table = Annotated[
    str | None, typer.Option("--table", metavar="NAME", help="Which table it is; default: as the file is named.")
]
RuleFile = Annotated[Path, typer.Argument(metavar="FILE", help="A rule table as CSV.")]


@export_app.command("exceptions")
@command
def exceptions(
    config: Config = DEFAULT_CONFIG,
    first: First = None,
    last: Last = None,
    language: Language = None,
    output: Output = None,
) -> int:
    """Write the Excel worklist of open exceptions, one sheet per owner, to be filled in."""
    from orchestration.cli.export import export_exceptions

    return export_exceptions(config, (first, last), language, output)


@export_app.command("statement")
@command
def statement(
    config: Config = DEFAULT_CONFIG,
    first: First = None,
    last: Last = None,
    known_on: Annotated[
        str | None, typer.Option(metavar="DATE", help="As it was published then, with the bridge to now.")
    ] = None,
    language: Language = None,
    output: Output = None,
) -> int:
    """Write the statements of stores and accounts with their lines; default: of the newest month."""
    from orchestration.cli.statement import Asked, export_statement

    return export_statement(config, Asked(first, last, known_on, language, output))


@export_app.command("evidence")
@command
def evidence(
    config: Config = DEFAULT_CONFIG,
    period: Annotated[str | None, typer.Option(metavar="P", help="A month, YYYY-MM, or quarter, YYYYQN.")] = None,
    first: First = None,
    last: Last = None,
    with_originals: Annotated[
        bool, typer.Option("--with-originals", help="The received files too: they hold buyers' data.")
    ] = False,
    output: Output = None,
) -> int:
    """Write what proves a period as one zip, to be checked with sha256sum and DuckDB; default: the newest month."""
    from orchestration.cli.evidence import export_evidence

    return export_evidence(config, period, (first, last), output, with_originals=with_originals)


@rules_app.command("try")
@command
def rules_try(
    file: RuleFile,
    table: Table = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Every change, as .xlsx or .json.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Replay the whole history with this rule table, beside the tables as they are; nothing is changed."""
    from orchestration.cli.rules import try_rules

    return try_rules(config, file, table, output)


@rules_app.command("propose")
@command
def rules_propose(
    file: RuleFile,
    name: Who,
    table: Table = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="The reason, for who approves.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Propose a rule table; it counts once a second person approves it with tieout approve."""
    from orchestration.cli.rules import propose

    return propose(config, file, table, name, note)


@alerts_app.command("test")
@command
def alerts_test(
    config: Config = DEFAULT_CONFIG,
    channel: Annotated[
        list[str] | None, typer.Option("--channel", metavar="NAME", help="Only this one; default: all.")
    ] = None,
) -> int:
    """Send a test message over every channel."""
    from orchestration.cli.alerts import test_channels

    return test_channels(config, channel or ())


@alerts_app.command("list")
@command
def alerts_list(config: Config = DEFAULT_CONFIG) -> int:
    """Show the incidents that are open, who was told, and which messages wait."""
    from orchestration.cli.alerts import list_incidents

    return list_incidents(config)


@alerts_app.command("send")
@command
def alerts_send(config: Config = DEFAULT_CONFIG) -> int:
    """Send the messages that wait."""
    from orchestration.cli.alerts import send_pending

    return send_pending(config)


@alerts_app.command("snooze")
@command
def alerts_snooze(
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="Its number, or the beginning of it.")],
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="The day on which messages go on.")],
    name: Who,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Keep silent about an incident for some days; its exceptions stay as they are."""
    from orchestration.cli.alerts import snooze_incident

    return snooze_incident(config, incident, until, name)
