/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer: frames from the child, all of them suspected.  Nothing that it says
 * is used before its length, order, kind and UTF-8 were checked.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/utf8.h"
#include "extract/extract_int.h"
#include "model/block.h"

int
answer_breach(struct run *run, const char *why)
{
	run->is_broken = true;
	(void)snprintf(run->why, sizeof(run->why), "%s", why);
	return ERR_UNREADABLE;
}

int
answer_give_up(struct run *run, enum item_code code, const char *message)
{
	run->result.code = code;
	(void)snprintf(run->result.message, sizeof(run->result.message), "%s",
	    message);
	return ERR_UNREADABLE;
}

/* The child has been heard of; but there is an end to all of it. */
static void
wait_on(struct run *run)
{
	run->wait.until_ms = child_now_ms() + run->limits->wall_ms_max;
	if (run->wait.until_ms > run->ends_ms)
		run->wait.until_ms = run->ends_ms;
}

/*
 * Has sink had this event already, from the attempt before?  An attempt has to
 * give the same events again before anything new.  1 it has, 0 it is new,
 * negative: they differ.
 */
static int
is_given(struct run *run, const struct wire_frame *frame, const void *bytes,
    size_t len)
{
	uint64_t seed = run->hash + frame->type + 31u * frame->kind +
	    961u * frame->level;

	run->hash = XXH3_64bits_withSeed(bytes, len, seed);
	run->events++;
	if (run->events > run->given) {
		run->given = run->events;
		run->given_hash = run->hash;
		return 0;
	}
	if (run->events == run->given && run->hash != run->given_hash)
		return answer_give_up(run, ITEM_CODE_EXTRACTION_FAILED,
		    "the document does not read the same twice");
	wait_on(run);
	return 1;
}

/* The time that sink took is not the child's. */
static int
sink_done(struct run *run, int err)
{
	if (err < 0)
		return run->fn_err = err;
	wait_on(run);
	return 0;
}

/* Text for a single line: valid, and without control characters. */
static bool
is_words(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20)
			return false;
	return utf8_is_valid(text, len);
}

static bool
is_block_valid(const struct run *run, const struct wire_frame *frame,
    const char *text, size_t len)
{
	if (frame->kind < BLOCK_PARAGRAPH || frame->kind >= BLOCK_KIND_COUNT ||
	    len == 0 || (frame->flags & ~WIRE_FLAG_CONTINUED) != 0)
		return false;
	/* Only when it was asked for: others do not expect it. */
	if (frame->kind == BLOCK_VERBATIM &&
	    (run->extractor->flags & WIRE_READ_VERBATIM) == 0)
		return false;
	if (frame->kind == BLOCK_HEADING &&
	    (frame->level < 1 || frame->level > SECTION_DEPTH_MAX))
		return false;
	if ((frame->flags & WIRE_FLAG_CONTINUED) != 0 &&
	    (run->blocks == 0 || run->last.kind != frame->kind ||
		run->last.level != frame->level))
		return false;
	return memchr(text, '\0', len) == NULL && utf8_is_valid(text, len);
}

static int
read_block(struct run *run, const struct wire_frame *frame, const char *text,
    size_t len)
{
	struct block block = {
	    .kind = (enum block_kind)frame->kind,
	    .level = frame->level,
	    .is_continued = (frame->flags & WIRE_FLAG_CONTINUED) != 0,
	    .page = le32toh(frame->page),
	    .text = text,
	    .len = len,
	};
	int err;

	if (run->has_meta || run->is_in_member ||
	    !is_block_valid(run, frame, text, len))
		return answer_breach(run, "it sent a block that is not valid");
	run->last = *frame;
	if (len > run->limits->text_bytes_max - run->result.text_bytes)
		return answer_give_up(run, ITEM_CODE_EXTRACTION_LIMIT,
		    "the text is larger than the limit");
	run->result.text_bytes += len;
	run->blocks++;
	err = is_given(run, frame, text, len);
	if (err != 0)
		return err < 0 ? err : 0;
	return sink_done(run, run->sink->block(run->arg, &block));
}

static bool
take_words(const char **text, size_t *left, size_t len, char *to, size_t size)
{
	if (len > *left || len >= size || !is_words(*text, len))
		return false;
	memcpy(to, *text, len);
	to[len] = '\0';
	*text += len;
	*left -= len;
	return true;
}

