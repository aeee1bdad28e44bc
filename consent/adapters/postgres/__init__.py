"""All stores in PostgreSQL: one transaction per unit of work, writers one after another, and one statement for what decisions read.

Promises what the ports promise, that no row it did not write is believed, and that no driver's text leaves: a failure is
``STORE_UNAVAILABLE`` and a cause by name. Never changes the schema (its role may not), never keeps state outside the database but the
catalogue, whose number of versions tells whether it is the newest.
"""

from consent.adapters.postgres.link import Runner
from consent.adapters.postgres.transactor import PostgresTransactor

__all__ = ["PostgresTransactor", "Runner"]
