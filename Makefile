VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.PHONY: run test check bench clean

run: $(VENV)/.runtime      ## the dashboard and the local service; Ctrl-C stops both
	$(BIN)/streamlit run sagedeck.py

check: $(VENV)/.tests      ## the fast gate: format, lint, types, fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow and not browser"

test: $(VENV)/.tests       ## everything, a real browser included
	$(BIN)/python -m tests.browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: $(VENV)/.tests      ## speed as ratios, one "name value" a line
	$(BIN)/python -m tests.browser
	$(BIN)/python -m tests.bench

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache screenshots

$(VENV)/.runtime: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.tests: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.runtime
