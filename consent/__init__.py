"""What may be done with a subject's data, on what ground, and the proof of what was done.

Promises nothing yet: the package exists so that the import contracts hold from the first
day (``identity`` and ``consent`` never import each other). Until it is built, every release
passes ``UnsafeNoGate``, which says so in each answer.
"""
