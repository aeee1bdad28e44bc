"""``make bench``: accuracy on every set that is here, then the speed of resolving."""

from __future__ import annotations

import sys

from bench import accuracy, resolve

if __name__ == "__main__":
    failed = accuracy.main()
    sys.exit(resolve.main() or failed)
