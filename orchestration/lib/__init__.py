"""Dagster helpers: keys, partitions, clock, ingest factory, dbt translator, healing. No definitions live here."""
