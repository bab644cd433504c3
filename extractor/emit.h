/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emit: the way out.  Readers hand blocks to it; it cuts, counts, frames and
 * sends them in big writes.
 *
 * The first failure sticks in err: readers may check it once per block.
 */
#ifndef EXTRACTOR_EMIT_H
#define EXTRACTOR_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "extract/wire.h"
#include "model/block.h"
#include "model/item_code.h"
#include "model/property.h"

struct err_note;

/* Takes all len bytes: 0, or ERR_CLOSED when nobody listens any more. */
typedef int emit_write_fn(void *arg, const char *bytes, size_t len);

struct emit {
	emit_write_fn *write;
	void *write_arg;
	char *frames; /* not sent yet */
	size_t frames_len;
	int64_t sent_ns; /* when something was sent last */

	uint32_t id;
	uint64_t text_bytes, text_bytes_max;
	uint64_t blocks;
	int err;

	/* The block that is being put together. */
	struct buf text;
	enum block_kind kind;
	uint8_t level;
	bool is_open, is_continued, has_space;

	uint32_t page;	/* of the blocks to come */
	uint32_t pages; /* of the document; 0: it has none */
	uint32_t pages_bare; /* without text, but with a picture */
	uint32_t properties; /* bit (1 << property): sent */

	/* Documents inside of this one. */
	uint64_t member_bytes; /* of all so far */
	uint64_t member_bytes_max;
	uint32_t members, members_max;
	uint64_t member_begun; /* member_bytes when the open one began */
	bool is_in_member;

	char title[WIRE_TITLE_MAX + 1];
	char language[WIRE_LANGUAGE_MAX + 1];
	char media_type[WIRE_MEDIA_TYPE_MAX + 1];
};

/* 0 or ERR_NOMEM; write and arg are kept. */
int emit_init(struct emit *emit, emit_write_fn *write, void *arg);
void emit_fini(struct emit *emit);

/* Begin the answer to request id.  It allows no members;
 * emit_allow_members() does. */
void emit_start(struct emit *emit, uint32_t id, uint64_t text_bytes_max);
void emit_allow_members(struct emit *emit, uint32_t members_max,
    uint64_t bytes_max);

/*
 * A whole block.  Edges are trimmed of line breaks (and of spaces unless it
 * is code); an empty one is dropped, a long one cut in pieces, a heading that
 * is far too long becomes a paragraph.  Returns emit->err.
 */
int emit_block(struct emit *emit, enum block_kind kind, unsigned level,
    const char *text, size_t len);

/*
 * Text as it is, in one block of BLOCK_VERBATIM: each call but the first
 * continues it.  No other blocks come from that document.  Returns emit->err.
 */
int emit_verbatim(struct emit *emit, const char *text, size_t len);

/*
 * A block in parts: open (closes what is open), put as it is, or words whose
 * white space is folded into single spaces, close.  What is put while no
 * block is open opens a paragraph.
 */
int emit_open(struct emit *emit, enum block_kind kind, unsigned level);
int emit_put(struct emit *emit, const char *text, size_t len);
int emit_words(struct emit *emit, const char *text, size_t len);
int emit_close(struct emit *emit);

/* True when something was put into the open block. */
bool emit_has_text(const struct emit *emit);

/* Keep the document's title or language, folded; the first one counts. */
void emit_title(struct emit *emit, const char *text, size_t len);
void emit_language(struct emit *emit, const char *text, size_t len);

/*
 * What the document says of itself, folded; the first value of a property
 * counts.  Times are in seconds since 1970 UTC.
 */
int emit_property(struct emit *emit, enum property property,
    const char *text, size_t len);
int emit_property_time(struct emit *emit, enum property property,
    int64_t seconds);

/*
 * A document inside of this one: a member of an archive, an attachment.  It
 * becomes an item of its own.  name may be any bytes: a path with slashes is
 * kept as it is (the server takes the tricks out of it), what is no UTF-8 is
 * marked.  Begin closes the open block; between begin and end there are no
 * blocks.  code says why its bytes are not there or not all (encrypted,
 * damaged, over a limit), with a sentence or NULL for the code's own.
 * ERR_TOO_BIG: too many members, or bytes of them.  What comes while a member
 * is open ends it as damaged.
 */
int emit_member_begin(struct emit *emit, const char *name, size_t len);
int emit_member_bytes(struct emit *emit, const void *bytes, size_t len);
int emit_member_end(struct emit *emit, enum item_code code,
    const char *message);

/* A frame that is no block. */
int emit_frame(struct emit *emit, enum wire_type type, const void *head,
    size_t head_len, const char *text, size_t text_len);

/*
 * Work goes on although there is nothing to send: say so from time to time,
 * or the server takes the child for dead.  Cheap.  Returns emit->err.
 */
int emit_alive(struct emit *emit);

/* Send what waits. */
int emit_flush(struct emit *emit);

#endif
