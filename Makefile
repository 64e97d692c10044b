# The front door. `make` lists what there is; every recipe installs what it needs.

.DEFAULT_GOAL := help
.PHONY: help demo documents docs-site test test-long lane-core lane-packages lane-promises lane-others test-core test-ledger test-simulation test-storm test-sandbox test-browser test-cli test-python test-python-workers test-python-free-threaded test-django-mariadb test-node test-node-long test-node-runtimes \
	test-kotlin test-swift kotlin swift test-mobile-packaging test-mobile-examples test-android cross-check test-examples lint format deny doc fuzz fuzz-long simulate storm bench bench-ledger bench-python bench-node test-bench clean

CARGO ?= cargo
# Seconds that each fuzz target runs in `make fuzz`; the kept corpus is always run whole.
FUZZ_SECONDS ?= 10
# More arguments for Node's test runner, such as `NODE_TEST=--test-name-pattern=Ctrl-C`.
NODE_TEST ?=
# More arguments for Maven, such as `MAVEN=-Dtest=VectorsTest`, and for `swift test`, such as `SWIFT_TEST='--filter Vector'`.
MAVEN ?=
SWIFT_TEST ?=
# More arguments for pytest, such as `PYTEST='-k fork'`. A test that takes 300 seconds hangs: it fails, and shows where it stood.
PYTEST ?=
PYTEST_EACH := -m pytest --timeout=300
FUZZ_TARGETS := callback phone amount json answers

help: ## Lists the recipes
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-26s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Prompts a pretend phone and tells the whole story, twice
	@$(CARGO) run --quiet --package lipia-cli -- demo

# Two lanes side by side: much of either is one compiler, linker or program at work alone. What a recipe says is printed when it
# is done.
test: ## What a contributor runs before a change is proposed
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lane-core lane-packages
	@echo "All of it passed."

test-long: ## What takes long and changes little: the simulation, fuzzing, phones, a browser, licences, the site of the documents
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lane-promises lane-others
	@echo "All of it passed."

# The longest that a recipe of a lane may take, where the machine has `timeout`: a test that hangs should say where it hangs, and
# not use up the whole time of CI.
LONGEST ?= 40m
WITHIN := $(if $(shell command -v timeout),timeout --foreground --kill-after=30s $(LONGEST))

# One after the other within a lane. What is set on the command line reaches them through the environment; how many jobs
# there may be is nobody's business there, and cargo would look for make's.
unexport MAKEFLAGS MFLAGS
define each
@for recipe in $(1); do \
	echo "make $$recipe" >&2; \
	$(WITHIN) $(MAKE) --no-print-directory --jobs=2 --output-sync=target $$recipe && continue; \
	failed=$$?; [ $$failed != 124 ] || echo "make $$recipe: stopped, because it took more than $(LONGEST)" >&2; exit $$failed; \
done
endef

lane-core:
	+$(call each,lint test-core test-ledger test-sandbox test-cli test-bench doc test-kotlin test-swift)

lane-packages:
	+$(call each,test-python test-node test-examples)

lane-promises:
	+$(call each,test-simulation test-storm test-python-workers test-django-mariadb test-node-long test-browser deny)

lane-others:
	+$(call each,cross-check test-android test-mobile-packaging test-mobile-examples fuzz docs-site)

documents: ## Writes what is made from the tables: docs/errors.md, and words, settings and parts of a push of each language
	LIPIA_WRITE=1 $(CARGO) test --package lipia --test documents --test words

docs-site: ## The documents as a site in target/docs-site: search, a page for each code, tabs, API references; links checked
	@.ci/docs-site

test-core: ## The core: values, vectors, decisions, and the scenarios against the sandbox
	$(CARGO) test --package lipia --features sqlite

test-ledger: ## The ledger on a real PostgreSQL, behind PgBouncer, through crashes and without rights
	@.ci/postgresql
	@.ci/pgbouncer
	$(CARGO) test --package lipia --features sqlite,postgres --test ledger_postgres
	$(CARGO) test --package lipia --features sqlite,postgres --lib ledger::

test-simulation: ## The promises in some hundred worlds, and that each break of the core is found
	$(CARGO) test --package lipia-simulation

test-storm: ## The ledger under processes that are killed and stopped: a short storm
	$(CARGO) test --package lipia-storm
	$(CARGO) run --package lipia-storm -- --store sqlite --orders 150 --calm-orders 40 $(STORM)

test-sandbox: ## The sandbox by itself
	$(CARGO) test --package lipia-sandbox

# More arguments for Node's test runner, such as `BROWSER_TEST=--test-name-pattern=fault`.
BROWSER_TEST ?=

test-browser: ## The sandbox's page with the phone, the page over a ledger, and the page of the shops, in a real browser
	@.ci/browser $(BROWSER_TEST)

test-cli: ## The command line, run as a user runs it
	$(CARGO) test --package lipia-cli

test-python: ## The Python package: its wheel, installed, on SQLite and PostgreSQL
	@.ci/postgresql
	@python=$$(.ci/python) && $$python/bin/ruff check --quiet && $$python/bin/ruff format --check --quiet \
		&& $$python/bin/python $(PYTEST_EACH) bindings-python/tests $(PYTEST)

test-python-workers: ## Three hundred orders in four workers of gunicorn and of uvicorn, which are killed, and a handler that hangs: takes minutes
	@python=$$(.ci/python) && LIPIA_LONG=1 $$python/bin/python $(PYTEST_EACH) bindings-python/tests/web/test_web_workers.py \
		bindings-python/tests/process/test_slow_handler.py $(PYTEST)

