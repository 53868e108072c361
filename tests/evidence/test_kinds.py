"""The registry of kinds: one entry is all that a kind needs; the schema holds what is stored."""
import ast
import copy
import json
import sys

import jsonschema
import pytest
from conftest import ROOT

from evidence import kinds, measure, page, words
from evidence.kinds.base import NUMBER, Kind
from evidence.schema import FILE, schema
from tabcells.run import imports

sys.path.insert(0, str(ROOT / "tools"))
import claims

RECORDS = sorted((ROOT / "records").glob("*.json"))
READINGS = json.loads((ROOT / "tests/data/readings.json").read_text("utf-8"))
#: What the stored readings leave out of what a build publishes.
LEFT_OUT = {"measurements": {"page": "p"},
            "timelines": {"page": "p", "shared": 0.0, "trace": "traces/t.json"}}


def check(data):
    if error := jsonschema.exceptions.best_match(
            jsonschema.Draft202012Validator(schema()).iter_errors(data)):
        raise error


def published(readings):
    """Stored readings as a build publishes them."""
    return {**readings, "runs": [{"page": "p", **run} for run in readings["runs"]],
            **{part: [{key: value for key, value in (added | entry).items() if key != "verdict"}
                      for entry in readings[part]] for part, added in LEFT_OUT.items()}}


# The schema

