"""`make record FROM=mine.json`: what is taken in, and each reason for which it is not.

The records here are made up for these tests, and are written into temporary folders alone.
"""
import json
from copy import deepcopy

import pytest
from conftest import CHAPTER, ROOT, TABS

from book import frameworks
from book.machines import read_records
from evidence.measure import Evidence, curve, ratios, timeline, versus
from evidence.record import of_run, text
from evidence.trace import Bar
from tools import record as tool
from tools.received import Refused, objections, read

MAIN, EXERCISES = f"{CHAPTER}/auto-parallelism", f"{CHAPTER}/auto-parallelism-exercises"
MACHINE = {"processor": "Made-up (TM) CPU @ 2.00GHz", "cores": 8, "gpus": ["NVIDIA Pretended"]}
NAMES = ["cuda:0", "cpu, thread 2"]
KERNELS = [framework.kernel for framework in frameworks.read(ROOT).values()]


def run(page, **changes):
    return {"page": page, "machine": MACHINE, "kernel": "pytorch",
            "date": "2026-01-02T03:04:05+00:00", "seconds": 60.0,
            "versions": {"torch": "2.13.0+cu130", "python": "3.12.1"}, "commit": "sha256:0",
            **changes}


def main_page():
    seconds = {"first": [1.0] * 7, "second": [0.5] * 7, "both": [1.1] * 7}
    pair = Evidence(kind="pair", framework="pytorch", experiment="two-devices",
                    works=list(seconds), devices=NAMES, seconds=seconds, reason="", parts=NAMES,
                    **ratios(seconds))
    bars = [Bar("cuda:0 stream 7", "mm", 0, 1, "compute"), Bar("thread 1", "mm", 0, 1, "compute")]
    return of_run([pair, timeline("pytorch", "two-devices", bars), versus(
        "pytorch", "mlp", NAMES, seconds={"waiting": [2.0] * 7, "automatic": [1.0] * 7})],
        run(MAIN))


def exercises():
    readings = [[0.1] * 5, [0.2] * 5]
    return of_run([curve("pytorch", "operator-size", ["cpu"], sizes=[1, 2], seconds={
        "per_core": readings, "all_cores": readings})], run(EXERCISES))


@pytest.fixture
def sent(tmp_path):
    """``sent(name, record)``: a file that a reader sent; a text is written as it is."""
    def write(name, content):
        (tmp_path / name).write_text(content if isinstance(content, str) else text(content))
        return tmp_path / name
    return write


def test_nothing_is_objected_to_a_record_of_this_book():
    assert objections(main_page(), ROOT) == [] == objections(exercises(), ROOT)
    for record in read_records(ROOT / "records").values():
        assert objections(record, ROOT) == []


def change(*place, to):
    """A change of a record: the value at ``place``, a path of keys and numbers."""
    def apply(record):
        *path, last = place
        for key in path:
            record = record[key]
        if to is None:
            del record[last]
        else:
            record[last] = to
    return apply


PAIR, MLP, LINE, RUN = (
    ("measurements", 0), ("measurements", 1), ("timelines", 0), ("runs", 0))


