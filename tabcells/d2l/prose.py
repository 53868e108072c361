"""Prose of D2L's dialect as MyST: slide marks, labels, figures, tables, formulas, roles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from . import scan
from .scan import CODE, Line, Warnings

_SLIDES = re.compile(rf"{CODE}|(?P<open>[\[(](?:\*\*|~~))|(?P<close>(?:\*\*|~~)[\])])")
_PAIRS = {"[**": "**]", "(**": "**)", "[~~": "~~]", "(~~": "~~)"}

#: What follows `**]` where it ends a link: an address.  Two marks side by side are none, nor is
#: a word in brackets, before which Chinese and Japanese have no blank.
_LINK = re.compile(r"\((?!~~|\*\*|:\w+:`)(?=[^\s()]*[/#.:])[^\s()]+(?:\s+\"[^\"\n]*\")?\)")

#: A mark that has its line for itself, or ends the line of what it belongs to.
_MARK = re.compile(r"(?:^|(?<=[\s)$}\]]))\s*: ?(label|eqlabel|width|height) ?: ?"
                   r"`+\s*([^`]*?)\s*`+\s*$")

_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_IMAGE = re.compile(r"\s{0,3}!\[(.*)\]\(\s*([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\s*\)\s*", re.S)
_CAPTION = re.compile(r"(?::|Table:)(?!:)(?!\s?[\w-]+ ?: ?`)[ \t]*(?=\S)")
_ROW = re.compile(r" {0,3}\|")
_RULE = re.compile(r" {0,3}\|[\s:|-]*-[\s:|-]*$")
_BIBLIOGRAPHY = re.compile(r"\s*:bibliography: ?`+([^`]*)`+\s*$")
#: The sign of a list's item.
ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_BARE_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s*$")

_FORMULA = re.compile(rf"{CODE}|\\.|(?P<math>\$\$)", re.S)
_EQLABEL = re.compile(r"\s*: ?eqlabel ?: ?`+\s*([^`]*?)\s*`+")

#: Role of the dialect -> role of MyST.
ROLES = {"ref": "ref", "numref": "numref", "eqref": "eq", "cite": "cite:p", "citep": "cite:p",
         "citet": "cite:t", "class": "py:class", "func": "py:func", "mod": "py:mod"}
_ROLE = re.compile(
    rf":(?P<role>{'|'.join(ROLES)}): ?(?P<marks>`+)(?P<target>[^`\n]+(?:\n[^`\n]+)?)"
    rf"(?P=marks)(?!`)"
    rf"|(?<!\w):(?P<unknown>[a-z_]+):`[^`\n]+`|{CODE}")

#: What begins a line and means something to MyST alone: a comment, a break, a target.
_MEANT_OTHERWISE = re.compile(r"^( {0,3}(?:(?:[-*+]|\d{1,9}[.)])\s+|>\s?)*)"
                              r"(?=%|\+\+\+|\([^\s()]+\)=\s*$)")

#: What a target of MyST may be called.
_NAME = re.compile(r"[a-zA-Z0-9|@>*./_\-+:]{1,100}")


@dataclass
class Block:
    """A piece of prose: "text" as it stands, or what becomes something of MyST.

    ``kind`` is "text", "heading", "figure", "table", "formula" or "bibliography".  The lines of a
    figure and of a bibliography are its path; ``tabs`` as in ``scan.Segment``; ``inner_labels``
    are those of formulas within a list.
    """

    kind: str
    lines: list[Line]
    tabs: tuple[str, ...] | None = None
    labels: list[Line] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    caption: list[Line] = field(default_factory=list)
    inner_labels: list[Line] = field(default_factory=list)

    @property
    def stands_alone(self) -> bool:
        """Whether it needs a cell of its own for its lines to be those of the author's file."""
        return self.kind in ("figure", "formula", "bibliography") or bool(
            self.labels or self.caption)

    def written(self) -> tuple[int, list[str]]:
        """The line of the author's file that its first line would be, and its lines."""
        head, body, foot = self._framed()
        first = self.caption if self.kind == "figure" and self.caption else self.lines
        return max(1, first[0].number - len(head)), [*head, *body, *foot]

    def _framed(self) -> tuple[list[str], list[str], list[str]]:
        texts, captions = ([line.text for line in lines] for lines in (self.lines, self.caption))
        targets = [f"({label.text})=" for label in self.labels]
        # What has a name is found by it; a target would stand before it.
        has_name = self.kind == "figure" or (self.kind == "table" and captions)
        name, targets = ([f":name: {label.text}" for label in self.labels[:1]],
                         targets[1:]) if has_name else ([], targets)
        if self.kind == "formula":
            return ["```{math}", *_formula_options(self.labels, texts)], texts, ["```"]
        if self.kind == "bibliography":
            return [], [f"```{{bibliography}} {texts[0]}"], ["```"]
        if self.kind == "figure":
            options = name + [f":{size}: {value}" for size, value in self.options.items()]
            if captions:
                options += [f":alt: {_plain(captions)}", ""]
                captions[0] = re.sub(r"^([-*+>#:]|\d+[.)])(?=\s)", r"\\\1", captions[0].lstrip())
            return [*targets, f"```{{figure}} {texts[0]}", *options], captions, ["```"]
        if captions:
            title = " ".join(caption.strip() for caption in captions)
            # Not of backticks: a role's, in the title, would make it no fence.
            return [*targets, f"~~~~{{table}} {title}", *name, ""], texts, ["~~~~"]
        return targets, texts, []


