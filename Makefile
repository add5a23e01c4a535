# One command for one purpose. `make book` is the only one a reader needs.
PYTHON ?= python3
BIN = .venv/bin
# requirements-gpu.lock on a Linux machine with a graphics processor by NVIDIA.
LOCK ?= requirements.lock
INSTALLED = .venv/installed-$(LOCK)

.PHONY: book test check serve lint install lock

book: $(INSTALLED)
	$(BIN)/book build

serve: $(INSTALLED)
	$(BIN)/book serve

test: $(INSTALLED)
	$(BIN)/python tests/browser.py
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# While writing: what needs no browser, no built site and no training.
check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python tests/prose.py
	$(BIN)/python tests/javascript.py

install: $(INSTALLED)

$(INSTALLED): $(LOCK) pyproject.toml press/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11, 3.12 or 3.13 is needed; this is " + sys.version.split()[0] + ". Say which one to use: make book PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $(LOCK)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e . -e ./press
	@touch $@

# After a change of the dependencies in pyproject.toml. UPGRADE=--upgrade takes newer versions of all.
lock: $(INSTALLED)
	$(COMPILE) -o requirements.lock
	$(COMPILE) -c requirements.lock --extra gpu -o requirements-gpu.lock
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra lab --extra record --extra dev --no-emit-package deep-learning-by-running-it --no-header $(UPGRADE) press/pyproject.toml
