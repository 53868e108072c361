"""What is the site, and how its files are written."""

from __future__ import annotations

from pathlib import Path

#: The builder that writes the site; `singlehtml` and `epub` write the book for elsewhere.
SITE = "html"


def for_site(builder) -> bool:
    """Whether a builder writes the site, and no e-book, page for print or anything else."""
    return builder.name == SITE


def write_if_changed(file: Path, text: str) -> None:
    """Write a file; one that holds this text already keeps its date."""
    if not file.exists() or file.read_text("utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def spoken(language) -> str:
    """The language in which the book's own words are said to readers of ``language``: English
    where it has none in that one."""
    return language if language in ("vi", "en") else "en"
