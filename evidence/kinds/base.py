"""What a kind of evidence must be able to do, and what those with works by the clock share.

``data`` is always what the kind's ``measure`` returned, or that again from JSON; times are
seconds.  A ``language`` is ``en`` or ``vi``.  Nothing here runs in the kernel of a cell: the
wording is no part of a run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from .. import words
from ..compare import compare, interval
from ..measure import Evidence

#: The lists of `measurements.json`; each kind stands in one of them.
PARTS = ("measurements", "timelines")
#: Readings over readings, whose ratio a claim is about.
Sides = tuple[list[float], list[float]]

NUMBER = {"type": "number"}
STRINGS = {"type": "array", "items": {"type": "string"}}
READINGS = {"type": "array", "minItems": 1, "items": {"type": "number", "exclusiveMinimum": 0}}

#: The picture in words of two ways to do the same.
TWO_WAYS = {
    "en": "Each reading as a dot, the medians as bars: {first}; {second}. Speed-up {speedup}.",
    "vi": "Mỗi lần đo là một chấm, trung vị là vạch: {first}; {second}. Mức tăng tốc {speedup}.",
}
#: What is said of the first ones of readings that were taken twice.
EARLIER = "readings that decided nothing, and were taken once more"


class Kind(ABC):
    """A kind of evidence: measured, said, drawn, published, claimed.

    ``name`` is what ``data["kind"]`` says.  ``sentences`` are the texts by language and branch,
    ``alts`` the picture in words, ``labels`` words of the table and plot that are this kind's
    own, ``captions`` what its table is called.  ``properties`` is its part of the JSON schema,
    ``required`` those that are always there.
    """

    name: ClassVar[str]
    part: ClassVar[str] = "measurements"
    sentences: ClassVar[dict[str, dict[str, str]]]
    alts: ClassVar[dict[str, str]]
    labels: ClassVar[dict[str, dict[str, str]]] = {"en": {}, "vi": {}}
    captions: ClassVar[dict[str, str]] = {"en": "", "vi": ""}
    properties: ClassVar[dict[str, Any]]
    required: ClassVar[tuple[str, ...]]
    #: What a cell calls.
    measure: Callable[..., Evidence]

    @abstractmethod
    def verdict(self, data: dict[str, Any]) -> str:
        """The branch of ``sentences``, or of those that all kinds share, that ``data`` earns."""

    @abstractmethod
    def facts(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        """What the sentences may name in braces."""

    @abstractmethod
    def table(self, data: dict[str, Any], language: str) -> str:
        """Markdown; "" where there is nothing to tell apart."""

    def caption(self, data: dict[str, Any], language: str) -> str:
        """What the table is called; "" where the sentence above says it."""
        return self.captions[language].format(
            experiment=words.label(data["experiment"], language))

    @abstractmethod
    def alt(self, data: dict[str, Any], language: str) -> str:
        """The picture in words; "" where there is nothing to see."""

    @abstractmethod
    def plot(self, data: dict[str, Any], language: str, prefix: str, alt: str) -> str:
        """The SVG.  Import ``plots`` in here: it brings Matplotlib."""

    @abstractmethod
    def ratios(self, data: dict[str, Any]) -> dict[str, list[Sides]]:
        """What `tools/claims.py` may claim something of: quantity -> its ratios, as readings."""

    def summary(self, data: dict[str, Any], language: str) -> str:
        """What the table of machines says; "" keeps ``data`` out of that table."""
        return ""

    def trace_name(self, data: dict[str, Any]) -> str | None:
        """Where its trace lies in the site, if it has one."""
        return None

    def traces(self, data: dict[str, Any]) -> dict[str, Any]:
        """Files to publish beside the numbers: name -> content, for JSON."""
        return {}

    def published(self, data: dict[str, Any]) -> dict[str, Any]:
        """Its entry in `measurements.json`, but for the page."""
        return dict(data)

    def recorded(self, entry: dict[str, Any], site: Path | None = None) -> dict[str, Any]:
        """Its entry in a record of a machine.

        :param entry: its entry in the measurements of ``site``; without one what was measured,
            and the page
        """
        return entry

    def schema(self) -> dict[str, Any]:
        """The JSON schema of an entry, published or recorded.  What it does not name is refused."""
        common = {"kind": {"const": self.name}, "framework": {"type": "string"},
                  "experiment": {"type": "string",
                                 "description": "unique for its framework, in its list"},
                  "page": {"type": "string"}}
        return {"type": "object", "properties": {**common, **self.properties},
                "required": ["kind", "framework", "experiment", *self.required],
                "additionalProperties": False}


class Timed(Kind):
    """Works by the clock: ``works`` are their names in order, ``seconds`` the readings of each."""

    captions: ClassVar[dict[str, str]] = {"en": "Readings: {experiment}",
                                          "vi": "Các lần đo: {experiment}"}

    properties: ClassVar[dict[str, Any]] = {
        "devices": STRINGS,
        "works": {**STRINGS, "description": "the keys of seconds, in order"},
        "seconds": {"type": "object", "additionalProperties": READINGS,
                    "description": "each reading of each work, in the order taken"},
        "earlier": {"type": "object", "additionalProperties": READINGS, "description": EARLIER},
        "speedup": {"type": "number", "description": "first work / second work; of medians"},
        "efficiency": {"type": ["number", "null"]}}
    required: ClassVar[tuple[str, ...]] = ("devices", "works", "seconds", "speedup", "efficiency",
                                           "page")

    def names(self, data: dict[str, Any], language: str) -> dict[str, str]:
        """What a reader calls each work."""
        return words.names(data, language)

    def comparison(self, data: dict[str, Any]) -> str:
        """What `evidence.compare.compare` says of the speed-up."""
        return compare(*self.ratios(data)["speedup"][0])

    def efficiency(self, data: dict[str, Any]) -> float | None:
        """How near to what no schedule can beat, at most 1; None where nothing is known of that.

        From the readings: what the first records call so is an older quantity.
        """
        return None

    def facts(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        slow, fast = self.names(data, language).values()
        first, second = words.medians(data).values()
        return {**self.refusal(data, language), "slow": slow, "fast": fast,
                "first": words.duration(first, language),
                "second": words.duration(second, language)}

    def refusal(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        """The ratio and its interval, and what else the sentences ``open`` and ``few`` name."""
        sides = self.ratios(data)["speedup"][0]
        low, high = interval(*sides)
        return words.refusal(
            language, speedup=words.number(data["speedup"], language),
            low=words.number(low, language), high=words.number(high, language),
            count=min(map(len, sides)))

    def speedup(self, data: dict[str, Any], language: str) -> str:
        """The ratio of the medians, marked where it is no verdict."""
        text = words.number(data["speedup"], language)
        return f"{text} ({words.label('refused', language)})" if words.is_refused(data) else text

    def rows(self, data: dict[str, Any], language: str) -> list[tuple]:
        """Of the table: label, seconds, and the readings whose median that is, or None."""
        return [(label, median(data["seconds"][name]), data["seconds"][name])
                for name, label in self.names(data, language).items()]

    def marks(self, data: dict[str, Any], language: str) -> dict[str, float]:
        """Of the plot: label -> seconds that cannot be beaten, or that are to be beaten."""
        return {}

    def table(self, data: dict[str, Any], language: str) -> str:
        """The median of each work between its least and largest reading, and the ratios."""
        quantity, middle, between, speedup, efficiency = (words.label(name, language) for name in (
            "quantity", "median", "interval", "speedup", "efficiency"))
        lines = [f"| {quantity} | {middle} | {between} |", "|---|--:|--:|"]
        for name, value, readings in self.rows(data, language):
            span = "–".join(words.duration(v, language).removesuffix(words.MS)
                            for v in (min(readings), max(readings))) + words.MS if readings else ""
            lines.append(f"| {name} | {words.duration(value, language)} | {span} |")
        span = words.span(*interval(*self.ratios(data)["speedup"][0]), language)
        lines.append(f"| **{speedup}** | **{self.speedup(data, language)}** | {span} |")
        value = self.efficiency(data)
        if value is not None and not words.is_refused(data):
            lines.append(f"| **{efficiency}** | **{words.number(value, language)}** | |")
        return "\n".join(lines)

    def alt(self, data: dict[str, Any], language: str) -> str:
        first, second = list(self.names(data, language).values())[:2]
        return self.alts[language].format(first=first, second=second,
                                          speedup=self.speedup(data, language))

    def plot(self, data: dict[str, Any], language: str, prefix: str, alt: str) -> str:
        from .. import plots

        rows = [(label, data["seconds"][name])
                for name, label in self.names(data, language).items()]
        return plots.pair_svg(rows, {**words.labels(language), "alt": alt},
                              self.marks(data, language), prefix)

    def summary(self, data: dict[str, Any], language: str) -> str:
        """The speed-up, and the efficiency where it has one, or the mark of no verdict."""
        text, value = self.speedup(data, language), self.efficiency(data)
        if value is not None and not words.is_refused(data):
            text += f" ({words.number(value, language)})"
        return text

    def ratios(self, data: dict[str, Any]) -> dict[str, list[Sides]]:
        slow, fast = (data["seconds"][name] for name in data["works"])
        return {"speedup": [(slow, fast)]}