def _formula_options(labels: list[Line], texts: list[str]) -> list[str]:
    options = [f":label: {label.text}" for label in labels]
    # What begins like an option is none after an empty line.
    return [*options, ""] if options or texts[0].lstrip().startswith((":", "-")) else []


def _plain(lines: list[str]) -> str:
    """A caption as a description of its picture: what is no word of it goes."""
    text = re.sub(r"(\$[^$]*\$)|\{[\w:]+\}`[^`]*`|[*`]", lambda match: match[1] or "",
                  " ".join(lines))
    return "'" + " ".join(text.split()).replace("'", "''") + "'"


@dataclass
class Reference:
    """A use of a label: its line, the label, and the role's name in MyST."""

    line: int
    label: str
    role: str


class Prose:
    """Reads the prose of a page, segment by segment: ``blocks`` are in the author's order."""

    def __init__(self, warnings: Warnings) -> None:
        self.blocks: list[Block] = []
        self.references: list[Reference] = []
        self._warnings = warnings
        self._anchor: Block | None = None  # what a label belongs to
        self._in_list = False

    def add(self, segment: scan.Segment) -> None:
        """Read the prose of one segment."""
        self._tabs = segment.tabs
        lines = _with_marks_alone(_without_slides(segment.lines, self._warnings))
        self._parts = list(scan.blocks(lines))
        self._at, self._first = 0, len(self.blocks)
        while self._at < len(self._parts):
            self._read()
        # Whatever follows begins anew.
        self._put(Block("text", [Line(segment.lines[-1].number + 1, "")]))

    def warn(self, line: int, sentence: str) -> None:
        self._warnings.append((line, sentence))

    # One construct after the other; `_at` is the part to read next.

    def _read(self) -> None:
        fence, lines = self._parts[self._at]
        text = lines[0].text
        if fence:
            self._at += 1
            title = _only_a_title(fence, lines)
            self._put(Block("heading", [title]) if title
                      else Block("text", _converted(fence, lines)))
        elif not text.strip():
            self._at += 1
            self._put(Block("text", lines))
        elif mark := _MARK.match(text):
            self._at += 1
            self._attach(lines[0].number, *mark.groups())
        elif _HEADING.match(text):
            self._at += 1
            self._put(Block("heading", self._rewritten(lines)))
        elif match := _BIBLIOGRAPHY.match(text):
            self._at += 1
            self._put(Block("bibliography", [Line(lines[0].number, match[1].strip())]))
        else:
            self._read_run()

    def _read_run(self) -> None:
        """A paragraph, list, image or table: lines up to an empty one or a mark."""
        run = self._run(self._at)
        if len(run) > 1 and _UNDERLINE.match(run[1].text) and not ITEM.match(run[0].text):
            self._at += 2
            self._put(Block("heading", self._rewritten(run[:2])))
        elif _is_table(run):
            self._at += len(run)
            self._put(Block("table", self._rewritten(run)))
        elif _CAPTION.match(run[0].text) and self._read_caption(run):
            pass
        elif (image := _IMAGE.fullmatch("\n".join(line.text for line in run))) and (
                _is_one_caption(image[1])):
            self._at += len(run)
            caption = [Line(line.number, text) for line, text in zip(
                run, image[1].split("\n"), strict=False) if text.strip()]
            self._put(Block("figure", [Line(run[0].number, image[2])],
                            caption=self._rewritten(caption) if caption else []))
        else:
            run = self._closed(run)
            self._at += len(run)
            self._put_text(run)

    def _run(self, start: int) -> list[Line]:
        run: list[Line] = []
        for fence, lines in self._parts[start:]:
            text = lines[0].text
            mark = _MARK.match(text)
            labels_formula = mark and mark[1] == "eqlabel" and any("$$" in x.text for x in run)
            if fence or not text.strip() or (run and _HEADING.match(text)) or (
                    mark and not labels_formula) or (run and _BIBLIOGRAPHY.match(text)):
                break
            run += lines
        return run

    def _closed(self, run: list[Line]) -> list[Line]:
        """The run, or a longer one where a formula in it goes on after an empty line."""
        if _count(run) % 2 == 0:
            return run
        longer = list(run)
        for fence, lines in self._parts[self._at + len(run):]:
            if fence or _HEADING.match(lines[0].text) or _MARK.match(lines[0].text):
                break
            longer += lines
            if _count(longer) % 2 == 0:
                return longer + self._run(self._at + len(longer))
        start = next(line.number for line in run if "$$" in line.text)
        self.warn(start, "a formula is never closed: `$$` is missing")
        return run

    def _read_caption(self, run: list[Line]) -> bool:
        """A caption above its table or below it, with labels between; False where it is none."""
        rows = next((i for i, line in enumerate(run) if _is_table(run[i:])), len(run))
        caption, labels, at = run[:rows], [], self._at + rows
        while at < len(self._parts) and rows == len(run):
            text = self._parts[at][1][0].text
            if (mark := _MARK.match(text)) and mark[1] == "label":
                labels.append(Line(self._parts[at][1][0].number, mark[2]))
            elif text.strip():
                break
            at += 1
        above = next((block for block in reversed(self.blocks[self._first:])
                      if any(line.text.strip() for line in block.lines)), None)
        table = self._run(at)
        if not _is_table(table):
            if not above or above.kind != "table" or above.caption:
                return False
            table, at = [], self._at + rows
        sign = _CAPTION.match(caption[0].text)
        assert sign is not None, "the caller has looked"
        caption[0] = Line(caption[0].number, caption[0].text[sign.end():])
        caption = self._rewritten(caption)
        if table:
            self._at = at + len(table)
            self._put(Block("table", self._rewritten(table), caption=caption, labels=labels))
        else:
            assert above is not None, "there is neither a table below nor above"
            self._at = at
            above.caption = caption
        return True

    def _put(self, block: Block) -> None:
        block.tabs = self._tabs
        self.blocks.append(block)
        if block.kind in ("heading", "figure", "table"):
            self._anchor = block
        if block.kind != "text":
            self._in_list = False

    def _attach(self, line: int, name: str, value: str) -> None:
        """Give a label, or a size, to what it belongs to."""
        last = next((block for block in reversed(self.blocks)
                     if any(each.text.strip() for each in block.lines)), None)
        label = Line(line, value)
        if not value:
            self.warn(line, f":{name}: without a name")
        elif name == "label":
            self._label(label)
        elif name == "eqlabel" and last and last.kind in ("figure", "table"):
            self.warn(line, f":eqlabel:`{value}` of a {last.kind}; it is read as :label:")
            self._label(label)
        elif name == "eqlabel":
            if last and last.kind == "formula" and not last.labels:
                last.labels.append(label)
            else:
                self.warn(line, f":eqlabel:`{value}` without a formula before it")
        elif last and last.kind == "figure":
            last.options[name] = value
        else:
            self.warn(line, f":{name}:`{value}` without a figure before it")

    def _label(self, label: Line) -> None:
        if self._anchor is None:
            self._put(Block("text", [Line(label.number, "")], labels=[label]))
        else:
            self._anchor.labels.append(label)
        if not _NAME.fullmatch(label.text):
            self.warn(label.number, f"the label {label.text!r} has characters that MyST does not "
                      "take in a label")

    def _put_text(self, run: list[Line]) -> None:
        """A paragraph or list; each displayed formula becomes one that is counted."""
        text = "\n".join(line.text for line in run)
        numbers = [line.number for line in run]
        pieces = _formulas(text)
        starts = [i for i, line in enumerate(run) if ITEM.match(line.text) and not any(
            piece.is_formula and piece.start < _offset(run, i) < piece.end for piece in pieces)]
        is_continued = self._in_list and text.startswith(" ")
        self._in_list = bool(starts) or is_continued
        if not any(piece.is_formula for piece in pieces) or text.lstrip().startswith(">"):
            self._put(Block("text", self._rewritten(run)))
            return
        if self._in_list:
            labels = [label for piece in pieces for label in piece.label(numbers, text)]
            self._put(Block("text", self._nested(run, pieces), inner_labels=labels))
            self._in_list = True
            return
        for piece in pieces:
            first = numbers[text.count("\n", 0, piece.start)]
            rows = [Line(first + i, row) for i, row in enumerate(
                text[piece.start:piece.end].split("\n")) if row.strip()]
            if not rows:
                continue
            rows[0] = Line(rows[0].number, rows[0].text.lstrip())
            if piece.is_formula:
                self._put(Block("formula", rows, labels=piece.label(numbers, text)))
            else:
                self._put(Block("text", self._rewritten(rows)))

    def _nested(self, run: list[Line], pieces: list[_Piece]) -> list[Line]:
        """A list whose formulas are directives within its items."""
        text = "\n".join(line.text for line in run)
        numbers = [line.number for line in run]
        rows: list[Line] = []
        indent = text[:len(text) - len(text.lstrip())]
        follows_formula = False  # then nothing goes on by itself in an item
        for piece in pieces:
            row = text.count("\n", 0, piece.start)
            content = text[piece.start:piece.end].split("\n")
            if piece.is_formula:
                body = [line.strip() for line in content if line.strip()]
                frame = ["```{math}", *_formula_options(piece.label(numbers, text), body), *body,
                         "```"]
                if rows and _BARE_ITEM.match(rows[-1].text):
                    bare = rows.pop()
                    frame[0] = bare.text.rstrip().ljust(len(indent)) + frame[0]
                    rows.append(Line(bare.number, frame.pop(0)))
                rows += [Line(numbers[row], (indent + line).rstrip()) for line in frame]
                follows_formula = True
                continue
            for i, line in enumerate(content):
                item = ITEM.match(line + " ") if i or piece.start == 0 else None
                if item:
                    is_bare = _BARE_ITEM.match(line)
                    indent = " " * len(line.rstrip() + " " if is_bare else item[0])
                    follows_formula = False
                if line.strip():
                    rows.append(Line(numbers[row + i], indent + line.strip() if follows_formula
                                     else line))
        return self._rewritten(rows)

    def _rewritten(self, lines: list[Line]) -> list[Line]:
        """The same with roles of MyST, and nothing that MyST alone would take for a mark."""
        if not lines:
            return lines
        text = "\n".join(line.text for line in lines)

        def role(match: re.Match) -> str:
            line = lines[text.count("\n", 0, match.start())].number
            if match["unknown"]:
                self.warn(line, f"{match[0]}: there is no role {match['unknown']!r}")
            if not match["role"]:
                return match[0]
            name, target = ROLES[match["role"]], " ".join(match["target"].split())
            if name.startswith("cite"):
                # Translations have blanks in keys, at which sphinxcontrib-bibtex ends the build.
                given = [key.strip() for key in target.split(",")]
                keys = [re.sub(r"[\s{}]", "", key) for key in given]
                if keys != given or not any(keys):
                    self.warn(line, f":{match['role']}:`{target}`: no key has blanks or braces")
                if not any(keys):
                    return match[0]
                target = ",".join(filter(None, keys))
            if name in ("ref", "numref", "eq"):
                self.references.append(Reference(line, target, name))
            return f"{{{name}}}`{target}`" + "\n" * match["target"].count("\n")

        texts = _ROLE.sub(role, text).split("\n")
        return [Line(line.number, _MEANT_OTHERWISE.sub(r"\1\\", new))
                for line, new in zip(lines, texts, strict=True)]


