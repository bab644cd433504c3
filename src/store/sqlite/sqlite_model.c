/* SPDX-License-Identifier: Apache-2.0 */
/* By which embedder a base answers; see store_model.h. */
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_model.h"

/* ---- bases --------------------------------------------------------------- */

int
store_base_embedders(struct store *store, int64_t base_id,
    int64_t *ret_answering, int64_t *ret_wanted)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_BASE_EMBEDDERS);
	q_int(&q, base_id);
	got = q_step(&q);
	if (got > 0) {
		*ret_answering = q_col_int(&q, 0);
		*ret_wanted = q_col_int(&q, 1);
	}
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_base_model(struct store *store, int64_t base_id,
    const struct base_model *model, int64_t now_us)
{
	int64_t answering, wanted;
	struct q q;
	int err;

	err = store_base_embedders(store, base_id, &answering, &wanted);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_BASE_MODEL);
	q_int(&q, base_id);
	q_text(&q, model->name);
	q_int(&q, (int64_t)model->dimensions);
	q_int(&q, model->wanted_id);
	q_int(&q, now_us);
	err = q_run(&q);
	if (err == 0 && wanted != 0 && wanted != answering &&
	    wanted != model->wanted_id)
		err = stmt_run_2(store, STMT_WASTE_ADD, base_id, wanted);
	/* What is left of it is good still. */
	if (err == 0)
		err = stmt_run_2(store, STMT_WASTE_DROP, base_id,
		    model->wanted_id);
	return err;
}

static int
has_row(struct q *q, bool *ret_has)
{
	int got = q_step(q);

	if (got >= 0)
		*ret_has = got > 0;
	return q_close(q, got < 0 ? got : 0);
}

int
store_account_embeds(struct store *store, int64_t account_id,
    int64_t embedder_id, bool *ret_embeds)
{
	struct q q;

	q_open(&q, store, STMT_ACCOUNT_EMBEDS);
	q_int(&q, account_id);
	q_int(&q, embedder_id);
	return has_row(&q, ret_embeds);
}

int
store_base_lacks(struct store *store, int64_t base_id, int64_t embedder_id,
    bool *ret_lacks)
{
	struct q q;

	q_open(&q, store, STMT_BASE_LACKS);
	q_int(&q, base_id);
	q_int(&q, embedder_id);
	return has_row(&q, ret_lacks);
}

int
store_base_answer(struct store *store, int64_t base_id)
{
	int64_t answering, wanted;
	int err;

	err = store_base_embedders(store, base_id, &answering, &wanted);
	if (err < 0 || answering == wanted)
		return err;
	err = stmt_run_2(store, STMT_BASE_ANSWER, base_id, wanted);
	if (err == 0 && answering != 0)
		err = stmt_run_2(store, STMT_WASTE_ADD, base_id, answering);
	/* What queries find changes: so does the generation. */
	return err < 0 ? err : base_grow(store, base_id, 0, 0, 0);
}

int
store_base_touch(struct store *store, int64_t base_id)
{
	return base_grow(store, base_id, 0, 0, 0);
}

/* ---- what is to be embedded ---------------------------------------------- */

struct unembedded_walk {
	document_fn *fn;
	void *arg;
};

static int
unembedded_row(struct q *q, void *arg)
{
	const struct unembedded_walk *walk = arg;
	struct document document = {.id = q_col_int(q, 0),
	    .uri = q_col_text(q, 1), .name = q_col_text(q, 2),
	    .bytes = (uint64_t)q_col_int(q, 3)};

	return walk->fn(walk->arg, &document);
}

int
store_documents_unembedded(struct store *store, int64_t base_id,
    int64_t embedder_id, int64_t job_id, int64_t after_id, size_t limit,
    document_fn *fn, void *arg)
{
	struct unembedded_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_DOCUMENTS_UNEMBEDDED);
	q_int(&q, base_id);
	q_int(&q, embedder_id);
	q_int(&q, after_id);
	q_int(&q, job_id);
	q_int(&q, (int64_t)limit);
	return q_each(&q, unembedded_row, &walk);
}

int
store_revision_embedders(struct store *store, int64_t revision_id,
    struct revision_embedders *ret_embedders)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_REVISION_EMBEDDERS);
	q_int(&q, revision_id);
	got = q_step(&q);
	if (got > 0)
		*ret_embedders = (struct revision_embedders){
		    .base_id = q_col_int(&q, 0),
		    .has_vectors = q_col_int(&q, 1) != 0,
		    .embedder_ids = {q_col_int(&q, 2), q_col_int(&q, 3)}};
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_revision_lacks(struct store *store, int64_t base_id,
    int64_t revision_id, int64_t embedder_id, uint64_t *ret_segments)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_REVISION_LACKS);
	q_int(&q, revision_id);
	q_int(&q, base_id);
	q_int(&q, embedder_id);
	got = q_step(&q);
	if (got > 0)
		*ret_segments = (uint64_t)q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_CORRUPT : got < 0 ? got : 0);
}

struct text_walk {
	text_fn *fn;
	void *arg;
};

static int
text_row(struct q *q, void *arg)
{
	const struct text_walk *walk = arg;
	struct text_kept text = {.segment_id = q_col_int(q, 0),
	    .child_id = q_col_int(q, 1),
	    .ordinal = (uint32_t)q_col_int(q, 2), .text = q_col_text(q, 3)};

	text.text_len = (size_t)sqlite3_column_bytes(q->stmt, 3);
	return walk->fn(walk->arg, &text);
}