static int
read_meta(struct run *run, const char *text, size_t len)
{
	struct extract_result *result = &run->result;
	struct wire_meta meta;

	if (run->has_meta || run->is_in_member || len < sizeof(meta))
		return answer_breach(run, "it sent wrong metadata");
	run->has_meta = true;
	memcpy(&meta, text, sizeof(meta));
	text += sizeof(meta);
	len -= sizeof(meta);
	if (!take_words(&text, &len, le16toh(meta.title_len), result->title,
		sizeof(result->title)) ||
	    !take_words(&text, &len, le16toh(meta.media_type_len),
		result->media_type, sizeof(result->media_type)) ||
	    !take_words(&text, &len, le16toh(meta.language_len),
		result->language, sizeof(result->language)) ||
	    len != 0)
		return answer_breach(run, "it sent wrong metadata");
	result->pages = le32toh(meta.pages);
	result->pages_bare = le32toh(meta.pages_bare);
	return 0;
}

/* The codes that are an extractor's to give. */
static bool
is_end_code(enum item_code code)
{
	return code == ITEM_CODE_NONE ||
	    code == ITEM_CODE_UNSUPPORTED_FILE_TYPE ||
	    code == ITEM_CODE_EXTRACTION_FAILED ||
	    code == ITEM_CODE_EXTRACTION_LIMIT ||
	    code == ITEM_CODE_ENCRYPTED_DOCUMENT ||
	    code == ITEM_CODE_EMPTY_CONTENT || code == ITEM_CODE_NO_TEXT;
}

/* ---- what is inside ----------------------------------------------------- */

static int
read_property(struct run *run, const struct wire_frame *frame,
    const char *text, size_t len)
{
	char words[PROPERTY_BYTES_MAX + 1];
	int err;

	if (run->has_meta || run->is_in_member || frame->kind == 0 ||
	    frame->kind >= PROPERTY_COUNT || len == 0 ||
	    (run->properties & (1u << frame->kind)) != 0 ||
	    len >= sizeof(words) || !is_words(text, len))
		return answer_breach(run, "it sent a wrong property");
	run->properties |= 1u << frame->kind;
	err = is_given(run, frame, text, len);
	if (err != 0)
		return err < 0 ? err : 0;
	memcpy(words, text, len);
	words[len] = '\0';
	return sink_done(run, run->sink->property(run->arg,
	    (enum property)frame->kind, words));
}

static int
read_member(struct run *run, const struct wire_frame *frame, const char *text,
    size_t len)
{
	char name[UPLOAD_NAME_BYTES_MAX + 1];
	int err;

	if (run->has_meta || run->is_in_member || len == 0 ||
	    len >= sizeof(name) || !is_words(text, len))
		return answer_breach(run, "it sent a wrong member");
	run->is_in_member = true;
	run->member_begun = run->member_bytes;
	if (run->result.members >= run->limits->members_max)
		return answer_give_up(run, ITEM_CODE_EXTRACTION_LIMIT,
		    "there are more documents inside than the limit");
	run->result.members++;
	err = is_given(run, frame, text, len);
	if (err != 0)
		return err < 0 ? err : 0;
	memcpy(name, text, len);
	name[len] = '\0';
	return sink_done(run, run->sink->member(run->arg, name));
}

static int
read_member_bytes(struct run *run, const struct wire_frame *frame,
    const char *bytes, size_t len)
{
	int err;

	if (!run->is_in_member || len == 0)
		return answer_breach(run, "it sent bytes of no member");
	if (len > run->limits->member_bytes_max - run->member_bytes)
		return answer_give_up(run, ITEM_CODE_EXTRACTION_LIMIT,
		    "the documents inside are larger than the limit");
	run->member_bytes += len;
	err = is_given(run, frame, bytes, len);
	if (err != 0)
		return err < 0 ? err : 0;
	return sink_done(run, run->sink->member_bytes(run->arg, bytes, len));
}