@dataclass(frozen=True)
class _Piece:
    """A part of a run: offsets of its text, and of its label's mark if it has one."""

    start: int
    end: int
    is_formula: bool
    mark: tuple[str, int] | None = None

    def label(self, numbers: list[int], text: str) -> list[Line]:
        if not self.mark:
            return []
        name, at = self.mark
        return [Line(numbers[text.count("\n", 0, at)], name)]


def _formulas(text: str) -> list[_Piece]:
    """The text and the displayed formulas of a run, in order; `$$` and labels are in neither."""
    signs = [match.start() for match in _FORMULA.finditer(text) if match["math"]]
    pieces, at = [], 0
    for start, end in zip(signs[::2], signs[1::2], strict=False):
        if not text[start + 2:end].strip():
            continue  # four signs in a row say nothing
        if text[at:start].strip():
            pieces.append(_Piece(at, start, False))
        label = _EQLABEL.match(text, end + 2)
        pieces.append(_Piece(start + 2, end, True,
                             (label[1], label.start(1)) if label and label[1] else None))
        at = label.end() if label else end + 2
    if text[at:].strip():
        pieces.append(_Piece(at, len(text), False))
    return pieces


def _offset(run: list[Line], index: int) -> int:
    return sum(len(line.text) + 1 for line in run[:index])


