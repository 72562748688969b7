# What a newcomer types. Needs python3 >= 3.11 and make; everything else is set up in .venv on the way.
# Only relative paths, all quoted where the shell sees them: the tree may lie in a folder whose name has spaces.
.DEFAULT_GOAL := help
.PHONY: help demo test lint format proof bench clean

help:
	@echo 'make demo    the main job from end to end: devices offline, a bad link, conflicts, attendance, scores,'
	@echo '             a recap to sign (PDF) and a table of allowances (XLSX); DEMO_EXIT=1 ends after the summary;'
	@echo '             DEMO_DATA=x_activity_log.csv replays a log of yours, with the punches of x_attendance_log.csv'
	@echo '             beside it or of DEMO_ATTENDANCE=FILE, units of x_units.csv and holidays of holidays*.csv there'
	@echo 'make test    all tests'
	@echo 'make lint    style and types'
	@echo 'make format  layout, import order and the fixes that are safe'
	@echo 'make proof   thousands of seeded schedules of lost, doubled and reordered messages and of crashes,'
	@echo '             power cuts, kills, restores and hostile bodies;'
	@echo '             PROOF=short for a few minutes; writes build/proof.json'
	@echo 'make bench   speed beside a bare endpoint, on SQLite and PostgreSQL; wants a quiet machine; writes'
	@echo '             build/bench.json; BENCH=--large for a table of a million entries, BENCH=--scores for scores of'
	@echo '             8,000 staff, see bench/README.md'
	@echo 'make clean   removes what the tools made, .venv included'

demo:
	@sh .ci/setup server
	.venv/bin/lontara-server demo

test:
	@sh .ci/setup server,dev
	@sh .ci/test-programs
	.venv/bin/python -m pytest

# The second look of mypy is through the eyes of Windows: what only POSIX has is an error there.
lint:
	@sh .ci/setup server,dev
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python -m lontara_schema.generate --check
	.venv/bin/python -m lontara_schema.make_messages --check
	.venv/bin/python -m lontara_schema.make_vectors --check
	.venv/bin/mypy --platform win32 --cache-dir .mypy_cache/win32 sync_core client_sdk

format:
	@sh .ci/setup server,dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

PROOF ?= full

proof:
	@case '$(PROOF)' in short|full) ;; *) echo 'PROOF is "short" or "full", not "$(PROOF)".' >&2; exit 2;; esac
	@sh .ci/setup server,dev
	@sh .ci/test-programs
	@mkdir -p build
	PYTHONPATH=tests .venv/bin/python tests/proof.py $(PROOF) --json build/proof.json

BENCH ?=

bench:
	@sh .ci/setup server,dev
	PYTHONPATH=tests .venv/bin/python -m bench.run $(BENCH) --json build/bench$(if $(findstring --large,$(BENCH)),-large)$(if $(findstring --scores,$(BENCH)),-scores).json

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
