# A thin front of Meson: `make help` lists what there is. CONTRIBUTING.md says more.

BUILD = build
CLANG_BUILD = build-clang
FUZZ_BUILD = build-fuzz
FUZZ_SECONDS = 20
PREFIX = /usr/local

SETUP = . packaging/setup.sh && build_tree
CONFIGURE = . packaging/setup.sh && configure_tree
C_FILES = $$(find src include examples tests fuzz bench -name '*.[ch]')
SHELL_FILES = $$(grep -rlE '^\#!/bin/(ba)?sh|^\# shellcheck shell' run test .ci examples fuzz packaging tests lab 2>/dev/null)
MANUALS = $(wildcard docs/man/*.[0-9])

.PHONY: build help check test bench checks pictures demo fuzz lint lint-format lint-tidy lint-cppcheck lint-shell lint-man \
	format man install prove-library prove-bare clean

build: ## build everything into ./build (the default)
	@$(SETUP) $(BUILD)

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

check: build ## build, and run the unit tests
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs

test: ## everything that ./test does: set-up, sanitizers, end-to-end tests
	@./test

bench: build ## speed and memory beside the limits of the machine; BENCH="--long", "--help" and so on
	@ninja -C $(BUILD) bench-programs
	@bench/run $(BUILD) $(BENCH)

checks: build ## make docs/checks.md anew from the table of checks
	@$(BUILD)/src/cli/waxwing check --list --markdown > docs/checks.md.new && mv docs/checks.md.new docs/checks.md

pictures: build ## make the pictures of docs/check.md anew, in the lab
	@lab/lab up --checks -- docs/pictures/make $(BUILD)

demo: build ## five deliveries through the lab, explained on screen
	@lab/demo

fuzz: ## build the fuzz targets with clang and run each for FUZZ_SECONDS
	@CC=clang; export CC; $(SETUP) $(FUZZ_BUILD) -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
	@fuzz/run $(FUZZ_BUILD) $(FUZZ_SECONDS)

lint: lint-format lint-tidy lint-cppcheck lint-shell lint-man ## everything that looks at the code without running it

lint-format: ## clang-format finds nothing to change
	@clang-format --dry-run -Werror $(C_FILES)

lint-tidy: ## clang-tidy, and what clang warns of
	@CC=clang; export CC; $(CONFIGURE) $(CLANG_BUILD)
	@tests/tidy $(CLANG_BUILD)

lint-cppcheck: ## cppcheck
	@cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem --suppress=arrayIndexThenCheck -j 2 -I src -I include \
		--include=/usr/include/$$(gcc -print-multiarch)/sys/queue.h -D_GNU_SOURCE src examples fuzz bench

lint-shell: ## shellcheck of all scripts
	@shellcheck -x $(SHELL_FILES)

lint-man: ## mandoc reads the manual pages without a complaint
	@mandoc -Tlint -Wwarning $(MANUALS)

format: ## let clang-format change the files
	@clang-format -i $(C_FILES)

man: ## read the manual pages
	@man $(MANUALS)

install: ## build, and install below PREFIX
	@$(SETUP) $(BUILD)
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@meson install -C $(BUILD)

prove-library: build ## prove that libwaxwing serves in bare trees of Debian 12 and 13 (as root)
	@packaging/prove-library all $(BUILD)

prove-bare: ## prove ./run and ./test in bare trees of Debian 12 and 13 (as root)
	@packaging/prove-bare all

clean: ## remove all that was built
	@rm -rf $(BUILD) build-sanitized $(CLANG_BUILD) $(FUZZ_BUILD)
