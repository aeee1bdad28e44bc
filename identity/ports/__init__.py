"""What the use cases need from the world, one idea per file, each with a conformance suite."""
