/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf: bytes that grow at the end, up to a named maximum.
 *
 * Floor 0.  One thread at a time.  The first failure sticks: later calls do
 * nothing and return it, so that a writer may check once, at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data; /* len bytes, always followed by a terminating zero */
	size_t len;
	size_t size;
	size_t max; /* of len; ERR_TOO_BIG beyond */
	int err;    /* 0, ERR_NOMEM or ERR_TOO_BIG: the first failure */
};

/* An empty buf; data is NULL until something is put in. */
void buf_init(struct buf *buf, size_t max);
void buf_fini(struct buf *buf);

/* Forget content and error, keep the memory. */
void buf_clear(struct buf *buf);

/* Make room for more bytes after len: 0, ERR_NOMEM, ERR_TOO_BIG. */
int buf_reserve(struct buf *buf, size_t more);

int buf_put(struct buf *buf, const void *bytes, size_t len);
int buf_puts(struct buf *buf, const char *text);
int buf_putc(struct buf *buf, char c);
int buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The content as a terminated string, "" when empty; valid until the next
 * call that writes. */
const char *buf_text(const struct buf *buf);

/* Hand the terminated content over: returns owned (mem_free), or NULL with
 * buf->err set; the buf is empty afterwards. */
char *buf_take(struct buf *buf);

#endif
