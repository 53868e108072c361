"""Serve the built book, whose cells then run on this machine.

Usage: python -m live [--port N] [--site FOLDER], in the book's folder
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .server import serve


def main(words: list[str] | None = None) -> None:
    """:raises SystemExit: there is no built book"""
    parser = argparse.ArgumentParser(prog="python -m live", description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=8888,
                        help="the port, or one near it if that is taken; 0: any (default: 8888)")
    parser.add_argument("--site", type=Path, default=Path("_build/html"),
                        help="the built book (default: _build/html)")
    options = parser.parse_args(words)
    if not (options.site / "index.html").is_file():
        parser.exit(1, f"live: {options.site} holds no book; `make html` builds it\n")
    serve(Path.cwd(), options.site.resolve(), options.port)


if __name__ == "__main__":
    main()
