"""Fixtures that every kind of test may use."""

from tests.fixtures_database import clean_database, database, databases, transactor

__all__ = ["clean_database", "database", "databases", "transactor"]
