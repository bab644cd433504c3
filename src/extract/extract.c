/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file is one run; a run has up to two attempts.  An attempt sends the
 * request and reads frames until the end frame.  It can fail in three ways:
 * the machine or the caller ends the run (negative), the file is given up
 * (result), or the child broke down, which is worth a fresh child once: it
 * may have been an innocent victim of the file before, or of the machine.
 *
 * Blocks are handed on while they come, so the second attempt has to give the
 * same blocks again before anything new; a running hash tells whether it does.
 */
#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <xxhash.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "extract/child.h"
#include "extract/extract.h"
#include "extract/wire.h"
#include "model/block.h"

#define EXTRACT_ATTEMPTS 2
#define EXTRACT_FILES_MAX 1000u /* then the child is replaced */
#define EXTRACT_HELLO_MS 30000
#define EXTRACT_BUF_SIZE (2 * WIRE_FRAME_MAX)

const struct extract_limits extract_limits_default = {
    .text_bytes_max = TEXT_BYTES_MAX,
    .wall_ms_max = 60000,
    .cpu_seconds_max = 600,
    .memory_bytes_max = GIB,
};

struct extractor {
	char *program;
	struct child child;
	char *buf; /* received, not read yet: start to end */
	size_t start, end;
	uint32_t id; /* of the last request */
};

struct run {
	struct extractor *extractor;
	const struct extract_limits *limits;
	extract_block_fn *fn;
	void *arg;
	struct child_wait wait;
	struct extract_result result;

	/* Handed to fn, over all attempts. */
	uint64_t given;
	uint64_t given_hash;

	/* Of this attempt. */
	uint64_t blocks, hash;
	struct wire_frame last; /* block */
	bool has_meta, has_ended;
	bool is_broken; /* the child is: try another */
	char why[96];	/* it is broken */
};

struct extractor *
extractor_new(const char *program)
{
	struct extractor *extractor;

	extractor = mem_zalloc(sizeof(*extractor));
	if (extractor == NULL)
		return NULL;
	child_init(&extractor->child);
	extractor->program = mem_strdup(program);
	extractor->buf = mem_alloc(EXTRACT_BUF_SIZE);
	if (extractor->program == NULL || extractor->buf == NULL) {
		extractor_close(extractor);
		return NULL;
	}
	return extractor;
}

void
extractor_close(struct extractor *extractor)
{
	if (extractor == NULL)
		return;
	(void)child_stop(&extractor->child);
	mem_free(extractor->program);
	mem_free(extractor->buf);
	mem_free(extractor);
}

/* The child is not to be trusted any more: ERR_UNREADABLE ends the attempt. */
static int
breach(struct run *run, const char *why)
{
	run->is_broken = true;
	(void)snprintf(run->why, sizeof(run->why), "%s", why);
	return ERR_UNREADABLE;
}

