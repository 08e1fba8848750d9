# Everything a person or a machine does with this repository. `make` alone says what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check format fuzz audit bench screenshots presets lesson-model claims

VENV := .venv
PY := $(VENV)/bin/python
WORKERS := 2 # tests that run at once: most of them wait for a browser now and then
PIP := $(PY) -m pip install --disable-pip-version-check
# The versions of what the requirements need in their turn: each requirements file names this one.
CONSTRAINTS := requirements-constraints.txt
# What the tools read: the folders and files with Python in them.
SOURCES := $(wildcard app.py attention pages tests benchmarks scripts)

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: $(VENV)/run.stamp ## Set up what is missing and open the app (PORT=8502 chooses the port)
	@$(PY) -m streamlit run app.py $(if $(PORT),--server.port $(PORT))

test: check ## Set up what is missing, check, then run every test, those in a real browser too
	@$(PY) scripts/ensure_browser.py
	@$(PY) scripts/ensure_nginx.py
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(VENV)/dev.stamp ## Format, lint and strict types; changes nothing
	@$(PY) -m ruff format --check $(SOURCES)
	@$(PY) -m ruff check $(SOURCES)
	@$(PY) -m mypy $(SOURCES)

format: $(VENV)/dev.stamp ## Put the code in its usual shape
	@$(PY) -m ruff format $(SOURCES)
	@$(PY) -m ruff check --fix $(SOURCES)

fuzz: $(VENV)/dev.stamp ## Throw 10,000 hostile texts, settings and links at it (ARGS="--seed 7 --case 3" runs one again)
	@$(PY) -m scripts.fuzz $(ARGS)

bench: $(VENV)/bench.stamp ## Measure what the project promises about its speed; all of it, also where a target is missed
	@$(PY) scripts/ensure_browser.py
	@worst=0; for each in attention_cost switch_latency lesson_trace first_draw visitors; do \
	  $(PY) -m benchmarks.$$each; code=$$?; \
	  if [ $$code -gt $$worst ]; then worst=$$code; fi; \
	done; exit $$worst

audit: $(VENV)/dev.stamp $(VENV)/audit.stamp ## Ask whether anything installed has a known vulnerability; needs the internet
	@$(VENV)/audit/bin/python -m scripts.audit $(PY)

screenshots: $(VENV)/dev.stamp ## Make the pictures of the READMEs again, from the real app
	@$(PY) scripts/ensure_browser.py
	@$(PY) -m scripts.make_screenshots

lesson-model: $(VENV)/run.stamp ## Train the lesson model again from nothing, and compare it with the one here
	@$(PY) -m scripts.train_lesson_model $(ARGS)

claims: $(VENV)/run.stamp ## Measure what the lesson model is claimed to do, on sentences it never saw
	@$(PY) -m scripts.measure_claims $(ARGS)

presets: $(VENV)/run.stamp ## Compute the stored traces of the example sentences again
	@$(PY) -m scripts.precompute_presets

# A stamp is younger than the requirements it answers for, so a second run installs nothing.
$(VENV)/run.stamp: requirements.txt $(CONSTRAINTS) | $(VENV)/bin/activate
	@echo 'Installing what the app needs (the first time takes a few minutes) ...'
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt $(CONSTRAINTS) | $(VENV)/bin/activate
	@echo 'Installing what the app and its tests need (the first time takes a few minutes) ...'
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

$(VENV)/bench.stamp: requirements-bench.txt $(VENV)/dev.stamp
	@$(PIP) -r requirements-bench.txt
	@touch $@

$(VENV)/audit.stamp: requirements-audit.txt $(CONSTRAINTS) | $(VENV)/bin/activate
	@$(PY) -m venv --clear $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Tries each Python instead of only finding it: a name on the path may stand for a version that is not installed.
# `activate` is the last file that venv writes, so a creation cut short is begun again.
$(VENV)/bin/activate:
	@for python in '$(PYTHON)' python3.13 python3.12 python3.11 python3 python; do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Creating $(VENV) with $$("$$python" --version)"; \
	    exec "$$python" -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo 'This project needs Python 3.11 or newer, with its venv module, and none was found.' >&2; \
	echo 'Install it (on Debian and Ubuntu: python3 and python3-venv), or name one: make run PYTHON=path/to/python3' >&2; \
	exit 1