@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.stem)
def test_a_record_keeps_to_the_schema(file):
    check(json.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("readings", READINGS, ids=lambda readings: readings["name"])
def test_stored_readings_keep_to_the_schema(readings):
    check(published(readings))


def test_the_schema_file_is_what_the_kinds_make_it():
    jsonschema.Draft202012Validator.check_schema(schema())
    stored = json.loads(FILE.read_text("utf-8"))
    assert stored == schema(), "run: .venv/bin/python -m evidence.schema"
    assert list(stored["$defs"]) == list(kinds.KINDS)
    for part in kinds.PARTS:
        names = stored["properties"][part]["items"]["properties"]["kind"]["enum"]
        assert names == [kind.name for kind in kinds.KINDS.values() if kind.part == part]


@pytest.mark.parametrize("name", kinds.KINDS)
@pytest.mark.parametrize("change, message", [
    (lambda entry: entry | {"new": 1}, "'new' was unexpected"),
    (lambda entry: {key: entry[key] for key in entry if key != "experiment"}, "'experiment'"),
    (lambda entry: entry | {"framework": 1}, "1 is not of type 'string'"),
    (lambda entry: entry | {"kind": "unheard"}, "'unheard' is not one of")])
def test_a_slip_in_an_entry_of_any_kind_breaks_the_schema(name, change, message):
    content, part = published(READINGS[0]), kinds.KINDS[name].part
    entry = next(entry for entry in content[part] if entry["kind"] == name)
    check({**content, part: [entry]})
    with pytest.raises(jsonschema.ValidationError, match=message):
        check({**content, part: [change(entry)]})


def test_readings_that_were_taken_twice_keep_to_the_schema():
    for name in ("pair", "versus", "curve", "bound"):
        content = published(READINGS[0])
        entry = next(entry for entry in content["measurements"] if entry["kind"] == name)
        earlier = copy.deepcopy(entry["seconds"])
        if name == "curve":
            earlier = {work: [[], *values[1:]] for work, values in earlier.items()}
        check({**content, "measurements": [{**entry, "earlier": earlier}]})
        with pytest.raises(jsonschema.ValidationError):
            check({**content, "measurements": [{**entry, "earlier": [1]}]})


# A kind that nobody knows but the registry

class Count(Kind):
    """How often a work could be done: made up in this test."""

    name = "count"
    sentences = {"en": {"count-some": "Done **{times}** times by *{who}*."},
                 "vi": {"count-some": "*{who}* làm được **{times}** lần."}}
    alts = {"en": "A bar: {times}.", "vi": "Một vạch: {times}."}
    labels = {"en": {"times": "number of times"}, "vi": {"times": "số lần"}}
    properties = {"times": NUMBER, "who": {"type": "string"}}
    required = ("times", "who", "page")

    @staticmethod
    def measure(framework, experiment, work, who):
        return measure.Evidence(kind="count", framework=framework, experiment=experiment, who=who,
                                times=sum(1 for _ in work()))

    def verdict(self, data):
        return "count-some"

    def facts(self, data, language):
        return {"times": data["times"], "who": words.label(data["who"], language)}

    def table(self, data, language):
        return f"| {words.label('times', language)} |\n|--:|\n| {data['times']} |"

    def alt(self, data, language):
        return self.alts[language].format(**data)

    def plot(self, data, language, prefix, alt):
        return f'<svg id="{prefix}"><title>{alt}</title></svg>'

    def ratios(self, data):
        return {"speedup": [([float(data["times"])], [2.0])]}

    def summary(self, data, language):
        return words.number(data["times"], language)


@pytest.fixture
def count(monkeypatch):
    monkeypatch.setitem(kinds.KINDS, "count", Count())
    return kinds.KINDS["count"].measure("f", "e", lambda: "abc", "one_worker")


@pytest.mark.parametrize("language, text", [
    ("en", "Done **3** times by *one worker*.\n\n| number of times |\n|--:|\n| 3 |"),
    ("vi", "*Một luồng thợ* làm được **3** lần.\n\n| số lần |\n|--:|\n| 3 |")])
def test_a_kind_in_the_registry_is_measured_said_and_drawn(count, language, text, monkeypatch):
    monkeypatch.setenv("EVIDENCE_RAW", "1")
    output = {"data": json.loads(json.dumps(count._repr_mimebundle_()))}
    where = {"docname": "a/b", "tab": "t", "cell": "1-0", "language": language}
    prose, plot = page.render_output(output, where)
    alt = {"en": "A bar: 3.", "vi": "Một vạch: 3."}[language]
    assert prose["data"]["text/markdown"] == text
    svg = f'<svg id="t-1-0"><title>{alt}</title></svg>'
    assert plot["data"] == {"text/plain": alt, "text/html": f'<div class="evidence">{svg}</div>'}
    monkeypatch.delenv("EVIDENCE_RAW")
    monkeypatch.setenv("BOOK_LANGUAGE", language)
    assert alt in count._repr_mimebundle_()["text/html"]


def test_a_kind_in_the_registry_is_valid_and_claims_are_made_of_it(count):
    entry = {**kinds.of(count).published(count), "page": "p"}
    content = {**published(READINGS[0]), "measurements": [entry]}
    check(content)
    assert kinds.of(entry).recorded(entry, ROOT) == entry
    with pytest.raises(jsonschema.ValidationError, match="'many' is not of type 'number'"):
        check({**content, "measurements": [{**entry, "times": "many"}]})
    assert claims.speedup(entry) == [claims.Ratio([3.0], [2.0])]
    with pytest.raises(LookupError, match="a count has no efficiency"):
        claims.efficiency(entry)


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="of the kind 'count'; there are pair, versus, curve"):
        page.show({"kind": "count"}, "en")


# What travels where

def test_wording_is_no_part_of_a_run_and_its_edits_are_seen_by_the_page():
    """What a kernel is sent, and what its key is made of: the readings alone."""
    imports.forget()
    names = ", ".join(kinds.KINDS)
    kernel, _ = imports.imports_of((f"from evidence import {names}, interleaved",), str(ROOT))
    assert set(kernel) == {f"evidence/{name}.py" for name in (
        "__init__", "compare", "measure", "trace")}
    pages, _ = imports.imports_of(("import evidence.page",), str(ROOT))
    modules = {f"evidence/kinds/{file.name}" for file in ROOT.glob("evidence/kinds/*.py")}
    assert len(modules) > len(kinds.KINDS) and modules | {"evidence/words.py"} <= set(pages)


@pytest.mark.parametrize("file", sorted(ROOT.glob("evidence/**/*.py")), ids=lambda file: file.name)
def test_readers_may_have_python_3_9(file):
    text = file.read_text("utf-8")
    tree = ast.parse(text, feature_version=(3, 9))
    if any(getattr(node, "returns", None) for node in ast.walk(tree)):  # `X | None` among them
        assert "from __future__ import annotations\n" in text
