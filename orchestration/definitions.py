"""Everything Dagster knows, loaded once, with the policy that holds for all of it."""

import warnings
from pathlib import Path

import dagster as dg

warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

defs = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
