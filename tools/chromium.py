"""Where the browser is that prints the book, takes its pictures and runs its tests."""
import shutil

#: `make browser` installs Debian's.
NAMES = ("chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """The browser's path, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)
