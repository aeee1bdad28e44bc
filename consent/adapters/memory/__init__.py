"""All stores in memory, for tests and for laws tried out on many histories. Keeps nothing beyond the process."""

from consent.adapters.memory.transactor import MemoryTransactor

__all__ = ["MemoryTransactor"]
