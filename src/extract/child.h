/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child: the extractor process and the socket to it.
 *
 * Floor 3, for this folder only.  The socket's other end is untrusted: what
 * comes out of here are bytes, not yet frames.
 */
#ifndef EXTRACT_CHILD_H
#define EXTRACT_CHILD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err_note;

struct child {
	pid_t pid; /* 0: not running */
	int fd;	   /* -1: not running */
	uint64_t memory_bytes_max;
	uint32_t files; /* it was given */
	int64_t looked_ms; /* at its processor time */
};

/* How long to wait, and for what. */
struct child_wait {
	const atomic_bool *stop; /* may be NULL */
	int64_t until_ms;	 /* monotonic clock */
	int64_t cpu_ns_max;	 /* of the child's clock; 0: no limit */
};

void child_init(struct child *child);

/* Start program, with OCR for languages unless that is NULL.  0, or ERR_BUSY,
 * ERR_NOMEM, ERR_IO with note: this machine is to blame. */
int child_start(struct child *child, const char *program,
    const char *languages, uint64_t memory_bytes_max, struct err_note *note);

/* Kill and reap it, if it runs; returns how it ended, as of waitpid(2). */
int child_stop(struct child *child);

/* Send bytes, and the descriptor fd with the first of them.  0 or
 * ERR_CLOSED. */
int child_send(struct child *child, const void *bytes, size_t len, int fd);

/*
 * Receive up to size bytes and set *ret_len to how many came.  Waits for at
 * least one; what comes too late is not received.  0, ERR_CLOSED (it hung
 * up), ERR_CANCELLED (stop was set), ERR_TIMEOUT (either clock), ERR_IO.
 */
int child_receive(struct child *child, void *bytes, size_t size,
    const struct child_wait *wait, size_t *ret_len);

/* Processor time it used so far. */
int64_t child_cpu_ns(const struct child *child);

int64_t child_now_ms(void);

#endif
