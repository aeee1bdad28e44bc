"""Processes: gRPC, CLI, embedded database, wiring. No rule of the domain lives here."""

import os

# gRPC writes lines of its own, with addresses of peers, between those of the structured log. It reads this once, when it is first
# imported, which is why it stands here and not where servers are made.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # noqa: TID251 - written for a library, not read
