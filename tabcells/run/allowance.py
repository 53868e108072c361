"""How much of what a cell prints is kept: the rest is counted as it arrives, and dropped."""

from __future__ import annotations

import json

import nbformat

#: Under this key the metadata of an output say that a cell's outputs end there.
CUT = "tabcells-cut"


class Allowance:
    """What one cell may still print; a prefix of its outputs is kept.

    :param limit: bytes, of text as UTF-8 and of everything else as JSON
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.used, self.dropped = limit, 0, 0
        self._sizes: dict = {}

    def admit(self, message: dict) -> bool:
        """Whether a kernel's message may be taken; text is shortened in place to what fits."""
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self.used = self.dropped = 0
            self._sizes.clear()  # a display that comes again is paid for again
        if kind == "stream":
            content["text"] = self._beginning(content["text"])
            return content["text"] != ""
        if kind not in ("display_data", "execute_result", "update_display_data", "error"):
            return True
        size = more = len(json.dumps(content, ensure_ascii=False).encode(errors="replace"))
        if name := (content.get("transient") or {}).get("display_id"):  # takes another's place
            more = max(0, size - self._sizes.get(name, 0))
            self._sizes[name] = max(size, self._sizes.get(name, 0))
        # A cell ends by an error at most once; it is worth more than what was cut before.
        if size <= self.limit if kind == "error" else self._room(more):
            return True
        self.dropped += size
        return False

    def notice(self) -> list:
        """What ends the outputs of the cell: nothing, or an output that tells what was cut."""
        if not self.dropped:
            return []
        sizes = {"dropped": self.dropped, "limit": self.limit}
        return [nbformat.v4.new_output(
            "display_data", {"text/plain": f"[{self.dropped} more bytes]"}, metadata={CUT: sizes})]

    def _beginning(self, text: str) -> str:
        data = text.encode(errors="replace")
        if self._room(len(data)):
            return text
        kept = b"" if self.dropped else data[:self.limit - self.used]
        self.used, self.dropped = self.used + len(kept), self.dropped + len(data) - len(kept)
        return kept.decode(errors="ignore")

    def _room(self, size: int) -> bool:
        fits = not self.dropped and self.used + size <= self.limit
        self.used += size if fits else 0
        return fits


def cut_at(outputs: list) -> int | None:
    """The limit at which a run's outputs (a list for each cell) were cut; None if whole."""
    limits = [output.metadata[CUT]["limit"] for cell in outputs for output in cell
              if CUT in output.get("metadata", {})]
    return min(limits, default=None)


def in_words(output, words: str) -> list | None:
    """The notice as a page shows it, or None where ``output`` is something else.

    :param words: a template, Markdown: ``{dropped}`` and ``{limit}`` are sizes in MB
    """
    sizes = output.get("metadata", {}).get(CUT)
    if sizes is None:
        return None
    text = words.format(**{name: _megabytes(size) for name, size in sizes.items()})
    return [nbformat.v4.new_output("display_data", {"text/markdown": text, "text/plain": text})]


def _megabytes(size) -> str:
    return f"{size / 1e6:.1f}" if size >= 1e5 else f"{size / 1e6:.6f}".rstrip("0")
