/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract: the parent's side of the sandboxed extractor.
 *
 * Floor 3.  An extractor is one warm child process (tidemark-extract) that
 * reads one file at a time from an open descriptor and sends blocks back
 * (docs/formats/extractor.md).  What it sends is untrusted: lengths, kinds,
 * UTF-8 and order are checked here, and a child that breaks the protocol, a
 * limit or its own neck is killed and replaced at the next run.
 * One thread at a time per struct extractor.
 */
#ifndef EXTRACT_EXTRACT_H
#define EXTRACT_EXTRACT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/item_code.h"
#include "model/property.h"

struct block;
struct err_note;
struct extractor;

struct extract_limits {
	uint64_t text_bytes_max;   /* of all blocks together */
	uint32_t wall_ms_max;	   /* without anything coming */
	uint32_t wall_total_ms_max; /* for all of the file */
	uint32_t cpu_seconds_max;  /* of the child for this file */
	uint64_t memory_bytes_max; /* address space of the child */
	uint64_t member_bytes_max; /* of all members together */
	uint32_t members_max;
};

/* The second where there is OCR: it takes seconds a page, and room. */
extern const struct extract_limits extract_limits_default, extract_limits_ocr;

struct extract_result {
	enum item_code code; /* ITEM_CODE_NONE: all went well */
	char message[256];   /* a sentence for people when code is set */
	char media_type[80]; /* what the file turned out to be */
	char title[256];     /* "" when the format names none */
	char language[16];   /* "" when unknown */
	uint32_t pages;	     /* 0: the format has none */
	uint32_t pages_bare; /* of them without text, but with a picture */
	uint32_t members;    /* documents inside of it */
	uint64_t text_bytes; /* of all blocks */
};

/*
 * Who takes what is read, in the order in which it is read.  All are needed.
 * A negative return stops the run, which then returns it.  Texts are valid
 * UTF-8; words are terminated, without control characters, and all are valid
 * during the call only.
 */
struct extract_sink {
	int (*block)(void *arg, const struct block *block);
	/* At most once for each property; never empty. */
	int (*property)(void *arg, enum property property, const char *words);
	/* A document inside of this one: its name (untrusted: a path, tricks
	 * included), its bytes, and ITEM_CODE_NONE or why they are not there or
	 * not all, with a sentence.  No blocks come in between. */
	int (*member)(void *arg, const char *name);
	int (*member_bytes)(void *arg, const void *bytes, size_t len);
	int (*member_end)(void *arg, enum item_code code,
	    const char *message);
};

/*
 * program is the path of tidemark-extract, kept by copy.  The child starts
 * with the first run.  Returns owned (extractor_close); NULL: no memory.
 */
struct extractor *extractor_new(const char *program);

/* The same, with OCR for pictures in languages, as Tesseract names them
 * ("eng", "deu+eng"); NULL or "": none.  It stays off where Tesseract or its
 * data are missing: extractor_has_ocr(). */
struct extractor *extractor_new_ocr(const char *program,
    const char *languages);
void extractor_close(struct extractor *extractor);

/* Start a child now and hear its greeting, so that a program that is missing,
 * of another version or without its sandbox is known before the first file.
 * ERR_IO and others as extractor_run(). */
int extractor_probe(struct extractor *extractor, struct err_note *note);

/* Did the child that runs, or the last one, have OCR?  Known after
 * extractor_probe() or a run. */
bool extractor_has_ocr(const struct extractor *extractor);

/* Children started so far; the first one included. */
uint64_t extractor_starts(const struct extractor *extractor);

/* Why children were ended; how many were so far, by that. */
enum extractor_end {
#define END(name, word) EXTRACTOR_END_##name,
#include "extract/end_tbl.h"
	EXTRACTOR_END_COUNT
};
const char *extractor_end_name(enum extractor_end end); /* "crash" */
void extractor_ends(const struct extractor *extractor,
    uint64_t ret_ends[EXTRACTOR_END_COUNT]);

/*
 * How files are read from the next run on.  is_text: as plain text, whatever
 * name and content look like.  is_verbatim: plain text comes as it is, in one
 * block of BLOCK_VERBATIM and its continuations: blank lines, indents and
 * carriage returns included, without control characters and the byte order
 * mark.  Both are false at first.
 */
void extractor_set_reading(struct extractor *extractor, bool is_text,
    bool is_verbatim);

/*
 * Read the file behind fd (borrowed; its offset is not used) under the name
 * that its source gives it, and hand its blocks to fn in reading order.
 * stop, when not NULL, is looked at ten times a second: true ends the run
 * with ERR_CANCELLED.  Returns 0 when the file was dealt with: ret_result
 * says how, a document that cannot be read included.  Negative: what sink
 * returned, ERR_CANCELLED, or an error of this machine (no processes left,
 * program missing), which is worth another try.
 */
int extractor_run(struct extractor *extractor, int fd, const char *name,
    const struct extract_limits *limits, const atomic_bool *stop,
    const struct extract_sink *sink, void *arg,
    struct extract_result *ret_result,
    struct err_note *note);

#endif
