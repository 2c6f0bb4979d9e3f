# SPDX-License-Identifier: Apache-2.0
# The words people expect. Meson does the work; see meson.build for what is built and how.

BUILD      ?= build
BUILD_ASAN ?= build-asan
BUILD_FUZZ ?= build-fuzz
PREFIX     ?= /usr/local
ROUNDS     ?= 100
PULLS      ?= 5
TARGET     ?= all
SECONDS    ?= 60

export BUILD BUILD_ASAN

.PHONY: all install demo check check-guest bench lint asan fuzz clean help
.DELETE_ON_ERROR:

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@scripts/install-deps --check build
	@meson setup --prefix='$(PREFIX)' $(BUILD)

$(BUILD_ASAN)/build.ninja:
	@meson setup -Dstatic=false -Db_sanitize=address,undefined $(BUILD_ASAN)

$(BUILD_FUZZ)/build.ninja:
	@CC=clang-16 meson setup -Dfuzz=true -Dstatic=false -Db_sanitize=address,undefined \
		$(BUILD_FUZZ)

install: all
	@meson configure $(BUILD) -Dprefix='$(PREFIX)'
	@DESTDIR='$(DESTDIR)' meson install -C $(BUILD)

demo:
	@scripts/install-deps build demo
	@$(MAKE) --no-print-directory all
	@scripts/demo

check:
	@scripts/install-deps build check
	@$(MAKE) --no-print-directory all $(BUILD_ASAN)/build.ninja
	@ninja -C $(BUILD_ASAN)
	@tests/guest/image >/dev/null
	@tests/run

check-guest:
	@scripts/install-deps build check
	@$(MAKE) --no-print-directory all
	@tests/guest/image >/dev/null
	@tests/run guest

asan:
	@scripts/install-deps build check
	@$(MAKE) --no-print-directory $(BUILD_ASAN)/build.ninja
	@ninja -C $(BUILD_ASAN)
	@tests/run asan

lint:
	@scripts/install-deps build check
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@tests/lint/run

fuzz:
	@scripts/install-deps build fuzz
	@$(MAKE) --no-print-directory $(BUILD_FUZZ)/build.ninja
	@scripts/fuzz '$(BUILD_FUZZ)' '$(TARGET)' '$(SECONDS)'

bench:
	@scripts/install-deps build bench
	@$(MAKE) --no-print-directory all
	@ROUNDS='$(ROUNDS)' bench/run
	@ROUNDS='$(ROUNDS)' bench/engine
	@ROUNDS='$(ROUNDS)' bench/ps
	@ROUNDS='$(ROUNDS)' bench/network
	@ROUNDS='$(ROUNDS)' PULLS='$(PULLS)' bench/image

clean:
	rm -rf $(BUILD) $(BUILD_ASAN) $(BUILD_FUZZ)

help:
	@echo 'make          build in $(BUILD)/'
	@echo 'make demo     install what is missing, build, run a container'
	@echo 'make check    install what the tests need, run them all'
	@echo 'make check-guest  those of them that boot a machine with cgroup v2 and systemd'
	@echo 'make install  PREFIX=$(PREFIX) DESTDIR='
	@echo 'make lint     the rules of the house'
	@echo 'make asan     the tests with address and undefined behaviour sanitizers'
	@echo 'make fuzz     look for inputs that break a parser; TARGET=$(TARGET) SECONDS=$(SECONDS)'
	@echo 'make bench    measure beside crun, runc and bubblewrap, and images beside podman, docker'
	@echo '              and umoci; ROUNDS=$(ROUNDS) PULLS=$(PULLS)'
	@echo 'make clean    remove what was built'
