"""Consent's edge: gRPC and AuthZEN in front of its use cases. It parses, calls and renders; it decides nothing.

A refusal by the subject is an answer, and never an error; an error permits nothing.
"""