/* The file is given up for that reason: ERR_UNREADABLE ends the attempt. */
static int
give_up(struct run *run, enum item_code code, const char *message)
{
	run->result.code = code;
	(void)snprintf(run->result.message, sizeof(run->result.message), "%s",
	    message);
	return ERR_UNREADABLE;
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

	if (run->has_meta || !is_block_valid(run, frame, text, len))
		return breach(run, "it sent a block that is not valid");
	run->last = *frame;
	if (len > run->limits->text_bytes_max - run->result.text_bytes)
		return give_up(run, ITEM_CODE_EXTRACTION_LIMIT,
		    "the text is larger than the limit");
	run->result.text_bytes += len;
	run->hash = XXH3_64bits_withSeed(text, len,
	    run->hash + frame->kind + 31u * frame->level);
	run->blocks++;
	if (run->blocks <= run->given) {
		if (run->blocks == run->given && run->hash != run->given_hash)
			return give_up(run, ITEM_CODE_EXTRACTION_FAILED,
			    "the document does not read the same twice");
		return 0;
	}
	run->given = run->blocks;
	run->given_hash = run->hash;
	err = run->fn(run->arg, &block);
	/* The time that fn took is not the child's. */
	run->wait.until_ms = child_now_ms() + run->limits->wall_ms_max;
	return err < 0 ? err : 0;
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

	if (run->has_meta || len < sizeof(meta))
		return breach(run, "it sent wrong metadata");
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
		return breach(run, "it sent wrong metadata");
	result->pages = le32toh(meta.pages);
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

static int
read_end(struct run *run, const char *text, size_t len)
{
	struct wire_end end;
	enum item_code code;

	if (len < sizeof(end))
		return breach(run, "it sent a wrong end");
	memcpy(&end, text, sizeof(end));
	text += sizeof(end);
	len -= sizeof(end);
	if (item_code_parse(le32toh(end.code), &code) < 0 ||
	    !is_end_code(code) ||
	    le64toh(end.text_bytes) != run->result.text_bytes ||
	    !take_words(&text, &len, le16toh(end.message_len),
		run->result.message, sizeof(run->result.message)) ||
	    len != 0 || run->extractor->start != run->extractor->end)
		return breach(run, "it sent a wrong end");
	if (code == ITEM_CODE_NONE && run->blocks < run->given)
		return give_up(run, ITEM_CODE_EXTRACTION_FAILED,
		    "the document does not read the same twice");
	run->result.code = code;
	if (code != ITEM_CODE_NONE && run->result.message[0] == '\0')
		(void)snprintf(run->result.message,
		    sizeof(run->result.message), "%s", item_code_text(code));
	run->has_ended = true;
	return 0;
}

/*
 * Receive until a whole frame is there; *ret_payload is valid until the next
 * call.  0, ERR_UNREADABLE for a frame that is too long, or as
 * child_receive().
 */
static int
next_frame(struct run *run, struct wire_frame *ret_frame,
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
				return breach(run, "it sent a frame too long");
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

static int
read_frame(struct run *run)
{
	struct wire_frame frame;
	const char *payload;
	size_t len;
	int err;

	err = next_frame(run, &frame, &payload, &len);
	if (err < 0)
		return err;
	if (le32toh(frame.id) != run->extractor->id)
		return breach(run, "it answered another request");
	switch ((enum wire_type)frame.type) {
	case WIRE_BLOCK:
		return read_block(run, &frame, payload, len);
	case WIRE_META:
		return read_meta(run, payload, len);
	case WIRE_END:
		return read_end(run, payload, len);
	case WIRE_HELLO:
	case WIRE_TYPE_COUNT:
		break;
	}
	return breach(run, "it sent a frame of an unknown type");
}

/* A child that said hello; 0, or as child_start() and next_frame(). */
static int
ready_child(struct run *run, struct err_note *note)
{
	struct extractor *x = run->extractor;
	struct wire_frame frame;
	struct wire_hello hello;
	const char *payload;
	size_t len;
	int err;

	if (x->child.pid != 0 &&
	    (x->child.files >= EXTRACT_FILES_MAX ||
		x->child.memory_bytes_max != run->limits->memory_bytes_max))
		(void)child_stop(&x->child);
	if (x->child.pid != 0)
		return 0;
	x->start = x->end = 0;
	err = child_start(&x->child, x->program,
	    run->limits->memory_bytes_max, note);
	if (err < 0)
		return err;
	run->wait.until_ms = child_now_ms() + EXTRACT_HELLO_MS;
	run->wait.cpu_ns_max = 0;
	err = next_frame(run, &frame, &payload, &len);
	if (err == ERR_CANCELLED)
		return err;
	if (err < 0)
		return err_set(note, ERR_IO, "the extractor %s does not start",
		    x->program);
	if (frame.type != WIRE_HELLO || len != sizeof(hello))
		return err_set(note, ERR_IO, "%s is no extractor", x->program);
	memcpy(&hello, payload, sizeof(hello));
	if (le32toh(hello.magic) != WIRE_MAGIC ||
	    le16toh(hello.version) != WIRE_VERSION)
		return err_set(note, ERR_IO,
		    "the extractor %s is of another version", x->program);
	if ((le32toh(hello.sandbox) & WIRE_SANDBOX_NEEDED) !=
	    WIRE_SANDBOX_NEEDED)
		return err_set(note, ERR_IO, "the extractor has no sandbox");
	return 0;
}

static int
send_request(struct run *run, int fd, uint64_t size, const char *name)
{
	struct extractor *x = run->extractor;
	char bytes[sizeof(struct wire_request) + NAME_BYTES_MAX];
	struct wire_request request;
	size_t len = strlen(name);

	/* Of a long name the end counts: it has the extension. */
	if (len > NAME_BYTES_MAX) {
		name += len - NAME_BYTES_MAX;
		len = NAME_BYTES_MAX;
	}
	x->id++;
	request = (struct wire_request){
	    .magic = htole32(WIRE_MAGIC),
	    .version = htole16(WIRE_VERSION),
	    .name_len = htole16((uint16_t)len),
	    .id = htole32(x->id),
	    .cpu_seconds_max = htole32(run->limits->cpu_seconds_max),
	    .text_bytes_max = htole64(run->limits->text_bytes_max),
	    .file_bytes = htole64(size),
	};
	memcpy(bytes, &request, sizeof(request));
	memcpy(bytes + sizeof(request), name, len);
	x->child.files++;
	run->wait.until_ms = child_now_ms() + run->limits->wall_ms_max;
	if (run->limits->cpu_seconds_max > 0)
		run->wait.cpu_ns_max = child_cpu_ns(&x->child) +
		    (int64_t)(run->limits->cpu_seconds_max + 1) * 1000000000;
	return child_send(&x->child, bytes, sizeof(request) + len, fd);
}

/* The child hung up: how did it die?  It is reaped here. */
static int
read_death(struct run *run)
{
	int status = child_stop(&run->extractor->child);
	char why[64] = "it stopped";

	if (WIFSIGNALED(status)) {
		if (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGXCPU)
			return give_up(run, ITEM_CODE_EXTRACTION_TIMEOUT,
			    "reading the document took more processor time "
			    "than the limit");
		(void)snprintf(why, sizeof(why), "it was killed by signal %d",
		    WTERMSIG(status));
	}
	return breach(run, why);
}

/*
 * 0: run->result says how the file ended, or run->is_broken why another
 * child has to try.  Negative: the run ends with that.
 */
static int
attempt(struct run *run, int fd, uint64_t size, const char *name,
    struct err_note *note)
{
	int err;

	memset(&run->result, 0, sizeof(run->result));
	run->blocks = run->hash = 0;
	run->has_meta = run->has_ended = run->is_broken = false;
	err = ready_child(run, note);
	if (err < 0) {
		(void)child_stop(&run->extractor->child);
		return err;
	}
	err = send_request(run, fd, size, name);
	while (err == 0 && !run->has_ended)
		err = read_frame(run);
	if (err == ERR_CLOSED && !run->is_broken)
		err = read_death(run);
	if (err == ERR_TIMEOUT)
		err = give_up(run, ITEM_CODE_EXTRACTION_TIMEOUT,
		    item_code_text(ITEM_CODE_EXTRACTION_TIMEOUT));
	/* A child that was over a limit may be left crippled. */
	if (err < 0 || run->result.code == ITEM_CODE_EXTRACTION_LIMIT)
		(void)child_stop(&run->extractor->child);
	return err == ERR_UNREADABLE ? 0 : err;
}

/* What needs no reading; true when result was set. */
static bool
is_dealt_with(const struct stat *st, struct extract_result *result)
{
	enum item_code code;
	const char *message = NULL;

	if (!S_ISREG(st->st_mode)) {
		code = ITEM_CODE_UNSUPPORTED_FILE_TYPE;
		message = "this is no regular file";
	} else if (st->st_size == 0) {
		code = ITEM_CODE_EMPTY_CONTENT;
	} else if ((uint64_t)st->st_size > FILE_BYTES_MAX) {
		code = ITEM_CODE_FILE_TOO_LARGE;
	} else {
		return false;
	}
	result->code = code;
	(void)snprintf(result->message, sizeof(result->message), "%s",
	    message == NULL ? item_code_text(code) : message);
	return true;
}

int
extractor_run(struct extractor *extractor, int fd, const char *name,
    const struct extract_limits *limits, const atomic_bool *stop,
    extract_block_fn *fn, void *arg, struct extract_result *ret_result,
    struct err_note *note)
{
	struct run run = {
	    .extractor = extractor,
	    .limits = limits,
	    .fn = fn,
	    .arg = arg,
	    .wait = {.stop = stop},
	};
	struct stat st;
	int i, err;

	if (fstat(fd, &st) < 0)
		return err_set(note, err_from_errno(errno),
		    "the file cannot be read");
	if (!is_dealt_with(&st, &run.result)) {
		for (i = 0; i < EXTRACT_ATTEMPTS; i++) {
			err = attempt(&run, fd, (uint64_t)st.st_size, name,
			    note);
			if (err < 0)
				return err;
			if (!run.is_broken)
				break;
		}
		if (run.is_broken) {
			run.result.code = ITEM_CODE_EXTRACTION_FAILED;
			(void)snprintf(run.result.message,
			    sizeof(run.result.message),
			    "the extractor failed on this document twice: %s",
			    run.why);
		}
	}
	*ret_result = run.result;
	return 0;
}
