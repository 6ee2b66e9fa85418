"""Generated inputs, a module a reader: the same for the same seed."""
