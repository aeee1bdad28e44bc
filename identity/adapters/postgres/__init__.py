"""All stores in PostgreSQL: one serializable transaction per unit of work, run again when it loses a race or its connection.

Promises what the ports promise, and that no driver's text leaves: a failure is ``STORE_UNAVAILABLE`` and a cause by name.
Never changes the schema (its role may not), never keeps state outside the database.
"""

from identity.adapters.postgres.transactor import PostgresTransactor, Runner

__all__ = ["PostgresTransactor", "Runner"]
