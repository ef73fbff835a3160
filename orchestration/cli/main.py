"""The command line's front door: names, options and help. The work of each command is in a module of its own."""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import groups
from orchestration.cli.edge import DEFAULT_CONFIG, DONE, Config, UsageError, Who, command

app = typer.Typer(
    name="tieout",
    help="Tieout 账平: which money agrees, which does not yet, which never will, and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sandbox_app = typer.Typer(help="The simulated outside systems.", no_args_is_help=True)
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(groups.export_app, name="export")
app.add_typer(groups.rules_app, name="rules")
app.add_typer(groups.alerts_app, name="alerts")

Day = Annotated[str | None, typer.Option(metavar="DAY", help="A business day, YYYY-MM-DD.")]


@app.command()
@command
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write.")] = Path(),
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Write a commented tieout.toml, the default rule tables, keys and an inbox to start from."""
    from orchestration.cli.start import start

    del config  # the file written is always tieout.toml
    return start(folder)


@app.command()
@command
def doctor(config: Config = DEFAULT_CONFIG) -> int:
    """Check settings, credentials, clock, rule tables, write access and each source; name what is wrong."""
    from orchestration.cli.doctor import examine

    return examine(config)


@app.command()
@command
def run(
    config: Config = DEFAULT_CONFIG,
    first: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First business day.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last business day.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="The business clock, ISO 8601.")] = None,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Rebuild everything from the archive.")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="CONNECTION", help="Pull only this one.")] = None,
) -> int:
    """Do the daily job for some business days; the Dagster UI shows the run too."""
    from orchestration.cli.run import Asked, run_daily

    return run_daily(config, Asked(first, last, as_of, full_refresh, tuple(only or ())))


@app.command()
@command
def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bill, statement or export.")],
    source: Annotated[str | None, typer.Option("--source", metavar="NAME", help="Read it as this connector.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON on stdout.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Show how a file would be read, and import nothing."""
    from orchestration.cli.inspection import inspect_file

    del config  # works without settings
    return inspect_file(file, source, as_json=as_json)


@app.command()
@command
def dev(
    config: Config = DEFAULT_CONFIG,
    port: Annotated[int, typer.Option(help="Port of the UI on 127.0.0.1.")] = 3000,
) -> int:
    """Dagster UI and daemon on this machine, with the sandbox when the settings use it."""
    from orchestration.cli.dev import serve_ui

    return serve_ui(config, port)


@app.command()
@command
def order(
    number: Annotated[
        str | None, typer.Argument(metavar="[NO]", help="Order, payment, refund, payout or waybill number.")
    ] = None,
    buyer: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this buyer's orders; without a number, a list of them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The trail as JSON.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Show one order's whole money trail, found by any of its numbers, or list a buyer's orders."""
    from orchestration.cli.order import show_trail

    return show_trail(config, number, buyer, as_json=as_json)


@app.command()
@command
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One read-only statement.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV on stdout, safe to open in a spreadsheet.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list of objects on stdout.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000_000, help="Most rows shown.")] = 10_000,
    seconds: Annotated[float, typer.Option("--timeout", min=0.1, max=3600, help="Seconds it may take.")] = 60.0,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Ask the published snapshot, without file, network or attach access."""
    from orchestration.cli.query import Shape, ask

    return ask(config, sql, Shape.of(as_csv=as_csv, as_json=as_json), limit, seconds)


@app.command()
@command
def decide(
    subject: Annotated[
        list[str],
        typer.Argument(metavar="ID...", help="Exceptions; with reverse: decisions; with lock, reopen: months."),
    ],
    action: Annotated[
        str,
        typer.Option(
            metavar="ACTION",
            help="accept_timing, manual_match, unmatch, split, link, map, correct, write_off, dispute, cause, assign, "
            "reverse, lock or reopen.",
        ),
    ],
    name: Who,
    amount: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="What is written off: all of it; what is split off: a part.")
    ] = None,
    posted_on: Annotated[
        str | None, typer.Option(metavar="DAY", help="Until when an item may wait, or a dispute is due.")
    ] = None,
    cause: Annotated[str | None, typer.Option(metavar="CAUSE", help="Why it arose.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="The reason, for who approves.")] = None,
    assignee: Annotated[str | None, typer.Option(metavar="NAME", help="Who shall act.")] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="The other side's number, a category, FIELD=VALUE, or a dispute's reference."),
    ] = None,
    entity: Annotated[str | None, typer.Option(metavar="CODE", help="Whose month is locked or reopened.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Propose a decision about exceptions; it does nothing before another person approves it."""
    from orchestration.cli.decide import Words, decide

    return decide(config, subject, name, Words(action, amount, posted_on, cause, note, assignee, key, entity))


