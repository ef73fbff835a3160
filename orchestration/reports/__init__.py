"""What people read after a run. Everything is taken from the published snapshot; nothing is computed twice."""
