"""Tieout's own work, in rooms: settings, landing, warehouse, proof, reports, then Dagster, then the command line."""
