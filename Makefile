# Tidemark: one file, no generator.
#
#   make            build/tidemark and build/tidemark-extract
#   make run        install what is missing, build, serve, index samples/
#   make test       install what is missing, build with sanitizers, run all
#   make check      the inner loop: style, layers, unit tests
#   make install    under PREFIX (DESTDIR is respected)
#   make deb        a Debian package in build/
#
# O is the folder that is built into; VARIANT picks the flags:
# release (default), san (AddressSanitizer + UBSan), tsan, fuzz, cov.

VARIANT ?= release
O ?= $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))
PREFIX ?= /usr/local
CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif

LIBS := libmicrohttpd jansson sqlite3 icu-uc icu-i18n libcurl libcrypto \
	libxxhash inih zlib libsodium
EXTRACT_LIBS := libxml-2.0 uchardet libmagic libseccomp icu-uc md4c \
	libzip libarchive zlib poppler-glib gio-2.0 fontconfig
TEST_LIBS := cmocka

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	-Wwrite-strings -Wcast-qual -Wvla -Wformat=2 -Wundef \
	-Wimplicit-fallthrough
# Developers and CI stop at a warning; users' builds do not.
ifdef DEVELOPER
WARN += -Werror
endif

OPT_release := -O2 -g
OPT_san := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -DSANITIZED
OPT_tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer -DSANITIZED
OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer -DSANITIZED
OPT_cov := -O0 -g --coverage

CFLAGS ?= $(OPT_$(VARIANT))
CPPFLAGS += -Isrc -D_GNU_SOURCE \
	-include base/banned.h
ALL_CFLAGS = -std=c11 $(CFLAGS) $(WARN) -pthread -fstack-protector-strong
# Library headers as system headers: their warnings are not ours.
PKG_CFLAGS := $(subst -I,-isystem ,$(shell pkg-config --cflags $(LIBS) 2>/dev/null))
EXTRACT_CFLAGS := $(subst -I,-isystem ,$(shell pkg-config --cflags $(EXTRACT_LIBS) 2>/dev/null))
# wslay and libstemmer come without a file for pkg-config.
PKG_LIBS := $(shell pkg-config --libs $(LIBS) 2>/dev/null) -lwslay -lstemmer
EXTRACT_PKG_LIBS := $(shell pkg-config --libs $(EXTRACT_LIBS) 2>/dev/null)

