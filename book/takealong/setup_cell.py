"""The first cells of a downloaded notebook: they make what its cells import available.

Pure functions of the project's files; nothing here runs a framework.
"""

from __future__ import annotations

import ast
import base64
import inspect
import io
import json
import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from string import Template

from tabcells.run import probe
from tools.setup_env import link_libraries

from ..frameworks import Framework
from .needs import imports, packages, pins

#: Variables of a kernelspec that are the book's own business.
BOOK_ONLY = {"EVIDENCE_RAW"}
#: What tells of a machine; it travels with the helpers, as `evidence.probe`.
PROBE = Path(probe.__file__)

WORDS = {
    "en": {
        "intro": "Run this cell first: it installs what is missing. A $name that works stays as it is.",
        "environment": "$name reads these when it is imported.",
        "needed": "What is imported: what pip calls it.",
        "python": "$name $version needs Python $first to $last, and this is Python {here}. Open this "
                  "file with such a Python, or take this page's file for another framework.",
        "stays": "What can be imported, but is of a distribution with another name, stays too.",
        "installing": "Installing:",
        "failed": "pip could not install what is needed (its words are above). Most often the "
                  "network can't be reached (on Kaggle: Settings, turn on Internet).",
        "hardware": "CPU cores: {os.cpu_count()}; GPUs: {', '.join(gpus) or 'none'}",
        "cuda": "For an NVIDIA GPU that it has kernels for, $name's CUDA build (a large download). "
                "NVIDIA's libraries go into its own folder, where it looks for them.",
        "unfit": "$cuda_package has no kernels for the GPUs here (compute capability {', '.join("
                 "capabilities)}), so this is the CPU build.",
        "no_cuda": "$cuda_package can't be imported here, so the CPU build takes its place.",
        "helpers": "The book's helper code (the package evidence), packed into this file.",
        "children": "A Python that a cell starts finds it too.",
    },
    "vi": {
        "intro": "Hãy chạy ô này trước: nó cài những gì còn thiếu. $name đang chạy được thì giữ nguyên.",
        "environment": "$name đọc các biến này khi được import.",
        "needed": "Tên khi import: tên mà pip dùng.",
        "python": "$name $version cần Python từ $first đến $last, mà đây là Python {here}. Hãy mở "
                  "tệp này bằng một bản Python như vậy, hoặc tải tệp của framework khác trên cùng trang.",
        "stays": "Cái đã import được nhưng thuộc gói mang tên khác thì cũng giữ nguyên.",
        "installing": "Đang cài:",
        "failed": "pip không cài được những gì cần có (thông báo của pip ở ngay trên). Thường là do "
                  "không có mạng (trên Kaggle: vào Settings, bật Internet).",
        "hardware": "số lõi CPU: {os.cpu_count()}; GPU: {', '.join(gpus) or 'không có'}",
        "cuda": "Với GPU NVIDIA mà nó có kernel: bản CUDA của $name (tải về khá nặng). Các thư "
                "viện của NVIDIA nằm trong thư mục riêng của nó, nơi nó tìm chúng.",
        "unfit": "$cuda_package không có kernel cho các GPU ở đây (compute capability {', '.join("
                 "capabilities)}), nên đây là bản chỉ dùng CPU.",
        "no_cuda": "Không import được $cuda_package ở đây, nên bản chỉ dùng CPU thay thế nó.",
        "helpers": "Mã phụ trợ của sách (gói evidence), nén sẵn trong tệp này.",
        "children": "Python do một ô mã khởi chạy cũng tìm thấy gói này.",
    },
}

SETUP = Template('''\
# $intro
import importlib.util
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

# $environment
os.environ.update($environ)
# $needed
needed = $packages

def install(*packages):
    print('$installing', *packages, flush=True)
    done = subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', *packages],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout)
        raise SystemExit("$failed")

def works(module):
    return not subprocess.run([sys.executable, '-c', f'import {module}'],
                              capture_output=True).returncode

def as_installed(name, package):
    # $stays
    try:
        return [f'{package}=={version(package)}']
    except PackageNotFoundError:
        return [package] if name in missing else []
$cuda_build
if works('$module'):
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        install(*(wanted for name, package in needed.items()
                  for wanted in as_installed(name, package.split('==')[0])))
else:
    here = sys.version_info[:2]
    if not $lowest <= here <= $highest:
        here = '.'.join(map(str, here))
        raise SystemExit(f"$python")
    $install_framework
$alone
import $module
gpus = $gpus
print(f"Python {sys.version.split()[0]}; $distribution {$module.__version__}; $hardware")
''')

#: Of a framework that has a build of its own for GPUs.
CUDA_BUILD = Template('''
# $cuda
import glob
import platform
import re
import shutil

def has_fitting_gpu():
    if (sys.platform, platform.machine()) != ('linux', 'x86_64'):
        return False
    try:
        asked = subprocess.run(
            ['nvidia-smi', '--query-gpu=compute_cap', '--format=csv,noheader'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return False
    capabilities = re.findall(r'(?m)^\\d+[.]\\d+', asked.stdout)
    fitting = [capability for capability in capabilities
               if $first <= tuple(map(int, capability.split('.'))) <= $last]
    if capabilities and not fitting:
        print(f"$unfit")
    return bool(fitting)

$link_libraries
def install_cuda_build():
    install('$cuda_pin', *(package for name, package in needed.items() if name != '$module'))
    importlib.invalidate_caches()
    [folder] = importlib.util.find_spec('$module').submodule_search_locations
    install('--no-deps', '--target', os.path.join(folder, 'cuda'), *$libraries)
    link_libraries(folder)
    if not works('$module'):
        print("$no_cuda")
        subprocess.run([sys.executable, '-m', 'pip', 'uninstall', '--quiet', '--yes',
                        '$cuda_package'])
        shutil.rmtree(os.path.join(folder, 'cuda'), ignore_errors=True)
        install(*needed.values())
''')
INSTALL_EITHER = '''\
if has_fitting_gpu():
        install_cuda_build()
    else:
        install(*needed.values())'''

