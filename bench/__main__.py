"""``make bench``: accuracy on every set that is here, then the speed of ingesting and of resolving."""

from __future__ import annotations

import sys

from bench import accuracy, ingest, resolve

if __name__ == "__main__":
    failed = [accuracy.main(), ingest.main(), resolve.main()]
    sys.exit(max(failed))
