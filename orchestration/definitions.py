"""Everything Dagster knows, loaded once. What holds for all assets is said where ``orchestration.lib`` makes them."""

import warnings
from pathlib import Path

import dagster as dg

from orchestration.lib.workspace import settings

warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

settings()  # wrong or missing settings end here, with their own sentence
defs = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
