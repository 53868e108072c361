"""A build after edits leaves what a clean build leaves, byte for byte.

Sphinx reads and writes again those pages whose own files are newer.  But pages also show what is
not theirs, and each kind has its rule here:

* what all pages are read with (translations, old addresses, this code, conf.py): another, and all
  are read;
* what pages show of others and around their text (titles, order, numbers, labels, citations,
  twins, templates, style sheets): another, and all are written;
* files with another date than when they were read, older ones too: their pages are read;
* what pages that are gone, or are other now, had put into the site: it is removed.

`.buildinfo-pages.json`, beside Sphinx's `.buildinfo`, says what the last build showed and left
there.  It is written when all is, so a build that was cut short is made good by the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import docutils
import pygments
import sphinx

import evidence
import tabcells

from . import addresses
from .shell import languages_of
from .site import for_site, write_if_changed

STATE = ".buildinfo-pages.json"
#: Where an environment, and a page in it, keep what they were read with.
READ_WITH, FILES = "book_read_with", "files"
PACKAGES = [Path(__file__).parent, *(Path(str(package.__file__)).parent
                                     for package in (evidence, tabcells))]
SKIPPED = {".mo", ".pyc"}  # made from others


def outdated(app, env, added, changed, removed) -> set[str]:
    """Pages to read again that Sphinx takes for current."""
    now, before = _read_with(app), getattr(env, READ_WITH, None)
    setattr(env, READ_WITH, now)
    if now != before:
        return env.found_docs
    dates: dict[str, int | None] = {}
    return {docname for docname in env.found_docs
            if not removed.isdisjoint(env.toctree_includes.get(docname, ()))
            or any(_date(env, path, dates) != date
                   for path, date in env.metadata[docname].get(FILES, {}).items())}


def note_extensions(app, config) -> None:
    """Remember what conf.py's extensions are; a theme brings others, and pages are read for all."""
    app.book_extensions = sorted(
        (name, extension.version) for name, extension in app.extensions.items())


def note_dates(app, doctree) -> None:
    """Remember the dates of all files that a page was made from."""
    env = app.env
    paths = [str(env.doc2path(env.docname)), *map(str, env.dependencies.get(env.docname, ()))]
    dates: dict[str, int | None] = {}
    env.metadata[env.docname][FILES] = {path: _date(env, path, dates) for path in sorted(paths)}


def _date(env, path: str, known: dict[str, int | None]) -> int | None:
    """When a file was changed last, in ns; None where there is none."""
    if path not in known:
        try:
            known[path] = Path(env.srcdir, path).stat().st_mtime_ns
        except OSError:
            known[path] = None
    return known[path]


def _read_with(app) -> str:
    config = app.config
    return _digest(
        sphinx.__version__, docutils.__version__, pygments.__version__,
        app.book_extensions,
        sorted((name, config[name]) for name in config.values if name.startswith("bibtex_")),
        _contents([Path(app.confdir, "conf.py"), Path(app.confdir, addresses.FILE), *PACKAGES, *(
            Path(app.srcdir, folder, config.language) for folder in config.locale_dirs)]))


def name_images(app, env) -> None:
    """Images of one name in two folders: which gets a number must not depend on what is read."""
    images = type(env.images)()
    for uri, (docnames, _name) in sorted(env.images.items()):
        for docname in docnames:
            images.add_file(docname, uri)
    env.images = images


def changed_around(app, env) -> Iterable[str]:
    """All pages, where something that each may show has changed since they were written."""
    if not for_site(app.builder):
        return ()
    before, now = _state(app), _surroundings(app)
    # Until this build is over, no digest: the next one writes all if this one never is.
    current = before["surroundings"] == now
    app.book_surroundings = now
    _keep(app, now if current else "", sorted({*before["files"], *_files(app)}))
    return () if current else env.found_docs


