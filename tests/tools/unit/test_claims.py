"""What readings say of a claim: shown, undecided, refuted, not claimed; no cell runs here."""
import copy
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from conftest import ROOT

from tools import claims
from tools.claims import CLAIMS, Claim, Ratio, Verdict

STORED = {machine["name"]: machine for machine in
          json.loads((ROOT / "tests/data/readings.json").read_text("utf-8"))}
SHOWN, UNDECIDED, REFUTED, NOT_CLAIMED = Verdict


SIDE_BY_SIDE = CLAIMS[0]
CALM = {"alone": [1.0] * 7, "at_once": [1.05] * 7}


@pytest.mark.parametrize("over, under, at_least, at_most", [
    ([2.2] * 7, [1.0] * 7, SHOWN, REFUTED), ([1.8] * 7, [1.0] * 7, REFUTED, SHOWN),
    ([2.0] * 7, [1.0] * 7, UNDECIDED, UNDECIDED),  # the limit itself
    ([2.2] * 6 + [1.9], [1.0] * 7, UNDECIDED, UNDECIDED),  # one reading is enough
    ([2.2] * 7, [1.0] * 6 + [1.1], UNDECIDED, UNDECIDED),  # also if it only touches
    ([2.2] * 7, [1.0] * 6 + [1.09], SHOWN, REFUTED),
    ([1.8] * 6 + [2.1], [1.0] * 7, UNDECIDED, UNDECIDED),
    ([1.8] * 7, [1.0] * 6 + [0.9], UNDECIDED, UNDECIDED),
    ([2.2] * 5, [1.0] * 5, SHOWN, REFUTED), ([1.8] * 5, [1.0] * 5, REFUTED, SHOWN),
    # four pairs of 49 may be the wrong way round, five may not
    ([2.2] * 6 + [1.9], [1.0] * 4 + [0.8] * 3, SHOWN, REFUTED),
    ([2.2] * 6 + [1.9], [1.0] * 5 + [0.8] * 2, UNDECIDED, UNDECIDED),
    # too few to tell apart; to refute a known number: one in 64, in 2
    ([2.2] * 4, [1.0] * 4, UNDECIDED, UNDECIDED), ([1.8] * 4, [1.0] * 4, UNDECIDED, UNDECIDED),
    ([2.2], [1.0] * 7, SHOWN, REFUTED), ([1.8] * 7, [1.0], REFUTED, SHOWN),
    ([1.8], [1.0] * 6, UNDECIDED, SHOWN), ([1.8], [1.0], UNDECIDED, SHOWN)])
def test_two_sides_are_separated_or_they_decide_nothing(over, under, at_least, at_most):
    assert Ratio(over, under).is_at_least(2.0) is at_least
    assert Ratio(over, under).is_at_most(2.0) is at_most


@pytest.mark.parametrize("over, under, may", [
    (7, 7, True), (5, 5, True), (1, 7, True), (7, 1, True), (6, 1, False), (1, 1, False)])
def test_a_known_number_is_refuted_by_seven_readings(over, under, may):
    assert Ratio([1.0] * over, [1.0] * under).may_refute is may


def test_a_ratio_is_of_medians():
    assert Ratio([2, 4, 90], [1, 2, 80]).value == 2


@pytest.mark.parametrize("each, needed, verdict", [
    ([SHOWN] * 3, 3, SHOWN), ([SHOWN, SHOWN, UNDECIDED], 3, UNDECIDED),
    ([SHOWN, SHOWN, REFUTED], 3, REFUTED), ([SHOWN, UNDECIDED, REFUTED], 3, REFUTED),
    ([SHOWN, SHOWN, REFUTED], 2, SHOWN), ([SHOWN, UNDECIDED, REFUTED], 2, UNDECIDED),
    ([SHOWN, REFUTED, REFUTED], 2, REFUTED), ([UNDECIDED, REFUTED, REFUTED], 1, UNDECIDED),
    ([REFUTED] * 3, 1, REFUTED), ([SHOWN, REFUTED, REFUTED], 1, SHOWN)])
def test_some_of_several_must_be_so(each, needed, verdict):
    assert claims.combined(each, needed) is verdict


