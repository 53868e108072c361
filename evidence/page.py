"""Show evidence: a sentence, a table and a plot, in the language of the page."""

from __future__ import annotations

import os
from statistics import median

from . import plots, words
from .measure import MIME
from .trace import Bar, overlap


def show(data, language, prefix="evidence", trace_link=None):
    """What a page says of ``data``: its Markdown, its SVG, and the picture in words.

    :param prefix: unique on the page; the ids inside the SVG begin with it
    :param trace_link: where a timeline's trace can be had
    """
    text = [words.sentence(data, language)]
    if data["kind"] == "timeline":
        if not data["bars"]:
            return text[0], "", ""
        if len({bar[0] for bar in data["bars"]}) > 1:
            text.append(_lane_table(data, language))
        if trace_link:
            text.append(f"[{words.label('trace', language)}]({trace_link})")
    elif data["kind"] == "curve":
        text.append(_curve_table(data, language))
    else:
        text.append(_table(data, language))
    alt = _alt(data, language)
    return "\n\n".join(text), _plot(data, language, prefix, alt), alt


def notebook_bundle(data):
    """The same for a notebook that a reader runs, in the language of ``BOOK_LANGUAGE``."""
    language = os.environ.get("BOOK_LANGUAGE", "en")
    text, svg, alt = show(data, language, f"evidence-{data['experiment']}")
    return {"text/html": _html(text) + svg, "text/plain": f"{text}\n\n{alt}"}


def render_output(output, where):
    """For ``tabcells_output``: evidence in words and pictures, anything else as it is.

    :param output: a notebook output
    :param where: ``docname``, ``tab``, ``cell`` (a number) and ``language``
    :returns: list of notebook outputs
    """
    data = output.get("data", {}).get(MIME)
    if data is None:
        return [output]
    link = None
    if data["kind"] == "timeline" and data["bars"]:
        link = "../" * where["docname"].count("/") + trace_name(data)
    text, svg, alt = show(data, where["language"], f"{where['tab']}-{where['cell']}", link)
    bundles = [{"text/markdown": text, "text/plain": text}]
    if svg:
        bundles.append({"text/html": f'<div class="evidence">{svg}</div>', "text/plain": alt})
    return [{"output_type": "display_data", "data": bundle, "metadata": {}} for bundle in bundles]


def trace_name(data):
    """Where a timeline's trace lies in the site."""
    return f"traces/{data['framework']}-{data['experiment']}.json"


def _html(markdown):
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").render(markdown)


def _table(data, language):
    """Markdown: the median and the middle half of each work, and the ratios."""
    say = lambda name: words.label(name, language)  # noqa: E731
    shown, times = words.names(data, language), data["seconds"]
    rows = [(shown[name], median(times[name]), times[name]) for name in shown]
    if data["kind"] == "pair":
        rows = [(f"T₁: {shown['first']}", *rows[0][1:]), (f"T₂: {shown['second']}", *rows[1][1:]),
                (f"T₁ + T₂: {say('sum')}", rows[0][1] + rows[1][1], None),
                (say("limit"), max(rows[0][1], rows[1][1]), None), rows[2]]
    if data["kind"] == "bound":
        rows.append((say("bound"), data["limit"], None))
    lines = [f"| {say('quantity')} | {say('median')} | {say('middle')} |", "|---|--:|--:|"]
    for name, value, readings in rows:
        span = "–".join(words.duration(v, language).removesuffix(words.MS)
                        for v in words.middle(readings)) + words.MS if readings else ""
        lines.append(f"| {name} | {words.duration(value, language)} | {span} |")
    lines += [f"| **{say(name)}** | **{words.number(data[name], language)}** | |"
              for name in ("speedup", "efficiency") if data[name] is not None]
    return "\n".join(lines)


def _lane_table(data, language):
    """Markdown: how long each lane worked, and how much of that beside another lane."""
    lines = ["| " + " | ".join(words.label(name, language) for name in (
        "lane", "busy", "beside")) + " |", "|---|--:|--:|"]
    for lane, (busy, beside) in _beside([Bar(*bar) for bar in data["bars"]]).items():
        lines.append(f"| {lane} | {words.duration(busy, language)} | "
                     f"{words.percent(beside / busy if busy else 0.0, language)} |")
    return "\n".join(lines)


def _beside(bars):
    """Per lane: seconds of work, and seconds of work while another lane works too."""
    def busy(chosen):
        return overlap(chosen)["busy"]

    every, shares = busy(bars), {}
    for lane in dict.fromkeys(bar.lane for bar in bars):
        own = busy([bar for bar in bars if bar.lane == lane])
        shares[lane] = own, own + busy([bar for bar in bars if bar.lane != lane]) - every
    return shares


def _curve_table(data, language):
    shown = words.names(data, language)
    lines = [f"| {words.label('size', language)} | " + " | ".join(shown.values()) + " |",
             "|--:|" + "--:|" * len(shown)]
    for i, size in enumerate(data["sizes"]):
        lines.append(f"| {size} | " + " | ".join(
            words.duration(median(data["seconds"][name][i]), language) for name in shown) + " |")
    return "\n".join(lines)


def _alt(data, language):
    texts, kind = words.ALTS[language], data["kind"]
    if kind == "timeline":
        lanes = list(dict.fromkeys(bar[0] for bar in data["bars"]))
        return texts["timeline"].format(lanes=len(lanes), names=", ".join(lanes),
                                        share=words.percent(data["share"], language))
    first, second = list(words.names(data, language).values())[:2]
    if kind == "curve":
        return texts["curve"].format(first=first, second=second, crossover=data["crossover"] or "–")
    return texts["pair" if kind == "pair" else "versus"].format(
        first=first, second=second, speedup=words.number(data["speedup"], language))


def _plot(data, language, prefix, alt):
    say = {**words.LABELS[language], "alt": alt}
    if data["kind"] == "timeline":
        return plots.timeline_svg([Bar(*bar) for bar in data["bars"]], say, prefix)
    shown = words.names(data, language)
    if data["kind"] == "curve":
        lines = {shown[name]: values for name, values in words.medians(data).items()}
        return plots.curve_svg(data["sizes"], lines, say, data["crossover"], prefix)
    marks = {}
    if data["kind"] == "pair":
        one, two = (median(data["seconds"][name]) for name in ("first", "second"))
        marks = {say["sum"]: one + two, say["limit"]: max(one, two)}
    if data["kind"] == "bound":
        marks = {say["bound"]: data["limit"]}
    rows = [(shown[name], data["seconds"][name]) for name in shown]
    return plots.pair_svg(rows, say, marks, prefix)
