# Everything that is built and run here. `make help` lists the targets.
#
# Objects lie in BUILD/VARIANT: the variant is the compiler's name for what is released, and asan,
# fuzz or cov for the instrumented builds. The programs themselves always lie in BUILD.

BUILD ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
VARIANT ?= $(notdir $(CC))
SECONDS_EACH ?= 60
O := $(BUILD)/$(VARIANT)

JOBS := $(shell n=$$(nproc); [ $$n -gt 2 ] && n=2; echo $$n)
ifeq ($(filter -j% --jobserver%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(JOBS)
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := programs

# ---- Compilers -----------------------------------------------------------------------------------

WARN := -Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
	-Wcast-align -Wwrite-strings -Wpointer-arith -Wredundant-decls -Wundef -Wvla -Wformat=2 \
	-Wdouble-promotion -Wfloat-equal -Wnull-dereference -Wswitch-enum -Wimplicit-fallthrough
WARN_C := -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wnested-externs \
	-Wbad-function-cast
WARN_GCC := -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wformat-signedness \
	-Wformat-overflow=2 -Wformat-truncation=2 -Wstringop-overflow=4 -Walloca -Wtrampolines \
	-Warray-bounds=2 -Wcast-align=strict -Wbidi-chars=any -Warith-conversion
WARN_GCC_C := -Wjump-misses-init
WARN_CLANG := -Wshorten-64-to-32 -Wimplicit-int-conversion -Wcomma -Wassign-enum \
	-Wconditional-uninitialized -Wmissing-variable-declarations -Wunreachable-code-aggressive \
	-Wloop-analysis -Wformat-non-iso -Wreserved-identifier

CF_PROTECTION := $(if $(filter x86_64 i%86,$(shell uname -m)),-fcf-protection=full)
RELEASE := -O2 -g -fPIE -fno-common -fstack-protector-strong -fstack-clash-protection \
	$(CF_PROTECTION) -ftrivial-auto-var-init=pattern -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing \
	-Wframe-larger-than=16384
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# The instrumented builds are clang's, whatever the release is compiled with. Coverage finds a
# quiet assert first: the arm on which an assertion fails is no code that a test could reach.
ifeq ($(VARIANT),asan)
override CC := clang-14
MODE := $(SANITIZE)
LINK := $(SANITIZE)
else ifeq ($(VARIANT),fuzz)
override CC := clang-14
MODE := $(SANITIZE) -fsanitize=fuzzer-no-link
LINK := $(SANITIZE)
else ifeq ($(VARIANT),cov)
override CC := clang-14
MODE := -O0 -g -fprofile-instr-generate -fprofile-update=atomic -fcoverage-mapping -Itests/coverage
LINK := -fprofile-instr-generate
# Files that no test needs must count as not covered, so they are linked all the same.
WHOLE = -Wl,--whole-archive $(PROTOCOL) -Wl,--no-whole-archive
else
MODE := $(RELEASE)
LINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
endif

ifneq ($(findstring clang,$(CC)),)
WARN += $(WARN_CLANG)
# What only an assertion calls is not called under the quiet one.
WARN += $(if $(filter cov,$(VARIANT)),-Wno-unused-function -Wno-unused-variable \
	-Wno-unused-parameter -Wno-unused-but-set-variable)
else
WARN += $(WARN_GCC)
WARN_C += $(WARN_GCC_C)
endif

# The same bytes wherever they are built: the debugger's notes name files from here on, and the folder
# itself is a dot (not for coverage, whose report looks for the files). tests/twice.
HERE := $(if $(filter cov,$(VARIANT)),,-ffile-prefix-map=$(CURDIR)=.) -ffile-prefix-map=$(CURDIR)/=
COMMON := -I. -D_POSIX_C_SOURCE=200809L $(HERE) -MMD -MP $(MODE) $(WARN)
CFLAGS_ALL := -std=c11 $(COMMON) $(WARN_C) $(CFLAGS)
# The headers of the barcode reader are C++17; vptr checks would need its own run-time type data.
CXXFLAGS_ALL := -std=c++17 $(COMMON) $(if $(findstring fsanitize,$(MODE)),-fno-sanitize=vptr)
LDFLAGS_ALL := $(LINK) -Wl,--as-needed $(LDFLAGS)
LIBS := -lcbor -lsodium -llmdb -lmicrohttpd -lcurl -ljansson -lqrencode -lpng -lzbar -lZXing -lstdc++ -pthread

# ---- Sources -------------------------------------------------------------------------------------

MAINS := ledger/main.c merchant/main.c merchant/scan_main.c wallet/main.c
# What of protocol/ may touch heap and system; all the rest goes into the page as well.
IMPURE := protocol/qr.c protocol/reader.c protocol/file.c protocol/keyfile.c protocol/command.c
PURE := $(filter-out $(IMPURE),$(wildcard protocol/*.c))

objects = $(patsubst %,$(O)/%.o,$(basename $(1)))
sources = $(filter-out $(MAINS),$(wildcard $(1)/*.c $(1)/*.cpp))

PROTOCOL := $(O)/libprotocol.a
LEDGER := $(O)/libledger.a
MERCHANT := $(O)/libmerchant.a
WALLET := $(O)/libwallet.a
TESTS := $(O)/libtests.a
LIBRARIES := $(TESTS) $(WALLET) $(MERCHANT) $(LEDGER) $(PROTOCOL)

PROGRAMS := $(if $(wildcard ledger/main.c),ledger) $(if $(wildcard merchant/main.c),merchant) \
	$(if $(wildcard wallet/main.c),wallet) $(if $(wildcard merchant/scan_main.c),scan)
UNITS := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/test_*.c))
CRASHES := $(patsubst tests/crash/%.c,$(O)/tests/crash/%,$(wildcard tests/crash/*.c))
BENCHES := $(patsubst tests/bench/%.c,$(O)/tests/bench/%,$(wildcard tests/bench/*.c))
AGREE := $(O)/tests/wasm/agree
VECTORS := $(if $(wildcard tests/vectors/*.c),$(O)/tests/vectors/make)
HARNESSES := $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c))
REPLAYS := $(addprefix $(O)/fuzz/replay_,$(HARNESSES))
FUZZERS := $(addprefix $(O)/fuzz/fuzzer_,$(HARNESSES))

# ---- Building ------------------------------------------------------------------------------------

.PHONY: programs
programs: $(addprefix $(O)/bin/,$(PROGRAMS)) ## build/ledger, merchant, wallet and scan (default)
	@for p in $(PROGRAMS); do ln -fT $(O)/bin/$$p $(BUILD)/$$p || exit 1; done

$(O)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(QUIET)$(CC) $(CFLAGS_ALL) $(EXTRA_CFLAGS) -c -o $@ $<

$(O)/%.o: %.cpp Makefile
	@mkdir -p $(@D)
	$(QUIET)$(CC) $(CXXFLAGS_ALL) -c -o $@ $<

# Tests may keep more on the stack than programs.
$(O)/tests/%.o $(O)/fuzz/%.o: EXTRA_CFLAGS := -Itests -Wframe-larger-than=262144

$(PROTOCOL): $(call objects,$(call sources,protocol))
$(LEDGER): $(call objects,$(call sources,ledger))
$(MERCHANT): $(call objects,$(call sources,merchant))
$(WALLET): $(call objects,$(call sources,wallet))
$(TESTS): $(call objects,$(wildcard tests/*.c))
$(O)/lib%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcD $@ $^ && ranlib -D $@

# The name of what is made, then the command only if it is asked for with V=1.
QUIET = $(if $(V),,@echo "  $(VARIANT) $$(echo $@ | sed 's|^$(O)/||')"; )
link = $(QUIET)mkdir -p $(@D) && $(CC) $(LDFLAGS_ALL) -o $@ $(1) $(LIBS)

$(O)/bin/ledger: $(O)/ledger/main.o $(LEDGER) $(PROTOCOL)
	$(call link,$^)
$(O)/bin/merchant: $(O)/merchant/main.o $(MERCHANT) $(LEDGER) $(PROTOCOL)
	$(call link,$^)
$(O)/bin/wallet: $(O)/wallet/main.o $(WALLET) $(LEDGER) $(PROTOCOL)
	$(call link,$^)
$(O)/bin/scan: $(call objects,$(wildcard merchant/scan*.c merchant/scan*.cpp)) $(PROTOCOL)
	$(call link,$^)

$(O)/tests/unit/%: $(O)/tests/unit/%.o $(LIBRARIES)
	$(call link,$(WHOLE) $(WRAP) $^ -ljansson)
# In this one program, these calls of our own code end in tests/faulty.c.
FAULTY := open read __read_chk write close fsync fstat mkstemp link unlink tcsetattr pipe waitpid \
	posix_spawn_file_actions_init posix_spawn_file_actions_addopen \
	posix_spawn_file_actions_adddup2 posix_spawnattr_init posix_spawnattr_setsigmask \
	posix_spawnattr_setsigdefault posix_spawnattr_setflags \
	sodium_init crypto_pwhash cbor_stream_decode QRinput_new2 QRinput_append \
	QRcode_encodeInput png_create_write_struct png_create_info_struct png_write_row
$(O)/tests/unit/test_faults: WRAP := $(FAULTY:%=-Wl,--wrap=%)
$(O)/tests/crash/%: $(O)/tests/crash/%.o $(LIBRARIES)
	$(call link,$^ -ldl)
$(O)/tests/bench/%: $(O)/tests/bench/%.o $(LIBRARIES)
	$(call link,$^)
$(O)/tests/vectors/make: $(call objects,$(wildcard tests/vectors/*.c)) \
	$(LIBRARIES)
	$(call link,$^)
$(AGREE): $(AGREE).o $(call objects,$(filter-out %/core.c,$(wildcard wallet/web/*.c))) \
	$(TESTS) $(PROTOCOL)
	$(call link,$^)
$(O)/fuzz/replay_%: $(O)/fuzz/fuzz_%.o $(O)/fuzz/replay.o $(LIBRARIES)
	$(call link,$^)
$(O)/fuzz/fuzzer_%: $(O)/fuzz/fuzz_%.o $(LIBRARIES)
	$(call link,-fsanitize=fuzzer $^)

# What the drivers ask for; VARIANT chooses how it is compiled.
.PHONY: units crashes benches replays fuzzers objects vector-maker agree
vector-maker: $(VECTORS)
agree: $(AGREE)
units: $(UNITS) $(addprefix $(O)/bin/,$(filter scan,$(PROGRAMS)))
crashes: $(CRASHES)
benches: $(BENCHES)
replays: $(REPLAYS)
fuzzers: $(FUZZERS)
objects: $(PROTOCOL) $(LEDGER) $(MERCHANT) $(WALLET)

# ---- Running -------------------------------------------------------------------------------------

export BUILD CC SECONDS_EACH
export GATE_CC := $(CC)
export GATE_CFLAGS := $(filter-out -MMD -MP,$(CFLAGS_ALL))
DRIVER := MAKE="$(MAKE)" tests/run-tests

.PHONY: run check test test-all coverage fuzz corpus model vectors wasm bench crash
run: ## set up (asks first), build, and play a day in town; ONCE=1 asks nothing
	@$(if $(ONCE),YES=1) tests/setup run
	@$(MAKE) programs
	@tests/day
check: ## set up like test; then gates, units and corpus replay, before a commit (about 90 s)
	@$(DRIVER) check
test: ## the whole suite; installs what it needs and asks nothing (under 25 minutes)
	@$(DRIVER) test
test-all: ## the suite with all of valgrind, long crash tests, fuzzing and coverage (hours)
	@$(DRIVER) all
coverage: ## lines and branches of protocol/ that the units reach, against tests/coverage.floor
	@$(DRIVER) coverage
fuzz: ## every harness for SECONDS_EACH=60 seconds
	@$(DRIVER) fuzz
corpus: fuzzers-built ## take what fuzzing found into fuzz/corpus, minimised
	@for h in $(HARNESSES); do mkdir -p $(BUILD)/fuzz/$$h/corpus fuzz/corpus/$$h; \
	$(BUILD)/fuzz/fuzz/fuzzer_$$h -merge=1 fuzz/corpus/$$h $(BUILD)/fuzz/$$h/corpus || exit 1; \
	done
model: ## check the model of offline payment with Spin
	@$(DRIVER) model
crash: ## long runs of kills, power cuts and failing system calls
	@LONG=1 $(DRIVER) crash
bench: benches ## measure; prints `bench NAME VALUE UNIT`
	@for b in $(BENCHES); do $$b || exit 1; done
vectors: $(VECTORS) ## write tests/vectors/*.json anew
	@$(VECTORS) tests/vectors
wasm: ## build/core.wasm, the protocol for the page, from pinned sources
	@tests/wasm/build $(BUILD)/core.wasm $(PURE) $(wildcard wallet/web/*.c)

.PHONY: fuzzers-built
fuzzers-built:
	@$(MAKE) VARIANT=fuzz fuzzers

# ---- Installing ----------------------------------------------------------------------------------

PREFIX ?= /usr
SYSCONFDIR ?= /etc
BINDIR = $(DESTDIR)$(PREFIX)/bin
MANDIR = $(DESTDIR)$(PREFIX)/share/man/man1
UNITDIR = $(DESTDIR)$(PREFIX)/lib/systemd/system
USERDIR = $(DESTDIR)$(PREFIX)/lib/sysusers.d
CONFIG = $(DESTDIR)$(SYSCONFDIR)/schwebe/ledger.conf
PAGES := $(wildcard ledger/*.1 merchant/*.1 wallet/*.1)
UNIT := schwebe-ledger.service

.PHONY: install uninstall
install: programs ## programs, man pages, configuration and unit to DESTDIR, below PREFIX=/usr
	install -d $(BINDIR) $(MANDIR) $(UNITDIR) $(USERDIR) $(dir $(CONFIG))
	install -m 755 $(addprefix $(O)/bin/,$(PROGRAMS)) $(BINDIR)
	install -m 644 $(PAGES) $(MANDIR)
	sed 's|/usr/bin/ledger|$(PREFIX)/bin/ledger|; s|/etc/schwebe|$(SYSCONFDIR)/schwebe|' \
		ledger/$(UNIT) >$(UNITDIR)/$(UNIT)
	chmod 644 $(UNITDIR)/$(UNIT)
	install -m 644 ledger/schwebe.sysusers $(USERDIR)/schwebe.conf
	[ -e $(CONFIG) ] || install -m 644 ledger/schwebe.conf $(CONFIG)
uninstall: ## remove them again; a changed configuration and all data stay
	rm -f $(addprefix $(BINDIR)/,$(PROGRAMS)) $(addprefix $(MANDIR)/,$(notdir $(PAGES)))
	rm -f $(UNITDIR)/$(UNIT) $(USERDIR)/schwebe.conf
	! cmp -s ledger/schwebe.conf $(CONFIG) || rm $(CONFIG)
	rmdir $(dir $(CONFIG)) 2>/dev/null || true

.PHONY: help clean format
format: ## lay out all C files by .clang-format
	clang-format-14 -i $$(find protocol ledger merchant wallet tests fuzz -name '*.[ch]')
clean: ## remove all that was built
	rm -rf $(BUILD)
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | \
	awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

-include $(shell [ -d $(O) ] && find $(O) -name '*.d')
