"""What every process that holds keys or personal values does first.

Only root can look into such a process afterwards; nobody of the same account can attach to it, and a crash leaves nothing on the disk. The
linkage worker of ``identity`` does the same by itself, since a context never relies on ``services``. What a process starts by exec is its
own again: PostgreSQL and its guard, which hold neither, can be debugged as ever.
"""

from __future__ import annotations

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Leave no core dump, and let no other process of the account read this one's memory (prctl(2), on Linux only)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
