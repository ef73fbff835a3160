"""``tieout verify``: the offline proof, link by link."""

import sys
from pathlib import Path

from orchestration.cli.edge import DONE, RED, UsageError
from orchestration.settings import load


def prove(config: Path, period: str | None, head: str | None) -> int:
    """Exit code 1 names the first broken link and the guarantee that fell with it."""
    from rich.console import Console

    from orchestration import proof
    from orchestration.decisions import check_store
    from orchestration.landing import Archive

    settings = load(config)
    if not settings.data_dir.is_dir():
        raise UsageError(f"{settings.data_dir} does not exist: there is nothing to verify before the first tieout run")
    console = Console(stderr=True)
    with console.status("verifying archive, chains, conservation and claims"):
        findings = proof.verify(settings.data_dir, period=period, head=head)
        # a server's log is looked at by every run; this proof is offline
        broken = check_store(Archive(settings.data_dir), settings) if settings.decisions_url is None else None
    if broken is not None:
        findings.append(proof.Finding("log of decisions", "it goes on where the archive ends", broken))
    if not findings:
        sys.stdout.write(
            "verified: archive digests, manifest chain, run ledger chain, decisions and their signatures, "
            "rule tables, conservation, claims, sums of legs\n"
        )
        return DONE
    first, *rest = findings
    sys.stdout.write(f"broken: {first.link}\nguarantee: {first.guarantee}\n{first.detail}\n")
    for finding in rest:
        sys.stdout.write(f"also: {finding.link}: {finding.detail}\n")
    return RED
