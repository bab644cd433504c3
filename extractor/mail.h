/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mail: messages in the form of RFC 5322 and MIME, read where they lie.
 *
 * A message is walked through once, line by line; what is kept is a table of
 * its parts: where their headers and bodies begin and end, and how the body
 * is packed.  Bodies are unpacked when they are wanted, piece by piece.
 * Memory depends on the number of parts, not on the size of the message.
 *
 * It is our own reader and not that of a library, because the ones there are
 * keep all headers of all parts, nest as deep as the message wants to, and
 * open files of character sets and time zones when they meet their names.
 */
#ifndef EXTRACTOR_MAIL_H
#define EXTRACTOR_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

struct emit;
struct err_note;
struct input;

#define MAIL_PARTS_MAX 10000u
#define MAIL_DEPTH_MAX 64u	       /* of multiparts in each other */
#define MAIL_HEAD_MAX (16 * MIB)       /* the header of one part */
#define MAIL_FIELD_MAX ((size_t)MIB)   /* one field that is kept */
#define MAIL_BODY_MAX (32 * MIB)       /* longer texts become members */
#define MAIL_CHARSET_MAX 40u

/* "From name date": the line between the messages of a mailbox. (mail.c) */
bool mail_is_from_line(const char *line, size_t len);

/* ---- lines (mail_lines.c) ----------------------------------------------- */

struct mail_line {
	const char *text; /* valid until the next line is asked for */
	size_t len;	  /* without its end */
	size_t end_len;	  /* 0, 1 or 2: the line feed and what precedes it */
	uint64_t offset;
	bool is_rest; /* of a line that is longer than the buffer */
};

struct mail_lines {
	const struct input *input; /* borrowed */
	uint64_t end;		   /* where reading stops */
	uint64_t at;		   /* of the first byte in bytes */
	char *bytes;
	size_t start, len; /* what is not read yet: bytes[start..len) */
	bool is_rest;
};

/* The lines between two offsets; 0 or ERR_NOMEM. */
int mail_lines_init(struct mail_lines *lines, const struct input *input,
    uint64_t begin, uint64_t end);
void mail_lines_fini(struct mail_lines *lines);
void mail_lines_seek(struct mail_lines *lines, uint64_t offset);

/* 1: there is one, 0: there is none, or ERR_IO.  A line longer than the
 * buffer (64 KiB) comes in pieces. */
int mail_line_next(struct mail_lines *lines, struct mail_line *ret_line);

/* The value of a hexadecimal digit, or -1. */
static inline int
mail_hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
	    : c >= 'a' && c <= 'f'  ? c - 'a' + 10
	    : c >= 'A' && c <= 'F'  ? c - 'A' + 10
				    : -1;
}

/* ---- headers (mail_head.c, mail_words.c, mail_date.c) -------------------- */

enum mail_field {
#define MAIL_FIELD(id, name) MAIL_FIELD_##id,
#include "extractor/mail_tbl.h"
	MAIL_FIELD_COUNT
};

/* Values as they stand there, unfolded. */
struct mail_head {
	struct buf fields[MAIL_FIELD_COUNT];
};

void mail_head_init(struct mail_head *head);
void mail_head_fini(struct mail_head *head);

/* "Name:": the length of the name, or 0 when the line begins no field. */
size_t mail_field_name(const char *line, size_t len);

/*
 * Read the header that begins here, up to the line of its body, where the
 * lines stand then; *ret_body is its offset.  A line that is no field ends it
 * unless others follow.  ERR_TOO_BIG, ERR_IO, ERR_NOMEM.
 */
int mail_head_read(struct mail_lines *lines, struct mail_head *head,
    uint64_t *ret_body, struct err_note *note);

/*
 * The words of a value: encoded words decoded, bytes of another charset too
 * (charset says which, where the value itself does not; may be NULL), white
 * space folded.  Adds to out valid UTF-8.
 */
void mail_words(const char *value, size_t len, const char *charset,
    struct buf *out);

/* White space and control characters at and behind from become one space, and
 * none at the end. */
void mail_fold(struct buf *out, size_t from);

/* Bytes of that charset as UTF-8, appended to out; unknown or wrong charsets
 * are guessed. */
void mail_decode_text(const char *bytes, size_t len, const char *charset,
    struct buf *out);

/*
 * A list of addresses: "Name <a@b>, c@d" into all, the names alone (addresses
 * where there is none) into names, "; " between them.
 */
void mail_addresses(const char *value, size_t len, const char *charset,
    struct buf *all, struct buf *names);

/* The value of a parameter, "; name=value" and its relatives, as words; false
 * when there is none.  out is cleared first. */
bool mail_parameter(const struct buf *value, const char *name,
    const char *charset, struct buf *out);

/* The same as it stands there, for what is not to be read: boundaries. */
bool mail_parameter_raw(const struct buf *value, const char *name,
    struct buf *out);

/* The time that a date says, and the minutes that its clock is ahead of UTC;
 * false when it is none. */
bool mail_date(const char *text, size_t len, int64_t *ret_seconds,
    int *ret_ahead_minutes);