def test_which_readings_a_quantity_is_made_of():
    pair = {"kind": "pair", "works": ["first", "second", "both"],
            "seconds": {"first": [1, 2, 9], "second": [3, 3, 3], "both": [4, 4, 5]}}
    assert claims.speedup(pair) == [Ratio([4, 5, 12], [4, 4, 5])]
    assert claims.efficiency(pair) == [Ratio([3, 3, 3], [4, 4, 5])]  # by medians the larger part
    versus = {"kind": "versus", "works": ["b", "a"], "seconds": {"a": [1], "b": [2]}}
    assert claims.speedup(versus) == [Ratio([2], [1])]
    bound = {"kind": "bound", "works": ["sequential", "parallel"], "limit": 3,
             "seconds": {"sequential": [9], "parallel": [4]}}
    assert claims.speedup(bound) == [Ratio([9], [4])]
    assert claims.efficiency(bound) == [Ratio([3], [4])]
    curve = {"kind": "curve", "works": ["b", "a"], "seconds": {"a": [[4], [5]], "b": [[1], [2]]}}
    assert claims.gain_per_size(curve) == [Ratio([4], [1]), Ratio([5], [2])]
    assert claims.share({"share": 0.4}) == [Ratio([0.4], [1.0])]
    assert claims.minutes({"runs": [{"seconds": 90}, {"seconds": 60}]}) == [Ratio([150], [60.0])]


# Stored readings

def test_a_quiet_machine_shows_all_that_is_claimed_of_it():
    rows = [claims.judge(claim, STORED["quiet"]) for claim in CLAIMS]
    assert {row.verdict for row in rows} == {SHOWN, NOT_CLAIMED}
    assert [row.claim.sentence for row in rows if row.verdict is NOT_CLAIMED] == [
        "one calling thread is enough for two GPUs: efficiency"]


def test_every_measurement_is_claimed_something_of():
    assert {(claim.framework, name) for claim in CLAIMS for name in claim.experiments} == {
        (data["framework"], data["experiment"]) for data in STORED["quiet"]["measurements"]}


@pytest.mark.parametrize("name", STORED)
def test_stored_readings_are_judged_as_they_were(name):
    rows = [claims.judge(claim, STORED[name]) for claim in CLAIMS]
    assert [row.verdict.name for row in rows] == STORED[name]["claims"]


def with_devices(machine, *devices, cores=2):
    readings = STORED[machine]
    return {**readings, "machine": {"cores": cores, "gpus": []},
            "measurements": [{**data, "devices": devices} for data in readings["measurements"]]}


def test_on_one_core_nothing_is_claimed_to_be_faster():
    for claim in CLAIMS:
        judged = claims.judge(claim, with_devices("quiet", "cpu(0)", cores=1))
        if claim.relation == "≥":
            assert judged.verdict is NOT_CLAIMED and judged.reason


@pytest.mark.parametrize("devices, cores, claimed", [
    (["cpu(0)", "cpu(1)"], 1, False), (["cpu(0)", "cpu(1)"], 2, True),
    (["gpu(0)", "cpu(0)"], 1, False), (["gpu(0)", "cpu(0)"], 2, True),
    (["cuda:0", "cpu"], 2, True), (["cuda:0", "cuda:1"], 1, True), (["gpu(0)", "gpu(1)"], 1, True),
    (["gpu(0)", "gpu(0) → cpu(0)"], 1, False)])
def test_two_devices_need_two_cores_or_two_gpus(devices, cores, claimed):
    verdict = claims.judge(SIDE_BY_SIDE, with_devices("quiet", *devices, cores=cores)).verdict
    assert (verdict is not NOT_CLAIMED) is claimed


