# pointline: `make setup` builds .venv, `make demo` shows the main job, `make test` is the test suite.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2
export OMP_NUM_THREADS ?= 1

.PHONY: setup demo test check bench lint clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(STAMP)

demo: setup
	$(BIN)/pointline demo --out demo-out

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m 'not slow'

check: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

bench: setup
	@test -n "$(NAME)" || { echo "usage: make bench NAME=tagger; known: $(basename $(notdir $(wildcard benchmarks/*.py)))"; exit 2; }
	$(BIN)/python benchmarks/$(NAME).py $(ARGS)

clean:
	rm -rf $(VENV) demo-out .mypy_cache .ruff_cache .pytest_cache .hypothesis
