"""Is a record that a reader sent one of this book's cells?

What `python PAGE.FRAMEWORK.py --record FILE` wrote is checked before it is taken in: its form,
its names, and whether its numbers can be readings.  Each objection is a sentence.
"""

from __future__ import annotations

import ast
import functools
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from packaging.version import InvalidVersion, Version

from book import frameworks
from book.frameworks import Framework
from evidence import kinds, schema
from evidence.measure import ratios
from evidence.record import on_gpu
from evidence.trace import Bar, overlap
from tabcells.page.split import split
from tabcells.run.imports import parse

#: A file of more bytes is not even read: this book's records have some ten thousand.
LARGEST = 10_000_000
#: The readings of a work: no cell takes fewer.
FEWEST = 5
#: What stands in names: the pages show them, and nothing in them may be markup.
NAME = re.compile(r"(?=.*\w)[\w .,:;()/+@'&®™°-]{1,100}")
#: In what the cells name: markup, control characters, halves of characters.
UNFIT = re.compile(r"[<>\x00-\x1f\x7f\ud800-\udfff]")
#: What pages call the machine that built them.
OWN = ("this build", "bản dựng này")
PAGE = re.compile(r"[\w-]+(/[\w-]+)*")
#: Rounding, and what the clocks of two computers differ by.
SAME, CLOCKS = 0.002, timedelta(days=1)


class Refused(ValueError):
    """A sentence for each thing that is wrong with a record."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))


def read(files: list[Path], root: Path) -> dict[str, Any]:
    """The record in ``files``, which may be several of one machine: a page each, say.

    :param root: the folder of the book's sources
    :raises Refused: with a sentence for each objection, which begins with the file's name
    """
    records = {str(file): _load(file) for file in files}
    sentences = [f"{name}: {sentence}" for name, record in records.items()
                 for sentence in objections(record, root)]
    if sentences:
        raise Refused(*sentences)
    (first, whole), *rest = records.items()
    for name, record in rest:
        if record["machine"] != whole["machine"]:
            raise Refused(f"{name}: was recorded on another machine than {first}")
        whole = {**whole, "date": max(whole["date"], record["date"]), **{
            part: [*whole[part], *record[part]] for part in ("runs", *kinds.PARTS)}}
    if sentences := objections(whole, root):
        raise Refused(*(f"{' and '.join(records)}: {sentence}" for sentence in sentences))
    return whole


def _load(file: Path) -> Any:
    try:
        if file.stat().st_size > LARGEST:
            raise Refused(f"{file}: has more than {LARGEST // 1_000_000} MB")
        return json.loads(file.read_text("utf-8"), parse_constant=_refuse,
                          parse_int=_integer, parse_float=_finite)
    except OSError as error:
        raise Refused(f"{file}: can't be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"{file}: is no JSON ({error})") from None


def _refuse(constant: str) -> None:
    """Python's reader of JSON knows three numbers more than JSON does."""
    raise ValueError(f"{constant} is no number")


def _integer(digits: str) -> int:
    if len(digits) > 18:
        raise ValueError("a number has more than 18 digits")
    return int(digits)


