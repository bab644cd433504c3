/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame_fuzz: what an extractor child sends, against the server's side of the
 * frame protocol.  The child is the other end of a socket, filled and closed
 * before anything is read.  Whatever it says, the sink may get only what
 * extract.h promises, once and in order, over both attempts of a run.
 *
 * The first four bytes of an input set the rules (struct rules), the rest is
 * the stream.
 */
#include <endian.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extract/extract_int.h"
#include "model/block.h"

#define STREAM_MAX (64 * KIB) /* goes into a socket without a reader */
#define RULES_LEN 4u
#define REQUEST_ID 7u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct rules {
	/* Lengths, requests and sums are made right, or none but the fuzzer's
	 * luck would get past them. */
	bool is_mended;
	bool is_cut;	 /* the first child dies half way; the second says all
			    of it */
	bool is_other;	 /* or something else: the other half */
	uint64_t bytes_max;
	uint32_t members_max;
	unsigned stop_at; /* the event that the sink refuses; 0: none */
};

/* What the sink was given. */
struct given {
	const struct rules *rules;
	unsigned events;
	uint64_t blocks, text_bytes, member_bytes;
	uint32_t properties, members;
	struct block last;
	bool is_in_member;
};

static int
take_event(struct given *given)
{
	given->events++;
	return given->events == given->rules->stop_at ? ERR_CONFLICT : 0;
}

static bool
is_words(const char *words, size_t size_max)
{
	size_t i, len = strlen(words);

	for (i = 0; i < len; i++)
		if ((unsigned char)words[i] < 0x20)
			return false;
	return len < size_max && utf8_is_valid(words, len);
}

static int
on_block(void *arg, const struct block *block)
{
	struct given *given = arg;

	ASSERT(!given->is_in_member);
	ASSERT(block->kind >= BLOCK_PARAGRAPH &&
	    block->kind < BLOCK_KIND_COUNT);
	ASSERT(block->kind != BLOCK_HEADING ||
	    (block->level >= 1 && block->level <= SECTION_DEPTH_MAX));
	ASSERT(block->is_continued <= 1);
	ASSERT(!block->is_continued || (given->blocks > 0 &&
		given->last.kind == block->kind &&
		given->last.level == block->level));
	ASSERT(block->len > 0 && block->len <= BLOCK_BYTES_MAX);
	ASSERT(utf8_is_valid(block->text, block->len));
	ASSERT(memchr(block->text, '\0', block->len) == NULL);
	given->blocks++;
	given->text_bytes += block->len;
	ASSERT(given->text_bytes <= given->rules->bytes_max);
	given->last = *block;
	return take_event(given);
}

static int
on_property(void *arg, enum property property, const char *words)
{
	struct given *given = arg;

	ASSERT(!given->is_in_member);
	ASSERT(property > 0 && property < PROPERTY_COUNT);
	ASSERT((given->properties & 1u << property) == 0);
	given->properties |= 1u << property;
	ASSERT(words[0] != '\0' && is_words(words, PROPERTY_BYTES_MAX + 1));
	return take_event(given);
}

static int
on_member(void *arg, const char *name)
{
	struct given *given = arg;

	ASSERT(!given->is_in_member);
	ASSERT(name[0] != '\0' && is_words(name, UPLOAD_NAME_BYTES_MAX + 1));
	given->is_in_member = true;
	given->members++;
	ASSERT(given->members <= given->rules->members_max);
	return take_event(given);
}

static int
on_member_bytes(void *arg, const void *bytes, size_t len)
{
	struct given *given = arg;

	ASSERT(given->is_in_member && bytes != NULL && len > 0);
	given->member_bytes += len;
	ASSERT(given->member_bytes <= given->rules->bytes_max);
	return take_event(given);
}

static int
on_member_end(void *arg, enum item_code code, const char *message)
{
	struct given *given = arg;

	ASSERT(given->is_in_member);
	given->is_in_member = false;
	ASSERT(item_code_text(code) != NULL);
	ASSERT(is_words(message, WIRE_MESSAGE_MAX + 1));
	ASSERT(code == ITEM_CODE_NONE || message[0] != '\0');
	return take_event(given);
}

static const struct extract_sink sink = {
	.block = on_block,
	.property = on_property,
	.member = on_member,
	.member_bytes = on_member_bytes,
	.member_end = on_member_end,
};

/* Lengths that fit, the request's number, and sums that are right: of all
 * blocks, and of the bytes of one member. */
