/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extract_fuzz: every reader of the extractor, in process, without the
 * sandbox.  An input is a file, as it is; a first line "@name" is the name
 * that it comes under, for the formats that are told by it.  Documents inside
 * of it are read as well, as the server would have them read.  What comes out
 * is checked as the server would: a frame that is wrong aborts.
 *
 * It is linked with extractor/ without main.c, so it is GPL like that program.
 * tests/fuzz/run builds and runs it; EXTRACT_FUZZ=md gives every input that
 * extension.
 */
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "extract/wire.h"
#include "extractor/charset.h"
#include "extractor/emit.h"
#include "extractor/input.h"
#include "extractor/library.h"
#include "extractor/serve.h"
#include "model/item_code.h"
#include "tests/fuzz/extract_mutate.h"

#define FUZZ_TEXT_MAX (64 * MIB)
#define FUZZ_MEMBERS_MAX 1000u
/* Of the documents inside, as many are read, and from as deep: beyond that
 * inputs would be slow rather than new. */
#define FUZZ_DEPTH_MAX 3u
#define FUZZ_READ_MAX 4u
#define FUZZ_READ_BYTES_MAX (256 * KIB)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct member {
	char name[NAME_BYTES_MAX + 1];
	struct buf bytes;
};

/* One document under way, or one inside of it. */
struct level {
	struct input input;
	struct emit emit;
	struct wire_frame last;
	unsigned ends, metas;
	uint32_t properties;
	bool is_in_member;
	unsigned members; /* to be read */
	struct member member[FUZZ_READ_MAX];
};

static struct level levels[FUZZ_DEPTH_MAX];

/* One line of words, as the server wants them. */
static bool
is_words(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20)
			return false;
	return utf8_is_valid(text, len);
}

static void
check_member(struct level *level, const struct wire_frame *frame,
    const char *text)
{
	struct member *member = &level->member[level->members];
	bool is_kept = level->members < FUZZ_READ_MAX;

	ASSERT(level->is_in_member == (frame->type != WIRE_MEMBER));
	level->is_in_member = frame->type != WIRE_MEMBER_END;
	if (frame->type == WIRE_MEMBER) {
		ASSERT(frame->len > 0 && frame->len <= UPLOAD_NAME_BYTES_MAX);
		ASSERT(is_words(text, frame->len));
		if (!is_kept)
			return;
		buf_clear(&member->bytes);
		(void)snprintf(member->name, sizeof(member->name), "%.*s",
		    (int)frame->len, text);
		utf8_trim(member->name);
	} else if (frame->type == WIRE_MEMBER_BYTES) {
		ASSERT(frame->len > 0);
		/* Of a long one there is the beginning. */
		if (is_kept)
			(void)buf_put(&member->bytes, text, frame->len);
	} else {
		ASSERT(frame->len >= sizeof(struct wire_member_end));
		ASSERT(is_words(text + sizeof(struct wire_member_end),
		    frame->len - sizeof(struct wire_member_end)));
		if (is_kept && member->bytes.len > 0)
			level->members++;
	}
}

static void
check_block(struct level *level, const struct wire_frame *frame,
    const char *text)
{
	ASSERT(level->metas == 0 && !level->is_in_member && frame->len > 0);
	ASSERT(frame->kind >= 1 && frame->kind < BLOCK_KIND_COUNT);
	ASSERT(frame->kind != BLOCK_HEADING ||
	    (frame->level >= 1 && frame->level <= SECTION_DEPTH_MAX));
	ASSERT((frame->flags & ~WIRE_FLAG_CONTINUED) == 0);
	ASSERT((frame->flags & WIRE_FLAG_CONTINUED) == 0 ||
	    (level->last.type == WIRE_BLOCK &&
		level->last.kind == frame->kind &&
		level->last.level == frame->level));
	ASSERT(memchr(text, '\0', frame->len) == NULL);
	ASSERT(utf8_is_valid(text, frame->len));
	level->last = *frame;
}

static void
check_property(struct level *level, const struct wire_frame *frame,
    const char *text)
{
	ASSERT(level->metas == 0 && !level->is_in_member);
	ASSERT(frame->kind > 0 && frame->kind < PROPERTY_COUNT);
	ASSERT((level->properties & 1u << frame->kind) == 0);
	level->properties |= 1u << frame->kind;
	ASSERT(frame->len > 0 && frame->len <= PROPERTY_BYTES_MAX);
	ASSERT(is_words(text, frame->len));
}

