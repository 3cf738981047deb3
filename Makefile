# Causeway. `make help` lists what there is; `make up` is where to begin.

STACK ?= local

.DEFAULT_GOAL := help
.PHONY: help up preview down clean test lint build pulumi bench graph check-aws crash second-day go

help: ## list these targets
	@echo "make TARGET [STACK=local|dev|prod]   on the twin, with no cloud account"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: build ## deploy the platform on this machine and leave it alive: builds what is missing, then `causeway up --live`
	@bin/causeway up --live --stack $(STACK)

preview: build ## show what `make up` would change
	@bin/causeway preview --stack $(STACK)

down: build ## take the platform down, to nothing left
	@bin/causeway down --stack $(STACK)

graph: build ## draw the deployed platform: SVG and Mermaid
	@bin/causeway graph --stack $(STACK)

test: go ## build, vet, format, all tests, the workflows: all that CI runs
	@go run -trimpath ./tools/check

lint: go ## the quick part of `make test`: format, vet, workflows
	@go run -trimpath ./tools/check format vet workflows

# Everything is built with -trimpath, as Pulumi's language host builds a program: they share one cache.
build: go ## build bin/causeway, bin/world and bin/policy, and bin/pulumi where none is installed (PULUMI=path|source)
	@go run -trimpath ./tools/build

pulumi: go ## build bin/pulumi from source, whatever is installed
	@PULUMI=source go run -trimpath ./tools/build pulumi

bench: build ## measure preview, up and builds against the engine's floor (BENCH="-cold", "-help")
	@go run -trimpath ./cmd/causeway/bench $(BENCH)
	@go test -trimpath -run '^$$' -bench . -benchtime 1x -timeout 30m ./internal/livetest ./twin/live/gate ./proof

check-aws: build ## ask the real providers of AWS and Cloudflare, where they are installed, what the twin answers
	@go test -trimpath -count=1 -v -tags awsplugin -run RealProvider ./twin/brain
	@go test -trimpath -count=1 -v -timeout 60m -tags awsplugin -run RealProvider ./twin/conformance
	@go test -trimpath -count=1 -v -timeout 60m -tags awsplugin -run RealProvider ./cmd/causeway/internal/platform

second-day: build ## what happens to a living platform: rollouts, lost zones, failovers, kills, under load (eighteen minutes)
	@CAUSEWAY_LIVE=required CAUSEWAY_SECOND_DAY=1 go test -trimpath -count=1 -v -timeout 30m -run TestTheSecondDay ./internal/livetest

crash: build ## kill engine and twin after every single change of the production stack's life (half an hour)
	@CAUSEWAY_TEST_CRASH=all go test -trimpath -count=1 -v -timeout 12h -parallel 3 -run TestNothingIsLostByKills ./cmd/causeway

edits: build ## edit deployed stacks in every way, and replace all that can be replaced (five minutes)
	@CAUSEWAY_EDITS=all go test -trimpath -count=1 -v -timeout 80m \
	  -run 'TestAnEditDeploysOrIsRefused|TestEveryReplacementHasRoom' ./cmd/causeway/internal/platform

clean: ## remove what was built, the twin's worlds and their state
	@if [ -x bin/causeway ]; then for home in .causeway/*/lock; do \
	  [ -e "$$home" ] && bin/causeway live --stop --quiet --stack "$$(basename "$$(dirname "$$home")")"; done; true; fi
	@rm -rf bin .causeway examples/guestbook/bin
	@echo "removed bin and .causeway; Go's own caches stay (go clean -cache -modcache empties them)"

go:
	@tools/build/ready
