/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memos: what clients keep of conversations, and what was asked and answered.
 *
 * Floor 4; any thread.  Both are an account's own.  There is no end of what
 * clients send, so that both are bounded: with what is new the oldest goes.
 * What is about a base goes when the base does, answers when one of its
 * documents does, all of it when its user is deleted.
 */
#ifndef ENGINE_MEMOS_H
#define ENGINE_MEMOS_H

#include "base/limits.h"
#include "engine/engine.h"
#include "store/store_memo.h"

/*
 * Keep memo: session, kind, text and body (a JSON object), with base when
 * has_base; the rest is set here.  ERR_INVALID: no UTF-8, an empty session or
 * kind; ERR_TOO_BIG: over MEMO_..._BYTES_MAX.
 */
int engine_memo_add(struct engine *engine, int64_t account_id,
    const struct memo *memo, struct uuid *ret_uuid, struct err_note *note);

/*
 * Change the body of a memo that there is: fn gets it as an object, and changes
 * it in place.  On the writer's thread: must be quick, and may be called again.
 * ERR_NOT_FOUND; what fn says; ERR_TOO_BIG.
 */
typedef int memo_edit_fn(void *arg, const struct memo *memo,
    struct json_t *body, struct err_note *note);
int engine_memo_change(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, memo_edit_fn *fn, void *arg,
    struct err_note *note);

struct memo_wish {
	const char *session; /* NULL: of all of the account's */
	const char *kind;    /* NULL: of any */
	/* What they are to have words in common with: those come best first,
	 * the newer of two that are as good before the older, and the others
	 * are left out.  NULL, or without words: the newest first. */
	const char *question;
	size_t limit; /* at most MEMOS_LOOKED_MAX */
};

/* score: the share of the question's words that it has, 0..1; 0 when there is
 * no question. */
typedef int memo_found_fn(void *arg, const struct memo *memo, double score);

/* Of the newest MEMOS_LOOKED_MAX, through reader. */
int engine_memos_find(struct store *reader, int64_t account_id,
    const struct memo_wish *wish, memo_found_fn *fn, void *arg);

/* An answer, or a part of it. */
struct asked_answer {
	const struct uuid *base; /* that it was made of */
	const char *text;
};
/*
 * What was asked (base NULL: of several), and what each base answered.  Texts
 * are cut to ASKED_BYTES_MAX: a history is for finding again, not for reading
 * anew.
 */
int engine_asked_add(struct engine *engine, int64_t account_id,
    const struct uuid *base, const char *question,
    const struct asked_answer *answers, size_t count,
    struct err_note *note);

#endif
