"""The linkage model: one declaration, two renderings (DESIGN §4.3).

What is declared here is rendered to Splink by ``identity.adapters.splink_duckdb`` and to a Python scorer by ``scorer``; both
give the same match weight, bit for bit. Nothing here knows a fixed list of comparisons: training declares what the data have.
"""
