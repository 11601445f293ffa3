# Each target does its own set-up: on a fresh machine, git, rustup, Node and a C compiler are enough.
# What happens is in scripts/.

ADDR ?= 127.0.0.1:3000
DATA ?= data

.DEFAULT_GOAL := help
.PHONY: help run test check build dev end2end bench deny

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build, and serve on ADDR (127.0.0.1:3000) with the database in DATA (data)
	@exec target/release/tidings serve --addr $(ADDR) --data $(DATA) --auth off

test: ## format, lints, Rust tests, release build, tests in a browser
	@scripts/test.sh

check: ## format, lints, Rust tests: the quick loop
	@scripts/check.sh

build: ## one release binary with the pages inside, at target/release/tidings
	@scripts/build.sh

dev: ## serve on 127.0.0.1:3000, rebuild and reload when a file changes
	@scripts/dev.sh

end2end: ## tests in a browser against the release that was built last; ARGS go to Playwright
	@scripts/end2end.sh $(ARGS)

bench: ## measure the hub and a crawl
	@scripts/bench.sh $(ARGS)

deny: ## licences, advisories and sources of all dependencies, by cargo-deny
	@scripts/deny.sh
