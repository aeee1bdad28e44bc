"""The schema ``consent``, as forward-only migrations. An applied file never changes: add the next number instead.

They promise least privilege to the role ``entente_consent``, which may read and append, and change one row only. They use no more
than distributed PostgreSQL offers: no trigger, no sequence, no foreign key. They never hold data.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable

MIGRATIONS: Traversable = files(__name__)
"""Where the files are; given to the migration runner by wiring."""

__all__ = ["MIGRATIONS"]
