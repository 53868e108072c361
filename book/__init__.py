"""What this book adds to Sphinx: folded sections, published numbers, machines on record, print."""

from . import ebook, fold, machines, numbers, paper


def setup(app):
    for part in (fold, numbers, machines, paper, ebook):
        part.setup(app)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
