"""Pictures of the site's main states in `_build/screenshots`, for people to look at.

Usage: python -m tools.screenshots (after `make html`; Chromium must be there)
"""
import shutil
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import sync_playwright

from book import frameworks

from . import chromium

ROOT = Path(__file__).resolve().parent.parent
CHAPTER = "chapter_computational-performance"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}


def states() -> Iterator[tuple[str, str, str, str, str]]:
    """Name, address below the language, viewport, scheme and JavaScript to run first."""
    page = f"{CHAPTER}/auto-parallelism.html"
    reveal = "document.querySelectorAll('.guess-veil').forEach(veil => veil.click());"
    for size, scheme, tab in product(SIZES, ("light", "dark"), frameworks.read(ROOT)):
        yield f"section-{size}-{scheme}-{tab}", f"{page}?tab={tab}", size, scheme, ""
        yield (f"evidence-{size}-{scheme}-{tab}", f"{page}?tab={tab}", size, scheme,
               f"{reveal} [...document.querySelectorAll('.evidence')]"
               ".find(e => e.checkVisibility())"
               ".scrollIntoView({block: 'center', behavior: 'instant'})")
    unfold = f"{reveal} document.querySelectorAll('details.fold').forEach(d => d.open = true)"
    for size in SIZES:
        yield (f"exercises-{size}", f"{CHAPTER}/auto-parallelism-exercises.html", size, "light",
               unfold)
        yield f"figure-{size}", f"{page}#fig-twogpu", size, "dark", ""
        yield f"home-{size}", "index.html", size, "light", ""
        yield f"search-{size}", "search.html?q=dong+bo", size, "light", ""
        yield f"colophon-{size}", "colophon.html", size, "light", ""
        yield f"references-{size}", "references.html", size, "dark", ""


def main(site=ROOT / "_build" / "html", out=ROOT / "_build" / "screenshots") -> None:
    path = chromium.find()
    if not path:
        sys.exit("screenshots: no chromium on this machine; `make test` installs it where it may")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path,
                                             args=["--no-sandbox", "--disable-gpu"])
        for language, (name, address, size, scheme, script) in product(("vi", "en"), states()):
            page = browser.new_page(viewport=SIZES[size], color_scheme=scheme,
                                    reduced_motion="reduce")
            page.goto(f"file://{site}/{language}/{address}")
            page.evaluate(script or "0")
            page.wait_for_timeout(150)
            page.screenshot(path=out / f"{language}-{name}.png")
            page.close()
        for name, media in (("print", "print"), ("no-scripts", "screen")):
            page = browser.new_page(viewport=SIZES["desktop"], java_script_enabled=media == "print")
            page.goto(f"file://{site}/vi/{CHAPTER}/auto-parallelism.html")
            page.emulate_media(media=media)
            page.screenshot(path=out / f"vi-{name}.png", full_page=True)
        browser.close()
    print(f"{len(list(out.glob('*.png')))} pictures in {out.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
