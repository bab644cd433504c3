/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memos are found by the words that they share with a question: conversations
 * are short, and what is new in them is to be found at once, so that neither
 * an index nor vectors are worth keeping.  What is looked at is read row by
 * row; of the best, numbers alone are remembered until they are given out.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/engine_int.h"
#include "engine/memos.h"
#include "engine/terms.h"
#include "engine/writer.h"
#include "sys/rng.h"
#include "text/words_scan.h"

/* ---- keeping ------------------------------------------------------------- */

static int
text_check(const char *what, const char *text, size_t max, bool may_be_empty,
    struct err_note *note)
{
	size_t len = strlen(text);

	if (len == 0 && !may_be_empty)
		return err_set(note, ERR_INVALID, "%s is empty", what);
	if (len > max)
		return err_set(note, ERR_TOO_BIG, "%s has more than %zu bytes",
		    what, max);
	return utf8_is_valid(text, len)
	    ? 0
	    : err_set(note, ERR_INVALID, "%s is not UTF-8", what);
}

static int
memo_check(const struct memo *memo, struct err_note *note)
{
	int err;

	err = text_check("the session's name", memo->session,
	    MEMO_SESSION_BYTES_MAX, false, note);
	if (err == 0)
		err = text_check("the kind", memo->kind, MEMO_KIND_BYTES_MAX,
		    false, note);
	if (err == 0)
		err = text_check("the text", memo->text, MEMO_TEXT_BYTES_MAX,
		    true, note);
	if (err == 0)
		err = text_check("the entry", memo->body, MEMO_BODY_BYTES_MAX,
		    false, note);
	return err;
}

struct memo_plan {
	struct memo memo;
	/* For a change. */
	int64_t account_id;
	struct uuid uuid;
	memo_edit_fn *fn;
	void *arg;
	char *text, *body; /* of the memo; body is jansson's (free) */
};

static int
memo_add_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct memo_plan *plan = arg;
	int64_t id;
	int err;

	(void)note;
	plan->memo.created_us = tx_now_us(tx);
	err = store_memo_add(tx_store(tx), &plan->memo, &id);
	return err < 0 ? err
		       : store_memos_trim(tx_store(tx), plan->memo.account_id,
			     MEMOS_MAX);
}

int
engine_memo_add(struct engine *engine, int64_t account_id,
    const struct memo *memo, struct uuid *ret_uuid, struct err_note *note)
{
	struct memo_plan plan = {.memo = *memo};
	int err;

	plan.memo.account_id = account_id;
	plan.memo.uuid = rng_uuid();
	err = memo_check(memo, note);
	if (err == 0)
		err = writer_do(engine->writer, memo_add_apply, &plan, note);
	if (err == 0)
		*ret_uuid = plan.memo.uuid;
	return err;
}

/* ---- changing ------------------------------------------------------------ */

static void
memo_plan_clear(struct memo_plan *plan)
{
	mem_free(plan->text);
	free(plan->body);
	plan->text = plan->body = NULL;
}

/* What is to be stored instead of memo. */
static int
memo_edit(struct memo_plan *plan, const struct memo *memo,
    struct err_note *note)
{
	json_t *body;
	int err;

	body = json_loads(memo->body, 0, NULL);
	if (!json_is_object(body)) {
		json_decref(body);
		return ERR_CORRUPT;
	}
	err = plan->fn(plan->arg, memo, body, note);
	if (err == 0) {
		plan->body = json_dumps(body, JSON_COMPACT);
		plan->text = mem_strdup(memo->text);
		if (plan->body == NULL || plan->text == NULL)
			err = ERR_NOMEM;
		else
			err = text_check("the entry", plan->body,
			    MEMO_BODY_BYTES_MAX, false, note);
	}
	json_decref(body);
	return err;
}

struct memo_taken {
	struct memo_plan *plan;
	struct err_note *note;
};

static int
memo_take(void *arg, const struct memo *memo)
{
	struct memo_taken *taken = arg;

	taken->plan->memo.id = memo->id;
	return memo_edit(taken->plan, memo, taken->note);
}

