"""The set-up and the publishing step, without a network."""
import subprocess
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import publish
import setup_env


@pytest.fixture
def clone(tmp_path, monkeypatch):
    (tmp_path / "requirements.txt").write_text("no-such-package-of-this-book==0\n")
    monkeypatch.setattr(setup_env, "ROOT", tmp_path)
    monkeypatch.setattr(setup_env, "VENV", tmp_path / ".venv")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    monkeypatch.setattr(setup_env, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return tmp_path


def test_a_wrong_python_is_told_what_to_do(clone, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 12, 0))
    with pytest.raises(SystemExit, match="Install Python 3.11"):
        setup_env.main(gpu=False)


def test_a_failed_install_says_so_and_leaves_no_stamp(clone, monkeypatch):
    # Half-made: there is no interpreter in it.
    (clone / ".venv" / ".installed").write_text("stale")
    calls = []

    def run(command, **options):
        calls.append([str(word) for word in command])
        if "pip" in calls[-1]:
            raise subprocess.CalledProcessError(1, command)
        if calls[-1][1] == "-c":
            raise FileNotFoundError(command[0])

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SystemExit, match="run the same command again"):
        setup_env.main(gpu=False)
    assert ["-m", "venv"] == calls[1][1:3]  # made afresh
    assert not (clone / ".venv" / ".installed").exists()


def test_an_unchanged_environment_starts_nothing(clone, monkeypatch):
    done = subprocess.CompletedProcess([], 0)
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: done)
    setup_env.main(gpu=False)
    (clone / ".venv" / "bin" / "python").touch()
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: pytest.fail("ran something"))
    setup_env.main(gpu=False)
    (clone / "requirements.txt").write_text("another==1\n")
    with pytest.raises(pytest.fail.Exception):
        setup_env.main(gpu=False)


def test_publishing_one_language_keeps_the_other(tmp_path):
    for language in ("vi", "en"):
        (tmp_path / "work" / language).mkdir(parents=True)
        (tmp_path / "work" / language / "page.html").write_text("first")
    publish.publish(["vi", "en"], tmp_path)
    (tmp_path / "work" / "en" / "page.html").write_text("second")
    publish.publish(["en"], tmp_path)
    assert (tmp_path / "html" / "vi" / "page.html").read_text() == "first"
    assert (tmp_path / "html" / "en" / "page.html").read_text() == "second"
    assert (tmp_path / "html" / "index.html").exists()


def test_a_publish_that_fails_leaves_the_last_good_site(tmp_path):
    (tmp_path / "work" / "vi").mkdir(parents=True)
    (tmp_path / "work" / "vi" / "page.html").write_text("good")
    publish.publish(["vi"], tmp_path)
    with pytest.raises(OSError):
        publish.publish(["vi", "en"], tmp_path)  # en was never built
    assert (tmp_path / "html" / "vi" / "page.html").read_text() == "good"