def _count(run: list[Line]) -> int:
    text = "\n".join(line.text for line in run)
    return sum(bool(match["math"]) for match in _FORMULA.finditer(text))


def _is_one_caption(text: str) -> bool:
    """Whether no bracket closes in it that was opened before: the image would end there."""
    depth = 0
    for sign in re.findall(r"(?<!\\)[\[\]]", text):
        depth += 1 if sign == "[" else -1
        if depth < 0:
            return False
    return True


def _is_table(run: list[Line]) -> bool:
    return len(run) > 1 and bool(_ROW.match(run[0].text) and _RULE.match(run[1].text))


def _converted(fence: scan.Fence, lines: list[Line]) -> list[Line]:
    """A fence of prose: contents, reStructuredText, or code that is but printed."""
    word = fence.info.split()[0] if fence.info else ""
    attributes = re.fullmatch(r"\{\s*\.([\w+-]+)[^}]*\}", fence.info)
    info = {"toc": "{toctree}", "eval_rst": "{eval-rst}"}.get(
        word, attributes[1] if attributes else fence.info)
    body = _with_long_underlines(lines[1:-1]) if word == "eval_rst" else lines[1:-1]
    return [Line(lines[0].number, f"{fence.indent}{fence.mark}{info}"), *body, lines[-1]]


