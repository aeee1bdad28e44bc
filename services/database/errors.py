"""What can go wrong between a process and its database, each saying what, where and what to do."""

from __future__ import annotations

from enum import StrEnum


class DatabaseProblem(StrEnum):
    """Stable names of the troubles an operator can be told to mend."""

    BINARIES_MISSING = "binaries-missing"
    WRONG_VERSION = "wrong-version"
    DISK_FULL = "disk-full"
    HOME_UNUSABLE = "home-unusable"
    IN_USE = "in-use"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a problem's name, not a secret
    START_FAILED = "start-failed"
    UNREACHABLE = "unreachable"
    NOT_PERMITTED = "not-permitted"
    MIGRATION_CHANGED = "migration-changed"
    MIGRATION_MISSING = "migration-missing"
    MIGRATION_FAILED = "migration-failed"
    DATABASE_NEWER = "database-newer"
    LOCKED = "locked"


class DatabaseError(Exception):
    """A trouble with the database. ``what`` happened, ``where``, and what to do about it (``remedy``); nothing personal in any."""

    def __init__(self, problem: DatabaseProblem, *, what: str, where: str, remedy: str) -> None:
        self.problem = problem
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(problem.value, what, where, remedy)

    def __str__(self) -> str:
        return f"{self.what} ({self.where}). {self.remedy}"