static int
read_member_end(struct run *run, const struct wire_frame *frame,
    const char *text, size_t len)
{
	struct wire_member_end end;
	enum item_code code;
	char message[WIRE_MESSAGE_MAX + 1];
	const char *words = text + sizeof(end);
	size_t left;
	int err;

	if (!run->is_in_member || len < sizeof(end))
		return answer_breach(run, "it ended a member wrongly");
	memcpy(&end, text, sizeof(end));
	left = len - sizeof(end);
	if (item_code_parse(le32toh(end.code), &code) < 0 ||
	    !is_end_code(code) ||
	    le64toh(end.bytes) != run->member_bytes - run->member_begun ||
	    !take_words(&words, &left, le16toh(end.message_len), message,
		sizeof(message)) ||
	    left != 0)
		return answer_breach(run, "it ended a member wrongly");
	run->is_in_member = false;
	if (code != ITEM_CODE_NONE && message[0] == '\0')
		(void)snprintf(message, sizeof(message), "%s",
		    item_code_text(code));
	err = is_given(run, frame, text, len);
	if (err != 0)
		return err < 0 ? err : 0;
	return sink_done(run, run->sink->member_end(run->arg, code, message));
}

static int
read_end(struct run *run, const char *text, size_t len)
{
	struct wire_end end;
	enum item_code code;

	if (run->is_in_member || len < sizeof(end))
		return answer_breach(run, "it sent a wrong end");
	memcpy(&end, text, sizeof(end));
	text += sizeof(end);
	len -= sizeof(end);
	if (item_code_parse(le32toh(end.code), &code) < 0 ||
	    !is_end_code(code) ||
	    le64toh(end.text_bytes) != run->result.text_bytes ||
	    !take_words(&text, &len, le16toh(end.message_len),
		run->result.message, sizeof(run->result.message)) ||
	    len != 0 || run->extractor->start != run->extractor->end)
		return answer_breach(run, "it sent a wrong end");
	if (code == ITEM_CODE_NONE && run->events < run->given)
		return answer_give_up(run, ITEM_CODE_EXTRACTION_FAILED,
		    "the document does not read the same twice");
	run->result.code = code;
	if (code != ITEM_CODE_NONE && run->result.message[0] == '\0')
		(void)snprintf(run->result.message,
		    sizeof(run->result.message), "%s", item_code_text(code));
	run->has_ended = true;
	return 0;
}

int
answer_next(struct run *run, struct wire_frame *ret_frame,
    const char **ret_payload, size_t *ret_len)
{
	struct extractor *x = run->extractor;
	struct wire_frame frame;
	size_t len, got;
	int err;

	for (;;) {
		len = 0;
		if (x->end - x->start >= sizeof(frame)) {
			memcpy(&frame, x->buf + x->start, sizeof(frame));
			len = le32toh(frame.len);
			if (len > BLOCK_BYTES_MAX)
				return answer_breach(run,
				    "it sent a frame that is too long");
			if (x->end - x->start >= sizeof(frame) + len)
				break;
		}
		if (EXTRACT_BUF_SIZE - x->start < sizeof(frame) + len ||
		    x->start == x->end) {
			memmove(x->buf, x->buf + x->start, x->end - x->start);
			x->end -= x->start;
			x->start = 0;
		}
		err = child_receive(&x->child, x->buf + x->end,
		    EXTRACT_BUF_SIZE - x->end, &run->wait, &got);
		if (err < 0)
			return err;
		x->end += got;
	}
	*ret_frame = frame;
	*ret_payload = x->buf + x->start + sizeof(frame);
	*ret_len = len;
	x->start += sizeof(frame) + len;
	return 0;
}

int
answer_read(struct run *run)
{
	struct wire_frame frame;
	const char *payload;
	size_t len;
	int err;

	err = answer_next(run, &frame, &payload, &len);
	if (err < 0)
		return err;
	if (le32toh(frame.id) != run->extractor->id)
		return answer_breach(run, "it answered another request");
	switch ((enum wire_type)frame.type) {
	case WIRE_BLOCK:
		return read_block(run, &frame, payload, len);
	case WIRE_META:
		return read_meta(run, payload, len);
	case WIRE_END:
		return read_end(run, payload, len);
	case WIRE_PROPERTY:
		return read_property(run, &frame, payload, len);
	case WIRE_MEMBER:
		return read_member(run, &frame, payload, len);
	case WIRE_MEMBER_BYTES:
		return read_member_bytes(run, &frame, payload, len);
	case WIRE_MEMBER_END:
		return read_member_end(run, &frame, payload, len);
	case WIRE_ALIVE:
		if (len != 0)
			return answer_breach(run, "it sent a wrong frame");
		wait_on(run);
		return 0;
	case WIRE_HELLO:
	case WIRE_TYPE_COUNT:
		break;
	}
	return answer_breach(run, "it sent a frame of an unknown type");
}
