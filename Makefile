# Causeway. `make help` lists what there is; `make up` is where to begin.

STACK ?= local

.DEFAULT_GOAL := help
.PHONY: help up preview down clean test lint build bench graph check-aws crash go

help: ## list these targets
	@echo "make TARGET [STACK=local|dev|prod]   on the twin, with no cloud account"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: build ## deploy the platform on this machine: builds what is missing, then `causeway up`
	@bin/causeway up --stack $(STACK)

preview: build ## show what `make up` would change
	@bin/causeway preview --stack $(STACK)

down: build ## take the platform down, to nothing left
	@bin/causeway down --stack $(STACK)

graph: build ## draw the deployed platform: SVG and Mermaid
	@bin/causeway graph --stack $(STACK)

test: go ## build, vet, format, all tests, the workflows: all that CI runs
	@go run ./tools/check

lint: go ## the quick part of `make test`: format, vet, workflows
	@go run ./tools/check format vet workflows

build: go ## build bin/pulumi, bin/causeway and bin/policy, if they are not up to date
	@go run ./tools/build

bench: build ## measure preview, up and builds against the engine's floor (BENCH="-cold", "-help")
	@go run ./cmd/causeway/bench $(BENCH)

check-aws: build ## ask the real AWS provider, if it is installed, whether it accepts every resource and answers as the twin
	@go test -count=1 -v -tags awsplugin -run RealProvider ./twin/brain
	@go test -count=1 -v -timeout 60m -tags awsplugin -run RealProvider ./twin/conformance
	@go test -count=1 -v -timeout 60m -tags awsplugin -run RealProvider ./cmd/causeway

crash: build ## kill engine and twin after every single change of the production stack's life (half an hour)
	@CAUSEWAY_TEST_CRASH=all go test -count=1 -v -timeout 12h -parallel 3 -run TestNothingIsLostByKills ./cmd/causeway

clean: ## remove what was built, the twin's worlds and their state
	@rm -rf bin .causeway examples/guestbook/bin
	@echo "removed bin and .causeway; Go's own caches stay (go clean -cache -modcache empties them)"

go:
	@command -v go >/dev/null || { \
	  echo "make: Go is not installed: install Go 1.26 or later from https://go.dev/dl/" >&2; exit 1; }
	@go list -m >/dev/null || { \
	  echo "make: this Go cannot build the repository, which needs Go 1.26 or later from https://go.dev/dl/" >&2; exit 1; }