@pytest.mark.parametrize("apply, words", [
    # its form
    (change("machine", to=None), "'machine' is a required property"),
    (change(*PAIR, "seconds", "both", 2, to=-1),
     "measurements/0/seconds/both/2: -1 is less than or equal to the minimum of 0"),
    (change(*PAIR, "seconds", "both", to=[]), "measurements/0/seconds/both: []"),
    (change(*PAIR, "kind", to="poem"), "measurements/0/kind: 'poem' is not one of"),
    (change(*PAIR, "prose", to="x"), "Additional properties are not allowed ('prose'"),
    (change(*LINE, "bars", 0, 4, to="play"), "timelines/0/bars/0/4: 'play' is not one of"),
    # its names
    (change("name", to="<b>x</b>"), "'<b>x</b>' is no name"),
    (change("name", to="  "), "'  ' is no name"),
    (change("machine", "processor", to="a | b"), "'a | b' is no name"),
    (change("machine", "cores", to=0), "0 cores are not a machine's"),
    # its runs
    (change("runs", to=[]), "has no run"),
    (change(*RUN, "page", to="../secret"), "the book has no page '../secret'"),
    (change(*RUN, "page", to="chapter/none"), "the book has no page 'chapter/none'"),
    (change(*RUN, "kernel", to="none"), f"no kernel 'none', but {', '.join(KERNELS)}"),
    (change(*RUN, "versions", "torch", to=None), "the version of torch is missing"),
    (change(*RUN, "versions", "torch", to="new"), "'new' is no version of 'torch'"),
    (change(*RUN, "machine", to={**MACHINE, "cores": 9}), "was on another machine"),
    (change(*RUN, "seconds", to=0), "took 0 seconds"),
    (change(*RUN, "date", to="yesterday"), "'yesterday' is no date with a time zone"),
    (change(*RUN, "date", to="2999-01-01T00:00:00+00:00"), "2999-01-01T00:00:00+00:00 is to come"),
    (change("date", to="2026-01-03"), "its date '2026-01-03' is not that of its newest run"),
    # its experiments
    (change("measurements", to=[]), "has no measurement"),
    (change(*PAIR, "framework", to="none"), f"no such framework, but {', '.join(TABS)}"),
    (change(*PAIR, "framework", to="mxnet"), "there is no run of its page in the kernel 'mxnet'"),
    (change(*PAIR, "page", to=EXERCISES), "there is no run of its page in the kernel 'pytorch'"),
    (change(*PAIR, "experiment", to="three"), "(pytorch, three): no cell of chapter_"),
    (change(*LINE, "experiment", to="three"), "timelines/0 (pytorch, three): no cell of chapter_"),
    (change(*MLP, "experiment", to="two-devices"),
     "measurements: pytorch, two-devices stands there 2 times"),
    # its readings
    (change(*MLP, "works", to=["one", "automatic"]), "works are not the names of seconds"),
    (change(*PAIR, "seconds", "both", to=[1.1] * 6), "has 6, 7 readings"),
    (change(*MLP, "seconds", to={"waiting": [2.0], "automatic": [1.0]}), "has 1 readings"),
    (change(*RUN, "seconds", to=18), "its readings sum up to 18.2 s, its run took 18.0 s"),
    (change(*MLP, "speedup", to=2.5), "the speed-up is 2.5, of its readings it is 2.0000"),
    (change(*PAIR, "speedup", to=1.9), "the speed-up is 1.9, of its readings it is 1.3636"),
    # its lanes
    (change(*LINE, "bars", to=None), "is not valid under any of the given schemas"),
    (change(*LINE, "bars", 0, 3, to=61), "a bar is not within the 60.0 s of its run"),
    (change(*LINE, "bars", 1, 2, to=-1), "a bar is not within"),
    (change(*LINE, "share", to=0.5), "the share is 0.500, of its bars it is 1.000")])
def test_each_reason_to_refuse_is_a_sentence(apply, words):
    record = deepcopy(main_page())
    apply(record)
    assert words in "\n".join(objections(record, ROOT))


def test_a_gpu_that_the_machine_has_not_cannot_have_worked():
    record = deepcopy(main_page())
    record["machine"] = record["runs"][0]["machine"] = {**MACHINE, "gpus": []}
    assert len(objections(record, ROOT)) == 3  # two measurements, one timeline
    assert "ran on cuda:0, cpu, thread 2, and the machine has no GPU" in "\n".join(
        objections(record, ROOT))


def test_a_curve_has_readings_for_each_size():
    record = deepcopy(exercises())
    record["measurements"][0]["sizes"] = [1, 2, 3]
    assert "as many lists of readings as there are sizes" in objections(record, ROOT)[0]


@pytest.mark.parametrize("content, words", [
    ("{", "is no JSON"), ("[]", "[] is not of type 'object'"), ("\udcff", "is no JSON"),
    ("[" * 100_000, "is no JSON"), ('{"name": NaN}', "NaN is no number"),
    (" " * 10_000_001, "has more than 10 MB")],
    ids=["cut", "a list", "bytes", "deep", "NaN", "large"])
