# SPDX-License-Identifier: Apache-2.0
# Set-up is two commands: make scan, and make test. make help lists the rest.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TARGET  ?= dir:/
ARGS    ?=
# Where make starter finds the feeds, in their publishers' formats.
FEEDS   ?= ../shared/feeds
# The linter's version; a released golangci-lint v2 is built from the module proxy.
GOLANGCI_VERSION := v2.15.0
STATICCHECK_VERSION := v0.8.2
FUZZTIME ?= 10s
export CGO_ENABLED ?= 0

.PHONY: help build starter scan test lint bench fuzz clean docs dist image

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

build: ## build bin/sekisho, one static binary
	go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/sekisho ./cmd/sekisho

starter: build ## compile FEEDS into the database in the program, then build it anew
	./bin/sekisho db build --from $(FEEDS) --starter -o internal/advisory/starter/starter.tar
	go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/sekisho ./cmd/sekisho

scan: build ## scan this machine's root file system, or make scan TARGET=alpine:3.20 ARGS='-f json'
	./bin/sekisho scan $(TARGET) $(ARGS)

test: ## install what the tests need (as root), then run every test with the race detector
	./scripts/test ./...

lint: ## run golangci-lint, or go vet and staticcheck where it cannot be had
	GOLANGCI_VERSION=$(GOLANGCI_VERSION) STATICCHECK_VERSION=$(STATICCHECK_VERSION) ./scripts/lint

bench: build ## compare whole scans with the floor, over real images (root, Docker, several GB of disk)
	./scripts/bench

fuzz: ## run every fuzz target for FUZZTIME
	./scripts/fuzz $(FUZZTIME)

dist: ## build the programs of a release and their SHA256SUMS into dist/release (PLATFORMS='linux/amd64 ...')
	./scripts/dist $(VERSION) $(PLATFORMS)

image: build ## build the container image sekisho:VERSION (Docker or Podman)
	./scripts/image $(VERSION)

docs: build ## write the catalogue of rules into docs/
	./bin/sekisho rules list -f markdown --lang en > docs/rules.md
	./bin/sekisho rules list -f markdown --lang ja > docs/rules.ja.md

clean: ## remove what the other targets made
	rm -rf bin dist .cache
