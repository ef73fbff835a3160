"""Definitions only, one file per room; the work lives in the rooms below, the helpers in ``orchestration.lib``."""
