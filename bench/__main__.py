"""``make bench``: accuracy on every set that is here, the speed of ingesting, resolving and deciding, and what rules of consent permit."""

from __future__ import annotations

import sys

from bench import accuracy, consent_rules, decide, ingest, resolve

if __name__ == "__main__":
    failed = [accuracy.main(), ingest.main(), resolve.main(), decide.main([]), consent_rules.main([])]
    sys.exit(max(failed))
