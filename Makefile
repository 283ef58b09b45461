VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.PHONY: run test test-clients check bench clean

run: $(VENV)/.runtime      ## the dashboard and the local service; Ctrl-C stops both
	$(BIN)/streamlit run sagedeck.py

check: $(VENV)/.tests      ## the fast gate: format, lint, types, fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow and not browser and not clients"

test: $(VENV)/.tests       ## everything, a real browser included
	$(BIN)/python -m tests.browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not clients"

test-clients: $(VENV)/.tests $(VENV)-clients/.installed  ## the guide's notebook with the SageMaker SDK 2
	$(BIN)/python -m pytest -m clients tests/clients

bench: $(VENV)/.tests      ## speed as ratios, one "name value" a line
	$(BIN)/python -m tests.browser
	$(BIN)/python -m tests.bench

$(VENV)-clients/.installed: requirements-clients.txt
	$(PYTHON) -m venv $(VENV)-clients
	$(VENV)-clients/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-clients.txt
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-clients .mypy_cache .ruff_cache .pytest_cache screenshots

$(VENV)/.runtime: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.tests: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.runtime
