# Every command sets up what it needs: only git, make and Python 3.11 or newer have to be there.
# The versions in dev/requirements.txt are installed in .venv. `make test` can also use the newest (NEWEST=1) or the
# lowest that pyproject.toml allows (LOWEST=1), each in an environment of its own.
VERSIONS := $(if $(NEWEST),newest,$(if $(LOWEST),lowest,listed))
VENV := .venv$(if $(NEWEST)$(LOWEST),-$(VERSIONS))
BIN := $(VENV)/bin
LIST := dev/requirements.txt
# Named first, the user's choice: make test PYTHON=python3.13
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
WORKS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
DECLARED := --group dev --group bench --editable '.[editor]'
INSTALL_listed := --requirement $(LIST) --build-constraints $(LIST) --editable .
INSTALL_newest := --upgrade $(DECLARED)
INSTALL_lowest := --upgrade --resolution lowest-direct $(DECLARED)
# Pages that hold generated parts.
GENERATED = git grep --name-only --untracked --fixed-strings '[[[cog' -- '*.md'

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench peers docs versions release always

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.ready ## generate a project, run all of it, and see three commits refused
	@$(BIN)/python scripts/demo.py

test: $(VENV)/.ready ## run every test, as CI does; NEWEST=1 or LOWEST=1 on those versions, THOROUGH=1 with more random input
	@VERSIONS=$(VERSIONS) $(BIN)/pytest $(if $(THOROUGH),--hypothesis-profile thorough) --numprocesses auto --dist worksteal --cov --cov-report term

lint: $(VENV)/.ready ## run the hooks on all files, the type checker, and the checks of complexity and of generated pages
	@$(BIN)/prek run --all-files --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python scripts/complexity.py
	@$(BIN)/python scripts/vocabulary.py --check
	@$(BIN)/python scripts/platform_manifest.py --check
	@$(GENERATED) | xargs $(BIN)/cog --check --diff --check-fail-msg "run 'make docs' to write the generated parts anew" --verbosity 1

bench: $(VENV)/.ready ## measure speed and memory against the peers, some minutes
	@$(BIN)/python benchmarks/speed.py

peers: $(VENV)/.ready ## run other tools on the same faults, and write down who finds what, ten minutes
	@$(BIN)/python benchmarks/peers.py
	@$(BIN)/cog -r --verbosity 1 docs/comparison.md

docs: $(VENV)/.ready ## write the generated parts of the pages, the generated schema and the manifest of the golden path anew
	@$(BIN)/python scripts/project_schema.py > checks/ml_checks/project-standards.schema.json
	@$(BIN)/python scripts/vocabulary.py
	@$(BIN)/python scripts/platform_manifest.py
	@$(GENERATED) | xargs $(BIN)/cog -r --verbosity 1

versions: $(VENV)/.ready ## list the newest versions in dev/requirements.txt, and pin them in the template's hooks
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make versions, on $$(date +%F)" \
		--extra editor --group dev --group bench --output-file $(LIST) pyproject.toml
	@$(BIN)/python scripts/hook_versions.py

release: $(VENV)/.ready ## make a release, such as VERSION=1.2.3: version, changelog, pins in the pages, commit and tag
	@$(BIN)/python scripts/release.py $(VERSION)

# Marked as done at the very end, so that an interrupted set-up is done again.
$(VENV)/.ready: pyproject.toml $(LIST) $(if $(NEWEST)$(LOWEST),always)
	@set -e; \
	for python in $(PYTHONS); do \
		if "$$python" -c '$(WORKS)' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11 or newer, with venv and pip, was not found; install it, or name it: make test PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$found" --version), under a minute ..."; \
	"$(BIN)/python" -c '' 2>/dev/null || "$$found" -m venv --clear $(VENV); \
	"$(BIN)/uv" --version >/dev/null 2>&1 || "$(BIN)/python" -m pip install --quiet --disable-pip-version-check --constraint $(LIST) uv; \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --exact $(INSTALL_$(VERSIONS))
	@touch $@
