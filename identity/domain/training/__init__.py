"""Training: from standardised records, without labels, to a linkage model that fits them (DESIGN §4.3, §4.3b).

What the data have is declared (``comparisons``, ``rules``), counted into agreement patterns by an adapter, and explained by three
classes of pairs (``classes``): same person, same household, unrelated. Pure and deterministic: no engine, no clock, no randomness.
"""