def _finite(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError(f"{digits[:50]} is no finite number")
    return number


def objections(record: Any, root: Path) -> list[str]:
    """What is wrong with a record: of its form, else of what it says; [] if nothing is.

    :param root: the folder of the book's sources
    """
    form = Draft202012Validator({**schema.schema(), "required": [
        "name", "date", "machine", "runs", *kinds.PARTS]})
    errors = [best_match([error]) for error in form.iter_errors(record)]
    return [f"{_place(error)}{error.message[:200]}" for error in errors[:10]] or [
        *_names(record), *_runs(record, root), *_entries(record, root)]


def _place(error) -> str:
    return "".join(f"{part}/" for part in error.absolute_path)[:-1] + ": " * bool(
        error.absolute_path)


def _names(record: dict[str, Any]) -> Iterator[str]:
    machine = record["machine"]
    for name in (record["name"], machine["processor"], *machine["gpus"]):
        if not NAME.fullmatch(name):
            yield (f"{name[:100]!r} is no name: up to 100 letters, digits, spaces "
                   "and simple marks")
    if record["name"] in OWN:
        yield f"{record['name']!r} is what a page calls the machine that built it"
    if not 1 <= machine["cores"] <= 10_000:
        yield f"{machine['cores']} cores are not a machine's"


def _runs(record: dict[str, Any], root: Path) -> Iterator[str]:
    if not record["runs"]:
        yield "has no run"
    known = _by_kernel(root)
    for (page, kernel), times in Counter(map(_place_of, record["runs"])).items():
        if times > 1:
            yield f"{page} ran {times} times in the kernel {kernel!r}"
    for run in record["runs"]:
        where = f"the run of {run['page']} in the kernel {run['kernel']!r}"
        if not _is_page(run["page"], root):
            yield f"the book has no page {run['page']!r}"
        if run["kernel"] not in known:
            yield f"the book has no kernel {run['kernel']!r}, but {', '.join(known)}"
        elif (module := known[run["kernel"]].module) not in run["versions"]:
            yield f"{where}: the version of {module} is missing"
        for package, version in run["versions"].items():
            if not _is_version(version):
                yield f"{where}: {version[:50]!r} is no version of {package[:50]!r}"
        if run.get("machine", record["machine"]) != record["machine"]:
            yield f"{where}: was on another machine"
        if not 0 < run["seconds"] < 86_400:
            yield f"{where}: took {run['seconds']} seconds"
        if not (date := _date(run["date"])):
            yield f"{where}: {run['date'][:50]!r} is no date with a time zone"
        elif date > datetime.now(timezone.utc) + CLOCKS:
            yield f"{where}: {run['date']} is to come"
    if record["runs"] and record["date"] != max(run["date"] for run in record["runs"])[:10]:
        yield f"its date {record['date'][:50]!r} is not that of its newest run"


def _entries(record: dict[str, Any], root: Path) -> Iterator[str]:
    if not record["measurements"]:
        yield "has no measurement"
    known = frameworks.read(root)
    for part in kinds.PARTS:
        for (framework, experiment), times in Counter(
                (entry["framework"], entry["experiment"]) for entry in record[part]).items():
            if times > 1:
                yield f"{part}: {framework}, {experiment} stands there {times} times"
        for number, entry in enumerate(record[part]):
            where = f"{part}/{number} ({entry['framework'][:50]}, {entry['experiment'][:50]}): "
            if entry["framework"] not in known:
                yield f"{where}the book has no such framework, but {', '.join(known)}"
                continue
            kernel = known[entry["framework"]].kernel
            pages = [run["page"] for run in record["runs"]
                     if run["kernel"] == kernel and entry.get("page") in (None, run["page"])]
            if not pages:
                yield f"{where}there is no run of its page in the kernel {kernel!r}"
            elif not any(entry["experiment"] in _texts(root, page, entry["framework"])
                         for page in pages):
                yield f"{where}no cell of {' or '.join(pages)} has such an experiment"
            elif part == "measurements" and (ways := next(filter(None, (
                    _ways(root, page, entry) for page in pages)), entry["works"])
                    ) != entry["works"]:
                yield (f"{where}its works are {', '.join(entry['works'])[:100]}, in the cell "
                       f"they are {', '.join(ways)}")
            limit = max((run["seconds"] for run in record["runs"] if run["page"] in pages),
                        default=0)
            judge = _timeline if part == "timelines" else _measurement
            for sentence in judge(entry, limit, record["machine"]) if pages else ():
                yield where + sentence


def _measurement(entry: dict[str, Any], limit: float, machine: dict[str, Any]) -> Iterator[str]:
    """What is wrong with readings that a run of ``limit`` seconds took."""
    seconds = entry["seconds"]
    if sorted(entry["works"]) != sorted(seconds):
        yield "works are not the names of seconds"
        return
    for name in (*entry["works"], *entry.get("parts", ()), *entry["devices"]):
        if UNFIT.search(name):
            yield f"{name[:50]!r} is no name"
    if entry.get("limit", 1) <= 0 or not 0 <= (entry.get("efficiency") or 0) <= 1:
        yield "its limit is not above 0, or its efficiency is none from 0 to 1"
    if any(a >= b for a, b in pairwise(entry.get("sizes", ()))):
        yield "its sizes do not rise"
    lists, earlier = ([readings for values in entry.get(part, {}).values()
                       for readings in (values if entry["kind"] == "curve" else [values])]
                      for part in ("seconds", "earlier"))
    if len({len(readings) for readings in lists}) > 1 or len(lists[0]) < FEWEST:
        yield (f"has {', '.join(map(str, sorted({len(readings) for readings in lists})))} "
               f"readings; each work has as many as any other, and {FEWEST} or more")
    if entry["kind"] == "curve" and {len(values) for values in seconds.values()} != {
            len(entry["sizes"])}:
        yield "the works have not as many lists of readings as there are sizes"
    if (total := sum(map(sum, lists + earlier))) > limit:
        yield f"its readings sum up to {total:.1f} s, its run took {limit:.1f} s"
    if on_gpu(entry) and not machine["gpus"]:
        yield f"ran on {', '.join(entry['devices'])}, and the machine has no GPU"
    if "speedup" in entry and abs(entry["speedup"] / (right := _speedup(entry)) - 1) > SAME:
        yield f"the speed-up is {entry['speedup']}, of its readings it is {right:.4f}"


def _speedup(entry: dict[str, Any]) -> float:
    if entry["kind"] == "pair":
        return ratios(entry["seconds"])["speedup"]
    slow, fast = (median(entry["seconds"][name]) for name in entry["works"])
    return slow / fast


def _timeline(entry: dict[str, Any], limit: float, machine: dict[str, Any]) -> Iterator[str]:
    """What is wrong with bars that a run of ``limit`` seconds recorded."""
    bars = [Bar(*bar) for bar in entry.get("bars", ())]
    if "bars" not in entry:
        yield "has no bars"
    elif not all(0 <= bar.start <= bar.end <= limit for bar in bars):
        yield f"a bar is not within the {limit:.1f} s of its run, or ends before it starts"
    elif abs(overlap(bars)["share"] - entry["share"]) > 10 * SAME:
        yield (f"the share is {entry['share']:.3f}, of its bars it is "
               f"{overlap(bars)['share']:.3f}")
    if any(bar.lane.startswith(("cuda", "gpu")) for bar in bars) and not machine["gpus"]:
        yield "has a lane of a GPU, and the machine has none"


def _place_of(run: dict[str, Any]) -> tuple[str, str]:
    return run["page"], run["kernel"]


def _by_kernel(root: Path) -> dict[str, Framework]:
    return {each.kernel: each for each in frameworks.read(root).values()}


def _is_page(page: str, root: Path) -> bool:
    return bool(PAGE.fullmatch(page)) and (root / f"{page}.md").is_file()


def _is_version(version: str) -> bool:
    try:
        Version(version)
    except InvalidVersion:
        return False
    return True


def _date(text: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return date if date.tzinfo else None


def _texts(root: Path, page: str, framework: str) -> set[str]:
    """The strings in a framework's cells of a page: a cell names its experiment by one."""
    return {text for cell in _cells(root, page, framework) for text in _in_order(cell)}


def _ways(root: Path, page: str, entry: dict[str, Any]) -> list[str] | None:
    """An entry's works in the order of the call that takes its readings: the slower way first.

    None where the call doesn't name them, since the form knows their order.
    """
    for cell in _cells(root, page, entry["framework"]):
        for call in ast.walk(cell):
            if isinstance(call, ast.Call) and entry["experiment"] in [
                    getattr(argument, "value", None) for argument in call.args]:
                names = _in_order(call)
                if set(entry["works"]) <= set(names):
                    return sorted(entry["works"], key=names.index)
    return None


def _in_order(tree: ast.AST) -> list[str]:
    """The strings and the names of arguments in a piece of code, as they stand in it."""
    places = []
    for node in ast.walk(tree):
        name = {ast.keyword: "arg", ast.Constant: "value"}.get(type(node))
        if name and isinstance(text := getattr(node, name), str):
            places.append((node.lineno, node.col_offset, text))  # type: ignore[attr-defined]
    return [text for *_, text in sorted(places)]


@functools.cache
def _cells(root: Path, page: str, framework: str) -> tuple[ast.Module, ...]:
    """A framework's cells of a page, as far as they are Python."""
    if not _is_page(page, root):
        return ()
    file = root / f"{page}.md"
    content = split(file.read_text("utf-8"), str(file), list(frameworks.read(root)))
    cells: list[ast.Module] = []
    if not content:  # a page without tabs
        return ()
    for i in content.cells_of.get(framework, ()):
        with suppress(SyntaxError):  # a cell in another language
            cells.append(parse(content.notebook.cells[i].source))
    return tuple(cells)