def _only_a_title(fence: scan.Fence, lines: list[Line]) -> Line | None:
    """A heading for reStructuredText that holds but the page's title, for HTML alone.

    MyST would take it for no title, and the page would stand in no list of contents.
    """
    body = [line for line in lines[1:-1] if line.text.strip()]
    if fence.info.split()[:1] == ["eval_rst"] and len(body) == 3 and (
            body[0].text.strip() == ".. only:: html" and re.fullmatch(
                r"\s*([=\-~#*])\1+\s*", body[2].text)):
        return Line(body[1].number, f"# {body[1].text.strip()}")
    return None


def _with_long_underlines(lines: list[Line]) -> list[Line]:
    """Titles of reStructuredText, whose lines below must be as long as they are."""
    long = list(lines)
    for i, (above, line) in enumerate(pairwise(lines), 1):
        rule = line.text.strip()
        if len(rule) > 2 and len(set(rule)) == 1 and not rule[0].isalnum() and above.text.strip():
            indent = line.text[:len(line.text) - len(line.text.lstrip())]
            long[i] = Line(line.number, indent + rule.ljust(len(above.text.strip()), rule[0]))
    return long


def _with_marks_alone(lines: Iterable[Line]) -> list[Line]:
    """A label at the end of the line of what it belongs to gets a line for itself."""
    alone: list[Line] = []
    for fence, part in scan.blocks(lines):
        if fence:
            alone += part
            continue
        line, marks = part[0], []
        while (mark := _MARK.search(line.text)) and line.text[:mark.start()].strip():
            marks.append(Line(line.number, line.text[mark.start():].strip()))
            line = Line(line.number, line.text[:mark.start()])
        alone += [line, *reversed(marks)]
    return alone


