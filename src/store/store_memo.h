/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_memo: what clients keep of conversations, and what was asked.
 *
 * Floor 3; everything said in store/store.h holds.  Both belong to an account.
 * What is about a base goes with that base, and what an answer said of it with
 * any of its documents: it may have quoted it.
 */
#ifndef STORE_STORE_MEMO_H
#define STORE_STORE_MEMO_H

#include "store/store.h"

struct memo {
	int64_t id; /* rises: what was kept later is higher */
	struct uuid uuid;
	int64_t account_id; /* whose it is */
	bool has_base;
	struct uuid base;    /* that it is about, of whatever account */
	const char *session; /* the client's name for the conversation */
	const char *kind;    /* the client's word for what it is */
	const char *text;    /* what it is found by */
	const char *body;    /* a JSON object */
	int64_t created_us;
};
typedef int memo_fn(void *arg, const struct memo *memo);

int store_memo_add(struct store *store, const struct memo *memo,
    int64_t *ret_id);
/* Text and body alone.  ERR_NOT_FOUND. */
int store_memo_save(struct store *store, const struct memo *memo);
/* ERR_NOT_FOUND, also when it is of another account. */
int store_memo_find(struct store *store, int64_t account_id,
    const struct uuid *uuid, memo_fn *fn, void *arg);
/* Newest first, below before_id (0: from the newest). */
int store_memos_each(struct store *store, int64_t account_id,
    const char *session, /* NULL: of all */
    int64_t before_id, size_t limit, memo_fn *fn, void *arg);
/* All of an account but the newest keep go. */
int store_memos_trim(struct store *store, int64_t account_id, size_t keep);

struct asked {
	int64_t id;
	struct uuid uuid;
	int64_t account_id; /* who asked */
	bool has_base;
	struct uuid base; /* that was asked, when it was one alone */
	bool is_answer;	  /* else a question */
	const char *text;
	int64_t created_us;
};
typedef int asked_fn(void *arg, const struct asked *asked);

int store_asked_add(struct store *store, const struct asked *asked);
/* Oldest first. */
int store_asked_each(struct store *store, int64_t account_id, size_t limit,
    asked_fn *fn, void *arg);
int store_asked_trim(struct store *store, int64_t account_id, size_t keep);

/* All that is an account's goes.  What is about a base goes with the base
 * (store_base_delete()), and answers with any document of it. */
int store_account_forget_words(struct store *store, int64_t account_id);

#endif