test-python-free-threaded: ## The Python package without a GIL; builds such an interpreter where there is none
	@.ci/free-threaded

test-django-mariadb: ## The Django app on a real MariaDB, with mysqlclient and with PyMySQL
	@.ci/django-mariadb $(PYTEST)

test-node: ## The Node package: packed, installed, its types, and all that it does
	@.ci/postgresql
	@.ci/node >/dev/null && cd bindings-node && npm run --silent check && node --test $(NODE_TEST) test/*.test.mjs test/packaging/*.test.mjs test/process/*.test.mjs

test-node-long: ## Next.js, NestJS, Drizzle, PM2 and serverless as documented, and three hundred orders in four workers that are killed
	@.ci/node-long $(NODE_TEST)

test-node-runtimes: ## The Node package on Node 18 to 26, Bun and Deno, each from npm
	@.ci/node-runtimes

test-kotlin: ## The Kotlin library on the JVM: its calls, every vector and every story
	@.ci/kotlin-test $(MAVEN)

test-swift: ## The Swift library, with a real Swift: its calls, every vector and every story
	@.ci/swift-test $(SWIFT_TEST)

kotlin: ## The Kotlin library with its native library for this machine, in a Maven repository of its own: target/kotlin/repository
	@.ci/kotlin && .ci/mobile-bindings >/dev/null && library=$$(.ci/mobile-library) && classes=$$(.ci/kotlin-jar) \
		&& testing=$$(.ci/kotlin-testing-jar) \
		&& bindings-mobile/scripts/build-kotlin-repository --classes "$$classes" --testing "$$testing" --library "$$library" --out target/kotlin/repository

swift: ## The Swift library as a package of its own for this machine, in target/swift/Lipia
	@.ci/mobile-bindings >/dev/null && bindings-mobile/scripts/build-swift-package --library "$$(.ci/mobile-library)" --out target/swift/Lipia

test-mobile-packaging: ## What goes onto a phone: AAR, XCFramework, checksums, size
	@.ci/mobile-packaging

test-mobile-examples: ## The tills in Kotlin and Swift, run against the sandbox, killed and started again
	@.ci/mobile-examples

# More arguments for unittest, such as `ANDROID_TEST=test_android_app.Scenes.test_two_taps`.
ANDROID_TEST ?=

test-android: ## The Android app, run by Robolectric against the sandbox, shrunk and run again, and made an APK; fetches 600 MB once
	@.ci/android $(ANDROID_TEST)

cross-check: ## The native library linked for Android and iOS, and looked at: a check, never an artifact
	@.ci/cross-check

test-examples: ## The examples, run against the sandbox
	$(CARGO) test --package example-rust-axum
	@.ci/python-examples
	@.ci/node-examples

lint: ## Formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) fmt --check --manifest-path bench/ledger/Cargo.toml
	$(CARGO) clippy --workspace --all-targets --features lipia/sqlite,lipia/postgres -- --deny warnings

format: ## Formats the code
	$(CARGO) fmt --all

doc: ## The API documentation, with broken links refused
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --workspace --no-deps --features lipia/sqlite,lipia/postgres

fuzz: ## Every fuzz target over its kept corpus, and a short while beyond it
	@for target in $(FUZZ_TARGETS); do fuzz/run $$target $(FUZZ_SECONDS) || exit 1; done

fuzz-long: ## The same for ten minutes a target
	@$(MAKE) fuzz FUZZ_SECONDS=600

deny: ## Licences and sources of everything we depend on
	@.ci/deny

# More arguments, such as `make simulate SIMULATE='--world 85'`; `--help` lists them.
SIMULATE ?=

simulate: ## A million payments under faults, in virtual time: a table, a picture, and whether every promise held
	$(CARGO) run --release --package lipia-simulation -- $(SIMULATE)

# More arguments, such as `make storm STORM='--orders 300'`; `--help` lists them.
STORM ?=

storm: ## Thousands of orders sold by processes that are killed while they sell: a table, and whether every promise held
	$(CARGO) run --release --package lipia-storm -- $(STORM)

# More arguments, such as `make bench BENCH='--quick'`; `bench/run --help` lists them.
BENCH ?=

bench: ## Lipia beside its peers in every language: CPU, memory, tokens, prompts under faults
	@bench/run $(BENCH)

bench-python: ## The same for Python alone
	@bench/run --language python $(BENCH)

bench-node: ## The same for Node alone
	@bench/run --language node $(BENCH)

bench-ledger: ## The ledger beside the same work by hand, on SQLite and PostgreSQL: claims, whole lives, wakes, a million rows
	@.ci/postgresql
	$(CARGO) run --release --manifest-path bench/ledger/Cargo.toml --target-dir target -- $(BENCH)

test-bench: ## What the bench decides by itself, and that the bench of the ledger runs
	@.ci/postgresql
	$(CARGO) test --quiet --manifest-path bench/ledger/Cargo.toml --target-dir target
	@python3 -B -m unittest discover --quiet --start-directory bench/driver/tests --top-level-directory bench/driver

clean: ## Removes what was built
	$(CARGO) clean
	rm -rf target/simulation.svg bench/target fuzz/target fuzz/artifacts .tools bindings-node/dist bindings-node/node_modules bindings-node/*.node \
		bindings-mobile/kotlin/target bindings-mobile/swift/.build examples/kotlin-till/target examples/swift-till/.build
