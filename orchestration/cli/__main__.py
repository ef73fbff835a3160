"""``python -m orchestration.cli``: the same as ``tieout``."""

from orchestration.cli.main import app

app()
