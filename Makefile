VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
INSTALL := pip install --quiet --disable-pip-version-check --require-hashes
UV := 0.13.9

# Every process of ours, hundreds in a test run, would compile the project anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-clients mutants check bench bench-peers aws-smoke lock clean

run: $(VENV)/.runtime      ## the dashboard and the local service; Ctrl-C stops both
	$(BIN)/streamlit run sagedeck.py

check: $(VENV)/.tests      ## the fast gate: format, lint, types, fast tests
	@set -e; began=$$(date +%s); \
	$(BIN)/ruff format --check .; \
	$(BIN)/ruff check .; \
	$(BIN)/mypy; \
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow and not browser and not clients"; \
	echo "check_seconds $$(( $$(date +%s) - began ))"

test: $(VENV)/.tests       ## everything, a real browser included
	$(BIN)/python -m tests.browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not clients"

test-clients: $(VENV)/.tests $(VENV)-clients/.installed  ## clients that SageDeck does not run on: the SageMaker SDK 2, and several of S3
	$(BIN)/python -m pytest -m clients tests/clients

mutants: $(VENV)-mutants/.installed  ## whether the tests of the pure cores notice when a line is changed; a quarter of an hour
	rm -rf mutants
	$(VENV)-mutants/bin/mutmut run --max-children 2
	$(VENV)-mutants/bin/python -m tests.mutants

bench: $(VENV)/.tests      ## speed as ratios, one "name value unit" a line
	$(BIN)/python -m tests.browser
	$(BIN)/python -m tests.bench

bench-peers: $(VENV)/.tests $(VENV)-peers/.installed  ## the speed of the profile beside other profilers; minutes, most of them theirs
	$(BIN)/python -m tests.bench.peers $(VENV)-peers/bin/python

# e.g. make aws-smoke ARGUMENTS="--profile work --run --cap 1"; without --run it only reads.
aws-smoke: $(VENV)/.tests  ## on a real AWS account: what differs from what SageDeck assumes
	$(BIN)/python -m tests.aws_smoke $(ARGUMENTS)

# What is locked stays locked, unless requirements*.txt says otherwise; `make lock UPGRADE=--upgrade` takes the newest of all.
# uv does not read pip's configuration, so it is told pip's index.
lock:                      ## every package with its hashes, for Linux and macOS and every Python from 3.11
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && set -e; \
	$(PYTHON) -m venv "$$folder"; \
	"$$folder/bin/python" -m pip install --quiet --disable-pip-version-check uv==$(UV); \
	export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$("$$folder/bin/pip" config get global.index-url 2>/dev/null || true)}}"; \
	for of in requirements requirements-dev requirements-clients requirements-mutants requirements-peers; do \
		with=; test $$of = requirements-dev && with="-c requirements.lock"; \
		test $$of = requirements-mutants && with="-c requirements-dev.lock"; \
		"$$folder/bin/uv" pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
			$$with $(UPGRADE) $$of.txt -o $$of.lock; \
	done

$(VENV)-clients/.installed: requirements-clients.lock
	$(PYTHON) -m venv $(VENV)-clients
	$(VENV)-clients/bin/python -m $(INSTALL) -r requirements-clients.lock
	touch $@

$(VENV)-mutants/.installed: requirements-dev.lock requirements-mutants.lock
	$(PYTHON) -m venv $(VENV)-mutants
	$(VENV)-mutants/bin/python -m $(INSTALL) -r requirements-dev.lock
	$(VENV)-mutants/bin/python -m $(INSTALL) -r requirements-mutants.lock
	touch $@

$(VENV)-peers/.installed: requirements-peers.lock
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m $(INSTALL) -r requirements-peers.lock
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-clients $(VENV)-mutants $(VENV)-peers mutants .mypy_cache .ruff_cache .pytest_cache screenshots

$(VENV)/.runtime: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m $(INSTALL) -r requirements.lock
	touch $@

$(VENV)/.tests: requirements.lock requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m $(INSTALL) -r requirements-dev.lock
	touch $@ $(VENV)/.runtime