@app.command()
@command
def approve(
    name: Who,
    decision: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Decisions.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that others proposed.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Approve what others proposed, as far as one's limit goes; the next run applies it."""
    from orchestration.cli.decide import confirm

    return confirm(config, decision or (), name, everything=everything)


@app.command()
@command
def reject(
    decision: Annotated[list[str], typer.Argument(metavar="ID...", help="Decisions.")],
    name: Who,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why.")],
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Reject proposals, others' or one's own."""
    from orchestration.cli.decide import refuse

    return refuse(config, decision, name, note)


@app.command()
@command
def verify(
    period: Annotated[str | None, typer.Option(metavar="P", help="A month, YYYY-MM.")] = None,
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="A hash of run ledger, manifest or decisions, as you noted it.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Prove offline: archive digests, chains, conservation, claims; name the first broken link."""
    from orchestration.cli.verify import prove

    return prove(config, period, head)


@app.command()
@command
def bench(
    suite: Annotated[
        list[str] | None, typer.Argument(metavar="[match|rivals|day|bank|ingest|noop]", help="Default: all.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the figures there.")] = None,
    rows: Annotated[
        int,
        typer.Option(
            min=1000,
            help="Rows per side of match, rivals and ingest, orders in the history of day; bank takes a quarter.",
        ),
    ] = 300_000,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Run the benchmark suite: ratios of CPU time inside one run, wall time beside them.

    `rivals` matches with polars and pandas too, which come by `requirements-rivals.lock` and are no part of Tieout.
    """
    from orchestration.bench.extras import missing
    from orchestration.bench.suite import BENCHES, run_suite

    del config
    for name in suite or ():
        if name not in BENCHES:
            raise UsageError(f"bench {name}: not known; allowed: {', '.join(BENCHES)}")
    if suite and "rivals" in suite and (lacking := missing()):
        raise UsageError(lacking)
    run_suite(tuple(suite or ()), json_file, rows)
    return DONE


@sandbox_app.command("serve")
@command
def sandbox_serve(
    config: Config = DEFAULT_CONFIG,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; default: as in the settings.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="The world's time, ISO 8601.")] = None,
) -> int:
    """Serve the simulated outside systems until stopped."""
    from orchestration.cli.sandbox import serve_alone

    return serve_alone(config, port, as_of)


@sandbox_app.command("truth")
@command
def sandbox_truth(
    config: Config = DEFAULT_CONFIG,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="The world's time, ISO 8601.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The list as JSON.")] = False,
) -> int:
    """List the faults that the sandbox planted: code, keys, amount."""
    from orchestration.cli.sandbox import show_truth

    return show_truth(config, as_of, as_json=as_json)


@app.command("import")
@command
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A worklist, filled in; decisions*.csv; a rule table.")],
    name: Who,
    config: Config = DEFAULT_CONFIG,
) -> int:
    """Propose what a filled-in worklist, a decisions file or a rule table says.

    Row by row; an answer file says what was taken, what not, and why. A rule table is proposed as a whole.
    """
    from orchestration.cli.importing import import_file

    return import_file(config, file, name)


if __name__ == "__main__":
    app()
