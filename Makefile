# Two commands are for everybody: `make demo` and `make test`. The others are for those who build the product.
VENV   := .venv
PYTHON := $(VENV)/bin/python
ONCE   ?= 0

.PHONY: setup demo test check audit bench bench-scale soak model clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    a sample citizen calls; watch the conversation (ONCE=1: end by itself)"
	@echo "make test    all quick tests (installs what they need where it can)"
	@echo "make check   ruff, mypy --strict, import-linter"
	@echo "make audit   bandit over the code, pip-audit over the packages (says so where there is no index)"
	@echo "make bench   measures speed and capacity;  make soak: long fault and load runs"
	@echo "make bench-scale  many engines behind Kamailio"
	@echo "make model   trains the bundled speech model anew"

# The stamp is newer than the file that lists the packages, or the set-up runs again.
$(VENV)/.ready: pyproject.toml
	@echo "Setting up: the virtual environment and its packages (a few minutes the first time)..."
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --upgrade pip
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(VENV)/.ready

demo: setup
	@$(VENV)/bin/ivr demo $(if $(filter 1,$(ONCE)),--once,)

# Calls happen in real time: they are tested after the tests that fill every core, two files at a time.
test: setup
	@sh .ci/system-packages
	@$(PYTHON) -m pytest -m 'not slow and not sip' -n auto --dist loadfile
	@$(PYTHON) -m pytest -m 'not slow and sip' -n 2 --dist loadfile

check: setup
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

audit: setup
	@sh .ci/audit $(VENV)/bin

bench: setup
	@sh .ci/system-packages
	@$(PYTHON) -m tests.bench

bench-scale: setup
	@sh .ci/system-packages
	@$(PYTHON) -m tests.bench scale

soak: setup
	@sh .ci/system-packages
	@$(PYTHON) -m pytest -m slow -x

# Ninety minutes of training after half an hour of speech; goes on where it was interrupted (build/model).
model: setup
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --editable '.[model]'
	@PYTHONPATH=models $(PYTHON) -m recipe $(ARGUMENTS)

clean:
	rm -rf $(VENV) var build .mypy_cache .ruff_cache .pytest_cache .hypothesis