#: d2l's own requirements are another Python's; its imports are in `needed`.
WITHOUT_REQUIREMENTS = '''\
if importlib.util.find_spec('d2l') is None:
    install('--no-deps', '$d2l')
'''

HELPERS = Template('''\
# $helpers
import base64
import tempfile

if 'evidence' not in sys.modules:  # once
    folder = tempfile.TemporaryDirectory()
    archive = os.path.join(folder.name, 'evidence.zip')
    with open(archive, 'wb') as file:
        file.write(base64.b64decode("""
$packed
"""))
    sys.path.insert(0, archive)
    # $children
    os.environ['PYTHONPATH'] = os.pathsep.join(
        filter(None, [archive, os.environ.get('PYTHONPATH')]))
''')


def setup_cells(root: Path, framework: Framework, code: list[str], language: str,
                replaced: Mapping[str, str] | None = None) -> list[str]:
    """The code that comes before ``code``: what is installed, then what is brought along.

    :param root: the project's folder (requirements.txt, kernels/, evidence/)
    :param code: the sources of the cells of its tab, in order
    :param replaced: of distributions, versions that hold in the place of requirements.txt's
    :raises ValueError: a cell imports what neither imports.toml nor requirements.txt knows
    """
    wanted = packages(root, framework, code, replaced)
    parts = []
    if "evidence" in imports(code):
        packed = base64.encodebytes(pack(root / "evidence")).decode().strip()
        parts.append(HELPERS.substitute(WORDS[language], packed=packed))
    startup = root / "kernels" / framework.kernel / "startup.py"
    if startup.exists() and set(imports([startup.read_text("utf-8")])) <= {
            *wanted, *sys.stdlib_module_names}:
        parts.append(_startup(startup, framework.startup[language]))
    first = _setup(root, framework, wanted, environment(root, framework.kernel, language),
                   WORDS[language])
    return [first, "\n".join(parts).rstrip("\n")] if parts else [first]


def environment(root: Path, kernel: str, language: str) -> dict[str, str]:
    """The kernel's variables that matter to a reader, and the language of the sentences."""
    spec = json.loads((root / "kernels" / kernel / "kernel.json").read_text("utf-8"))
    kept = {name: value for name, value in spec.get("env", {}).items() if name not in BOOK_ONLY}
    return {**kept, "BOOK_LANGUAGE": language}


def _setup(root, framework, wanted, environ, say) -> str:
    module = framework.module
    name, _, version = wanted[module].partition("==")
    first, last = framework.python
    facts = {"name": framework.label, "version": version, "first": first, "last": last,
             "cuda_package": framework.cuda.get("package", "")}
    words = {key: Template(text).substitute(facts) for key, text in say.items()}
    alone = wanted.pop("d2l", None)
    return SETUP.substitute(
        words, module=module, distribution=name, gpus=framework.gpus,
        environ=_lines(environ), packages=_lines(wanted),
        lowest=_numbers(first), highest=_numbers(last),
        cuda_build=_cuda_build(root, framework, words) if framework.cuda else "",
        install_framework=INSTALL_EITHER if framework.cuda else "install(*needed.values())",
        alone=Template(WITHOUT_REQUIREMENTS).substitute(d2l=alone) if alone else "",
    ).rstrip("\n")


def _cuda_build(root, framework, words) -> str:
    """The code that installs a framework's build for NVIDIA GPUs.

    :raises ValueError: requirements-gpu.txt does not pin that build
    """
    package, file = framework.cuda["package"], "requirements-gpu.txt"
    listed = pins(root, file) if (root / file).exists() else {}
    if package not in listed:
        raise ValueError(f"{file} pins no {package}, which is 'cuda' of {framework.name}.toml")
    first, last = map(_numbers, framework.cuda["capabilities"])
    libraries = [f"{name}=={version}" for name, version in listed.items() if name != package]
    return CUDA_BUILD.substitute(
        words, module=framework.module, first=first, last=last, cuda_package=package,
        cuda_pin=f"{package}=={listed[package]}",
        libraries=f"[\n{''.join(f'        {name!r},{chr(10)}' for name in libraries)}    ]",
        link_libraries=inspect.getsource(link_libraries))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _lines(mapping) -> str:
    """A dict as Python source, an item a line."""
    return "{\n" + "".join(f"    {key!r}: {value!r},\n" for key, value in mapping.items()) + "}"


def _startup(file, comment) -> str:
    """What the book's kernel does before its first cell; ``comment`` replaces the docstring."""
    code = file.read_text("utf-8")
    rest = code.split("\n")[ast.parse(code).body[0].end_lineno:]
    return f"# {comment}\n" + re.sub(r"  # noqa.*", "", "\n".join(rest))


def modules(package: Path) -> list[Path]:
    """The modules of ``package`` and of its sub-packages."""
    return sorted(package.rglob("*.py"))


def pack(package: Path) -> bytes:
    """Its ``modules`` and ``PROBE`` as a zip that Python imports from; equal input, equal bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for module in [*modules(package), PROBE]:
            name = (f"{package.name}/probe.py" if module == PROBE
                    else module.relative_to(package.parent).as_posix())
            entry = zipfile.ZipInfo(name)  # its date is fixed
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, module.read_bytes())
    return file.getvalue()
