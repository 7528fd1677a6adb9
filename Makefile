# Starquiz. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
LOCK_STAMP := .venv/.lock-installed
LOCAL_STAMP := .venv/.local-installed
PROJECTS := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml sandbox/pyproject.toml tools/*/pyproject.toml deploy/*/pyproject.toml)
# Processes that run the tests, each with a Postgres of its own. Somebody else's servers are emptied for each test: one.
WORKERS ?= $(if $(filter external,$(INFRA)),0,logical)
SOURCES := libs services sandbox tools deploy examples tests $(wildcard bench)

# For `make fuzz` alone: not part of the environment, for its wheels are for few platforms.
ATHERIS := atheris>=3,<4
# For `make fuzz-api` alone, in an environment of its own: thirty packages that nothing else here needs.
SCHEMATHESIS := schemathesis>=4.32,<5

# What `make check` runs besides the linters: each word pair `module,argument` becomes `python -m module argument`.
CHECKS := devstack.generate,--check observability.generate,--check gameplay,lint-bank sandbox.methods_from_aiogram,check

# Byte code is written whatever the environment says: without it each process compiles all it imports again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test check example bench smoke chaos guards mutate fuzz promtool fuzz-api clean lint format types imports generate generated architecture lock
.SUFFIXES:

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(LOCAL_STAMP) ## The virtual environment (.venv); the other targets do it by themselves

$(LOCK_STAMP): requirements.lock
	@./deploy/local/setup.sh venv
	@touch $@

$(LOCAL_STAMP): $(LOCK_STAMP) $(PROJECTS)
	@./deploy/local/setup.sh local
	@touch $@

run: setup ## Everything on this machine, with a chat page (PORT=8080 DATA_DIR=.data OPERATORS=mira,ben; BOT_TOKEN=… for the real Telegram)
	@exec $(PY) -m devstack run

test: setup ## All tests, on real Postgres and real NATS (ARGS="tests/actors -k inbox" WORKERS=2; INFRA=embedded|containers|external)
	@$(PY) -m pytest -n $(WORKERS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder $(ARGS)

promtool: setup ## Brings Prometheus' promtool along from Debian's packages (no root needed); tests of the rules need it
	@./deploy/observability/promtool.sh .venv/debian

check: lint types imports generated architecture ## Format, lint, types, layers, generated files, the house's own rules

example: setup ## A small service by itself, with a prompt to talk to it (NAME=greeter | kitchen)
	@exec $(PY) -m devstack example $(or $(NAME),greeter)

smoke: setup ## Plays the game by script through the real processes, in under a minute
	@$(PY) -m devstack smoke

chaos: setup ## A thousand purchases while everything that can die dies (SECONDS=150 SEED=…); the last line is one JSON object
	@PYTHONPATH=tests $(PY) -m chaos $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

guards: setup ## Takes each guard away in a copy of the tree: its tests must miss it (ONLY=part of a name); the last line is one JSON object
	@PYTHONPATH=tests $(PY) -m guards $(if $(ONLY),--only "$(ONLY)")

mutate: setup ## Updates spoilt in every way through the real webhook (UPDATES=20000 SEED=1): each is kept; the last line is one JSON object
	@PYTHONPATH=tests:. $(PY) -m mutated $(if $(UPDATES),--updates $(UPDATES)) $(if $(SEED),--seed $(SEED))

fuzz: setup ## Coverage-guided fuzzing by atheris, a minute a target (SECONDS=60 ONLY=narrow | importer | presenter); the last line is one JSON object
	@$(PY) -c 'import atheris' 2>/dev/null || $(PY) -m pip install -qq --disable-pip-version-check --only-binary :all: "$(ATHERIS)" || true
	@PYTHONPATH=tests:. $(PY) -m fuzz $(if $(SECONDS),--seconds $(SECONDS)) $(if $(ONLY),--only $(ONLY))

fuzz-api: setup ## The internal API under schemathesis, from its own OpenAPI document (SECONDS=60 SEED=1); the last line is one JSON object
	@test -x .venv/schemathesis/bin/schemathesis || { $(PY) -m venv .venv/schemathesis && .venv/schemathesis/bin/python -m pip install -qq --disable-pip-version-check "$(SCHEMATHESIS)"; } || true
	@PYTHONPATH=tests:. $(PY) -m fuzzed_api $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

bench: setup ## Measures (ONLY=turns | scale | latency | payments | books | promo | referrals | alerts; BESIDE=/other/tree RATES=20,300 ROUNDS=3 compares); the last line is one JSON object
	@$(PY) -m bench $(if $(ONLY),--only $(ONLY)) $(if $(BESIDE),--beside $(BESIDE)) $(if $(RATES),--rates $(RATES)) $(if $(ROUNDS),--rounds $(ROUNDS))

lint: setup ## ruff: format and rules
	@$(PY) -m ruff format --check --quiet --output-format=concise $(SOURCES) || { echo "Not formatted; 'make format' does it."; exit 1; }
	@$(PY) -m ruff check --quiet $(SOURCES)

format: setup ## Formats, and mends what ruff can mend
	@$(PY) -m ruff check --quiet --fix $(SOURCES) || true
	@$(PY) -m ruff format --quiet $(SOURCES)

types: setup ## basedpyright
	@$(PY) -m basedpyright --warnings

imports: setup ## import-linter: who may import whom
	@$(PY) -m devstack.layers

generated: setup ## Generated files are current, content is sound
	@$(foreach check,$(CHECKS),echo "$(check)" && $(PY) -m $(subst $(comma), ,$(check)) &&) true

architecture: setup ## The rules of the house that no linter knows
	@$(PY) -m pytest -q --no-header tests/architecture

generate: setup ## Writes all that is generated: golden examples, docs/contracts, what the documents say of the services
	@$(PY) -m devstack.generate
	@$(PY) -m observability.generate

lock: setup ## Compiles requirements.in into requirements.lock, with hashes and without any index address
	@$(PY) -m venv .venv/uv && .venv/uv/bin/python -m pip install -qq --disable-pip-version-check uv
	@.venv/uv/bin/uv pip compile requirements.in -o requirements.lock --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header $(ARGS)

clean: ## Removes .data, caches and the virtual environment
	@rm -rf .data .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

comma := ,