def _without_slides(lines: list[Line], warnings: Warnings) -> list[Line]:
    """The prose without marks for slides; what `~~` marks is for slides alone and goes too."""
    rest: list[Line] = []
    chunk: list[Line] = []
    for fence, part in scan.blocks(lines):
        if fence:
            rest += _unmarked(chunk, warnings) + part
            chunk = []
        else:
            chunk += part
    return rest + _unmarked(chunk, warnings)


def _unmarked(lines: list[Line], warnings: Warnings) -> list[Line]:
    text = "\n".join(line.text for line in lines)
    opened: dict[str, re.Match] = {}
    removed: list[tuple[int, int]] = []

    def never_closed(match: re.Match) -> None:
        line = lines[text.count("\n", 0, match.start())].number
        warnings.append((line, f"the slide mark {match[0]} is never closed"))

    for match in _SLIDES.finditer(text):
        if match["open"]:
            if closing := opened.pop(_PAIRS[match[0]], None):
                never_closed(closing)
            opened[_PAIRS[match[0]]] = match
        elif match["close"] in opened:
            start = opened.pop(match[0])
            if match[0] == "**]" and _LINK.match(text, match.end()):
                continue  # a link whose words are bold
            if "~" in match[0]:
                removed.append((start.start(), match.end()))
            else:
                removed += [start.span(), match.span()]
    for match in opened.values():
        never_closed(match)
    return _cut(lines, sorted(removed))


def _cut(lines: list[Line], removed: list[tuple[int, int]]) -> list[Line]:
    """The lines without these parts of their text; one that held nothing else is gone."""
    rest, offset = [], 0
    for line in lines:
        end = offset + len(line.text)
        kept, at = "", offset
        for start, stop in removed:
            if start < end and stop > offset:
                kept += line.text[at - offset:max(start, at) - offset]
                at = max(at, min(stop, end))
        kept += line.text[at - offset:]
        if kept != line.text and not line.text[:1].isspace():
            kept = kept.lstrip()  # four spaces would make it code
        if kept.strip() or not line.text.strip():
            rest.append(Line(line.number, kept))
        offset = end + 1
    return rest
