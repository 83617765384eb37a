# Everything a fresh machine with Python 3.11+ and make needs; run `make help`.
#
# The virtual environment holds an editable install, so that tests and the command see each edit
# at once. `cli/` and `schemas/` are mapped into the package (pyproject.toml): Python finds them
# through the install; mypy, which does not, through the links in .venv/links.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
DEV := $(VENV)/.dev
LINKS := $(VENV)/links
BENCH := $(VENV)/bench
JOBS ?= auto
PYTEST := $(BIN)/python -m pytest -q -n $(JOBS)
PACKAGED := $(shell find provenance cli schemas -name '*.py' -o -name '*.json' -o -name '*.j2' -o -name '*.css' -o -name '*.js' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help dev demo test test-all check layers format bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

dev: $(DEV) ## a virtual environment in .venv with everything in it

demo: $(DEV) ## make, sign, verify and tamper with a picture
	$(BIN)/python examples/demo.py demo

test: $(DEV) ## the tests
	$(PYTEST) -m "not slow"

test-all: $(DEV) ## the tests, slow ones too
	$(PYTEST)

check: $(DEV) ## ruff, mypy, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p $(LINKS)/provenance
	@find $(LINKS) -type l -exec rm -f {} +
	@for f in provenance/*; do ln -s ../../../$$f $(LINKS)/$$f; done
	@for d in cli schemas; do ln -s ../../../$$d $(LINKS)/provenance/$$d; done
	@for d in tests benchmarks examples; do ln -s ../../$$d $(LINKS)/$$d; done
	cd $(LINKS) && ../bin/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache \
		-p provenance -p tests -p benchmarks -p examples
	$(BIN)/python -m pytest -q tests/test_layers.py

format: $(DEV) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(BENCH)/.installed ## the table of ratios against peers
	$(BENCH)/bin/python -P -m benchmarks

clean: ## take away all that make made
	rm -rf $(VENV) build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed, and was not found" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "make: $(PYTHON) cannot make a virtual environment (on Debian: python3-venv)" >&2; exit 1; }

$(DEV): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

# Start-up is timed on an ordinary install: an editable one slows every start of Python. The
# dependencies are those of .venv, which a plain path brings in without the editable finder; the
# checkout comes after them, for `benchmarks`, so that `provenance` is the installed one.
$(BENCH)/.installed: $(DEV) Makefile $(PACKAGED)
	test -x $(BENCH)/bin/python || $(BIN)/python -m venv --without-pip $(BENCH)
	rm -rf build/lib build/bdist.*
	$(BIN)/python -c 'import os, sysconfig; print(sysconfig.get_path("purelib"), os.getcwd(), sep="\n")' > \
		"$$($(BENCH)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/dev.pth"
	$(BIN)/python -m pip --python $(BENCH)/bin/python install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --force-reinstall .
	@rm -rf build/lib build/bdist.*
	@touch $@