static int
memo_change_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct memo_plan *plan = arg;
	struct memo_taken taken = {plan, note};
	int err;

	memo_plan_clear(plan);
	err = store_memo_find(tx_store(tx), plan->account_id, &plan->uuid,
	    memo_take, &taken);
	if (err == ERR_NOT_FOUND)
		return err_set(note, err, "there is no such entry");
	if (err < 0)
		return err;
	plan->memo.text = plan->text;
	plan->memo.body = plan->body;
	return store_memo_save(tx_store(tx), &plan->memo);
}

int
engine_memo_change(struct engine *engine, int64_t account_id,
    const struct uuid *uuid, memo_edit_fn *fn, void *arg,
    struct err_note *note)
{
	struct memo_plan plan = {.account_id = account_id, .uuid = *uuid,
	    .fn = fn, .arg = arg};
	int err;

	err = writer_do(engine->writer, memo_change_apply, &plan, note);
	memo_plan_clear(&plan);
	return err;
}

/* ---- finding ------------------------------------------------------------- */

struct match {
	int64_t id;
	struct uuid uuid;
	unsigned shared; /* of the question's terms */
};

/* Different terms by their hashes; more than twice as many slots. */
#define TERM_SLOTS 256u
_Static_assert(TERM_SLOTS > 2 * TERMS_MAX, "the slots are never full");

struct looking {
	const struct memo_wish *wish;
	uint64_t terms[TERMS_MAX];
	uint8_t slots[TERM_SLOTS]; /* 0: free; else the term's number from 1 */
	unsigned term_count;
	/* With terms: what shares some, in whatever order; else unused. */
	struct match matches[MEMOS_LOOKED_MAX];
	size_t count;
	/* Without: how many were given out. */
	size_t given;
	memo_found_fn *fn;
	void *arg;
	double score; /* of the one that is given out */
};

/* The slot of the term, or the free one where it would be. */
static unsigned
term_slot(const struct looking *looking, uint64_t hash)
{
	unsigned slot = (unsigned)(hash % TERM_SLOTS);

	while (looking->slots[slot] != 0 &&
	    looking->terms[looking->slots[slot] - 1] != hash)
		slot = (slot + 1) % TERM_SLOTS;
	return slot;
}

static void
terms_read(struct looking *looking, const char *question)
{
	struct words_scan scan;
	struct terms terms;
	unsigned slot;
	uint64_t hash;
	size_t i;

	terms_of_content(question, &terms);
	for (i = 0; i < terms.count; i++) {
		words_scan_init(&scan, terms.list[i], strlen(terms.list[i]));
		if (!words_scan_next(&scan))
			continue;
		hash = words_scan_hash(&scan);
		slot = term_slot(looking, hash);
		if (looking->slots[slot] != 0)
			continue;
		looking->terms[looking->term_count++] = hash;
		looking->slots[slot] = (uint8_t)looking->term_count;
	}
}

static unsigned
terms_shared(const struct looking *looking, const char *text)
{
	bool has[TERMS_MAX] = {false};
	struct words_scan scan;
	unsigned shared = 0, at;

	words_scan_init(&scan, text, strlen(text));
	while (shared < looking->term_count && words_scan_next(&scan)) {
		at = looking->slots[term_slot(looking,
		    words_scan_hash(&scan))];
		if (at != 0 && !has[at - 1]) {
			has[at - 1] = true;
			shared++;
		}
	}
	return shared;
}

static int
on_memo(void *arg, const struct memo *memo)
{
	struct looking *looking = arg;
	struct match *match;
	unsigned shared;

	if (looking->wish->kind != NULL &&
	    strcmp(looking->wish->kind, memo->kind) != 0)
		return 0;
	if (looking->term_count == 0) {
		if (looking->given++ >= looking->wish->limit)
			return 1;
		return looking->fn(looking->arg, memo, 0);
	}
	shared = terms_shared(looking, memo->text);
	if (shared == 0 || looking->count == MEMOS_LOOKED_MAX)
		return 0;
	match = &looking->matches[looking->count++];
	match->id = memo->id;
	match->uuid = memo->uuid;
	match->shared = shared;
	return 0;
}

