# Needs make and a Python >= 3.11 with its venv module; everything else comes into .venv, each byte against a hash.
# PYTHON=python3.13 chooses another interpreter.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check bench soak clients lock clean

VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

# The first that really runs (a version manager's shim may not), is new enough and can make an environment.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$python"; break; }; done)
endif

PIP_INSTALL := $(BIN)/python -m pip install --quiet --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.run  ## a whole archive at once: music, website, swarm; MUSIC=folder for your own recordings, ONCE=1 ends by itself
	$(BIN)/sonoteca demo $(if $(MUSIC),--music "$(MUSIC)") $(if $(ONCE),--once)

test: $(VENV)/.dev  ## all tests but the long ones; TESTS=path for some
	$(BIN)/python -m pytest -n auto --dist loadfile $(TESTS)

check: $(VENV)/.dev  ## style, types, floors, sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house.report

bench: $(VENV)/.dev  ## the project's own measurements, one JSON object a line
	$(BIN)/sonoteca bench all --json

soak: $(VENV)/.dev  ## the long random tests
	$(BIN)/python -m pytest -n auto -m soak $(TESTS)

clients: $(VENV)/.dev  ## measure the stock clients that are here and write docs/clients.md; CLIENT=name for some
	$(BIN)/python -m tests.clients.matrix $(CLIENT)

lock: $(VENV)/.lock  ## write requirements/*.txt again; UPGRADE=1 for the newest versions
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	$(COMPILE) pyproject.toml -c requirements/dev.txt -o requirements/run.txt
	$(COMPILE) --group build -c requirements/dev.txt -o requirements/build.txt
	$(COMPILE) --group lock -o requirements/lock.txt

clean:  ## remove what make made
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# ── the environment ──────────────────────────────────────────────────────────────────────────────────────────────────

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "No Python >= 3.11 with venv was found." >&2; \
	  echo "Install one (Debian: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.build: requirements/build.txt $(VENV)/.made
	$(PIP_INSTALL) -r requirements/build.txt
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(VENV)/.build
	$(PIP_INSTALL) --only-binary :all: -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# bagit and pairtree come as source: they are built by what .build installed, nothing is fetched on the side.
$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP_INSTALL) --no-build-isolation -r requirements/dev.txt
	@touch $@

$(VENV)/.lock: requirements/lock.txt $(VENV)/.made
	$(PIP_INSTALL) --only-binary :all: -r requirements/lock.txt
	@touch $@
