"""The rules of consent: pure, synchronous, without clock, chance or storage."""
