"""Speaking each source's language; nothing here knows of Dagster or dbt."""
