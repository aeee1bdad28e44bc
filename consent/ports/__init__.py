"""What consent needs from outside, one idea per file; every port has a conformance suite."""
