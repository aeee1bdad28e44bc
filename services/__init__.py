"""Processes: gRPC, CLI, embedded database, wiring. No rule of the domain lives here."""
