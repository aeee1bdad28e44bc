"""What may be done with a subject's data, on what ground, and the proof of what was said.

Promises: whatever was acknowledged before a question is in its answer; a no crosses every link, a yes only proved ones (ADR 15); what
cannot be decided is denied. ``identity`` and ``consent`` never import each other: ``services/workflows`` joins them (ADR 16).
"""
