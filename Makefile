# Every target installs what it needs, once. `make help` lists them.

export MILLRACE_CACHE   ?= $(HOME)/.cache/millrace
export CARGO_TARGET_DIR ?= $(CURDIR)/target
TOOLS   := $(CARGO_TARGET_DIR)/millrace-setup.env
RELEASE := $(CARGO_TARGET_DIR)/release
WITH    := . $(TOOLS) &&

.DEFAULT_GOAL := help
.PHONY: help build run images image-archives architectures functions test end-to-end simulate simulate-scale lint format bench clean bootstrap preflight synth diff deploy destroy local-aws local-aws-down supply sbom fuzz sanitize localstack mutants redeploy documented nightly

# Which of infra/config/ is meant.
ENV ?= dev
# Of the functions' zips, and of the images.
ARCH ?= arm64
# How many schedules `make simulate` plays, and from which seed on.
SCHEDULES ?= 100000
FIRST ?= 1
# How many rows `make simulate-scale` runs the machines on, one after the other.
ROWS ?= 1000000 10000000

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "  make %-26s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Where the libraries of XGBoost and LightGBM and libclang are; made again when the script or a pinned hash changes.
$(TOOLS): scripts/setup-xgboost scripts/pinned requirements/xgboost.txt requirements/lightgbm.txt requirements/libclang.txt
	@mkdir -p $(@D)
	@scripts/setup-xgboost > $@.new && mv $@.new $@

build: $(TOOLS) ## build the command `millrace` into the target folder's release directory
	@$(WITH) cargo build --release --workspace --bins

run: build ## generate customers, train, score them, and answer three questions in SQL
	@$(RELEASE)/millrace run

images: $(TOOLS) ## build the two programs for containers, small, and make their images out of nothing else
	@$(WITH) cargo build --profile image --locked --package millrace-stage-training --package millrace-stage-inference
	@MILLRACE_IMAGE_PROFILE=image scripts/images

test: $(TOOLS) ## run every test, with S3 and Step Functions of an AWS emulator
	@$(WITH) cargo build --release --workspace --bins --tests --example play
	@$(WITH) scripts/emulator run cargo test --release --workspace
	@tests/permissions_test.py
	@tests/sql_dialect.py
	@tests/conformance.py
	@tests/random_machines.py
	@tests/mutants.py
	@tests/holes.py $(RELEASE)
	@tests/end_to_end.py

end-to-end: build ## run everything on an AWS emulator in real containers, and check what comes of it (part of `make test`)
	@$(WITH) tests/end_to_end.py

image-archives: ## build the two programs for AWS and write their images, without Docker (ARCH=arm64 or x86_64)
	@scripts/image-archives $(ARCH)

functions: ## build the functions' zips for AWS (ARCH=arm64 or x86_64), and print their sizes
	@scripts/functions $(ARCH)

simulate: $(TOOLS) ## play SCHEDULES (100000) seeds of misfortune from FIRST (1) on against whole runs, or one SEED
ifdef SEED
	@$(WITH) MILLRACE_SIMULATION_SEED=$(SEED) cargo test --release --workspace --test simulation -- --nocapture random_schedules
else
	@$(WITH) scripts/simulate $(FIRST) $(SCHEDULES)
endif

simulate-scale: build ## run both machines on ROWS (1000000 10000000) rows with the emulator's S3, and write docs/PERFORMANCE.md
	@$(WITH) DOCS=1 scripts/simulate-scale $(RELEASE) $(ROWS)

lint: $(TOOLS) ## check the format, the lints with warnings denied, and that every mutant still fits the code
	@cargo fmt --all --check
	@scripts/mutants --check
	@$(WITH) cargo clippy --release --workspace --all-targets -- -D warnings

# As long as each fuzz target runs.
SECONDS ?= 60

fuzz: ## let a fuzzer look for input that brings a reader down (SECONDS=60 for each target)
	@SECONDS_EACH=$(SECONDS) scripts/fuzz

sanitize: $(TOOLS) ## run the tests of what has unsafe code under the address sanitizer
	@$(WITH) scripts/sanitize

localstack: $(TOOLS) ## try store, registry, state machines and functions on LocalStack as well (root; lays it out once)
	@$(WITH) cargo build --release --workspace --bins --tests
	@$(WITH) EMULATOR=localstack scripts/emulator run cargo test --release --workspace --test conformance --test concurrency -- s3
	@EMULATOR=localstack tests/conformance.py
	@EMULATOR=localstack tests/functions_on_s3.py

redeploy: build ## deploy to an emulator, destroy, deploy again
	@tests/redeploy.py

documented: build ## play every documented command from a fresh clone
	@tests/documented.py

architectures: build ## build functions and images for both of AWS's processors, weigh them, and run those of the other one under qemu
	@scripts/both-architectures

mutants: $(TOOLS) ## break the code on purpose, law by law, and see the law's test fail (MUTANT=NAME: one of tests/mutants)
	@$(WITH) scripts/emulator run scripts/mutants $(MUTANT)

nightly: sanitize fuzz simulate mutants images localstack architectures ## what takes longer than anyone waits for

supply: ## check licences, sources, hashes of what is installed, and dependencies that nobody uses
	@scripts/check-supply

sbom: ## list what is shipped, as CycloneDX
	@scripts/sbom $(CARGO_TARGET_DIR)/sbom

format: ## format the code
	@cargo fmt --all

bench: $(TOOLS) ## measure us and the Python peers side by side (DOCS=1: written to docs; FULL=1: so, with the whole grid; QUICK=1: a smoke test)
	@$(WITH) cargo build --release --workspace --bins --example bench_forest
	@$(WITH) scripts/bench

bootstrap: ## once for each account and region, before the first deployment (ENV=dev, staging, production)
	@infra/scripts/cdk $@ $(ENV)

preflight: ## what the account has against a deployment: quotas, zones, Lake Formation, runs under way
	@infra/scripts/cdk $@ $(ENV)

synth diff deploy destroy: ## what would be deployed, what would change, do it, undo it (ENV=dev, staging, production)
	@infra/scripts/cdk $@ $(ENV)

local-aws: build ## deploy all of it to an AWS emulator on this machine, train and score there
	@$(WITH) scripts/local-aws

local-aws-down: ## stop the emulator and the container engine that local-aws started
	@scripts/local-aws-down

clean: ## remove the local store; builds and downloads stay
	rm -rf .millrace
