# Everything starts here: `make serve` to see it, `make test` to trust it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Two at a time; tests that share a machine-wide thing (a browser, a port) choose their own.
PYTEST_ARGS ?= -n 2
FUZZ_SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help setup serve test lint format bench fuzz docs screenshots clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# Installs again only when the dependency files change; a half-finished install leaves no stamp.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[server,dev]'
	touch $@

setup: $(VENV)/.installed ## Create .venv and install everything

serve: setup ## Run the service with a demo district at http://127.0.0.1:8000
	$(BIN)/badgewright serve --demo --port $(PORT)

test: setup ## Run every test that this machine can run
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup ## Formatting, lint, types, import contracts, dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: setup ## Write the house formatting
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## Benchmarks, as a table of ratios
	$(BIN)/python -m tests.benchmarks

fuzz: setup ## Look for inputs that break the verifier, FUZZ_SECONDS for each target
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	$(BIN)/python -m tests.fuzz all $(FUZZ_SECONDS)

docs: setup ## Write the pages of docs/ that say what the code says
	$(BIN)/python -m tests.documentation

screenshots: setup ## Take the pictures in docs/images with a real browser
	$(BIN)/python -m tests.screenshots

clean: ## Remove the environment and the caches, never var/
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
