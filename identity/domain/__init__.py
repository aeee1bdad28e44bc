"""The rules of matching and identity: pure, synchronous, no clock, no I/O, no randomness."""
