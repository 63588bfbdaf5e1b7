# Every command a person or a machine needs, one line each; `make` lists them.
# A line can be typed by hand as it stands: `.venv/bin/` is the only thing make adds.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
# Every core takes whole files, so that those of one service stay together.
CORES ?= -n auto --dist loadfile
B := .venv/bin/
SETUP = @$(PYTHON) scripts/bootstrap.py install --dev
CODE = manage.py mentorship programs matching feedback scripts tests benchmarks
# Enough of production's environment to look at its settings; nothing is opened with it.
PRODUCTION = DJANGO_SETTINGS_MODULE=mentorship.settings.base SECRET_KEY=only-to-look-at-the-settings-0123456789-abcdefghijklmnop BASE_URL=https://mentorship.example.org DATABASE_URL=sqlite://:memory: REDIS_URL=memory:// EMAIL_URL=dummymail:// DEFAULT_FROM_EMAIL=hello@example.org TRUSTED_PROXY_COUNT=1
# What the README promises works with no service, whatever this shell has set.
WITHOUT_SERVICES = env -u DATABASE_URL -u REDIS_URL -u REQUIRE_SERVICES CHROMIUM=none
WITH_SERVICES = DATABASE_URL=$${TEST_DATABASE_URL:?which PostgreSQL? try: bash .ci/run} REDIS_URL=$${TEST_REDIS_URL:?which Redis? try: bash .ci/run} REQUIRE_SERVICES=1

# What no database can change, so that `ci` runs it once: pure code, words, templates, packaging.
ONCE = --ignore=tests/matching/engine --ignore=tests/benchmarks --ignore=tests/house/test_content_policy.py --ignore=tests/house/test_words.py --ignore=tests/house/test_look.py --ignore=tests/house/test_declared.py --ignore=tests/test_packaging.py

.DEFAULT_GOAL := help
.PHONY: help demo test setup check fix lock ci services full vendor

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: ## Set up and run a whole program on this machine (PORT=8000)
	@$(PYTHON) scripts/bootstrap.py demo --port $(PORT)

test: ## The whole suite on SQLite, no service needed (ARGS="-k cohort")
	@$(PYTHON) scripts/bootstrap.py test $(CORES) $(ARGS)

setup: ## .venv with everything a developer needs
	$(SETUP)

check: ## Everything that can be said without running the product
	$(SETUP)
	$(B)ruff check .
	$(B)ruff format --check .
	$(B)mypy
	$(B)lint-imports --no-logo
	$(B)djlint --check --quiet templates
	$(B)djlint --lint --quiet templates
	find templates -name '*.html' -print0 | xargs -0 -r $(B)djade --target-version 5.2 --check
	find $(CODE) -name '*.py' -print0 | xargs -0 -r $(B)django-upgrade --target-version 5.2 --check
	DJANGO_SETTINGS_MODULE=mentorship.settings.test $(B)python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(B)python manage.py check --deploy --fail-level WARNING
	$(B)check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	! grep -nE '://|^ *(-i|--index|--extra-index|--find-links)' requirements.lock requirements-solver.lock requirements-dev.lock benchmarks/peers/*.lock
	! grep -n '"resolved"' package-lock.json

fix: ## Let the tools repair what they can
	$(SETUP)
	$(B)ruff check --fix .
	$(B)ruff format .
	find $(CODE) -name '*.py' -print0 | xargs -0 -r $(B)django-upgrade --target-version 5.2 --exit-zero-even-if-changed
	find templates -name '*.html' -print0 | xargs -0 -r $(B)djade --target-version 5.2
	$(B)djlint --reformat --quiet templates

ci: check ## What must be green: check, `make test`, the suite again on PostgreSQL, Redis, Chromium
	$(WITHOUT_SERVICES) $(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory services

services: ## The suite on PostgreSQL, Redis and Chromium (bash .ci/run services finds or starts them)
	$(WITH_SERVICES) $(B)python -m pytest $(CORES) $(ONCE) $(ARGS)

full: ## The long numbers too, at full length
	$(SETUP)
	$(WITH_SERVICES) FULL=1 $(B)python -m pytest $(CORES) $(ARGS)

# extras stay in the locks: pip would otherwise look for a newer version of what has one, and find no hash
lock: ## Resolve the dependencies anew (uv; releases a week old at least)
	uv pip compile pyproject.toml --quiet --upgrade --exclude-newer '7 days' --universal -p 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras -o requirements.lock
	uv pip compile pyproject.toml --quiet --upgrade --exclude-newer '7 days' --universal -p 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras --extra solver -c requirements.lock -o requirements-solver.lock
	uv pip compile pyproject.toml --quiet --upgrade --exclude-newer '7 days' --universal -p 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras --group dev -c requirements-solver.lock -o requirements-dev.lock

vendor: ## Fetch the files under static/vendor and tests/browser/vendor anew (npm)
	npm ci --ignore-scripts
	$(PYTHON) scripts/vendor.py
