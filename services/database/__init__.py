"""The database of one home: promises a running PostgreSQL, its schema up to date, and connection settings that say no more than needed.

Without a DSN it runs PostgreSQL itself (``embedded``): no TCP, SCRAM, checksums, demoted when root, shared by
several processes, gone when the last of them is gone, back within seconds after a SIGKILL of any of them.
It never logs a value, never changes the modes of directories it did not make, never uses the wheel's own helper.
"""

from services.database.connection import ConnectionSettings, external_database
from services.database.errors import DatabaseError, DatabaseProblem

__all__ = ["ConnectionSettings", "DatabaseError", "DatabaseProblem", "external_database"]