@pytest.mark.parametrize("sentence, one_core, two_cores, many_cores, one_gpu, two_gpus", [
    ("two devices work side by side: eff", 0, 1, 1, 1, 1),
    ("two devices work side by side: speed", 0, 1, 1, 0, 1),
    ("timeline of two devices", 0, 1, 1, 0, 1),
    ("eager calls of one thread", 1, 1, 1, 0, 0), ("timeline of one thread", 1, 1, 1, 0, 0),
    ("one calling thread", 0, 0, 0, 0, 1), ("copies in line do not overlap on", 1, 1, 1, 0, 0),
    ("copies in line do not overlap:", 1, 1, 1, 1, 1), ("copies aside", 0, 1, 0, 1, 1),
    ("automatic MLP", 0, 1, 1, 0, 0), ("a second worker", 0, 1, 1, 0, 0),
    ("temporary space", 0, 1, 1, 0, 0), ("uses the cores already", 1, 1, 0, 1, 1),
    ("exercise 2", 0, 1, 1, 0, 0), ("exercise 3", 0, 1, 1, 0, 1),
    ("faster in parallel", 0, 1, 1, 1, 1), ("near their bound", 0, 1, 1, 1, 1),
    ("no bound is beaten", 0, 1, 1, 1, 1), ("minutes", 0, 1, 1, 1, 1)])
def test_what_is_claimed_of_which_machine(sentence, one_core, two_cores, many_cores, one_gpu,
                                          two_gpus):
    places = [(["cpu(0)"], 1), (["cpu(0)"], 2), (["cpu(0)"], 5), (["cuda:0", "cpu"], 4),
              (["gpu(0)", "gpu(1)"], 4)]
    for claim in (claim for claim in CLAIMS if sentence in claim.sentence):
        assert [claims.judge(claim, with_devices("quiet", *devices, cores=cores)).verdict
                is not NOT_CLAIMED for devices, cores in places] == [
                    bool(n) for n in (one_core, two_cores, many_cores, one_gpu, two_gpus)]


def test_four_cores_are_few():
    for name in ("run-and-copy-aside", "one-device"):
        (claim,) = [c for c in CLAIMS if c.framework == "pytorch" and c.experiments == (name,)]
        assert claims.judge(claim, with_devices("quiet", "cpu", cores=4)).verdict is SHOWN


def slower(machine, framework, experiment, work, factor):
    """The readings of a quiet machine, but ``work`` took ``factor`` times as long."""
    readings = copy.deepcopy(STORED[machine]) | {"controls": [CALM]}
    for data in readings["measurements"]:
        if (data["framework"], data["experiment"]) == (framework, experiment):
            data["seconds"][work] = [factor * reading for reading in data["seconds"][work]]
    return readings


@pytest.mark.parametrize("factor, verdict", [(1, SHOWN), (1.08, UNDECIDED), (1.3, REFUTED)])
def test_a_claim_is_shown_then_undecided_then_refuted(factor, verdict):
    readings = slower("quiet", "mxnet", "two-devices", "both", factor)
    assert claims.judge(SIDE_BY_SIDE, readings).verdict is verdict


@pytest.mark.parametrize("controls, verdict", [
    ([CALM, CALM], REFUTED), ([CALM], REFUTED), ([], UNDECIDED),
    ([CALM, {"alone": [1.0] * 7, "at_once": [1.2] * 7}], UNDECIDED),
    ([{"alone": [1.0] * 7, "at_once": [1.05] * 6 + [1.2]}, CALM], UNDECIDED)])
def test_only_on_a_quiet_machine_a_claim_is_refuted(controls, verdict):
    slow = slower("quiet", "mxnet", "two-devices", "both", 1.3) | {"controls": controls}
    judged = claims.judge(SIDE_BY_SIDE, slow)
    assert judged.verdict is verdict
    assert judged.reason == ("" if verdict is REFUTED else "the machine was not quiet")
    calm = STORED["quiet"] | {"controls": controls}
    assert claims.judge(SIDE_BY_SIDE, calm).verdict is SHOWN  # a busy one may show it all the same


def test_a_busy_machine_refutes_nothing():
    verdicts = {claims.judge(claim, STORED["noisy"]).verdict for claim in CLAIMS}
    assert verdicts == {SHOWN, UNDECIDED, NOT_CLAIMED}


def test_what_was_not_measured_is_named():
    claim = replace(CLAIMS[0], experiments=("nowhere",))
    with pytest.raises(LookupError, match="mxnet, nowhere: not among the measurements"):
        claims.judge(claim, STORED["quiet"])


# The run

@pytest.fixture
def no_processes(monkeypatch):
    """Numbers of processes that the control would have started."""
    calls = []
    monkeypatch.setattr(claims, "spin", calls.append)
    monkeypatch.setattr(claims, "hardware", lambda: {"cores": 3})
    return calls


