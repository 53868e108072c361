"""`--record`: what is kept of the run of a downloaded script."""
import hashlib
import json
import sys
from types import SimpleNamespace

import pytest

from evidence import kinds, record
from evidence.graph import Task
from evidence.measure import timeline, versus
from evidence.profilers import torch_all_threads, torch_trace
from evidence.trace import Bar

CPU = {"processor": "P", "cores": 2, "gpus": []}
ONE_GPU = {**CPU, "gpus": ["NVIDIA T4"]}


def measured(*devices):
    return [versus("stub", "mlp", devices, seconds={"waiting": [2.0] * 5, "automatic": [1.0] * 5}),
            "some text",
            timeline("stub", "mlp", [Bar("a", "dot", 0, 1, "compute")])]


@pytest.fixture
def keep(tmp_path, monkeypatch):
    """``keep(displayed, machine)``: the record that is written, None where there is none."""
    monkeypatch.setenv("BOOK_LANGUAGE", "en")
    script, file = tmp_path / "page.stub.py", tmp_path / "mine.json"
    script.write_text("x")

    def run(displayed, machine=CPU, module="json"):
        monkeypatch.setattr(sys.modules[module], "__version__", "2.0.9", raising=False)
        record.keep(str(file), displayed, began=0, page="p/q", kernel="k", module=module,
                    packages=["pytest", "unheard-of"], machine=machine, script=str(script))
        return json.loads(file.read_text("utf-8"))

    run.file, run.script = file, script
    return run


def test_a_record_has_the_run_and_every_piece_of_evidence(keep, capsys):
    kept = keep(measured("cpu"))
    [run] = kept["runs"]
    assert (run["page"], run["kernel"], run["date"]) == ("p/q", "k", "1970-01-01T00:00:00+00:00")
    assert run["versions"] == {"python": sys.version.split()[0], "pytest": pytest.__version__,
                               "json": "2.0.9"}
    assert run["commit"] == "sha256:" + hashlib.sha256(b"x").hexdigest()[:12]
    assert kept["name"] == "P, 2" and kept["machine"] == run["machine"] == CPU
    assert [(m["experiment"], m["page"], m["speedup"]) for m in kept["measurements"]] == [
        ("mlp", "p/q", 2.0)]
    assert kept["timelines"][0]["bars"] == [["a", "dot", 0, 1, "compute"]]
    said = capsys.readouterr().out
    assert "No GPU was found here" in said and "1 measurements, 1 timelines of P, 2" in said


def test_a_gpu_names_the_record_and_one_that_was_not_used_is_told(keep, capsys):
    assert keep(measured("cuda:0", "cpu"), ONE_GPU)["name"] == "NVIDIA T4"
    assert "GPU was found" not in capsys.readouterr().out
    keep.file.unlink()
    keep(measured("cpu"), ONE_GPU)
    assert "The cells used the CPU alone, although this machine has NVIDIA T4" in (
        capsys.readouterr().out)


def test_where_nothing_was_measured_there_is_no_record(keep):
    with pytest.raises(SystemExit, match="no cell measured anything"):
        keep(["some text"])
    assert not keep.file.exists()


def test_what_cannot_be_written_there_is_not_lost(keep, tmp_path, monkeypatch):
    monkeypatch.setattr(record.tempfile, "tempdir", str(tmp_path))
    keep.file.write_text("mine")
    with pytest.raises(SystemExit, match=r"can't be written \(.*exists.*\). The record is in "
                       ) as end:
        keep(measured("cpu"))
    assert keep.file.read_text() == "mine"
    [elsewhere] = set(tmp_path.glob("*.json")) - {keep.file}
    assert str(elsewhere) in str(end.value)
    assert json.loads(elsewhere.read_text("utf-8"))["measurements"]


@pytest.fixture
def old_torch(monkeypatch):
    """A torch before 2.7, whose profiler sees one thread, with a trace that it has recorded."""
    def configuration(**options):
        if options:
            raise TypeError("incompatible constructor arguments")

    class Profile:
        def __init__(self, activities, experimental_config):
            assert experimental_config is None

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def export_chrome_trace(self, file):
            with open(file, "w") as trace:
                json.dump([{"ph": "X", "name": "aten::mm", "cat": "cpu_op", "ts": 0, "dur": 5,
                            "pid": 1, "tid": 1}], trace)

    activity = SimpleNamespace(CPU=0, CUDA=1)
    for name, module in {
            "torch": SimpleNamespace(__version__="2.6.0",
                                     cuda=SimpleNamespace(device_count=lambda: 0)),
            "torch._C": SimpleNamespace(),
            "torch._C._profiler": SimpleNamespace(_ExperimentalConfig=configuration),
            "torch.profiler": SimpleNamespace(ProfilerActivity=activity, profile=Profile)}.items():
        monkeypatch.setitem(sys.modules, name, module)


def test_an_old_torch_records_the_calling_thread_and_says_so(old_torch, capsys):
    assert torch_all_threads() is None
    with torch_trace() as trace:
        pass
    assert [bar.name for bar in trace.bars] == ["aten::mm"]
    assert "torch 2.6.0 records the calling thread alone" in capsys.readouterr().out


def test_its_timelines_which_lack_threads_are_no_part_of_a_record(old_torch, keep, capsys):
    kept = keep(measured("cpu"), module="torch")
    assert kept["measurements"] and kept["timelines"] == []
    assert "The timelines are left out" in capsys.readouterr().out


@pytest.mark.parametrize("graph", [(), (Task("W₁", "", "CPU"), Task("W₁ 1", "", "GPU 1", ("W₁",)))])
def test_a_site_and_a_script_record_the_same_timeline(tmp_path, graph):
    bars = [Bar("cpu(0)", "dot", 0, 0.001, "compute", "W₁ 1" * bool(graph)),
            Bar("cpu(1)", "dot", 0, 0.002, "copy")]
    data = timeline("stub", "two-devices", bars, graph, bars)
    kind = kinds.of(data)
    for name, trace in kind.traces(data).items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(json.dumps(trace))
    recorded = kind.recorded({**data, "page": "p"})
    assert kind.recorded(kind.published(data), tmp_path) == recorded
    assert recorded.get("tasks") == ([{
        "name": "W₁", "lane": "CPU", "needs": [], "seconds": 0}, {
        "name": "W₁ 1", "lane": "GPU 1", "needs": ["W₁"], "seconds": 0.001}] if graph else None)
