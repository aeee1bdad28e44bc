"""Measurements of Entente beside its peers: seeded, documented, honest. Nothing here ships, nothing here is a timed test."""
