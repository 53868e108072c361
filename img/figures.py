"""Draw `asyncgraph.svg` and `twogpu.svg` beside this file (`make figures`).

Labels are symbols, so that one drawing serves both languages. Each figure carries its own
background, and colours for light and for dark, since a page shows it as an image.
"""
from pathlib import Path

from evidence import graph

STYLE = """<style>
.back{fill:#fff}.lane{fill:#eef2f7}.box{fill:#fff;stroke:#335}.cpu{fill:#fdeccb;stroke:#853}
text{font:16px sans-serif;fill:#123;text-anchor:middle}.head{font-weight:bold}
.next{stroke-dasharray:4 3}path{stroke:#456;stroke-width:1.6;fill:none;marker-end:url(#a)}.tip{fill:#456}
@media(prefers-color-scheme:dark){.back{fill:#131722}.lane{fill:#1d2433}
.box{fill:#131722;stroke:#9bf}.cpu{fill:#402d10;stroke:#fc8}text{fill:#eef}
path{stroke:#bcd}.tip{fill:#bcd}}</style>
<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
orient="auto"><path class="tip" d="M0 0L8 4L0 8z" style="marker-end:none;stroke:none;fill:#789"/>
</marker></defs>"""


def svg(width, height, title, body) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img">'
            f"<title>{title}</title>{STYLE}"
            f'<rect class="back" width="{width}" height="{height}" rx="12"/>{body}</svg>\n')


def box(x, y, text, width=96, kind="box") -> str:
    """A box of height 32 whose centre is (x, y)."""
    return (f'<rect class="{kind}" x="{x - width / 2:g}" y="{y - 16}" width="{width}" height="32" '
            f'rx="6"/><text x="{x}" y="{y + 5}">{text}</text>')


def arrow(*points) -> str:
    (x, y), *rest = points
    return f'<path d="M{x:g} {y:g}' + "".join(f"L{a:g} {b:g}" for a, b in rest) + '"/>'


def asyncgraph() -> str:
    return svg(360, 170, "x and y are independent; z needs both", "".join([
        box(90, 40, "x = ones"), box(270, 40, "y = ones"), box(180, 130, "z = x · y + 2", 130),
        arrow((90, 56), (150, 112)), arrow((270, 56), (210, 112))]))


#: The middle of each column of the MLP.
COLUMNS = {name: 66 + 154 * number for number, name in enumerate(graph.MLP_COLUMNS)}


def twogpu() -> str:
    """Boxes and arrows of `evidence.graph.mlp`, the graph that the chapter's cells train."""
    tasks = {task.name: task for task in graph.mlp()}

    def place(name) -> tuple[int, int]:
        step = name.removeprefix("Σ ").split()[0]
        return COLUMNS[tasks[name].lane], 76 + 58 * graph.MLP_ROWS.index(step)

    parts = [f'<rect class="lane" x="{x - 54}" y="12" width="108" height="384" rx="8"/>'
             f'<text class="head" x="{x}" y="36">{name}</text>' for name, x in COLUMNS.items()]
    for name, task in tasks.items():
        text = name.replace(" 1", "").replace(" 2", "")
        if task.op == "data":
            text += {"GPU 1": "₁", "GPU 2": "₂"}[task.lane]
        parts.append(box(*place(name), text, kind="cpu" if task.lane == "CPU" else "box"))
    for start, end in graph.arrows(list(tasks.values())):
        (x, y), (u, v) = place(start), place(end)
        side = 48 if x < u else -48
        parts.append(arrow((x, y + 16), (u, v - 17)) if x == u else
                     arrow((x + side, y), (u - side, v)))
    for (start, end), side in zip(graph.MLP_NEXT.items(), (72, -72), strict=True):
        (x, y), (_, v) = place(start), place(end)  # new weights, for the next step
        near = 48 if side > 0 else -48
        parts.append(arrow((x + near, y - 6), (x + side, y - 6), (x + side, v + 8),
                           (x + near, v + 8)).replace("<path", '<path class="next"'))
    return svg(440, 408, "A two-layer MLP on a CPU and two GPUs", "".join(parts))


if __name__ == "__main__":
    here = Path(__file__).parent
    for name, draw in (("asyncgraph", asyncgraph), ("twogpu", twogpu)):
        (here / f"{name}.svg").write_text(draw(), "utf-8")
