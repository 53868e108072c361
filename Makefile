# make help tells what there is. `make html` and `make test` do all the set-up themselves.
PYTHON    ?= $(shell command -v python3.11 || command -v python3)
LANGUAGES ?= vi en
JOBS      ?= $(shell nproc)
VENV       = .venv/bin/python
# The tests that build nothing.
FAST       = tests/*/unit tests/evidence
# How the cells are run, for every build that this make starts (conf.py reads it).
export BOOK_EXECUTION := $(if $(filter 0,$(EXECUTE)),off,$(if $(FRESH),force,cache))
export BOOK_GATEWAY   := $(GATEWAY)
# What runs from now on was run by this make; the second language finds the first one's runs.
export BOOK_BEGAN     := $(shell date -u +%Y-%m-%dT%H:%M:%S+00:00)
export TABCELLS_BUILD := $(BOOK_BEGAN)-$(shell echo $$PPID)
# Where pip finds PyTorch: the index of a CPU build, say. Unset, it is as pip is configured.
export TORCH_INDEX
# What is imported is compiled once: each build and test starts many a Python.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: html execute site pdf epub test check lint parity fast translated linkcheck bench compat evidence d2l lock env \
        browser serve live record figures screenshots clean distclean help

# The cells run first, and nothing beside them; then all languages are built side by side.
html: execute
	@$(MAKE) --no-print-directory -j -O $(LANGUAGES:%=html-%) || { \
	  echo; echo "make html: a build failed (see above). _build/html is as it was."; exit 1; }
	@$(VENV) -m tools.publish $(LANGUAGES)
	@echo "The book is in _build/html/index.html"

html-%:
	@test -t 1 || export NO_COLOR=1; echo "== $*"; \
	BOOK_LANGUAGE=$* $(VENV) -m sphinx -b html -n -W --keep-going -d _build/doctrees/$* \
	  -D language=$* . _build/work/$* || { rm -rf _build/doctrees/$*; \
	  echo "make html: the build of '$*' failed."; exit 1; }

# Run what must run and keep it for `make html`: all languages hold the same cells.
execute: env
	@test -t 1 || export NO_COLOR=1; lang=$(firstword $(LANGUAGES)); \
	test "$(EXECUTE)" = 0 || BOOK_LANGUAGE=$$lang $(VENV) -m sphinx -b execute \
	  -D language=$$lang . _build/execute || { echo; \
	  echo "make: running the cells failed (see above). _build/html is as it was."; exit 1; }

# What is published: the site, and the book as PDF and EPUB, which the foot of each page links to.
site: html pdf epub
	@$(MAKE) --no-print-directory html FRESH= BOOK_EDITIONS="pdf epub" \
	  BOOK_BEGAN=$(BOOK_BEGAN) TABCELLS_BUILD=$(TABCELLS_BUILD)

# One file per language, from what `make html` has executed.
pdf: html browser
	@$(VENV) -m tools.editions pdf $(LANGUAGES)

epub: html
	@$(VENV) -m tools.editions epub $(LANGUAGES)

# One test more side by side than this process may use cores, since many a test waits for a kernel
# or for a time limit; each group of `xdist_group` in turn.
test: html browser
	@$(VENV) -m pytest -n $$(($(JOBS) + 1)) --dist loadgroup --no-loadscope-reorder \
	  --durations 10 $(FAST) tests/*/build tests/book/site tests/browser tests/downloads

# Side by side too; what each says is printed when it has ended.
check: env
	@$(MAKE) --no-print-directory -j -k -O lint parity fast

lint:
	@$(VENV) -m ruff check -q --output-format concise .
	@$(VENV) -m mypy

parity:
	@$(VENV) -m tools.parity check

fast:
	@$(VENV) -m pytest -q -n $(JOBS) $(FAST)

# Both languages of each page say the same, as you confirm by this (PAGE=name: of one page).
translated: env
	@$(VENV) -m tools.parity translated $(PAGE)

# Every link to elsewhere, in both languages; needs a network. What is broken, a line each.
linkcheck: env
	@$(VENV) -m tools.linkcheck $(LANGUAGES)

# What the tabs cost and how that grows, on stub cells: BENCHMARK.md and its plot.
bench: env
	@$(VENV) -m tools.bench $(if $(RUNS),--runs $(RUNS)) $(if $(PAGES),--pages $(PAGES))

