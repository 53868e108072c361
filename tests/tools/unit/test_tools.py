"""The set-up and the publishing step, without a network."""
import os
import subprocess
import sys

import pytest
from conftest import ROOT

from tools import publish, setup_env

RENDER, BOOK, TORCH, GPU = (f"requirements{part}" for part in (
    "-render.lock", ".lock", "-torch.txt", "-gpu.lock"))


@pytest.fixture
def clone(tmp_path, monkeypatch):
    for name in (RENDER, BOOK, TORCH, GPU):
        (tmp_path / name).write_text(f"no-such-package-of-{name}==0\npip==1\nuv==2\n")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "python-3.11.txt").write_text("How to get it")
    monkeypatch.setattr(setup_env, "ROOT", tmp_path)
    monkeypatch.delenv("TORCH_INDEX", raising=False)
    for name in ("UV_DEFAULT_INDEX", "SSL_CERT_FILE"):  # back as they were, afterwards
        monkeypatch.setenv(name, "unset")
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def commands(clone, monkeypatch):
    """What the set-up runs from now on, as lists of words; ``commands.fails`` names words of
    those that fail, ``commands.config`` is pip's configuration."""
    class Commands(list):
        fails, config = (), ""

        def of(self, *words):
            return [command for command in self if set(words) <= set(command)]

    ran = Commands()

    def run(command, check=False, **options):
        ran.append([word.rpartition("/")[2] if "requirements" in word else word
                    for word in command])
        if "venv" in command:
            (clone / ".venv" / "bin").mkdir(parents=True)
            (clone / ".venv" / "bin" / "python").touch()
        if any(set(words) <= set(ran[-1]) for words in ran.fails):
            raise subprocess.CalledProcessError(1, command)
        return subprocess.CompletedProcess(command, 0, ran.config)

    monkeypatch.setattr(subprocess, "run", run)
    return ran


def files(commands):
    """The files that were installed, each with what installed it."""
    return [(command[2], word) for command in commands for word in command
            if word.startswith("requirements")]


@pytest.mark.parametrize("lacks", ["version", "venv"])
def test_a_wrong_python_is_told_how_to_get_the_right_one(clone, monkeypatch, lacks):
    if lacks == "version":
        monkeypatch.setattr(sys, "version_info", (3, 12, 0))
    else:
        monkeypatch.setattr(setup_env, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="How to get it"):
        setup_env.main()


def test_how_to_get_python_is_told_for_the_common_systems():
    text = (ROOT / "tools" / "python-3.11.txt").read_text()
    for word in ("Debian", "Ubuntu", "Fedora", "conda", "python3.11-venv", "PYTHON="):
        assert word in text
    told = subprocess.run(["make", "-s", "env", "PYTHON="], cwd=ROOT, capture_output=True,
                          text=True)
    assert told.returncode and text in told.stdout


def test_uv_installs_the_locks_and_pip_pytorch(clone, commands):
    setup_env.main()
    assert files(commands) == [("uv", RENDER), ("uv", BOOK), ("pip", TORCH)]
    assert all("--no-deps" in command for command in commands.of("uv", "pip"))
    assert "--no-deps" not in commands.of(TORCH)[0] and "--index-url" not in commands.of(TORCH)[0]
    assert commands.of("--python", "pip==1", "uv==2")


def test_the_index_of_a_cpu_build_is_asked_for_pytorch_alone(clone, commands, monkeypatch):
    monkeypatch.setenv("TORCH_INDEX", "https://cpu.example")
    setup_env.main()
    assert commands.of("--index-url", "https://cpu.example") == commands.of(TORCH)


def test_uv_is_told_what_pip_is_configured_with(clone, commands):
    commands.config = ("global.index-url='https://of-all'\nglobal.cert='/cert.pem'\n"
                       "global.extra-index-url='https://more'\n:env:.index-url='https://own'\n")
    setup_env.main()
    assert os.environ["UV_DEFAULT_INDEX"] == "https://own"
    assert os.environ["SSL_CERT_FILE"] == "/cert.pem"


def test_where_uv_fails_pip_installs_the_same(clone, commands, capsys):
    commands.fails = [("uv", "pip")]
    setup_env.main()
    assert [file for file in files(commands) if file[0] == "pip"] == [
        ("pip", RENDER), ("pip", BOOK), ("pip", TORCH)]
    assert all("--no-deps" in command for command in commands.of("pip", BOOK))
    assert "uv can't install here" in capsys.readouterr().out


def test_a_python_without_pip_brings_it_by_ensurepip(clone, commands):
    commands.fails = [("--python",)]
    setup_env.main()
    assert commands.of("ensurepip") and commands.of("pip", "install", "uv==2")


