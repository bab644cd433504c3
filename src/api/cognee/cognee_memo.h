/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_memo: entries of sessions, as memos of the engine, and as items of a
 * recall.  Floor 6.
 *
 * A memo's body is the entry as it was sent, checked; its kind is the entry's
 * type.
 */
#ifndef API_COGNEE_COGNEE_MEMO_H
#define API_COGNEE_COGNEE_MEMO_H

#include <jansson.h>

struct buf;
struct jsonw;
struct memo;

#define COGNEE_MEMO_QA "qa"	  /* a question and its answer */
#define COGNEE_MEMO_TRACE "trace" /* a step of a program that acts */
#define COGNEE_SESSION_DEFAULT "default_session"

/* The words that an entry is found by, at most MEMO_TEXT_BYTES_MAX: the first
 * ones; appended to out, which is empty.  kind is one of the above.
 * ERR_NOMEM. */
int cognee_memo_text(const char *kind, const json_t *entry,
    struct buf *out);

/* An item of a recall.  ERR_CORRUPT: its body is no entry. */
int cognee_write_memo(struct jsonw *w, const struct memo *memo,
    double score);

/* A memo as a line or two of a conversation, for a reader; appended. */
int cognee_memo_lines(const struct memo *memo, struct buf *out);

#endif
