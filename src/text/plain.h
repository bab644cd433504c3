/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain: cuts a document as plain text (chunk_method_is_plain()).
 *
 * Floor 2, pure, for this folder only.  The blocks are put together again
 * into texts of at most PLAIN_BYTES_MAX, which are held whole, scrubbed and
 * split.
 */
#ifndef TEXT_PLAIN_H
#define TEXT_PLAIN_H

#include "text/chunk.h"

struct err_note;
struct plain;

/* rule, fn and arg are kept, and note, which gets words with ERR_TOO_BIG.
 * Returns owned (plain_free); NULL: no memory. */
struct plain *plain_new(const struct chunk_rule *rule, chunk_fn *fn,
    void *arg, struct err_note *note);
void plain_free(struct plain *plain);
void plain_set_form(struct plain *plain, enum chunk_form form);
/* 0, ERR_NOMEM, ERR_TOO_BIG, or what fn returned. */
int plain_add(struct plain *plain, const struct block *block);
int plain_end(struct plain *plain);

#endif
