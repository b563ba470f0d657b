# What a fresh clone needs: Go (go.mod says which version) and make.
#
#   make test    everything that must hold: format, vet, staticcheck, all tests,
#                under the race detector where it can find something, builds for
#                other platforms
#   make run     the server, on 127.0.0.1:8080, with its files in ./sttp-files
#   make build   the programs, in ./bin, each one file that needs nothing else
#   make bench   the Go benchmarks
#   make fuzz    every fuzz target for FUZZTIME each
#   make cover   which lines the tests reach, by package
#   make deps    what the tests need beside Go, from Debian's packages
#   make conformance   docs/conformance.md, after a change of the checker's cases
#   make proof   HISTORIES histories of every storage engine behind every cache,
#                while things break, and every bug on purpose (docs/proof.md);
#                "make test" has a short share of it
#   make peers   the table of the README's section on performance, measured anew

GO       ?= go
FUZZTIME ?= 30s
HISTORIES ?= 1200

# What the race detector finds nothing in, and makes several times as slow: SQLite,
# which is translated from C and keeps its memory outside of what is watched, and
# histograms, arrays of 20,000 counters that are gone through again and again.
# Whoever adds to one counts the same request beside it, where it is watched.
export GOFLAGS := $(GOFLAGS) -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=github.com/HdrHistogram/hdrhistogram-go=-race=false

.PHONY: test quick deps format vet staticcheck unit platforms build run bench fuzz cover conformance proof peers clean

test: deps format vet staticcheck unit platforms

# The inner loop: without the race detector, the builds and what takes long.
quick:
	$(GO) test -short ./...

# The race detector needs a C compiler; the tests talk to the server through a
# real netcat, too, the checker watches its system calls with strace, and
# sttp-bench measures Redis, memcached and nginx, none of which is to run as a
# service: their units are masked while they are installed, and disabled after.
deps:
	@missing=""; \
	command -v gcc >/dev/null 2>&1 || missing="$$missing gcc libc6-dev"; \
	command -v nc >/dev/null 2>&1 || missing="$$missing netcat-openbsd"; \
	[ "$$(uname)" != Linux ] || command -v strace >/dev/null 2>&1 || missing="$$missing strace"; \
	[ "$$(uname)" != Linux ] || command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$$missing chromium"; \
	servers=""; \
	for server in redis-server memcached nginx; do \
		[ "$$(uname)" != Linux ] || command -v $$server >/dev/null 2>&1 || [ -x /usr/sbin/$$server ] || servers="$$servers $$server"; \
	done; \
	missing="$$missing$$(echo "$$servers" | sed 's/nginx/nginx-light/')"; \
	if [ -n "$$missing" ]; then \
		if ! command -v apt-get >/dev/null 2>&1; then echo "please install:$$missing" >&2; exit 1; fi; \
		sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		systemd() { [ -z "$$servers" ] || [ ! -d /run/systemd/system ] || $$sudo systemctl --quiet "$$@" $$servers; }; \
		systemd mask --runtime; \
		$$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; code=$$?; \
		systemd unmask --runtime && systemd disable && exit $$code; \
	fi
	$(GO) mod download

format:
	@ugly=$$(gofmt -l .); if [ -n "$$ugly" ]; then echo "gofmt would change:"; echo "$$ugly"; exit 1; fi

vet:
	$(GO) vet ./...

staticcheck:
	$(GO) tool staticcheck ./...

# Packages in which nothing runs at once, and much is calculated: without the race
# detector.
PLAIN = /bench/(compare|report)$$

# Packages whose tests watch the time that servers take: one after the other.
TIMED = /(server|client|cache|check|bench|search|guide|peers|sttp-[a-z]*)$$

# Everything is compiled first, so that no test waits for SQLite, which takes
# minutes; tests build programs, too, without the race detector.
unit:
	$(GO) build ./...
	$(GO) test $$($(GO) list ./... | grep -E '$(PLAIN)')
	$(GO) build -race ./store/... ./cache/... ./internal/...
	$(GO) test -race $$($(GO) list ./... | grep -vE '$(PLAIN)|$(TIMED)')
	$(GO) test -race -p 1 $$($(GO) list ./... | grep -E '$(TIMED)')

platforms:
	GOOS=darwin GOARCH=arm64 $(GO) build ./...
	GOOS=windows GOARCH=amd64 $(GO) build ./cmd/sttp-client ./cmd/sttp-check ./cmd/sttp-bench ./client

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./cmd/...

run:
	$(GO) run ./cmd/sttp-server

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz:
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "== $$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

cover:
	$(GO) test -cover ./...

conformance:
	$(GO) test ./internal/check -run 'TestTheCatalogueInTheDocuments|TestAnIDIsForEver' -update

# The race detector is left to "make test": it would make this three times as long.
proof: deps
	$(GO) test -count=1 -timeout=2h -v ./internal/proof -histories=$(HISTORIES) -rapid.checks=500

peers: deps build
	bin/sttp-bench peers --markdown=README.md

clean:
	rm -rf bin
