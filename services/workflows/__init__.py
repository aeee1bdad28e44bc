"""Where the two contexts meet: the only code that knows both. Each adapter fulfils a port of one context over use cases of the other."""
