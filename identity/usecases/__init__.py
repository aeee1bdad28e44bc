"""What a caller can ask of the identity context: load, decide in the domain, store, return."""
