"""All stores in memory: transactional like the real ones, gone with the process. For tests and for trying things out."""

from identity.adapters.memory.transactor import MemoryTransaction, MemoryTransactor

__all__ = ["MemoryTransaction", "MemoryTransactor"]