static void
mend(char *bytes, size_t len)
{
	uint64_t text_bytes = 0, member_bytes = 0, sum;
	struct wire_frame frame;
	size_t at, left;

	for (at = 0; len - at >= sizeof(frame); at += left) {
		memcpy(&frame, bytes + at, sizeof(frame));
		left = len - at - sizeof(frame);
		if (le32toh(frame.len) < left)
			left = le32toh(frame.len);
		frame.len = htole32((uint32_t)left);
		frame.id = htole32(REQUEST_ID);
		memcpy(bytes + at, &frame, sizeof(frame));
		at += sizeof(frame);
		if (frame.type == WIRE_BLOCK)
			text_bytes += left;
		else if (frame.type == WIRE_MEMBER)
			member_bytes = 0;
		else if (frame.type == WIRE_MEMBER_BYTES)
			member_bytes += left;
		sum = htole64(text_bytes);
		if (frame.type == WIRE_END && left >= sizeof(struct wire_end))
			memcpy(bytes + at +
				offsetof(struct wire_end, text_bytes),
			    &sum, sizeof(sum));
		sum = htole64(member_bytes);
		if (frame.type == WIRE_MEMBER_END &&
		    left >= sizeof(struct wire_member_end))
			memcpy(bytes + at +
				offsetof(struct wire_member_end, bytes),
			    &sum, sizeof(sum));
	}
}

static void
check_result(const struct run *run, const struct given *given)
{
	const struct extract_result *result = &run->result;

	ASSERT(is_words(result->message, sizeof(result->message)));
	ASSERT(is_words(result->title, sizeof(result->title)));
	ASSERT(is_words(result->media_type, sizeof(result->media_type)));
	ASSERT(is_words(result->language, sizeof(result->language)));
	if (!run->has_ended)
		return;
	ASSERT(item_code_text(result->code) != NULL);
	ASSERT(result->code == ITEM_CODE_NONE || result->message[0] != '\0');
	ASSERT(given->rules->stop_at == 0 ||
	    given->events < given->rules->stop_at);
	/* Nothing was kept from the sink, nothing else came to it. */
	if (result->code == ITEM_CODE_NONE) {
		ASSERT(!given->is_in_member);
		ASSERT(given->text_bytes == result->text_bytes);
		ASSERT(given->members == result->members);
	}
}

/* One attempt, as extract.c makes it, with that stream for an answer; true
 * when another may follow. */
static bool
attempt(struct run *run, const struct given *given, const uint8_t *bytes,
    size_t len)
{
	static char stream[STREAM_MAX];
	struct extractor *x = run->extractor;
	int sockets[2], err = 0;

	memset(&run->result, 0, sizeof(run->result));
	run->events = run->hash = run->blocks = run->member_bytes = 0;
	run->properties = 0;
	run->is_in_member = false;
	run->has_meta = run->has_ended = run->is_broken = false;
	x->start = x->end = 0;
	ASSERT(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
	memcpy(stream, bytes, len);
	if (given->rules->is_mended)
		mend(stream, len);
	ASSERT(write(sockets[1], stream, len) == (ssize_t)len);
	(void)close(sockets[1]);
	x->child.fd = sockets[0];
	run->wait.until_ms = child_now_ms() + run->limits->wall_ms_max;
	run->ends_ms = run->wait.until_ms;
	while (err == 0 && !run->has_ended)
		err = answer_read(run);
	(void)close(sockets[0]);
	child_init(&x->child);
	/* Refusals reach the caller, breaches have a reason. */
	ASSERT((run->fn_err < 0) == (given->rules->stop_at > 0 &&
	    given->events == given->rules->stop_at));
	ASSERT(!run->is_broken || run->why[0] != '\0');
	check_result(run, given);
	return run->fn_err == 0 && (run->is_broken || err == ERR_CLOSED);
}

static void
set_rules(const uint8_t *data, struct rules *ret_rules)
{
	ret_rules->is_mended = (data[0] & 1) != 0;
	ret_rules->is_cut = (data[0] & 2) != 0;
	ret_rules->is_other = (data[0] & 4) != 0;
	ret_rules->bytes_max = (uint64_t)1 << data[1] % 24;
	ret_rules->members_max = data[2] % 8;
	ret_rules->stop_at = data[3] % 16;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct extractor extractor;
	struct rules rules;
	struct given given = {.rules = &rules};
	struct extract_limits limits = extract_limits_default;
	struct run run = {
	    .extractor = &extractor,
	    .limits = &limits,
	    .sink = &sink,
	    .arg = &given,
	};
	size_t len, half;

	if (size < RULES_LEN || size - RULES_LEN > STREAM_MAX)
		return 0;
	if (extractor.buf == NULL)
		extractor.buf = mem_alloc(EXTRACT_BUF_SIZE);
	ASSERT(extractor.buf != NULL);
	extractor.id = REQUEST_ID;
	set_rules(data, &rules);
	limits.text_bytes_max = limits.member_bytes_max = rules.bytes_max;
	limits.members_max = rules.members_max;
	len = size - RULES_LEN;
	half = rules.is_cut ? len / 2 : len;
	if (attempt(&run, &given, data + RULES_LEN, half))
		(void)attempt(&run, &given, data + RULES_LEN +
			(rules.is_other ? half : 0),
		    rules.is_other ? len - half : len);
	return 0;
}