static void
check_frame(struct level *level, const struct wire_frame *frame,
    const char *text)
{
	ASSERT(frame->len <= BLOCK_BYTES_MAX && level->ends == 0);
	switch ((enum wire_type)frame->type) {
	case WIRE_BLOCK:
		check_block(level, frame, text);
		break;
	case WIRE_PROPERTY:
		check_property(level, frame, text);
		break;
	case WIRE_MEMBER:
	case WIRE_MEMBER_BYTES:
	case WIRE_MEMBER_END:
		ASSERT(level->metas == 0);
		check_member(level, frame, text);
		break;
	case WIRE_META:
		level->metas++;
		ASSERT(frame->len >= sizeof(struct wire_meta));
		ASSERT(is_words(text + sizeof(struct wire_meta),
		    frame->len - sizeof(struct wire_meta)));
		break;
	case WIRE_END:
		level->ends++;
		ASSERT(level->metas == 1 && !level->is_in_member);
		ASSERT(frame->len >= sizeof(struct wire_end));
		ASSERT(is_words(text + sizeof(struct wire_end),
		    frame->len - sizeof(struct wire_end)));
		break;
	case WIRE_ALIVE:
		ASSERT(frame->len == 0);
		break;
	case WIRE_HELLO:
	case WIRE_TYPE_COUNT:
		ASSERT(false);
	}
}

static int
check_write(void *arg, const char *bytes, size_t len)
{
	struct wire_frame frame;

	while (len > 0) {
		ASSERT(len >= sizeof(frame));
		memcpy(&frame, bytes, sizeof(frame));
		frame.len = le32toh(frame.len);
		ASSERT(len >= sizeof(frame) + frame.len);
		check_frame(arg, &frame, bytes + sizeof(frame));
		bytes += sizeof(frame) + frame.len;
		len -= sizeof(frame) + frame.len;
	}
	return 0;
}

static void
level_init(struct level *level)
{
	size_t i;

	ASSERT(input_init(&level->input) == 0);
	ASSERT(emit_init(&level->emit, check_write, level) == 0);
	for (i = 0; i < FUZZ_READ_MAX; i++)
		buf_init(&level->member[i].bytes, FUZZ_READ_BYTES_MAX);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	size_t i;

	(void)argc;
	(void)argv;
	ASSERT(library_init(NULL) == 0);
	ASSERT(charset_init() == 0);
	for (i = 0; i < FUZZ_DEPTH_MAX; i++)
		level_init(&levels[i]);
	return 0;
}

static void
read_one(unsigned depth, const char *name, const char *bytes, size_t len)
{
	struct level *level = &levels[depth];

	memset(&level->last, 0, sizeof(level->last));
	level->ends = level->metas = level->members = 0;
	level->properties = 0;
	level->is_in_member = false;
	emit_start(&level->emit, 1, FUZZ_TEXT_MAX);
	emit_allow_members(&level->emit, FUZZ_MEMBERS_MAX, FUZZ_TEXT_MAX);
	ASSERT(input_open_memory(&level->input, bytes, len) == 0);
	ASSERT(serve_input(&level->input, name, &level->emit) == 0);
	ASSERT(level->ends == 1);
}

/* What is inside of what was read at that depth. */
static void
read_members(unsigned depth)
{
	struct member *member;
	unsigned i;

	for (i = 0; depth + 1 < FUZZ_DEPTH_MAX && i < levels[depth].members;
	     i++) {
		member = &levels[depth].member[i];
		read_one(depth + 1, member->name, member->bytes.data,
		    member->bytes.len);
		read_members(depth + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *extension = getenv("EXTRACT_FUZZ");
	const char *bytes = (const char *)data;
	char name[NAME_BYTES_MAX + 1] = "fuzz";
	size_t line = mutate_name_len(data, len);

	if (line > 2)
		(void)snprintf(name, sizeof(name), "%.*s", (int)(line - 2),
		    bytes + 1);
	if (extension != NULL)
		(void)snprintf(name, sizeof(name), "fuzz.%.16s", extension);
	if (len == line)
		return 0;
	read_one(0, name, bytes + line, len - line);
	read_members(0);
	return 0;
}
