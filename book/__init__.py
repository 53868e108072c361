"""What this book adds to Sphinx: see each part's own words."""

from . import (
    citations,
    downloads,
    ebook,
    fold,
    formulas,
    licences,
    machines,
    numbers,
    paper,
    search,
    shell,
    status,
    twins,
)

PARTS = (citations, downloads, ebook, fold, formulas, licences, machines, numbers, paper, search,
         shell, status, twins)


def setup(app):
    for part in PARTS:
        part.setup(app)
    return {"version": "0.1.0", "env_version": 2,  # one more where what pages remember changes
            "parallel_read_safe": True, "parallel_write_safe": True}
