/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dify_page: the elements of a big batch, kept between polls.
 *
 * Floor 6.  A poller asks for all documents of a batch again and again; of
 * thousands only a few have changed since.  Any thread may call.
 */
#ifndef API_DIFY_DIFY_PAGE_H
#define API_DIFY_DIFY_PAGE_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct engine;
struct job;
struct store;
struct uuid;

/* Jobs with more items, and answers of more bytes, are not kept. */
#define DIFY_PAGE_ITEMS_MAX 16384u
#define DIFY_PAGE_BYTES_MAX (6 * 1024u * 1024)

/*
 * Append the whole answer for job, brought up to date through reader, and
 * wait for the board.  ERR_TOO_BIG, ERR_BUSY: nothing was appended, and the
 * batch has to be answered without a page.
 */
int dify_page_write(struct engine *engine, struct store *reader,
    const struct job *job, struct buf *out);

/* Append the whole answer if it is known as of the store's revision rev, and
 * nobody is at it; else false.  Reads nothing and waits for nobody. */
bool dify_page_copy(const struct uuid *job, int64_t rev, struct buf *out);

#endif