SRC := $(filter-out src/cmd/main.c,$(wildcard src/*/*.c src/*/*/*.c))
SQL := $(sort $(wildcard src/store/migrate/*.sql))
OPENAPI := $(sort $(wildcard docs/api/*.yaml))
WEB := $(sort $(foreach kind,css html js json png svg,\
	$(wildcard src/web/page/*.$(kind))))
# The extractor shares floor 0 and the block's layout with the server.
EXTRACT_SRC := $(wildcard extractor/*.c) $(wildcard src/base/*.c) \
	src/model/item_code.c src/model/property.c
UNIT := $(wildcard tests/unit/*_test.c)
FAULT := $(wildcard tests/fault/*_test.c)

OBJ := $(SRC:%.c=$O/obj/%.o) $(SQL:%.sql=$O/obj/%.sql.o) \
	$O/obj/docs/api/openapi_files.o $O/obj/src/api/cognee/page.o \
	$O/obj/src/web/web_files.o
EXTRACT_OBJ := $(EXTRACT_SRC:%.c=$O/obj/x/%.o)
UNIT_BIN := $(UNIT:%.c=$O/%)
FAULT_BIN := $(FAULT:%.c=$O/%)
BENCH_BIN := $(patsubst %.c,$O/%,$(wildcard bench/*.c)) $O/bench/xapian_bench

# One short line for each file; V=1 shows the commands.
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-4s %s\n' $(1) $@
endif

.PHONY: all run test check tests clean install install-deps style bench \
	bench-memory bench-programs bench-quality soak fuzz deb screenshots
all: $O/tidemark $O/tidemark-extract

$O/tidemark: $O/obj/src/cmd/main.o $O/libtidemark.a
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

$O/tidemark-extract: $(EXTRACT_OBJ)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(EXTRACT_PKG_LIBS) -lm

# With a reader that attacks its own sandbox; for tests, never installed.
$O/tests/tidemark-extract-hostile: $O/obj/x/tests/hostile/hostile.o \
	$(EXTRACT_OBJ)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Wl,--wrap=format_tell -o $@ $^ \
		$(EXTRACT_PKG_LIBS) -lm
$O/tests/unit/extract_walls_test: | $O/tests/tidemark-extract-hostile

$O/libtidemark.a: $(OBJ)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^

$O/obj/x/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) -DBANNED_WITH_GLIB -I. $(EXTRACT_CFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$O/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# A migration becomes a string in the binary: migrate_0001_base_sql.
$O/obj/src/store/migrate/%.sql.o: src/store/migrate/%.sql
	@mkdir -p $(@D)
	@{ printf 'extern const char migrate_%s_sql[];\nconst char migrate_%s_sql[] =\n' $* $*; \
	  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $<; echo ';'; } > $(@:.o=.c)
	$(call say,CC)
	$(Q)$(CC) -std=c11 $(CFLAGS) -c -o $@ $(@:.o=.c)

# The descriptions of the interfaces become one table, see http/openapi.h.
# GNU C: there "??/" is what it looks like.
$O/obj/docs/api/openapi_files.o: $(OPENAPI) src/http/openapi.h
	@mkdir -p $(@D)
	@{ echo '#include "http/openapi.h"'; \
	  for file in $(OPENAPI); do \
	    printf 'static const char %s_text[] =\n' "$$(basename $$file .yaml)"; \
	    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $$file; \
	    echo ';'; \
	  done; \
	  echo 'const struct openapi_file openapi_files[] = {'; \
	  for file in $(OPENAPI); do \
	    name=$$(basename $$file .yaml); \
	    echo "{\"$$name.yaml\", $${name}_text, sizeof($${name}_text) - 1},"; \
	  done; \
	  echo '{0}};'; } > $(@:.o=.c)
	$(call say,CC)
	$(Q)$(CC) -std=gnu11 -Isrc $(CFLAGS) -c -o $@ $(@:.o=.c)

# A page becomes strings, see api/cognee/cognee_page.h.  GNU C, as above.
$O/obj/src/api/cognee/page.o: $(wildcard src/api/cognee/page/*) tools/join_page
	@mkdir -p $(@D)
	@tools/join_page cognee_page src/api/cognee/page > $(@:.o=.c)
	$(call say,CC)
	$(Q)$(CC) -std=gnu11 $(CFLAGS) -c -o $@ $(@:.o=.c)

# The dashboard, as it is, see web/web.h.
$O/obj/src/web/web_files.o: $(WEB) tools/embed_files src/web/web.h
	@mkdir -p $(@D)
	@tools/embed_files $(WEB) > $(@:.o=.c)
	$(call say,CC)
	$(Q)$(CC) -std=c11 -Isrc $(CFLAGS) -c -o $@ $(@:.o=.c)

$O/tests/%_test: $O/obj/tests/%_test.o $O/libtidemark.a
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka -lm

$O/bench/%: $O/obj/bench/%.o $O/libtidemark.a
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

# A peer that is measured, under a licence of its own: linked with nothing of
# ours.
$O/bench/xapian_bench: bench/xapian_bench.cc
	@mkdir -p $(@D)
	$(call say,CXX)
	$(Q)$(CXX) -std=c++11 -O2 -g -Wall -Wextra -o $@ $< -lxapian

# The two places where malloc may be called by its name.
$O/obj/src/base/mem.o $O/obj/x/src/base/mem.o $O/obj/x/extractor/memory.o: \
	CPPFLAGS += -DBANNED_OFF

# Poppler's headers have a word in them that is banned.
$O/obj/x/extractor/pdf_%.o: CPPFLAGS += -DBANNED_WITH_POPPLER
$O/obj/x/extractor/read_pdf.o: CPPFLAGS += -DBANNED_WITH_POPPLER

tests: $(UNIT_BIN) $(FAULT_BIN) $O/tests/tidemark-extract-hostile
bench-programs: all $(BENCH_BIN)

run:
	@tools/install_deps run
	@$(MAKE) --no-print-directory -s -j2 all
	@tools/run_samples

test:
	@tools/install_deps test
	@tools/run_tests all

check:
	@tools/run_tests quick

style:
	@tools/check_style
	@tools/check_layers

bench:
	@tools/install_deps bench
	@$(MAKE) --no-print-directory -s -j2 bench-programs
	@TIDEMARK_BUILD=$O bench/run

# How good what is found is; nothing is downloaded.
bench-quality: all
	@TIDEMARK_BUILD=$O bench/run quality

# Pictures of the dashboard, into docs/images.
screenshots:
	@tools/install_deps test
	@$(MAKE) --no-print-directory -s -j2 all
	@[ -d tests/flow/node_modules/playwright-core ] || \
		(cd tests/flow && npm ci --loglevel=error)
	@TIDEMARK_BUILD=$O tools/take_screenshots

# Minutes, and 6 GB below build/: not part of `make bench`.
bench-memory:
	@tools/install_deps bench
	@$(MAKE) --no-print-directory -s -j2 bench-programs
	@TIDEMARK_BUILD=$O bench/run memory

soak: all
	@tests/crash/run soak

# FUZZ_SECONDS for each target.
FUZZ_SECONDS ?= 60
fuzz:
	@tools/install_deps test
	@tests/fuzz/run $(FUZZ_SECONDS)

# Built for itself, with what Debian hardens its programs by.
deb:
	@tools/install_deps deb
	@$(MAKE) --no-print-directory -s -j2 O=build/deb \
		CFLAGS="$(OPT_release) -D_FORTIFY_SOURCE=2" \
		LDFLAGS="-Wl,-z,relro,-z,now" all
	@packaging/deb/build build/deb build

# What the program prints itself, below share/.
made = $O/tidemark $(1) | install -D -m 644 /dev/stdin \
	$(DESTDIR)$(PREFIX)/share/$(2)
install: all
	install -D -m 755 $O/tidemark $(DESTDIR)$(PREFIX)/bin/tidemark
	install -D -m 755 $O/tidemark-extract $(DESTDIR)$(PREFIX)/bin/tidemark-extract
	$(call made,completion bash,bash-completion/completions/tidemark)
	$(call made,completion zsh,zsh/vendor-completions/_tidemark)
	$(call made,completion fish,fish/vendor_completions.d/tidemark.fish)
	$(call made,man tidemark.1,man/man1/tidemark.1)
	$(call made,man tidemark.ini.5,man/man5/tidemark.ini.5)

clean:
	rm -rf build

-include $(shell find $O/obj -name '*.d' 2>/dev/null)
