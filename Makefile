# One command for one purpose. `make book` is the only one a reader needs.
PYTHON ?= python3
BIN = .venv/bin
# requirements-gpu.lock on a Linux machine with a graphics processor by NVIDIA.
LOCK ?= requirements.lock
# A stamp is newer than its lock where .venv holds what the lock lists.
INSTALLED = .venv/installed-$(LOCK)
TOOLS = .venv/installed-requirements-dev.lock

.PHONY: book test check serve lint install tools lock

book: $(INSTALLED)
	$(BIN)/book build

serve: $(INSTALLED)
	$(BIN)/book serve

# Three processes on two cores: many tests wait, for a kernel or a browser.
test: $(TOOLS)
	$(BIN)/python tests/browser.py
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

# While writing: what needs no browser, no built site and no training.
check: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

lint: $(TOOLS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python tests/prose.py
	$(BIN)/python tests/javascript.py

install: $(INSTALLED)

# What recording, testing and linting need besides.
tools: $(TOOLS)

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11, 3.12 or 3.13 is needed; this is " + sys.version.split()[0] + ". Say which one to use: make book PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

# The locks are whole, so nothing is looked up; what stands in none of them is removed.
INSTALL = $(BIN)/uv pip install --python $(BIN)/python --exact --no-deps --compile-bytecode -e . -e ./press -r $(LOCK) -r requirements-data.lock

$(INSTALLED): $(LOCK) requirements-data.lock pyproject.toml press/pyproject.toml | $(BIN)/uv
	@rm -f .venv/installed-*
	$(INSTALL)
	@touch $@

$(TOOLS): $(INSTALLED) requirements-dev.lock
	$(INSTALL) -r requirements-dev.lock
	@touch $@

# After a change of the dependencies in a pyproject.toml. UPGRADE=--upgrade takes newer versions of all.
lock: $(BIN)/uv
	$(COMPILE) press/pyproject.toml --extra lab -o requirements.lock
	$(COMPILE) press/pyproject.toml --extra lab --extra gpu -c requirements.lock -o requirements-gpu.lock
	$(COMPILE) --group press/pyproject.toml:data --no-deps -o requirements-data.lock
	$(COMPILE) --group press/pyproject.toml:record --group press/pyproject.toml:test -c requirements.lock -o requirements-dev.lock
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-package deep-learning-by-running-it --no-header $(UPGRADE)
