"""Draw `asyncgraph.svg` and `twogpu.svg` beside this file (`make figures`).

Labels are symbols, so that one drawing serves both languages. Each figure carries its own
background, and colours for light and for dark, since a page shows it as an image.
"""
from pathlib import Path

STYLE = """<style>
.back{fill:#fff}.lane{fill:#eef2f7}.box{fill:#fff;stroke:#335}.cpu{fill:#fdeccb;stroke:#853}
text{font:14px sans-serif;fill:#123;text-anchor:middle}.head{font-weight:bold}
path{stroke:#456;stroke-width:1.6;fill:none;marker-end:url(#a)}.tip{fill:#456}
@media(prefers-color-scheme:dark){.back{fill:#131722}.lane{fill:#1d2433}
.box{fill:#131722;stroke:#9bf}.cpu{fill:#402d10;stroke:#fc8}text{fill:#eef}
path{stroke:#bcd}.tip{fill:#bcd}}</style>
<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
orient="auto"><path class="tip" d="M0 0L8 4L0 8z" style="marker-end:none;stroke:none;fill:#789"/>
</marker></defs>"""


def svg(width, height, title, body):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img">'
            f"<title>{title}</title>{STYLE}"
            f'<rect class="back" width="{width}" height="{height}" rx="12"/>{body}</svg>\n')


def box(x, y, text, width=96, kind="box"):
    """A box of height 32 whose centre is (x, y)."""
    return (f'<rect class="{kind}" x="{x - width / 2:g}" y="{y - 16}" width="{width}" height="32" '
            f'rx="6"/><text x="{x}" y="{y + 5}">{text}</text>')


def arrow(*points):
    (x, y), *rest = points
    return f'<path d="M{x:g} {y:g}' + "".join(f"L{a:g} {b:g}" for a, b in rest) + '"/>'


def asyncgraph():
    return svg(360, 170, "x and y are independent; z needs both", "".join([
        box(90, 40, "x = ones"), box(270, 40, "y = ones"), box(180, 130, "z = x · y + 2", 130),
        arrow((90, 56), (150, 112)), arrow((270, 56), (210, 112))]))


#: What one GPU does, top to bottom.
STEPS = ["X", "W₁", "W₂", "loss", "∂W₂", "∂W₁"]


def twogpu():
    rows = [76 + 58 * i for i in range(len(STEPS))]
    gpus = {66: ("GPU 1", "₁"), 374: ("GPU 2", "₂")}
    parts = [f'<rect class="lane" x="{x}" y="12" width="108" height="384" rx="8"/>'
             for x in (12, 166, 320)]
    parts.append('<text class="head" x="220" y="36">CPU</text>')
    for x, (name, part) in gpus.items():
        inner = x + 48 if x < 220 else x - 48
        edge = 172 if x < 220 else 268
        parts.append(f'<text class="head" x="{x}" y="36">{name}</text>')
        for y, step in zip(rows, STEPS):
            parts.append(box(x, y, step + part if step == "X" else step))
        parts += [arrow((x, a + 16), (x, b - 17)) for a, b in zip(rows, rows[1:])]
        for row, weight in ((4, 2), (5, 1)):  # gradients go in, new weights come back
            parts.append(arrow((inner, rows[row]), (edge, rows[row])))
            parts.append(arrow((edge, rows[weight]), (inner, rows[weight])))
    for row, label in ((1, "W₁"), (2, "W₂")):
        parts.append(box(220, rows[row], label, kind="cpu"))
    for row, label in ((4, "Σ ∂W₂"), (5, "Σ ∂W₁")):
        parts.append(box(220, rows[row], label, kind="cpu"))
    parts.append(arrow((220, rows[4] - 16), (220, rows[2] + 17)))
    parts.append(arrow((268, rows[5] - 6), (292, rows[5] - 6), (292, rows[1] + 8), (269, rows[1] + 8)))
    return svg(440, 408, "A two-layer MLP on a CPU and two GPUs", "".join(parts))


if __name__ == "__main__":
    here = Path(__file__).parent
    for name, draw in (("asyncgraph", asyncgraph), ("twogpu", twogpu)):
        (here / f"{name}.svg").write_text(draw(), "utf-8")