def test_a_failed_install_says_so_and_goes_on_from_there(clone, commands):
    (clone / ".venv").mkdir()  # half-made: there is no interpreter in it
    (clone / ".venv" / ".installed").write_text("stale")
    commands.fails = [(BOOK,)]
    with pytest.raises(SystemExit, match="run the same command again"):
        setup_env.main()
    assert commands.of("venv")  # made afresh
    commands.clear()
    commands.fails = ()
    setup_env.main()
    assert files(commands) == [("uv", BOOK), ("pip", TORCH)] and not commands.of("venv")


def test_an_unchanged_environment_starts_nothing_and_a_changed_lock_is_followed(clone, commands):
    setup_env.main()
    commands.clear()
    setup_env.main()
    assert commands == []
    (clone / BOOK).write_text("another==1\n")
    setup_env.main()
    assert files(commands) == [("uv", BOOK), ("pip", TORCH)]


def test_the_libraries_of_the_cuda_build_go_into_its_folder_and_are_linked(clone, commands):
    (clone / GPU).write_text("mxnet-cu117==1\nnvidia-nccl-cu11==2\nnvidia-cublas-cu11==3\n")
    package = clone / ".venv/lib/python3.11/site-packages/mxnet"
    libraries = package / "cuda" / "nvidia"
    setup_env.main()
    for name in ("nccl/lib/libnccl.so.2", "cublas/lib/libcublas.so.11", "cublas/include/a.h"):
        (libraries / name).parent.mkdir(parents=True, exist_ok=True)
        (libraries / name).write_text(name)
    (package / "libcublas.so.11").symlink_to("gone")  # of an older environment
    (package / "libquadmath.so.0").write_text("its own")
    (libraries / "nccl/lib/libquadmath.so.0").write_text("another")
    commands.clear()
    setup_env.main(gpu=True)
    assert [[word for word in command[8:] if word != "--compile-bytecode"]
            for command in commands.of("uv")] == [
        ["mxnet-cu117==1"],
        ["--target", str(package / "cuda"), "nvidia-nccl-cu11==2", "nvidia-cublas-cu11==3"]]
    assert {file.name: file.read_text() for file in package.glob("*.so*")} == {
        "libnccl.so.2": "nccl/lib/libnccl.so.2", "libquadmath.so.0": "its own",
        "libcublas.so.11": "cublas/lib/libcublas.so.11"}
    assert not (package / "libnccl.so.2").readlink().is_absolute()


def test_rendering_installs_no_framework_and_the_whole_holds_it(clone, commands):
    for _ in range(2):
        setup_env.main(render=True)
    assert files(commands) == [("uv", RENDER)]
    setup_env.main(gpu=True)
    assert files(commands)[1:] == [("uv", BOOK), ("pip", TORCH)]
    assert commands.of("uv", f"no-such-package-of-{GPU}==0")
    commands.clear()
    setup_env.main(render=True)
    setup_env.main()
    assert commands == []


def test_what_renders_names_no_framework():
    for kind in ("txt", "lock"):
        lines = (ROOT / f"requirements-render.{kind}").read_text()
        assert not [name for name in ("torch", "mxnet", "d2l", "nvtx") if name in lines]
        assert f"-r requirements-render.{kind}\n" in (ROOT / f"requirements.{kind}").read_text()


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


def test_editions_are_put_beside_their_language_and_must_be_there(tmp_path):
    (tmp_path / "work" / "vi").mkdir(parents=True)
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "song-song-hoa-tu-dong.vi.pdf").write_text("paper")
    publish.publish(["vi"], tmp_path, editions=["pdf"])
    assert (tmp_path / "html" / "vi" / "song-song-hoa-tu-dong.vi.pdf").read_text() == "paper"
    publish.publish(["vi"], tmp_path)  # whose pages have no link
    assert not (tmp_path / "html" / "vi" / "song-song-hoa-tu-dong.vi.pdf").exists()
    with pytest.raises(OSError):
        publish.publish(["vi"], tmp_path, editions=["epub"])  # never made
    assert (tmp_path / "html" / "vi").exists()


def test_a_publish_that_fails_leaves_the_last_good_site(tmp_path):
    (tmp_path / "work" / "vi").mkdir(parents=True)
    (tmp_path / "work" / "vi" / "page.html").write_text("good")
    publish.publish(["vi"], tmp_path)
    with pytest.raises(OSError):
        publish.publish(["vi", "en"], tmp_path)  # en was never built
    assert (tmp_path / "html" / "vi" / "page.html").read_text() == "good"
