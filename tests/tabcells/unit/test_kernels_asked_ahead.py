"""Interpreters are asked while Sphinx gets ready; here they are scripts of a shell."""
import json
import os
import re

import pytest

from tabcells.errors import RunError
from tabcells.run import kernels

ANSWER = {"python": "3.99", "hardware": {"cores": 1}, "packages": {}}


@pytest.fixture
def ask(tmp_path):
    """``ask(script)``: what is known of a kernel whose interpreter that script is."""
    def ask(script, ahead=True):
        python = tmp_path / "python3"
        python.write_text(f"#!/bin/sh\necho $$ >> '{tmp_path}/pids'\n{script}\n")
        python.chmod(0o755)
        folder = tmp_path / "kernels" / "stub"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kernel.json").write_text(json.dumps(
            {"argv": [str(python), "-m", "x"], "display_name": "s", "language": "python"}))
        kernels.forget()
        if ahead:
            kernels.ask_ahead(["stub", "stub", "absent"], str(folder.parent), str(tmp_path))
        return kernels.local_kernel("stub", str(folder.parent), str(tmp_path)).survey
    yield ask
    kernels.forget()


def pids(folder):
    return [int(pid) for pid in (folder / "pids").read_text().split()]


@pytest.mark.parametrize("ahead", [True, False])
def test_an_interpreter_is_asked_once_and_its_answer_may_be_long(ask, tmp_path, ahead):
    long = {**ANSWER, "packages": {"x" * 99_999: ["1", [], []]}}
    (tmp_path / "answer").write_text(json.dumps(long))
    assert ask(f"echo a greeting; cat '{tmp_path}/answer'", ahead) == long
    assert len(pids(tmp_path)) == 1


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize("script, words", [
    ("echo first >&2; echo 'no library' >&2; exit 1", "does not answer: no library"),
    ("exit 7", "does not answer: it ends with code 7"), ("echo nonsense", "does not answer: Exp"),
    ("exit 0", "does not answer: Exp"),
])
def test_one_that_does_not_answer_is_told_when_its_kernel_is_needed(ask, script, words, ahead):
    with pytest.raises(RunError, match=words):
        ask(script, ahead)


ARGV = '{"argv": ["python", "-m", "x"], "display_name": "s", "language": "python"'


@pytest.mark.parametrize("name, text, words", [
    ("stbu", ARGV + "}", "kernel 'stbu' is not installed, nor in kernels/; did you mean 'stub'"),
    ("stub", "{", "the kernel.json of kernel 'stub' can't be read: Expecting"),
    ("stub", "[]", "the kernel.json of kernel 'stub' can't be read: "),
    ("stub", "{}", "has to have argv, a list of texts"),
    ("stub", ARGV.replace('"-m"', "3") + "}", "has to have argv, a list of texts"),
    ("stub", ARGV + ', "env": {"X": 3}}', "the values of env are texts too")])
def test_a_kernelspec_that_is_none(tmp_path, name, text, words):
    folder = tmp_path / "kernels" / "stub"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(text)
    kernels.forget()
    kernels.ask_ahead([name], str(folder.parent), str(tmp_path))
    with pytest.raises(RunError, match=re.escape(words)):
        kernels.local_kernel(name, str(folder.parent), str(tmp_path))


def test_one_that_cannot_be_started_is_told_when_its_kernel_is_needed(ask, tmp_path):
    ask(f"echo '{json.dumps(ANSWER)}'")
    kernels.forget()
    folder, root = str(tmp_path / "kernels"), str(tmp_path / "gone")
    kernels.ask_ahead(["stub"], folder, root)
    with pytest.raises(RunError, match="python3 does not answer: .*No such file"):
        kernels.local_kernel("stub", folder, root)


def test_one_that_nobody_listens_to_ends_with_the_next_build(ask, tmp_path):
    ask(f"echo '{json.dumps(ANSWER)}'")
    os.mkfifo(tmp_path / "never")
    (tmp_path / "python3").write_text(f"#!/bin/sh\nread line < '{tmp_path}/never'\n")
    kernels.forget()
    kernels.ask_ahead(["stub"], str(tmp_path / "kernels"), str(tmp_path))
    [process] = kernels._asked.values()
    kernels.forget()
    assert process.returncode is not None and not kernels._asked
