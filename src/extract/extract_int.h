/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_int: what extract.c (runs and attempts) and answer.c (frames) share.
 *
 * Floor 3, for this folder only.
 */
#ifndef EXTRACT_EXTRACT_INT_H
#define EXTRACT_EXTRACT_INT_H

#include <stdbool.h>

#include "extract/child.h"
#include "extract/extract.h"
#include "extract/wire.h"

#define EXTRACT_BUF_SIZE (2 * WIRE_FRAME_MAX)

struct extractor {
	uint64_t starts; /* children started */
	uint64_t ends[EXTRACTOR_END_COUNT]; /* and ended, by why */
	char *program;
	char *languages; /* of OCR; NULL: none */
	bool has_ocr;	 /* the child said so */
	struct child child;
	char *buf; /* received, not read yet: start to end */
	size_t start, end;
	uint32_t id; /* of the last request */
	uint32_t flags; /* of the requests to come: WIRE_READ_... */
};

struct run {
	struct extractor *extractor;
	const struct extract_limits *limits;
	const struct extract_sink *sink;
	void *arg;
	int64_t ends_ms; /* by the wall clock for all of the file */
	struct child_wait wait;
	struct extract_result result;

	int fn_err; /* what sink returned when it was negative */

	/* Events handed to sink, over all attempts. */
	uint64_t given;
	uint64_t given_hash;

	/* Of this attempt. */
	uint64_t events, hash;
	uint64_t blocks;
	struct wire_frame last; /* block */
	uint32_t properties;	/* bit (1 << property): seen */
	uint64_t member_bytes;	/* of all members */
	uint64_t member_begun;	/* member_bytes when the open one began */
	bool is_in_member;
	bool has_meta, has_ended;
	bool is_out_of_memory; /* the child was */
	bool is_broken; /* the child is: try another */
	char why[96];	/* it is broken */
};

/*
 * ERR_UNREADABLE ends the attempt.  The child is not to be trusted any more,
 * for that reason:
 */
int answer_breach(struct run *run, const char *why);

/* Or the file is given up, with that code and sentence. */
int answer_give_up(struct run *run, enum item_code code, const char *message);

/*
 * Receive until a whole frame is there; *ret_payload is valid until the next
 * call.  0, ERR_UNREADABLE for a frame that is too long, or as
 * child_receive().
 */
int answer_next(struct run *run, struct wire_frame *ret_frame,
    const char **ret_payload, size_t *ret_len);

/*
 * Receive one frame of the answer, check it, and hand it on or keep it.  0,
 * ERR_UNREADABLE, what fn returned (in run->fn_err as well), or as
 * child_receive().
 */
int answer_read(struct run *run);

#endif
