"""The archive of everything received: bytes as they came, content-addressed, in one hash-chained manifest.

This room fetches and archives. It parses nothing and knows no database.
"""

from orchestration.landing.archive import Archive
from orchestration.landing.coverage import complete_days
from orchestration.landing.entry import BrokenArchive, Entry
from orchestration.landing.manifest import ChainReport
from orchestration.landing.pull import LandingReport

__all__ = ["Archive", "BrokenArchive", "ChainReport", "Entry", "LandingReport", "complete_days"]