def test_the_control_sets_one_process_beside_one_per_core(no_processes):
    seconds = claims.control()
    assert {name: len(readings) for name, readings in seconds.items()} == {
        "alone": 7, "at_once": 7}
    assert sorted(no_processes) == [1] * 8 + [3] * 8


def test_cells_run_with_no_records_to_find_between_two_controls(monkeypatch, no_processes,
                                                                tmp_path):
    def build(command, cwd, check, env):
        assert not (folder / "tabcells").exists() and len(no_processes) == 16
        assert f"tabcells_cache={folder / 'tabcells'}" in command and cwd == ROOT
        assert env["BOOK_EXECUTION"] == "cache" and env["BOOK_LANGUAGE"] == "en"
        (folder / "html").mkdir(parents=True)
        (folder / "html" / "measurements.json").write_text('{"runs": []}')
        return SimpleNamespace(returncode=code)

    folder, code = tmp_path / "evidence", 0
    (folder / "tabcells").mkdir(parents=True)
    monkeypatch.setattr(claims.subprocess, "run", build)
    readings = claims.run_cells(folder)
    assert readings["runs"] == [] and len(readings["controls"]) == 2 and len(no_processes) == 32
    assert json.loads((folder / "readings.json").read_text()) == readings
    no_processes.clear()
    code = 1
    with pytest.raises(SystemExit, match="the build failed"):
        claims.run_cells(folder)


# The table and the report

def test_a_row_says_what_was_measured_expected_and_decided():
    def line(row):
        return claims.table([row]).splitlines()[-1]

    some = Claim("a thing", "mxnet", (), claims.speedup, "≤", 1 / 3)
    assert claims.table([]).splitlines() == [
        "| claim | measured | expected here | verdict |", "| --- | --: | --- | --- |"]
    assert {claim.relation for claim in CLAIMS} == {"≥", "≤"}
    assert line(claims.Row(some, [1.234, 0.5], SHOWN)) == (
        "| MXNet, a thing | 1.23, 0.50 | ≤ 0.33 | shown |")
    assert line(claims.Row(replace(some, needed=1), [1, 3, 2], REFUTED)) == (
        "| MXNet, a thing | 3.00 | ≤ 0.33 | **refuted** |")
    assert line(claims.Row(some, [1], UNDECIDED)).endswith("| ≤ 0.33 | undecided |")
    assert line(claims.Row(some, [1], UNDECIDED, "why")).endswith("| ≤ 0.33 | undecided: why |")
    assert line(claims.Row(some, [1], NOT_CLAIMED, "why not")) == (
        "| MXNet, a thing | 1.00 | not claimed here: why not | not claimed |")


def test_the_report_names_machine_versions_date_and_every_claim(tmp_path, capsys):
    file = tmp_path / "readings.json"
    file.write_text(json.dumps(STORED["quiet"]))
    assert claims.main([str(file), "--out", str(tmp_path)]) == 0
    text = (tmp_path / "EVIDENCE.md").read_text("utf-8")
    assert "2026-11-24, AMD EPYC, cores: 2, GPU: none; d2l 1.0.3, mxnet 1.9.1" in text
    assert f"{len(CLAIMS) - 1} shown, 0 undecided, 0 refuted, 1 not claimed" in text
    assert all(claim.sentence in text for claim in CLAIMS) and "{" not in text
    assert "at the same time: not measured; a quiet machine (≥ 0.90): **no**" in text
    assert "| shown |" in capsys.readouterr().out


def test_only_a_refuted_claim_ends_with_an_error(tmp_path):
    file = tmp_path / "readings.json"
    for factor, code in ((1.08, 0), (1.3, 1)):
        file.write_text(json.dumps(slower("quiet", "mxnet", "two-devices", "both", factor)))
        assert claims.main([str(file), "--out", str(tmp_path)]) == code
        text = (tmp_path / "EVIDENCE.md").read_text("utf-8")
        assert ("| **refuted** |" in text) is bool(code)
        assert "at the same time: 0.95; a quiet machine (≥ 0.90): yes." in text
