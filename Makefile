# Every target first installs what it needs and is not there (Debian 12 or Ubuntu, as root or with sudo).
# The one thing it expects is a Swift 6.3 toolchain on the PATH.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build test demo bench bench-map bench-instructions reference record-streams screenshots soak sanitize fuzz format clean build-packages test-packages

HUSK := .build/release/husk
SWIFT_BUILD := swift build -c release --product husk
# The tests reach inside with `package` access. Leaving testable imports out keeps the tested code as optimised as
# what is shipped, and saves building everything twice.
SWIFT_TEST := swift test -c release --disable-testable-imports
# Flags for `husk serve`, as in: make run ARGS="--port 9000 --type 'map[int]int'"
ARGS ?=
# The Go toolchain that `make bench` builds its Go peer with, and that `make reference` records.
GO ?= go
# The layouts that `make bench-map` measures, and the Go toolchains that it compares them with: fetched when not given.
LAYOUT ?= bucket swiss
GO_BUCKET ?=
GO_SWISS ?=

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build it and serve (ARGS="--port 9000" passes flags)
	exec $(HUSK) serve $(ARGS)

build: build-packages ## Build the release binary, .build/release/husk
	$(SWIFT_BUILD)

test: build test-packages ## Run every test, then walk the HTTP API against its OpenAPI document
	scripts/tidy
	scripts/tidy --canary
	$(SWIFT_TEST)
	scripts/openapi-contract $(HUSK)
	scripts/page-tests $(HUSK)
	@echo "make test: everything passed"

demo: build ## Show with plain curl what delete leaves behind, and what each remedy gives back
	@scripts/install-packages curl=curl jq=jq
	@scripts/demo $(HUSK)

bench: build ## Compare requests and collections with Go's and a C server's (GO= names the Go toolchain)
	@scripts/install-packages wrk=wrk gcc=cc python3=python3
	@command -v $(GO) >/dev/null || scripts/install-packages golang-go
	Benchmarks/bench-http --husk $(HUSK) --go $(GO)
	Benchmarks/bench-latency --husk $(HUSK)
	swift build -c release --product gc-time
	Benchmarks/bench-gc --husk .build/release/gc-time --go $(GO)

bench-map: ## Compare the map alone with Go's and with Swift's Dictionary (GO_BUCKET=, GO_SWISS= name toolchains)
	@scripts/require-swift
	@scripts/install-packages python3=python3 python3-pip=pip
	swift build -c release --product map-speed
	Benchmarks/bench-map --husk .build/release/map-speed --layout $(LAYOUT) \
	    $(if $(GO_BUCKET),--go-bucket $(GO_BUCKET)) $(if $(GO_SWISS),--go-swiss $(GO_SWISS))

bench-instructions: build ## Count the instructions of each operation, and hold them to Benchmarks/instruction-limits
	@scripts/install-packages python3=python3 valgrind=valgrind binutils=strip
	swift build -c release --product map-speed
	Benchmarks/bench-instructions --map-speed .build/release/map-speed --husk $(HUSK)

reference: ## Record anew what real Go does, for Tests/ReferenceTests (GO= names a toolchain or a release, as 1.23.9)
	@scripts/install-packages python3=python3 python3-pip=pip
	Tests/ReferenceTests/go/record $(GO)

record-streams: ## Record anew what a real Redis and a real memcached print, for Tests/KeyStreamsTests
	@scripts/install-packages python3=python3 redis-server=redis-server redis-tools=redis-benchmark memcached=memcached
	scripts/record-streams

screenshots: build test-packages ## Take the pictures of the page that README shows, docs/pictures
	scripts/page-tests $(HUSK) --screenshots docs/pictures

soak: build test-packages ## Use the page for ten minutes: its own memory must not grow
	scripts/page-tests $(HUSK) --only grow --soak 600

sanitize: build-packages ## Run the heap's, the map's and the lab's tests under AddressSanitizer and ThreadSanitizer
	@# Type descriptors live for ever by design, so leaks are not looked for.
	ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address --scratch-path .build/address \
	    --filter 'GoHeapTests|GoMapTests|HuskLabTests|ScenariosTests'
	TSAN_OPTIONS=suppressions=$(CURDIR)/scripts/tsan-suppressions swift test --sanitize=thread \
	    --scratch-path .build/thread --filter 'HeapShadowTests|HuskLabTests|ScenariosTests'

fuzz: build-packages ## Fuzz each map layout for a minute, and show that a planted mistake is found
	scripts/fuzz

format: ## Format the Swift sources in place
	@scripts/require-swift
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

clean: ## Remove everything that was built
	rm -rf .build .venv Benchmarks/.build .hypothesis .schemathesis

build-packages:
	@scripts/require-swift
	@scripts/install-packages libmicrohttpd-dev zlib1g-dev libzstd-dev pkg-config=pkg-config git=git ca-certificates

test-packages:
	@scripts/install-packages curl=curl python3=python3 python3-venv chromium=chromium fonts-wqy-microhei
	@scripts/unpack-nginx
	@scripts/python-environment