# After a change of requirements*.txt; UPGRADE=1 takes the newest of what they leave open.
lock: env
	@$(VENV) -m tools.lock $(if $(UPGRADE),--upgrade)

# The extension alone, on other Pythons and versions: tabcells/COMPAT.md (SETS=oldest: that alone).
compat: env
	@$(VENV) tools/compat.py $(SETS)

# Every cell anew, and which of the chapter's claims about speed it shows: EVIDENCE.md.
evidence: env
	@$(VENV) -m tools.claims $(READINGS)

# Checkouts of Dive into Deep Learning, unchanged, as a site with this book's theme: d2lbook/conf.py.
d2l: env
	@test -t 1 || export NO_COLOR=1; \
	D2L_PAGES="$(PAGES)" D2L_RUN="$(RUN)" $(VENV) -m tools.d2l_site $(SOURCE)

env:
	@test -n "$(PYTHON)" || { echo "setup: no Python found."; cat tools/python-3.11.txt; exit 1; }
	@$(PYTHON) tools/setup_env.py $(if $(GPU),--gpu) $(if $(filter 0,$(EXECUTE)),--render)

# Debian's Chromium, where we may install it; the browser tests say so where there is none.
browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "setup: installing Chromium for the browser tests"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	      apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else echo "setup: no chromium here; the browser tests will be skipped by name"; fi; }

serve:
	@$(VENV) -m http.server --directory _build/html 8000

# The book, whose cells run here in kernels of their own: on the loopback address alone, for who
# opens the address that it prints. PORT=N: there, or near it.
live: html
	@$(VENV) -m live $(if $(PORT),--port $(PORT))

figures: env
	@$(VENV) -m img.figures
	@$(VENV) -m img.card

# Pictures of the site's main states, to be looked at
screenshots: html browser
	@$(VENV) -m tools.screenshots

# What this machine measured, kept in records/: make record NAME="two RTX 4090".  Or what a
# reader sent, checked: make record FROM=mine.json (several files of one machine: FROM="a b")
record: $(if $(FROM),env,html)
	@$(VENV) -m tools.record $(if $(FROM),--from $(FROM) --) $(NAME)

clean:
	rm -rf _build

distclean: clean
	rm -rf .venv

help:
	@echo "make html        install, execute every tab, write _build/html (LANGUAGES=en, GPU=1)"
	@echo "                 FRESH=1 runs all cells again, EXECUTE=0 none, GATEWAY=URL elsewhere"
	@echo "                 TORCH_INDEX=URL: where pip finds PyTorch, when .venv is made"
	@echo "make execute     run the cells alone; FRESH=1 and GATEWAY=URL too"
	@echo "make test        build, then all tests"
	@echo "make site        html, pdf and epub, with links to both at the foot of each page"
	@echo "make pdf         the book for print, _build/pdf (LANGUAGES=en)"
	@echo "make epub        the book for e-readers, _build/epub (LANGUAGES=en)"
	@echo "make check       lint, types, both languages compared, the fast tests (nothing is built)"
	@echo "make translated  confirm that both languages say the same (PAGE=name: of one page)"
	@echo "make linkcheck   try every link to elsewhere"
	@echo "make lock        write requirements*.lock after a change of requirements*.txt (UPGRADE=1)"
	@echo "make bench       what the tabs cost over plain myst-nb, 1 to 200 pages (RUNS=3, PAGES=1,9)"
	@echo "make compat      build a page of tabs on other Pythons, Sphinxes and myst-nbs (SETS=oldest)"
	@echo "make evidence    run all cells again: which claims about speed does this machine show?"
	@echo "make d2l         Dive into Deep Learning, in _build/d2l: SOURCE=\"path/d2l-en path/d2l-vi\""
	@echo "                 PAGES=\"chapter_x/*.md\" builds some pages, RUN=\"...\" runs some, EXECUTE=0 none"
	@echo "make record      keep what this machine measured in records/ (NAME=...)"
	@echo "                 FROM=FILE: take in what a reader's --record FILE wrote, after checks"
	@echo "make serve       the site at http://localhost:8000"
	@echo "make live        the site with cells to edit and run, for this machine alone (PORT=8888)"
	@echo "make screenshots pictures of the main states in _build/screenshots"
	@echo "make figures     draw img/*.svg again from img/figures.py"
	@echo "make clean       remove _build (distclean: .venv too)"
