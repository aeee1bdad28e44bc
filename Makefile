# The whole interface for people and CI. Each target sets up what it needs; all are idempotent.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
# What the protos must not break: the newest release, or where there is none what main held before this work: the commit before on main itself.
PROTO_AGAINST ?= $(shell git describe --tags --abbrev=0 2>/dev/null || { main=$$(git rev-parse --verify --quiet origin/main || true); \
	if [ -n "$$main" ] && [ "$$main" != "$$(git rev-parse HEAD)" ]; then echo "$$main"; \
	else git rev-parse --verify --quiet HEAD~1 || git rev-parse --verify --quiet HEAD; fi; })

.PHONY: help setup demo serve test bench lint types contracts protos lock clean

help:  ## Show the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready  ## Make .venv from the locked, hashed dependencies

.venv/.ready: requirements/dev.txt pyproject.toml deploy/setup.sh
	@deploy/setup.sh
	@touch $@

demo: setup  ## Run the main job end to end on sample silos
	@$(BIN)/entente demo

serve: setup  ## Start Entente with everything in one go
	@$(BIN)/entente serve

test: setup  ## Run every check: lint, types, import contracts, protos, all tests
	@deploy/setup.sh --test-system
	@$(MAKE) --no-print-directory lint types contracts
	@$(BIN)/pytest -n 2 --dist loadfile -q

bench: setup  ## Measure accuracy and speed beside the peers; writes out/bench/
	@$(BIN)/python -m bench

lint: setup  ## Check style and protos
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/buf lint
	@$(BIN)/buf format --diff --exit-code
	@if git cat-file -e '$(PROTO_AGAINST):protos/entente' 2>/dev/null; then $(BIN)/buf breaking --against '.git#ref=$(PROTO_AGAINST)'; fi

types: setup  ## Check types, strictly
	@$(BIN)/mypy

contracts: setup  ## Check that the tree is the architecture
	@$(BIN)/lint-imports --no-cache

protos: setup  ## Generate protos/gen from the protos
	@$(BIN)/python protos/generate.py

lock: setup  ## Resolve the dependencies anew and lock them with hashes
	@$(BIN)/uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --upgrade -o requirements/dev.txt

clean:  ## Remove what the targets made, except ENTENTE_HOME
	@rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
