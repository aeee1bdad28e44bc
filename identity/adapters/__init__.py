"""Fulfilment of the ports: PostgreSQL, memory, Splink on DuckDB, key file. Built only in wiring."""
