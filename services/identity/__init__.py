"""The identity context over gRPC: servicers, and the translation between wire messages and commands.

A servicer parses, calls a use case and renders; no rule of the domain lives here, and no wire type goes further than here.
"""
