"""Draw the picture of social cards, `img/card.png`: two lanes of work, in both languages.

Its licence stands below them, and in the file as PNG's own word `Copyright`.

Usage: python -m img.card   (`make figures` does)
"""
import runpy
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from book import frameworks

COMPUTE, COPY, INK = "#3568c8", "#b85c0c", "#1c1c1c"
ROOT = Path(__file__).resolve().parent.parent


def draw(path) -> None:
    """A PNG of 1200 by 630 pixels, the size that social sites ask for."""
    figure = pyplot.figure(figsize=(12, 6.3), dpi=100, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 12), ylim=(0, 6.3))
    axes.axis("off")
    axes.text(.8, 4.9, "Song song hóa tự động", fontsize=48, weight="bold", color=INK)
    names = ["Automatic parallelism", *(each.label for each in frameworks.read(ROOT).values())]
    axes.text(.8, 4.05, " · ".join(names), fontsize=26, color=INK)
    for y, bars in ((2.3, ((.8, 2.9), (3.9, 2.9), (7, 2.9))),
                    (1.1, ((2.3, 2.9), (5.4, 2.9), (8.5, 2.7)))):
        for start, width in bars:
            axes.broken_barh([(start, width)], (y, .8), color=COMPUTE if y > 2 else COPY)
    licence, address = runpy.run_path(str(ROOT / "conf.py"))["book_licences"]["text"]
    axes.text(.8, .45, licence, fontsize=18, color=INK)
    figure.savefig(path, metadata={"Software": None, "Copyright": f"{licence} ({address})"})


if __name__ == "__main__":
    draw(Path(__file__).with_name("card.png"))