int
store_texts_unembedded(struct store *store, int64_t base_id,
    int64_t revision_id, int64_t embedder_id, int64_t after_ordinal,
    int64_t after_child, text_fn *fn, void *arg)
{
	struct text_walk walk = {fn, arg};
	struct q q;

	q_open(&q, store, STMT_TEXTS_UNEMBEDDED);
	q_int(&q, revision_id);
	q_int(&q, base_id);
	q_int(&q, embedder_id);
	q_int(&q, after_ordinal);
	q_int(&q, after_child);
	return q_each(&q, text_row, &walk);
}

/* ---- vectors ------------------------------------------------------------- */

/* Is it the text still that the vector was made of? */
static int
text_is(struct store *store, int64_t revision_id, const struct text_kept *text,
    bool *ret_is)
{
	struct q q;

	q_open(&q, store, text->child_id == 0 ? STMT_SEGMENT_TEXT_IS
					      : STMT_CHILD_TEXT_IS);
	q_int(&q, text->segment_id);
	q_int(&q, revision_id);
	q_textn(&q, text->text, text->text_len);
	if (text->child_id != 0)
		q_int(&q, text->child_id);
	return has_row(&q, ret_is);
}

int
store_text_vector_put(struct store *store,
    const struct revision_place *place, const struct text_vector *vector,
    bool *ret_is_put)
{
	const struct segment_home home = {.base_id = place->base_id,
	    .revision_id = place->revision_id, .has_vectors = true};
	const struct vector row = {vector->bytes, vector->dimensions,
	    vector->scale, place->embedder_id};
	bool is = false;
	int err;

	err = text_is(store, place->revision_id, &vector->of, &is);
	if (err == 0 && is)
		err = vector_write(store, &home, vector->of.segment_id,
		    vector->of.child_id, &row);
	if (err == 0 && is && place->is_answering)
		err = vectors_changed(store, place->base_id,
		    vector->of.segment_id);
	if (err == 0)
		*ret_is_put = is;
	return err;
}

int
store_revision_embedded(struct store *store, int64_t base_id,
    int64_t revision_id, int64_t embedder_id)
{
	int64_t answering, wanted;
	struct q q;
	int err;

	err = store_base_embedders(store, base_id, &answering, &wanted);
	if (err < 0)
		return err;
	q_open(&q, store, STMT_REVISION_CLAIM);
	q_int(&q, revision_id);
	q_int(&q, embedder_id);
	q_int(&q, answering);
	return q_run(&q);
}

/* ---- waste --------------------------------------------------------------- */

struct waste {
	int64_t base_id, embedder_id, after_id;
};

static int
waste_first(struct store *store, struct waste *ret_waste)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_WASTE_FIRST);
	got = q_step(&q);
	if (got > 0)
		*ret_waste = (struct waste){q_col_int(&q, 0),
		    q_col_int(&q, 1), q_col_int(&q, 2)};
	return q_close(&q, got == 0 ? ERR_NOT_FOUND : got < 0 ? got : 0);
}

int
store_vectors_waste(struct store *store, int64_t base_id,
    int64_t embedder_id)
{
	return stmt_run_2(store, STMT_WASTE_ADD, base_id, embedder_id);
}

/* The segment that this piece ends with; INT64_MAX: there are fewer. */
static int
waste_end(struct store *store, const struct waste *waste, size_t limit,
    int64_t *ret_end_id)
{
	struct q q;
	int got;

	q_open(&q, store, STMT_WASTE_END);
	q_int(&q, waste->base_id);
	q_int(&q, waste->after_id);
	q_int(&q, (int64_t)limit);
	q_int(&q, INT64_MAX);
	got = q_step(&q);
	if (got > 0)
		*ret_end_id = q_col_int(&q, 0);
	return q_close(&q, got == 0 ? ERR_CORRUPT : got < 0 ? got : 0);
}

int
store_vectors_sweep(struct store *store, size_t limit, bool *ret_more)
{
	/* First it is said that they are not there. */
	static const enum stmt_id steps[] = {STMT_WASTE_UNCLAIM,
	    STMT_WASTE_VECTORS, STMT_WASTE_CHILD_VECTORS};
	struct waste waste = {0, 0, 0};
	int64_t end_id = 0;
	struct q q;
	size_t i;
	int err;

	err = waste_first(store, &waste);
	if (err == ERR_NOT_FOUND) {
		*ret_more = false;
		return 0;
	}
	if (err == 0)
		err = waste_end(store, &waste, limit, &end_id);
	for (i = 0; err == 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		q_open(&q, store, steps[i]);
		q_int(&q, waste.base_id);
		q_int(&q, waste.after_id);
		q_int(&q, end_id);
		q_int(&q, waste.embedder_id);
		err = q_run(&q);
	}
	if (err < 0)
		return err;
	*ret_more = true;
	if (end_id == INT64_MAX)
		return stmt_run_2(store, STMT_WASTE_DROP, waste.base_id,
		    waste.embedder_id);
	q_open(&q, store, STMT_WASTE_MOVE);
	q_int(&q, waste.base_id);
	q_int(&q, waste.embedder_id);
	q_int(&q, end_id);
	return q_run(&q);
}

int
store_vectors_have_waste(struct store *store, bool *ret_has)
{
	struct waste waste;
	int err;

	err = waste_first(store, &waste);
	if (err == 0 || err == ERR_NOT_FOUND)
		*ret_has = err == 0;
	return err == ERR_NOT_FOUND ? 0 : err;
}
