/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extract_fuzz: every reader of the extractor, in process, without the
 * sandbox.  The first byte picks the extension, the rest is the file.  What
 * comes out is checked as the server would: a frame that is wrong aborts.
 *
 * It is linked with extractor/ without main.c, so it is GPL like that program.
 * tests/fuzz/run builds and runs it; EXTRACT_FUZZ=md keeps every input's name
 * to one extension.
 */
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/utf8.h"
#include "extract/wire.h"
#include "extractor/charset.h"
#include "extractor/emit.h"
#include "extractor/input.h"
#include "extractor/library.h"
#include "extractor/serve.h"
#include "model/item_code.h"

#define FUZZ_TEXT_MAX (64 * MIB)
#define FUZZ_MEMBERS_MAX 1000u

static const char *const extensions[] = {"txt", "md", "html", "csv", "json",
    "jsonl", "xml", "rst", "c", "bin"};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct input input;
static struct emit emit;
static struct wire_frame last;
static unsigned ends;
static bool is_in_member;

static void
check_frame(const struct wire_frame *frame, const char *text)
{
	size_t len = frame->len;

	ASSERT(len <= BLOCK_BYTES_MAX);
	if (frame->type == WIRE_END)
		ends++;
	if (frame->type == WIRE_MEMBER) {
		ASSERT(!is_in_member && len > 0 && utf8_is_valid(text, len));
		is_in_member = true;
	} else if (frame->type == WIRE_MEMBER_END) {
		ASSERT(is_in_member);
		is_in_member = false;
	} else if (frame->type == WIRE_PROPERTY) {
		ASSERT(frame->kind > 0 && frame->kind < PROPERTY_COUNT);
		ASSERT(len > 0 && utf8_is_valid(text, len));
	}
	if (frame->type != WIRE_BLOCK)
		return;
	ASSERT(ends == 0 && !is_in_member && len > 0);
	ASSERT(frame->kind >= 1 && frame->kind < BLOCK_KIND_COUNT);
	ASSERT(frame->kind != BLOCK_HEADING ||
	    (frame->level >= 1 && frame->level <= SECTION_DEPTH_MAX));
	ASSERT((frame->flags & WIRE_FLAG_CONTINUED) == 0 ||
	    (last.type == WIRE_BLOCK && last.kind == frame->kind &&
		last.level == frame->level));
	ASSERT(memchr(text, '\0', len) == NULL);
	ASSERT(utf8_is_valid(text, len));
	last = *frame;
}

static int
check_write(void *arg, const char *bytes, size_t len)
{
	struct wire_frame frame;

	(void)arg;
	while (len > 0) {
		ASSERT(len >= sizeof(frame));
		memcpy(&frame, bytes, sizeof(frame));
		ASSERT(len >= sizeof(frame) + frame.len);
		check_frame(&frame, bytes + sizeof(frame));
		bytes += sizeof(frame) + frame.len;
		len -= sizeof(frame) + frame.len;
	}
	return 0;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	ASSERT(library_init(NULL) == 0);
	ASSERT(input_init(&input) == 0);
	ASSERT(emit_init(&emit, check_write, NULL) == 0);
	ASSERT(charset_init() == 0);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *extension = getenv("EXTRACT_FUZZ");
	char name[32];

	if (len == 0)
		return 0;
	if (extension == NULL)
		extension = extensions[data[0] %
		    (sizeof(extensions) / sizeof(extensions[0]))];
	(void)snprintf(name, sizeof(name), "fuzz.%.16s", extension);
	memset(&last, 0, sizeof(last));
	ends = 0;
	is_in_member = false;
	emit_start(&emit, 1, FUZZ_TEXT_MAX);
	emit_allow_members(&emit, FUZZ_MEMBERS_MAX, FUZZ_TEXT_MAX);
	ASSERT(input_open_memory(&input, (const char *)data + 1, len - 1) ==
	    0);
	ASSERT(serve_input(&input, name, &emit) == 0);
	ASSERT(ends == 1);
	return 0;
}
