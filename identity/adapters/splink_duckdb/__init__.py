"""Batch prediction and training by Splink on an in-memory DuckDB, in a worker process that exits. The engine has no other home."""
