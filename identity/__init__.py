"""Who is who, and the sealed form in which others may know it.

Promises: every source record has exactly one current unified identity, batch and
real time find the same pairs, and personal values leave only through a gate.
Never: knows a transport, a purpose's meaning, or a consent.
"""
