/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file is one run; a run has up to two attempts.  An attempt sends the
 * request and reads frames until the end frame.  It can fail in three ways:
 * the machine or the caller ends the run (negative), the file is given up
 * (result), or the child broke down, which is worth a fresh child once: it
 * may have been an innocent victim of the file before, or of the machine.
 *
 * What is read is handed on while it comes, so the second attempt has to give
 * the same again before anything new; a running hash tells whether it does.
 */
#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/err.h"
#include "base/mem.h"
#include "extract/extract_int.h"

#define EXTRACT_ATTEMPTS 2
#define EXTRACT_FILES_MAX 1000u /* then the child is replaced */
#define EXTRACT_HELLO_MS 30000

const struct extract_limits extract_limits_default = {
    .text_bytes_max = TEXT_BYTES_MAX,
    .wall_ms_max = 60000,
    .wall_total_ms_max = 3600 * 1000,
    .cpu_seconds_max = 600,
    .memory_bytes_max = GIB,
    .member_bytes_max = MEMBERS_BYTES_MAX,
    .members_max = MEMBERS_MAX,
};

const struct extract_limits extract_limits_ocr = {
    .text_bytes_max = TEXT_BYTES_MAX,
    .wall_ms_max = 180000, /* the layout of a large picture is looked at
			      without a word */
    .wall_total_ms_max = 4 * 3600 * 1000,
    .cpu_seconds_max = 2 * 3600,
    .memory_bytes_max = 2 * GIB,
    .member_bytes_max = MEMBERS_BYTES_MAX,
    .members_max = MEMBERS_MAX,
};

struct extractor *
extractor_new(const char *program)
{
	return extractor_new_ocr(program, NULL);
}

struct extractor *
extractor_new_ocr(const char *program, const char *languages)
{
	bool is_ocr = languages != NULL && *languages != '\0';
	struct extractor *extractor;

	extractor = mem_zalloc(sizeof(*extractor));
	if (extractor == NULL)
		return NULL;
	child_init(&extractor->child);
	extractor->program = mem_strdup(program);
	extractor->languages = is_ocr ? mem_strdup(languages) : NULL;
	extractor->buf = mem_alloc(EXTRACT_BUF_SIZE);
	if (extractor->program == NULL || extractor->buf == NULL ||
	    (is_ocr && extractor->languages == NULL)) {
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
	mem_free(extractor->languages);
	mem_free(extractor->buf);
	mem_free(extractor);
}

bool
extractor_has_ocr(const struct extractor *extractor)
{
	return extractor->has_ocr;
}

uint64_t
extractor_starts(const struct extractor *extractor)
{
	return extractor->starts;
}

const char *
extractor_end_name(enum extractor_end end)
{
	static const char *const names[EXTRACTOR_END_COUNT] = {
#define END(name, word) [EXTRACTOR_END_##name] = (word),
#include "extract/end_tbl.h"
	};

	return names[end];
}

void
extractor_ends(const struct extractor *extractor,
    uint64_t ret_ends[EXTRACTOR_END_COUNT])
{
	memcpy(ret_ends, extractor->ends, sizeof(extractor->ends));
}

void
extractor_set_reading(struct extractor *extractor, bool is_text,
    bool is_verbatim)
{
	extractor->flags = (is_text ? WIRE_READ_TEXT : 0) |
	    (is_verbatim ? WIRE_READ_VERBATIM : 0);
}

/* A child that said hello; 0, or as child_start() and answer_next(). */
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
		x->child.memory_bytes_max != run->limits->memory_bytes_max)) {
		(void)child_stop(&x->child);
		x->ends[EXTRACTOR_END_ROUTINE]++;
	}
	if (x->child.pid != 0)
		return 0;
	x->start = x->end = 0;
	err = child_start(&x->child, x->program, x->languages,
	    run->limits->memory_bytes_max, note);
	if (err < 0)
		return err;
	x->starts++;
	run->wait.until_ms = child_now_ms() + EXTRACT_HELLO_MS;
	run->wait.cpu_ns_max = 0;
	err = answer_next(run, &frame, &payload, &len);
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
	x->has_ocr = (le16toh(hello.features) & WIRE_FEATURE_OCR) != 0;
	return 0;
}

