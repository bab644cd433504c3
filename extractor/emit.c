/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames gather in one buffer that is sent when it is full enough, when the
 * answer ends, or when the server has not heard from us for a while: it kills
 * a child that is silent for too long, and a slow document must not look like
 * a dead one.
 */
#include <endian.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extractor/emit.h"

#define EMIT_SEND_AT (64 * KIB)
#define EMIT_FRAMES_SIZE (EMIT_SEND_AT + WIRE_FRAME_MAX)
#define EMIT_SILENT_NS 500000000
#define EMIT_HEADING_MAX 512u

static int64_t
emit_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int
emit_init(struct emit *emit, emit_write_fn *write, void *arg)
{
	memset(emit, 0, sizeof(*emit));
	emit->frames = mem_alloc(EMIT_FRAMES_SIZE);
	if (emit->frames == NULL)
		return ERR_NOMEM;
	buf_init(&emit->text, 2 * BLOCK_BYTES_MAX);
	emit->write = write;
	emit->write_arg = arg;
	return 0;
}

void
emit_fini(struct emit *emit)
{
	mem_free(emit->frames);
	buf_fini(&emit->text);
	memset(emit, 0, sizeof(*emit));
}

void
emit_start(struct emit *emit, uint32_t id, uint64_t text_bytes_max)
{
	emit->frames_len = 0;
	emit->sent_ns = emit_now();
	emit->id = id;
	emit->text_bytes = 0;
	emit->text_bytes_max = text_bytes_max;
	emit->blocks = 0;
	emit->err = 0;
	buf_clear(&emit->text);
	emit->is_open = emit->is_continued = emit->has_space = false;
	emit->page = emit->pages = emit->pages_bare = emit->properties = 0;
	emit->is_in_member = false;
	emit_allow_members(emit, 0, 0);
	emit->title[0] = emit->language[0] = emit->media_type[0] = '\0';
}

void
emit_allow_members(struct emit *emit, uint32_t members_max,
    uint64_t bytes_max)
{
	emit->members = 0;
	emit->members_max = members_max;
	emit->member_bytes = emit->member_begun = 0;
	emit->member_bytes_max = bytes_max;
}

int
emit_flush(struct emit *emit)
{
	int err;

	if (emit->frames_len > 0) {
		err = emit->write(emit->write_arg, emit->frames,
		    emit->frames_len);
		if (err < 0 && emit->err == 0)
			emit->err = err;
		emit->frames_len = 0;
		emit->sent_ns = emit_now();
	}
	return emit->err;
}

/* Frames are written whole or not at all: the buffer always has room. */
static void
emit_append(struct emit *emit, const struct wire_frame *frame,
    const void *head, size_t head_len, const char *text, size_t text_len)
{
	char *to = emit->frames + emit->frames_len;

	ASSERT(head_len + text_len <= BLOCK_BYTES_MAX);
	ASSERT(emit->frames_len < EMIT_SEND_AT);
	memcpy(to, frame, sizeof(*frame));
	to += sizeof(*frame);
	if (head_len > 0)
		memcpy(to, head, head_len);
	if (text_len > 0)
		memcpy(to + head_len, text, text_len);
	emit->frames_len += sizeof(*frame) + head_len + text_len;
	if (emit->frames_len >= EMIT_SEND_AT ||
	    emit_now() - emit->sent_ns > EMIT_SILENT_NS)
		(void)emit_flush(emit); /* the error sticks */
}

int
emit_frame(struct emit *emit, enum wire_type type, const void *head,
    size_t head_len, const char *text, size_t text_len)
{
	struct wire_frame frame = {
	    .len = htole32((uint32_t)(head_len + text_len)),
	    .type = (uint8_t)type,
	    .id = htole32(emit->id),
	};

	emit_append(emit, &frame, head, head_len, text, text_len);
	return emit->err;
}

int
emit_alive(struct emit *emit)
{
	if (emit->err < 0 || emit_now() - emit->sent_ns <= EMIT_SILENT_NS)
		return emit->err;
	if (emit->frames_len > 0)
		return emit_flush(emit);
	return emit_frame(emit, WIRE_ALIVE, NULL, 0, NULL, 0);
}

/* A reader that gave up inside of a member and goes on behind it. */
static void
member_break(struct emit *emit)
{
	if (emit->is_in_member)
		(void)emit_member_end(emit, ITEM_CODE_EXTRACTION_FAILED,
		    NULL); /* sticks */
}

/* One piece of at most BLOCK_BYTES_MAX bytes. */
static int
emit_piece(struct emit *emit, enum block_kind kind, uint8_t level,
    bool is_continued, const char *text, size_t len)
{
	struct wire_frame frame = {
	    .len = htole32((uint32_t)len),
	    .type = WIRE_BLOCK,
	    .kind = (uint8_t)kind,
	    .level = level,
	    .flags = is_continued ? WIRE_FLAG_CONTINUED : 0,
	    .page = htole32(emit->page),
	    .id = htole32(emit->id),
	};

	if (emit->err == 0)
		member_break(emit);
	if (emit->err < 0)
		return emit->err;
	if (len > emit->text_bytes_max - emit->text_bytes)
		return emit->err = ERR_TOO_BIG;
	emit->text_bytes += len;
	emit->blocks++;
	emit_append(emit, &frame, NULL, 0, text, len);
	return emit->err;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\f';
}

