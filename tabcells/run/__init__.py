"""A run: what determines it, where it is kept, which kernel does it."""
