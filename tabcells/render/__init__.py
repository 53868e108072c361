"""Tab sets in the tree and in HTML."""