static bool
is_trimmed(char c, enum block_kind kind)
{
	return c == '\n' || (kind != BLOCK_CODE && is_space(c));
}

int
emit_block(struct emit *emit, enum block_kind kind, unsigned level,
    const char *text, size_t len)
{
	bool is_continued = false;
	size_t piece;

	while (len > 0 && is_space(text[len - 1]))
		len--;
	while (len > 0 && is_trimmed(*text, kind)) {
		text++;
		len--;
	}
	if (kind == BLOCK_HEADING && len > EMIT_HEADING_MAX) {
		kind = BLOCK_PARAGRAPH;
		level = 0;
	}
	while (len > 0 && emit->err == 0) {
		piece = utf8_floor(text, len, BLOCK_BYTES_MAX);
		ASSERT(piece > 0); /* text is valid UTF-8 */
		(void)emit_piece(emit, kind, (uint8_t)level, is_continued,
		    text, piece); /* the error sticks */
		is_continued = true;
		text += piece;
		len -= piece;
	}
	return emit->err;
}

int
emit_verbatim(struct emit *emit, const char *text, size_t len)
{
	size_t piece;

	while (len > 0 && emit->err == 0) {
		piece = utf8_floor(text, len, BLOCK_BYTES_MAX);
		ASSERT(piece > 0); /* text is valid UTF-8 */
		(void)emit_piece(emit, BLOCK_VERBATIM, 0, emit->blocks > 0,
		    text, piece); /* the error sticks */
		text += piece;
		len -= piece;
	}
	return emit->err;
}

int
emit_open(struct emit *emit, enum block_kind kind, unsigned level)
{
	if (emit->is_open)
		(void)emit_close(emit); /* the error sticks */
	emit->kind = kind;
	emit->level = (uint8_t)(level > 255 ? 255 : level);
	emit->is_open = true;
	return emit->err;
}

bool
emit_has_text(const struct emit *emit)
{
	return emit->is_open && (emit->is_continued || emit->text.len > 0);
}

/* Send the full pieces of the open block, keep the rest. */
static void
emit_spill(struct emit *emit)
{
	size_t piece;

	while (emit->text.len >= BLOCK_BYTES_MAX && emit->err == 0) {
		piece = utf8_floor(emit->text.data, emit->text.len,
		    BLOCK_BYTES_MAX - 1);
		(void)emit_piece(emit, emit->kind, emit->level,
		    emit->is_continued, emit->text.data, piece);
		emit->is_continued = true;
		emit->text.len -= piece;
		memmove(emit->text.data, emit->text.data + piece,
		    emit->text.len);
	}
}

int
emit_put(struct emit *emit, const char *text, size_t len)
{
	size_t piece;

	if (!emit->is_open)
		(void)emit_open(emit, BLOCK_PARAGRAPH, 0);
	while (len > 0 && emit->err == 0) {
		piece = utf8_floor(text, len, BLOCK_BYTES_MAX);
		if (buf_put(&emit->text, text, piece) < 0)
			return emit->err = emit->text.err;
		text += piece;
		len -= piece;
		emit_spill(emit);
	}
	return emit->err;
}

int
emit_words(struct emit *emit, const char *text, size_t len)
{
	size_t i = 0, word;

	while (i < len && emit->err == 0) {
		if (is_space(text[i])) {
			emit->has_space = true;
			i++;
			continue;
		}
		for (word = i; i < len && !is_space(text[i]); i++)
			continue;
		/* A single space inside a run of words is copied along. */
		while (i + 1 < len && text[i] == ' ' && !is_space(text[i + 1]))
			for (i++; i < len && !is_space(text[i]); i++)
				continue;
		if (emit->has_space && emit_has_text(emit) &&
		    emit->text.len > 0 && !is_space(
			emit->text.data[emit->text.len - 1]))
			(void)emit_put(emit, " ", 1); /* sticks */
		emit->has_space = false;
		(void)emit_put(emit, text + word, i - word);
	}
	return emit->err;
}

int
emit_close(struct emit *emit)
{
	struct buf *text = &emit->text;

	if (!emit->is_open)
		return emit->err;
	emit->is_open = false;
	emit->has_space = false;
	if (!emit->is_continued) {
		(void)emit_block(emit, emit->kind, emit->level, buf_text(text),
		    text->len);
	} else {
		while (text->len > 0 && is_space(text->data[text->len - 1]))
			text->len--;
		if (text->len > 0)
			(void)emit_piece(emit, emit->kind, emit->level, true,
			    text->data, text->len);
	}
	emit->is_continued = false;
	buf_clear(text);
	return emit->err;
}

