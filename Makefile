# Binome. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# Threads that wait for each other by spinning take the cores that the others need (measured: a third of the time).
export OMP_WAIT_POLICY ?= PASSIVE
BIN := .venv/bin
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)
STATIC := src/binome/experiment/static/index.html
TESTS ?= tests
WORKERS ?= 2
# A file's tests share what its fixtures made (a trained model, a server); files go in order, the longest are not last.
SPREAD := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help setup setup-dev demo quick test test-all lint format types contracts wheel bench docs gallery web web-types lock screenshots clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## Make the Python environment and fetch the demo's data (nothing to do: nothing done)
	@scripts/setup run

setup-dev: ## The same, with what tests and docs need (Debian's chromium too)
	@scripts/setup dev

web: $(STATIC) ## Build the operator's pages into the package

web/node_modules/.package-lock.json: web/package-lock.json web/package.json
	npm --prefix web ci --no-audit --no-fund
	@touch $@

$(STATIC): web/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix web run --silent build
	@touch $@

demo: setup web ## Run the example study whole, then serve it (DEMO="--no-serve" ends by itself)
	@$(BIN)/binome demo $(DEMO)

quick: setup web ## The same path on small digits, in about a minute
	@$(BIN)/binome demo --quick $(DEMO)

test: setup-dev web ## Unit, end-to-end and browser tests
	npm --prefix web test --silent
	$(BIN)/pytest $(SPREAD) $(TESTS)

test-all: setup-dev web ## The slow suites too: whole data sets, coverage simulations
	npm --prefix web test --silent
	$(BIN)/pytest $(SPREAD) -m "slow or not slow" $(TESTS)

lint: setup-dev ## Style, types, import contracts, front-end types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(MAKE) --no-print-directory types contracts

types: setup-dev web/node_modules/.package-lock.json
	$(BIN)/mypy
	npm --prefix web run --silent typecheck

contracts: setup-dev
	$(BIN)/lint-imports

format: setup-dev ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: setup-dev web ## Build the wheel and try it in a clean environment
	@scripts/check-wheel

bench: setup-dev web ## Side-by-side measurements (BENCH=name for one)
	@for file in benchmarks/$(or $(BENCH),*).py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

docs: setup-dev ## Build the documentation into site/
	$(BIN)/zensical build

gallery: setup-dev ## Every explainer on the same items, into docs/reference/gallery.html
	$(BIN)/python docs/gallery.py

screenshots: setup-dev web ## Pictures of every page, into site/screenshots
	$(BIN)/python tests/browser/screenshots.py site/screenshots

web-types: setup-dev web/node_modules/.package-lock.json ## Generate the TypeScript types of the HTTP contract
	npm --prefix web run --silent types

lock: ## Pin every requirement again, with hashes
	requirements/lock.sh

clean: ## Remove what was built, but not the environment
	rm -rf dist site src/binome/experiment/static web/node_modules studies/*/artefacts studies/*/results studies/*/study.db* studies/*/.binome