/* ---- parts (mail_part.c) ------------------------------------------------ */

enum mail_type {
#define MAIL_TYPE(id, type, extension) MAIL_TYPE_##id,
#include "extractor/mail_tbl.h"
	MAIL_TYPE_COUNT
};

enum mail_encoding {
	MAIL_IDENTITY,
	MAIL_QUOTED_PRINTABLE,
	MAIL_BASE64,
	MAIL_UUENCODE,
};

struct mail_part {
	uint64_t head, body, end; /* offsets; end is behind the body */
	uint32_t parent;	  /* the outermost is its own */
	uint32_t next;		  /* the first part that is not inside */
	enum mail_type type;
	enum mail_encoding encoding;
	bool is_attachment; /* it says so */
	bool has_name;
	bool has_id; /* others refer to it */
	bool is_flowed, is_del_sp;
	bool is_sealed; /* S/MIME, unless its bytes say that it is signed */
	char charset[MAIL_CHARSET_MAX];
};

struct mail {
	const struct input *input; /* borrowed */
	struct mail_part *parts;
	uint32_t count, size;
};

/*
 * The parts of the message between two offsets of input.  ERR_TOO_BIG: more
 * than MAIL_PARTS_MAX of them, or deeper than MAIL_DEPTH_MAX; ERR_IO,
 * ERR_NOMEM.  mail_fini() in any case.
 */
int mail_init_parts(struct mail *mail, const struct input *input,
    uint64_t begin, uint64_t end, struct err_note *note);
void mail_fini(struct mail *mail);

/* Is this a part that holds other parts? */
bool mail_is_multipart(const struct mail_part *part);

/* The header of a part; head was initialized. */
int mail_part_head(const struct mail *mail, const struct mail_part *part,
    struct mail_head *head, struct err_note *note);

/* Is it something that only the receiver's key opens? */
bool mail_part_is_sealed(const struct mail *mail,
    const struct mail_part *part);

/* What a part is called, or else a name that fits it; number is for that.
 * out is cleared first. */
int mail_part_name(const struct mail *mail, const struct mail_part *part,
    unsigned number, struct buf *out, struct err_note *note);

/* ---- bodies (mail_decode.c, mail_text.c) --------------------------------- */

struct mail_decoder {
	enum mail_encoding encoding;
	uint32_t bits; /* of base64 */
	unsigned count;
	char held[2]; /* of quoted-printable: "=" or "=X" */
	unsigned held_len;
	size_t blanks; /* behind a "=" that may be the last of its line */
	bool is_begun, is_ended; /* of uuencode */
	struct buf line;
};

/* Takes the bytes of a body piece by piece; negative stops. */
typedef int mail_sink_fn(void *arg, const char *bytes, size_t len);

void mail_decoder_init(struct mail_decoder *decoder,
    enum mail_encoding encoding);
void mail_decoder_fini(struct mail_decoder *decoder);
int mail_decoder_put(struct mail_decoder *decoder, const char *bytes,
    size_t len, mail_sink_fn *sink, void *arg);
int mail_decoder_end(struct mail_decoder *decoder, mail_sink_fn *sink,
    void *arg);

/* A line of uuencode into at most 64 bytes: how many, or 0 when it is none. */
size_t mail_uuencode_line(const char *line, size_t len, char out[64]);

/* The body of a part, unpacked. */
int mail_part_bytes(const struct mail *mail, const struct mail_part *part,
    mail_sink_fn *sink, void *arg);

/* The same into out, which is cleared first; ERR_TOO_BIG beyond its max. */
int mail_part_load(const struct mail *mail, const struct mail_part *part,
    struct buf *out);

/* A sink that is a buf. */
int mail_sink_buf(void *arg, const char *bytes, size_t len);

/*
 * Bytes in memory as text of a mail: paragraphs between blank lines, with
 * lines joined that were broken for the way; uuencoded files in it become
 * members.
 */
struct mail_text {
	const char *bytes;
	size_t len;
	const char *charset; /* declared; "" or NULL: not */
	bool is_flowed, is_del_sp;
};

int mail_emit_plain(const struct mail_text *text, struct emit *emit,
    struct err_note *note);
int mail_emit_html(const struct mail_text *text, struct emit *emit,
    struct err_note *note);
int mail_emit_enriched(const struct mail_text *text, struct emit *emit,
    struct err_note *note);

/* What stands above a mail: valid UTF-8, NULL or "" where it says nothing. */
struct mail_summary {
	const char *subject, *from, *author, *to, *cc, *message_id;
	const char *date; /* as it is written, when it could not be read */
	bool has_date;
	int64_t seconds;
	int ahead_minutes;
};

/* Title, properties, a heading and a paragraph for each. */
int mail_emit_summary(const struct mail_summary *summary, struct emit *emit);

/* "2023-05-04T10:06:11-04:00" */
void mail_date_text(int64_t seconds, int ahead_minutes, char out[32]);

/* A file's name without what would be a path; at most 120 bytes of it. */
void mail_file_name(const char *name, const char *extension,
    struct buf *out);

#endif