def _surroundings(app) -> str:
    env, config, builder = app.env, app.config, app.builder
    citations = getattr(env.domains.get("cite"), "citations", ())
    return _digest(
        *({docname: str(node) for docname, node in sorted(nodes.items())}
          for nodes in (env.titles, env.longtitles, env.tocs)),
        *(sorted(numbers.items()) for numbers in (
            env.toctree_includes, env.toc_secnumbers, env.toc_fignumbers)),
        *(sorted([str(part) for part in known] for known in domain.get_objects())
          for domain in env.domains.sorted()),
        sorted(env.domaindata["math"]["objects"].items()),
        sorted((label, *place[:2])  # the third is a line
               for label, place in env.domaindata["citation"]["citations"].items()),
        [(citation.citation_id, citation.bibliography_key.docname, citation.key,
          citation.formatted_entry.label, citation.entry) for citation in citations],
        [(place.docname, place.citation_ref_id, [target.key for target in place.targets])
         for place in getattr(env.domains.get("cite"), "citation_refs", ())],
        sorted((uri, name) for uri, (_docnames, name) in env.images.items()),
        [languages_of(app, docname) for docname in sorted(env.found_docs)],
        builder.build_info.config_hash, builder.build_info.tags_hash,
        _contents(Path(app.confdir, folder) for folder in (
            *config.templates_path, *builder.get_asset_paths(),
            *builder.theme.get_theme_dirs())))


def _digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode(errors="replace")).hexdigest()


def _contents(places: Iterable[Path]) -> list[tuple[str, str]]:
    """``(path, digest)`` of each file in these folders; a place may be a file too."""
    return [(str(file), hashlib.sha256(file.read_bytes()).hexdigest())
            for place in places for file in _walk(place) if file.suffix not in SKIPPED]


def _walk(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return [file for file in sorted(place.rglob("*")) if file.is_file()]


def _files(app) -> Iterator[str]:
    """What the pages, their images and downloads, and the settings put into the site."""
    env, builder, config = app.env, app.builder, app.config
    for docname in sorted(env.found_docs):
        yield Path(builder.get_outfilename(docname)).relative_to(app.outdir).as_posix()
        yield from env.metadata[docname].get("downloads", ())
        if builder.copysource:
            source = env.doc2path(docname, False).as_posix()
            link = config.html_sourcelink_suffix
            yield f"_sources/{source}{link if Path(source).suffix != link else ''}"
    for name in ("genindex", *(index[0] for index in builder.domain_indices),
                 *config.html_additional_pages):
        if name != "genindex" or config.html_use_index:
            yield Path(builder.get_outfilename(name)).relative_to(app.outdir).as_posix()
    yield from (f"_static/{Path(name).name}" for name in (config.html_logo, config.html_favicon)
                if name)
    yield from (f"_images/{name}" for _docnames, name in env.images.values())
    yield from (f"_downloads/{name}" for _docnames, name in env.dlfiles.values())
    for folders, start in (
            ([Path(folder, "static") for folder in builder.theme.get_theme_dirs()], "_static/"),
            (config.html_static_path, "_static/"), (config.html_extra_path, "")):
        for folder in folders:
            place = Path(app.confdir, folder)
            for file in _walk(place):
                name = file.relative_to(place if place.is_dir() else place.parent).as_posix()
                yield start + name.removesuffix(".jinja").removesuffix("_t")


def remove_left(app, exception) -> None:
    """Remove what an earlier build left and this one has no page for; note what is there now."""
    if exception or not for_site(app.builder):
        return
    now = sorted(set(_files(app)))
    for name in set(_state(app)["files"]) - set(now):
        file = Path(app.outdir, name)
        file.unlink(missing_ok=True)
        for folder in file.parents:
            if folder == Path(app.outdir) or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()
    _keep(app, app.book_surroundings, now)


def _state(app) -> dict[str, Any]:
    state: dict[str, Any] = {"surroundings": "", "files": []}
    with suppress(OSError, ValueError):
        state |= json.loads(Path(app.outdir, STATE).read_text("utf-8"))
    return state


def _keep(app, surroundings: str, files: list[str]) -> None:
    text = json.dumps({"surroundings": surroundings, "files": files}, indent=1, ensure_ascii=False)
    write_if_changed(Path(app.outdir, STATE), text + "\n")


def setup(app) -> None:
    app.connect("config-inited", note_extensions)
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-read", note_dates, priority=900)  # others note files there
    app.connect("env-updated", name_images)
    app.connect("env-get-updated", changed_around, priority=900)  # sections have numbers by then
    app.connect("build-finished", remove_left)
