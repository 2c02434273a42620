# The two commands: `make pilot` runs the main job, `make test` passes the tests.
# Both set everything up inside this folder: .venv (packages) and var (data).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
export PYTHONPATH := platform:.
export PYTHONUNBUFFERED := 1
# Compiled modules are kept, whatever the environment says: hundreds of processes of a run read them.
unexport PYTHONDONTWRITEBYTECODE
# As in `make pilot VIDEOS=folder`, `make serve PORT=8001`.
export VIDEOS PORT

SCALE ?= 0.1

.PHONY: pilot replica test serve production setup setup-dev lint bench gpu-check chaos scale fuzz supply audit pictures clean help
.DEFAULT_GOAL := help

pilot: setup           ## run the pilot study on real videos; VIDEOS=folder takes your own
	@$(PY) -m standalone.pilot

replica: setup         ## replay the paper's pilot; SCALE=1 is its full size, CATALOGUE=its list of videos
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py replicate_pilot --scale $(SCALE) --slug pilot-replica-$(subst .,-,$(SCALE)) \
		$(if $(CATALOGUE),--catalogue "$(CATALOGUE)")

test: setup-dev        ## run the tests, a process a core and one; ARGS="-k feed" picks some
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

serve: setup           ## run the whole site at http://127.0.0.1:8000; PORT=8001 takes another
	@$(PY) -m standalone.serve

production: setup      ## the same as strangers would meet it: production settings, nginx, https at 8443
	@$(PY) -m standalone.production

setup:                 ## make .venv and install what the product needs
	@$(PYTHON) platform/standalone/install.py

setup-dev:             ## install what the tests and checks need, too
	@$(PYTHON) platform/standalone/install.py --dev

lint: setup-dev        ## style, types, the rules between the rooms, code that nothing calls
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) -m vulture

bench: setup-dev       ## measure; ARGS picks
	@$(PY) -m pytest -m benchmark -s $(ARGS) tests/benchmarks

gpu-check: setup       ## try on a GPU, unattended, what can only be tried there: training, PME, features; 5 minutes
	@$(PY) -m thumbnailer.gpu_check $(ARGS)

chaos: setup-dev       ## kill, stop and stall what runs, at random under load; SECONDS=600, EVERY=10, EVENTS=1000000
	@COVERLIFT_CHAOS_S=$(or $(SECONDS),120) COVERLIFT_CHAOS_EVERY_S=$(or $(EVERY),1) \
		COVERLIFT_CHAOS_EVENTS=$(EVENTS) \
		$(PY) -m pytest -s --timeout=0 $(ARGS) tests/functional/test_chaos.py

scale: setup-dev      ## start a larger site's log, brokers, workers, web servers here, kill some, count; EVENTS=10000000
	@COVERLIFT_SCALE_EVENTS=$(or $(EVENTS),1000000) \
		$(PY) -m pytest -s --timeout=0 -p no:logging -m "functional or benchmark" $(ARGS) \
		tests/benchmarks/test_scale.py tests/benchmarks/test_event_log.py \
		tests/functional/test_event_log.py tests/functional/test_brokers.py \
		tests/functional/test_several_web_servers.py \
		tests/functional/test_several_behind_the_proxy.py \
		tests/functional/test_workers_on_a_bucket.py \
		tests/experiments/events/store/test_server.py tests/benchmarks/test_old_clickhouse.py

fuzz: setup-dev        ## send damaged requests and files to the doors; SECONDS=3600 for longer, each
	@COVERLIFT_FUZZ_S=$(or $(SECONDS),60) $(PY) -m pytest -s --timeout=0 -p no:logging -m "" $(ARGS) \
		tests/functional/test_fuzzed_doors.py tests/functional/test_fuzzed_files.py \
		tests/benchmarks/test_fuzzed_api.py tests/benchmarks/test_fuzzed_videos.py

supply: setup-dev      ## what is installed (CycloneDX, var/sbom.json), its licences, and known holes in it
	@$(PY) -m standalone.supply

audit: setup           ## realised error rates of every test the statistics would pick; minutes
	@$(PY) -m experiments.analysis.stats.audit

pictures: setup-dev    ## take the pictures of docs/operating.md and docs/reading-a-report.md anew; needs Chromium
	@COVERLIFT_PICTURES=docs/images/operating $(PY) -m pytest -q tests/functional/test_operator_walk.py
	@COVERLIFT_PICTURES=docs/images/reading $(PY) -m pytest -q tests/functional/test_reading_a_report.py

clean:                 ## remove .venv, var and every cache
	@$(PYTHON) platform/standalone/clean.py

help:                  ## this list
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/make \1 - \2/p' $(MAKEFILE_LIST)