int
extractor_probe(struct extractor *extractor, struct err_note *note)
{
	struct run run = {
	    .extractor = extractor,
	    .limits = &extract_limits_default,
	};
	int err;

	err = ready_child(&run, note);
	if (err < 0)
		(void)child_stop(&extractor->child);
	return err;
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
	    .member_bytes_max = htole64(run->limits->member_bytes_max),
	    .members_max = htole32(run->limits->members_max),
	    .flags = htole32(x->flags),
	};
	memcpy(bytes, &request, sizeof(request));
	memcpy(bytes + sizeof(request), name, len);
	x->child.files++;
	run->wait.until_ms = child_now_ms() + run->limits->wall_ms_max;
	run->ends_ms = child_now_ms() + run->limits->wall_total_ms_max;
	if (run->limits->cpu_seconds_max > 0)
		run->wait.cpu_ns_max = child_cpu_ns(&x->child) +
		    (int64_t)(run->limits->cpu_seconds_max + 1) * 1000000000;
	return child_send(&x->child, bytes, sizeof(request) + len, fd);
}

/* The child hung up: how did it die?  It is reaped here. */
static int
read_death(struct run *run)
{
	bool is_fresh = run->extractor->child.files <= 1;
	int status = child_stop(&run->extractor->child);
	char why[64] = "it stopped";

	if (WIFSIGNALED(status)) {
		if (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGXCPU)
			return answer_give_up(run, ITEM_CODE_EXTRACTION_TIMEOUT,
			    "reading the document took more processor time "
			    "than the limit");
		(void)snprintf(why, sizeof(why), "it was killed by signal %d",
		    WTERMSIG(status));
	} else if (WIFEXITED(status) &&
	    WEXITSTATUS(status) == WIRE_EXIT_MEMORY) {
		run->is_out_of_memory = true;
		/* What is left of other documents is not this one's fault. */
		if (!is_fresh)
			return answer_breach(run, "it ran out of memory");
		return answer_give_up(run, ITEM_CODE_EXTRACTION_LIMIT,
		    "reading the document needed more memory than the limit");
	}
	return answer_breach(run, why);
}

/* The child of an attempt that came to err does not live on. */
static enum extractor_end
end_reason(const struct run *run, int err)
{
	if (run->is_out_of_memory)
		return EXTRACTOR_END_MEMORY;
	if (run->fn_err < 0 || err == ERR_CANCELLED)
		return EXTRACTOR_END_CANCELLED;
	if (run->is_broken)
		return EXTRACTOR_END_CRASH;
	if (run->result.code == ITEM_CODE_EXTRACTION_TIMEOUT)
		return EXTRACTOR_END_TIMEOUT;
	if (run->result.code == ITEM_CODE_EXTRACTION_LIMIT)
		return EXTRACTOR_END_LIMIT;
	return EXTRACTOR_END_CRASH;
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
	run->events = run->hash = run->blocks = run->member_bytes = 0;
	run->properties = 0;
	run->is_in_member = false;
	run->has_meta = run->has_ended = run->is_broken = false;
	run->is_out_of_memory = false;
	err = ready_child(run, note);
	if (err < 0) {
		/* Not counted: what does not start is told as an error. */
		(void)child_stop(&run->extractor->child);
		return err;
	}
	err = send_request(run, fd, size, name);
	while (err == 0 && !run->has_ended)
		err = answer_read(run);
	if (run->fn_err < 0) {
		/* Whatever it is called, it is not the child's error. */
		(void)child_stop(&run->extractor->child);
		run->extractor->ends[end_reason(run, run->fn_err)]++;
		return run->fn_err;
	}
	if (err == ERR_CLOSED && !run->is_broken)
		err = read_death(run);
	if (err == ERR_TIMEOUT)
		err = answer_give_up(run, ITEM_CODE_EXTRACTION_TIMEOUT,
		    item_code_text(ITEM_CODE_EXTRACTION_TIMEOUT));
	/* A child that was over a limit may be left crippled. */
	if (err < 0 || run->result.code == ITEM_CODE_EXTRACTION_LIMIT) {
		(void)child_stop(&run->extractor->child);
		run->extractor->ends[end_reason(run, err)]++;
	}
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
    const struct extract_sink *sink, void *arg,
    struct extract_result *ret_result,
    struct err_note *note)
{
	struct run run = {
	    .extractor = extractor,
	    .limits = limits,
	    .sink = sink,
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
