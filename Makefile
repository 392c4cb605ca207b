# Two commands: `make run` opens the chat, `make test` runs every test. Both build the environment in .venv/ first.
PYTHON ?= python3
BIN := .venv/bin
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: run test index check lint chromium clean

run: index
	$(BIN)/citepath ui

test: .venv/ready chromium lint
	$(BIN)/python -m pytest

index: .venv/ready
	$(BIN)/citepath index

check: .venv/ready
	$(BIN)/citepath check

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Citepath needs Python 3.11 or later; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch .venv/ready

# The browser tests need Chromium: found, or installed from Debian's packages where that is allowed; else skipped, loudly.
chromium:
ifeq ($(CHROMIUM),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null || echo "WARNING: Chromium could not be installed: the browser tests WILL BE SKIPPED" >&2; \
	else echo "WARNING: no Chromium: the browser tests WILL BE SKIPPED. Install it with: sudo apt-get install chromium" >&2; fi
endif

clean:
	rm -rf .venv .citepath build *.egg-info
