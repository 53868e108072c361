"""`make record`, and the records that a page shows.  No GPU record is made up: the one of
these tests lives in a temporary folder and is called what it is."""
import json

import pytest
from conftest import ROOT

from book.machines import read_records
from evidence.trace import Bar, chrome_trace
from tools import record as tool


@pytest.fixture
def built(tmp_path):
    bars = [Bar("cpu(0)", "dot", 0, 0.001, "compute"), Bar("cpu(1)", "dot", 0, 0.001, "compute")]
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces" / "stub-two-devices.json").write_text(json.dumps(chrome_trace(bars)))
    (tmp_path / "measurements.json").write_text(json.dumps({
        "machine": {"processor": "P", "cores": 2, "gpus": []},
        "runs": [{"date": "2026-01-02T03:04:05+00:00"}],
        "measurements": [{"kind": "pair", "framework": "stub", "experiment": "two-devices",
                          "speedup": 1.9, "efficiency": 0.95}],
        "timelines": [{"kind": "timeline", "framework": "stub", "experiment": "two-devices",
                       "share": 1.0, "trace": "traces/stub-two-devices.json"}]}))
    return tmp_path


def test_a_record_keeps_numbers_lanes_and_machine(built):
    kept = tool.record(built, "made in a test")
    assert kept["name"] == "made in a test" and kept["date"] == "2026-01-02"
    assert kept["machine"]["cores"] == 2 and kept["measurements"][0]["speedup"] == 1.9
    assert kept["timelines"][0]["bars"] == [["cpu(0)", "dot", 0, 0.001, "compute"],
                                            ["cpu(1)", "dot", 0, 0.001, "compute"]]


def test_a_record_without_a_name_is_named_after_its_machine(built):
    assert tool.record(built)["name"] == "P, 2"


def test_a_record_that_was_there_is_written_anew_in_words(built, tmp_path, monkeypatch, capsys):
    site = tmp_path / "_build" / "html" / "en"
    site.parent.mkdir(parents=True)
    site.symlink_to(built)
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["record", "my", "machine"])
    for words in ("records/my-machine.json: 1 meas", "records/my-machine.json was there already"):
        tool.main()
        assert capsys.readouterr().out.startswith(words)


def test_a_record_is_read_back_and_a_broken_one_is_named(built, tmp_path):
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(tool.record(built, "one")))
    assert list(read_records(folder)) == ["one"]
    (folder / "b.json").write_text('{"name": "two"}')
    with pytest.raises(ValueError, match=r"records/b\.json: lacks date, machine"):
        read_records(folder)
    (folder / "b.json").write_text("{")
    with pytest.raises(ValueError, match=r"records/b\.json: "):
        read_records(folder)


def test_the_records_kept_here_are_whole():
    for record in read_records(ROOT / "records").values():
        assert record["measurements"] and record["timelines"], record["name"]