/* Most in common first, then newest first. */
static int
match_compare(const void *a, const void *b)
{
	const struct match *one = a, *other = b;

	if (one->shared != other->shared)
		return one->shared > other->shared ? -1 : 1;
	return one->id > other->id ? -1 : one->id < other->id;
}

static int
on_best(void *arg, const struct memo *memo)
{
	const struct looking *looking = arg;

	return looking->fn(looking->arg, memo, looking->score);
}

static int
matches_give(struct store *reader, int64_t account_id,
    struct looking *looking)
{
	size_t i;
	int err = 0;

	qsort(looking->matches, looking->count, sizeof(looking->matches[0]),
	    match_compare);
	for (i = 0; err == 0 && i < looking->count &&
	    i < looking->wish->limit; i++) {
		looking->score = (double)looking->matches[i].shared /
		    (double)looking->term_count;
		err = store_memo_find(reader, account_id,
		    &looking->matches[i].uuid, on_best, looking);
		/* It went since it was looked at. */
		if (err == ERR_NOT_FOUND)
			err = 0;
	}
	return err;
}

int
engine_memos_find(struct store *reader, int64_t account_id,
    const struct memo_wish *wish, memo_found_fn *fn, void *arg)
{
	struct looking *looking;
	int err;

	looking = mem_zalloc(sizeof(*looking));
	if (looking == NULL)
		return ERR_NOMEM;
	looking->wish = wish;
	looking->fn = fn;
	looking->arg = arg;
	if (wish->question != NULL)
		terms_read(looking, wish->question);
	err = store_memos_each(reader, account_id, wish->session, 0,
	    MEMOS_LOOKED_MAX, on_memo, looking);
	/* 1 is our own end of it. */
	if (err == 1 && looking->given > wish->limit)
		err = 0;
	if (err == 0 && looking->term_count > 0)
		err = matches_give(reader, account_id, looking);
	mem_free(looking);
	return err;
}

/* ---- what was asked ------------------------------------------------------ */

struct asked_plan {
	int64_t account_id;
	const struct uuid *base;
	const char *question;
	const struct asked_answer *answers;
	size_t count;
};

static int
asked_put(struct write_tx *tx, const struct asked_plan *plan,
    const struct uuid *base, const char *text, bool is_answer)
{
	struct asked asked = {.uuid = rng_uuid(),
	    .account_id = plan->account_id, .has_base = base != NULL,
	    .is_answer = is_answer, .created_us = tx_now_us(tx)};
	char cut[ASKED_BYTES_MAX + 1];
	size_t len = utf8_floor(text, strlen(text), ASKED_BYTES_MAX);

	memcpy(cut, text, len);
	cut[len] = '\0';
	asked.text = cut;
	if (base != NULL)
		asked.base = *base;
	return store_asked_add(tx_store(tx), &asked);
}

static int
base_is_there(void *arg, const struct base *base)
{
	(void)arg;
	(void)base;
	return 0;
}

/* A base that was deleted since it answered leaves nothing behind. */
static int
asked_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	const struct asked_plan *plan = arg;
	size_t i;
	int err = 0;

	(void)note;
	if (plan->base != NULL)
		err = store_base_find(tx_store(tx), 0, plan->base, NULL,
		    base_is_there, NULL);
	if (err == 0)
		err = asked_put(tx, plan, plan->base, plan->question, false);
	for (i = 0; err == 0 && i < plan->count; i++) {
		err = store_base_find(tx_store(tx), 0, plan->answers[i].base,
		    NULL, base_is_there, NULL);
		if (err == 0)
			err = asked_put(tx, plan, plan->answers[i].base,
			    plan->answers[i].text, true);
		else if (err == ERR_NOT_FOUND)
			err = 0;
	}
	if (err == ERR_NOT_FOUND)
		return 0;
	return err < 0 ? err
		       : store_asked_trim(tx_store(tx), plan->account_id,
			     ASKED_MAX);
}

int
engine_asked_add(struct engine *engine, int64_t account_id,
    const struct uuid *base, const char *question,
    const struct asked_answer *answers, size_t count, struct err_note *note)
{
	struct asked_plan plan = {.account_id = account_id, .base = base,
	    .question = question, .answers = answers, .count = count};

	return writer_do(engine->writer, asked_apply, &plan, note);
}
