# `make help` lists what can be made. BoringSSL is compiled once: every cargo command
# here uses the release profile.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=

CARGO ?= cargo
CFLAGS ?= -O2

# BoringSSL is faster from clang than from gcc, by a tenth in a full handshake. Looked for by each
# recipe anew, because the first one may install it, and another compiler is another build.
clang = $(and $(shell command -v clang),$(shell command -v clang++))
ifeq ($(origin CC),default)
  CC = $(if $(clang),clang,cc)
endif
ifeq ($(origin CXX),default)
  CXX = $(if $(clang),clang++,g++)
endif
export CC CXX

version := $(shell sed -n 's/^version *= *"\(.*\)"/\1/p' Cargo.toml | head -n 1)
# What build.rs makes the soname from: 0.1 of 0.1.0, but 1 of 1.2.3.
abi := $(if $(filter 0.%,$(version)),$(basename $(version)),$(firstword $(subst ., ,$(version))))

# Built things by the names they have when installed; tests and bindings use them from here.
dist := target/dist
shared := libtlswrap.so.$(version) libtlswrap.so.$(abi) libtlswrap.so
chain := $(wildcard bindings/c/examples/chain.c bindings/c/examples/chain/*)

say = @printf '==> %s\n'
# On a terminal cargo shows how far it is; in a log that would be noise.
quiet := $(shell [ -t 2 ] || echo --quiet)

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup build build-tools library make-certs demo test test-tools bench fuzz fault tsan lint install uninstall clean

help: ## lists these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## installs what building and testing need and this machine lacks
	@tools/setup.sh test

build: $(dist)/libtlswrap.so.$(version) $(dist)/libtlswrap.a $(dist)/tlswrap-chain ## the shared and the static library, and the command tlswrap-chain

build-tools:
	@tools/setup.sh build

# Cargo knows best whether its files are up to date, so it is always asked.
library: build-tools
	@[ -e target/release/libtlswrap.so ] || printf '==> %s\n' 'Building the library: two to four minutes, the first time'
	@CARGO='$(CARGO)' tools/cargo-library.sh target/release/libtlswrap.json --release $(quiet)

target/release/libtlswrap.so target/release/libtlswrap.a: library
	@mkdir -p $(dist)

# Without the debug information, most of its size; it stays in target/release.
$(dist)/libtlswrap.so.$(version): target/release/libtlswrap.so
	@objcopy --strip-debug $< $@
	@ln -sf $(@F) $(dist)/libtlswrap.so.$(abi)
	@ln -sf libtlswrap.so.$(abi) $(dist)/libtlswrap.so

$(dist)/libtlswrap.a: target/release/libtlswrap.a tools/seal-static.sh tools/out-dir.sh src/bssl/cxx_shim.c src/bssl/record_buffers.cc
	$(say) 'Sealing the static library'
	@tools/seal-static.sh $< $@

# Linked with the static library, so that the command needs nothing beside it.
$(dist)/tlswrap-chain: $(chain) include/tlswrap.h $(dist)/libtlswrap.a
	$(say) 'Building tlswrap-chain'
	@$(CC) -std=c99 $(CPPFLAGS) $(CFLAGS) -Iinclude $(filter %.c,$(chain)) -o $@ \
		$(LDFLAGS) $(dist)/libtlswrap.a -lpthread -ldl -lm

# The maker of the certificates for demo and tests, before they need it: it takes a while.
make-certs: library
	@$(CARGO) build --release --example make-certs $(quiet)

demo: build make-certs ## shows what it is for: a server, and its certificate chain
	@tools/demo.sh

test: test-tools build make-certs ## runs every test of every part
	$(say) 'Testing; the logs are in target/test-logs'
	@tools/run-tests.sh

# What cannot be installed is not the end: tests that need it are skipped, and say so.
test-tools:
	@tools/setup.sh test || printf '==> %s\n' 'Going on without'

bench: library ## measures it side by side with plain BoringSSL, OpenSSL and rustls; ONLY=bulk, for a part
	$(say) 'Measuring: about a minute'
	@$(CARGO) bench $(quiet) --bench speed -- $(ONLY)

fuzz: library ## gives each entry rubbish for a minute (cargo-fuzz is needed)
	$(say) 'Fuzzing'
	@tools/fuzz.sh

fault: build make-certs ## lets allocations fail, descriptors run out, disks be full; some minutes
	$(say) 'Letting everything fail'
	@tests/fault/run.sh $(or $(STEP),1)

tsan: ## runs the tests of threads under ThreadSanitizer (nightly Rust and clang are needed)
	$(say) 'Looking for races: five minutes to build all of it anew, the first time'
	@tools/tsan.sh

lint: ## formatting and lints, without tests
	@tools/run-tests.sh format clippy scripts

# The files of an installation, and what has to be filled in for where they will be.
cmake := $(LIBDIR)/cmake/tlswrap
installed := $(addprefix $(LIBDIR)/,$(shared) libtlswrap.a pkgconfig/tlswrap.pc) $(INCLUDEDIR)/tlswrap.h \
	$(cmake)/tlswrap-config.cmake $(cmake)/tlswrap-config-version.cmake $(BINDIR)/tlswrap-chain
fill_in = sed -e 's,@VERSION@,$(version),g' -e 's,@ABI@,$(abi),g' -e 's,@PREFIX@,$(PREFIX),g' \
	-e 's,@LIBDIR@,$(LIBDIR:$(PREFIX)/%=$${prefix}/%),g' \
	-e 's,@INCLUDEDIR@,$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%),g' \
	-e "s,@INCLUDE_FROM_CMAKE@,$$(realpath -m --relative-to='$(cmake)' '$(INCLUDEDIR)'),g"
to := $(DESTDIR)

# Nothing is built that is there already: root, who often has no cargo, need not build.
install: ## copies all that was built to PREFIX (/usr/local), below DESTDIR if that is set
	@[ -e $(dist)/tlswrap-chain ] || $(MAKE) build
	$(say) 'Installing to $(to)$(PREFIX)'
	@install -d '$(to)$(BINDIR)' '$(to)$(INCLUDEDIR)' '$(to)$(LIBDIR)/pkgconfig' '$(to)$(cmake)'
	@install -m 755 $(dist)/tlswrap-chain '$(to)$(BINDIR)/'
	@install -m 644 include/tlswrap.h '$(to)$(INCLUDEDIR)/'
	@install -m 644 $(dist)/libtlswrap.a '$(to)$(LIBDIR)/'
	@cp -Pf $(addprefix $(dist)/,$(shared)) '$(to)$(LIBDIR)/'
	@$(fill_in) bindings/c/tlswrap.pc.in >'$(to)$(LIBDIR)/pkgconfig/tlswrap.pc'
	@for file in tlswrap-config tlswrap-config-version; do \
		$(fill_in) bindings/c/$$file.cmake.in >'$(to)$(cmake)'/$$file.cmake || exit; done
	@[ -n '$(to)' ] || [ "$$(id -u)" != 0 ] || ldconfig || true # so that the loader finds it at once

uninstall: ## removes what install copied, given the same PREFIX and DESTDIR
	$(say) 'Removing it from $(to)$(PREFIX)'
	@for file in $(installed); do rm -f '$(to)'"$$file"; done
	@rmdir '$(to)$(cmake)' 2>/dev/null || true

clean: ## removes everything built, BoringSSL too
	rm -rf target