/* Fold white space into single spaces while copying; cut to size. */
static void
fold_into(char *to, size_t size, const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len && n + 1 < size; i++) {
		if ((unsigned char)text[i] > ' ')
			to[n++] = text[i];
		else if (n > 0 && to[n - 1] != ' ')
			to[n++] = ' ';
	}
	while (n > 0 && to[n - 1] == ' ')
		n--;
	to[n] = '\0';
	utf8_trim(to);
}

void
emit_title(struct emit *emit, const char *text, size_t len)
{
	if (emit->title[0] == '\0')
		fold_into(emit->title, sizeof(emit->title), text, len);
}

void
emit_language(struct emit *emit, const char *text, size_t len)
{
	size_t i;

	if (emit->language[0] != '\0' || len >= sizeof(emit->language))
		return;
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || (unsigned char)text[i] >= 0x7F)
			return;
	fold_into(emit->language, sizeof(emit->language), text, len);
}

int
emit_property(struct emit *emit, enum property property, const char *text,
    size_t len)
{
	struct wire_frame frame = {
	    .type = WIRE_PROPERTY,
	    .kind = (uint8_t)property,
	    .id = htole32(emit->id),
	};
	char folded[PROPERTY_BYTES_MAX + 1];

	if (emit->err < 0 || (emit->properties & (1u << property)) != 0)
		return emit->err;
	fold_into(folded, sizeof(folded), text, len);
	len = strlen(folded);
	if (len == 0)
		return 0;
	member_break(emit);
	emit->properties |= 1u << property;
	frame.len = htole32((uint32_t)len);
	emit_append(emit, &frame, NULL, 0, folded, len);
	return emit->err;
}

int
emit_property_time(struct emit *emit, enum property property, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	char text[80];

	/* What a document says may be any number: years 1 to 9999. */
	if (seconds < -62135596800 || seconds > 253402300799 ||
	    gmtime_r(&when, &tm) == NULL)
		return emit->err;
	/* strftime() does not fill the year up to four digits. */
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	return emit_property(emit, property, text, strlen(text));
}

/* ---- documents inside of documents -------------------------------------- */

/* Names come from archives and mails: any bytes. */
static size_t
member_name(char *to, size_t size, const char *name, size_t len)
{
	size_t i = 0, n = 0, step;

	while (i < len && n + 4 < size) {
		if (utf8_decode(name + i, len - i, &step) == UTF8_BAD) {
			memcpy(to + n, "\xEF\xBF\xBD", 3);
			n += 3;
		} else if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F) {
			to[n++] = '_';
		} else {
			memcpy(to + n, name + i, step);
			n += step;
		}
		i += step;
	}
	return n;
}

int
emit_member_begin(struct emit *emit, const char *name, size_t len)
{
	char clean[UPLOAD_NAME_BYTES_MAX];

	if (emit->err < 0)
		return emit->err;
	member_break(emit);
	(void)emit_close(emit);
	if (emit->err < 0)
		return emit->err;
	if (emit->members >= emit->members_max)
		return emit->err = ERR_TOO_BIG;
	/* Of a long name the end counts: it has the extension. */
	if (len > sizeof(clean) / 3) {
		name += len - sizeof(clean) / 3;
		len = sizeof(clean) / 3;
	}
	len = member_name(clean, sizeof(clean), name, len);
	if (len == 0) {
		clean[0] = '_';
		len = 1;
	}
	emit->members++;
	emit->member_begun = emit->member_bytes;
	emit->is_in_member = true;
	return emit_frame(emit, WIRE_MEMBER, NULL, 0, clean, len);
}

int
emit_member_bytes(struct emit *emit, const void *bytes, size_t len)
{
	const char *from = bytes;
	size_t piece;

	ASSERT(emit->is_in_member);
	if (emit->err == 0 &&
	    len > emit->member_bytes_max - emit->member_bytes)
		emit->err = ERR_TOO_BIG;
	while (len > 0 && emit->err == 0) {
		piece = len < BLOCK_BYTES_MAX ? len : BLOCK_BYTES_MAX;
		(void)emit_frame(emit, WIRE_MEMBER_BYTES, NULL, 0, from,
		    piece); /* the error sticks */
		emit->member_bytes += piece;
		from += piece;
		len -= piece;
	}
	return emit->err;
}

int
emit_member_end(struct emit *emit, enum item_code code, const char *message)
{
	struct wire_member_end end = {
	    .code = htole32((uint32_t)code),
	    .bytes = htole64(emit->member_bytes - emit->member_begun),
	};
	char words[WIRE_MESSAGE_MAX + 1] = "";

	ASSERT(emit->is_in_member);
	/* Begun it was: serve.c ends it before it ends the document. */
	if (emit->err < 0)
		return emit->err;
	emit->is_in_member = false;
	if (code != ITEM_CODE_NONE)
		fold_into(words, sizeof(words),
		    message == NULL ? item_code_text(code) : message,
		    strlen(message == NULL ? item_code_text(code) : message));
	if (!utf8_is_valid(words, strlen(words)))
		words[0] = '\0';
	end.message_len = htole16((uint16_t)strlen(words));
	return emit_frame(emit, WIRE_MEMBER_END, &end, sizeof(end), words,
	    strlen(words));
}
