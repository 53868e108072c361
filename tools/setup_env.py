"""Make or mend `.venv` so that it holds what requirements*.lock name; quick when nothing changed.

With --render only what renders the book. Standard library alone: it runs before anything is
installed. A stamp has the hash of each file that is in: an interrupted install is gone on with.
"""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTALL = ("install", "-qq", "--no-compile")
#: What a build imports once a file is in: a module is compiled when it is first imported, and
#: most of what is installed never is.
IMPORTS = {"requirements.lock": ("import d2l.mxnet", "import myst_nb, furo, ipykernel.kernelapp"),
           "requirements-torch.txt": ("import runpy; kernel = runpy.run_path("
                                      "'kernels/pytorch/startup.py'); import d2l.torch",)}


def run(python, *words, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(python), "-m", *map(str, words)], text=True, check=True, **options)


def install(python, file) -> None:
    """PyTorch by pip, in whose configuration a machine may name its build; else uv, or pip."""
    print(f"setup: installing {file.name}", flush=True)
    if "torch" in file.name:
        index = os.environ.get("TORCH_INDEX")
        run(python, "pip", *INSTALL, "-r", file, *["--index-url", index] * bool(index))
    elif "gpu" in file.name:
        install_cuda(python, re.findall(r"(?m)^[\w.-]+==\S+$", file.read_text()))
    else:
        install_locked(python, "-r", file)


def install_cuda(python, pins) -> None:
    """MXNet's CUDA build, and NVIDIA's libraries into its folder, the only one in which it looks.

    In PyTorch's place they would overwrite what it has under the same names.
    """
    install_locked(python, *(pin for pin in pins if not pin.startswith("nvidia-")))
    package = ROOT / ".venv/lib/python3.11/site-packages/mxnet"
    install_locked(python, "--target", package / "cuda",
                   *(pin for pin in pins if pin.startswith("nvidia-")))
    link_libraries(package)


# What a download brings along too. MXNet finds a library of NVIDIA's by a link beside its own.
def link_libraries(package) -> None:
    for library in glob.glob(f'{package}/cuda/nvidia/*/lib/*.so*'):
        link = os.path.join(package, os.path.basename(library))
        if os.path.islink(link):
            os.remove(link)
        if not os.path.exists(link):
            os.symlink(os.path.relpath(library, package), link)


def install_locked(python, *what) -> subprocess.CompletedProcess:
    """By uv, or where it can't by pip: these and nothing that they need."""
    configuration = run(python, "pip", "config", "list", stdout=subprocess.PIPE).stdout
    for name, of_uv in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        for value in re.findall(rf"\.{name}='(.+)'", configuration)[-1:]:  # the last one holds
            os.environ.setdefault(of_uv, value)
    try:
        return run(python, "uv", "pip", "install", "-qp", python, "--no-deps", *what)
    except subprocess.CalledProcessError:
        print("setup: uv can't install here (see above); pip does, more slowly", flush=True)
        return run(python, "pip", *INSTALL, "--no-deps", *what)


def begin(python, imports) -> list[subprocess.Popen]:
    """Begin to import modules, so that the first build need not compile them."""
    environment = {name: value for name, value in os.environ.items()
                   if name != "PYTHONDONTWRITEBYTECODE"}
    try:
        return [subprocess.Popen([str(python), "-c", imports], cwd=ROOT, env=environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
    except OSError:  # what is wrong, the build will say
        return []


def main(gpu=False, render=False) -> None:
    if sys.version_info[:2] != (3, 11) or not find_spec("ensurepip"):
        sys.exit(f"\nsetup: this is Python {sys.version.split()[0]}. "
                 + (ROOT / "tools/python-3.11.txt").read_text())
    parts = ["-render.lock", ".lock", "-torch.txt", "-gpu.lock"][:1 if render else 4 if gpu else 3]
    files = [ROOT / f"requirements{part}" for part in parts]
    wanted = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    stamp, python = ROOT / ".venv/.installed", ROOT / ".venv/bin/python"
    had = stamp.read_text().split() if stamp.exists() and python.exists() else None
    done = [(had or [])[:n] == wanted[:n] for n in range(1, len(wanted) + 1)].count(True)
    try:
        if had is None:
            print("setup: making .venv", flush=True)
            shutil.rmtree(ROOT / ".venv", ignore_errors=True)
            run(sys.executable, "venv", "--without-pip", ROOT / ".venv")
            pins = re.findall(r"(?m)^(?:pip|uv)==.+", files[0].read_text())
            try:  # this Python's own pip, which takes half the time
                run(sys.executable, "pip", "--python", python, *INSTALL, *pins,
                    stderr=subprocess.DEVNULL)
            except subprocess.CalledProcessError:
                run(python, "ensurepip", stdout=subprocess.DEVNULL)
                run(python, "pip", *INSTALL, *pins)
        processes = []
        for number in range(done, len(files)):
            stamp.write_text("\n".join(wanted[:number]))
            install(python, files[number])
            stamp.write_text("\n".join(wanted[:number + 1]))
            for imports in IMPORTS.get(files[number].name, ()):
                processes += begin(python, imports)
        for process in processes:
            process.wait()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"\nsetup: that failed ({error}). Is the network there, and the disk not full "
                 "(`df -h .`)? Mend it and run the same command again: it goes on from here.")


if __name__ == "__main__":
    main(gpu="--gpu" in sys.argv, render="--render" in sys.argv)