def test_a_file_that_is_no_record_is_named(tmp_path, content, words):
    (tmp_path / "a.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(Refused) as refused:
        read([tmp_path / "a.json"], ROOT)
    assert str(refused.value).startswith(f"{tmp_path / 'a.json'}: ")
    assert words in str(refused.value)
    with pytest.raises(Refused, match="can't be read"):
        read([tmp_path / "none.json"], ROOT)


def test_what_is_taken_in_is_read_by_the_page_and_never_written_over(sent, tmp_path):
    records = tmp_path / "records"
    file = tool.take_in([sent("a.json", main_page())], records)
    assert file.name == "nvidia-pretended.json" and list(read_records(records)) == [
        "NVIDIA Pretended"]
    before = file.read_bytes()
    with pytest.raises(Refused, match="records/nvidia-pretended.json is there already"):
        tool.take_in([tmp_path / "a.json"], records)
    assert file.read_bytes() == before
    tool.take_in([tmp_path / "a.json"], records, "mine")
    assert list(read_records(records)) == ["NVIDIA Pretended", "mine"]
    with pytest.raises(Refused, match="'<i>' is no name"):
        tool.take_in([tmp_path / "a.json"], records, "<i>")


def test_files_of_one_machine_are_one_record(sent, tmp_path):
    later = of_run([Evidence(entry) for entry in exercises()["measurements"]],
                   run(EXERCISES, date="2026-02-03T00:00:00+00:00"))
    files = [sent("a.json", main_page()), sent("b.json", later)]
    whole = json.loads(tool.take_in(files, tmp_path / "records").read_text("utf-8"))
    assert [entry["page"] for entry in whole["runs"]] == [MAIN, EXERCISES]
    assert (whole["date"], len(whole["measurements"])) == ("2026-02-03", 3)
    with pytest.raises(Refused, match=r"a\.json and .*a\.json: .* ran 2 times in the kernel 'pyt"):
        read([files[0], tmp_path / ".." / tmp_path.name / "a.json"], ROOT)
    elsewhere = {**MACHINE, "cores": 4}
    files.append(sent("c.json", {**later, "machine": elsewhere, "runs": [
        {**later["runs"][0], "machine": elsewhere}]}))
    with pytest.raises(Refused, match=r"c\.json: was recorded on another machine than .*a\.json"):
        read(files[::2], ROOT)


def test_the_command_tells_every_objection_and_writes_nothing(sent, monkeypatch, capsys, tmp_path):
    record = main_page()
    record["name"] = "`x`"
    record["measurements"][1]["speedup"] = 9
    file = sent("a.json", record)
    monkeypatch.setattr("sys.argv", ["record", "--from", str(file), "--", "a", "name"])
    with pytest.raises(SystemExit) as end:
        tool.main()
    lines = str(end.value).splitlines()
    assert lines[0] == "make record: nothing is taken in." and len(lines) == 3
    assert all(line.startswith(f"{file}: ") for line in lines[1:])
    assert not (ROOT / "records" / "a-name.json").exists()


def test_ways_in_another_order_than_their_cells_are_refused():
    """A speed-up upside down: the second way is the one that should be the faster."""
    sent = [main_page(), exercises()]
    mlp, line = sent[0]["measurements"][1], sent[1]["measurements"][0]
    mlp.update(works=["automatic", "waiting"], speedup=0.5)
    line["works"].reverse()
    for record, names in zip(sent, ("waiting, automatic", "per_core, all_cores")):
        (objection,) = objections(record, ROOT)
        assert objection.endswith(f"in the cell they are {names}")


def test_readings_that_were_taken_first_count_in_a_runs_time():
    record = main_page()
    record["measurements"][1]["earlier"] = {"waiting": [9.0] * 7, "automatic": [1.0] * 7}
    (objection,) = objections(record, ROOT)
    assert "its readings sum up to 91.0 s, its run took 60.0 s" in objection


@pytest.mark.parametrize("change, words", [
    ({"works": ["<b>", "automatic"], "seconds": {"<b>": [2.0] * 7, "automatic": [1.0] * 7}},
     "'<b>' is no name"),
    ({"efficiency": 7}, "efficiency"),
    ({"devices": ["\ud800"]}, "is no name")])
def test_names_and_estimates_that_no_run_gives_are_refused(change, words):
    record = main_page()
    record["measurements"][-1].update(change)
    sentences = objections(record, ROOT)
    assert any(words in sentence for sentence in sentences), sentences


def test_sizes_that_fall_and_the_builds_own_name_are_refused():
    record = exercises()
    record["measurements"][0]["sizes"] = [2, 1]
    assert any("its sizes do not rise" in sentence for sentence in objections(record, ROOT))
    for own in ("this build", "bản dựng này"):
        assert any("the machine that built it" in sentence
                   for sentence in objections({**main_page(), "name": own}, ROOT))


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e400", "-1e999"])
def test_a_number_that_is_none_is_refused_in_words(sent, number):
    content = text(main_page()).replace("60.0", number, 1)
    with pytest.raises(Refused, match="digits|no finite number"):
        read([sent("mine.json", content)], ROOT)


def test_eight_gpus_of_a_kind_have_a_name_that_is_taken_in():
    record = main_page()
    record["machine"]["gpus"] = ["NVIDIA H100 80GB HBM3"] * 8
    whole = of_run([], {**run(MAIN), "machine": record["machine"]})
    assert whole["name"] == "8 x NVIDIA H100 80GB HBM3"
