/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking full text.
 *
 * A part says of a segment what it said when it was written.  Whether that
 * still holds is asked of the segment's row, in the same snapshot: so what is
 * deleted, switched off or changed is gone at once, whenever it is merged away.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "index/topk.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_int.h"
#include "store/store_index.h"

#define K1 1.2
#define B 0.75
/* In smaller bases all words are asked for: in them a word that says something
 * stands in most segments soon, and its list is short. */
#define COMMON_SEGMENTS_MIN 256u
/* Among more hits than that one is likely to be gone. */
#define ASK_LATE_MAX 1000u

/* ---- the parts of a base ------------------------------------------------- */

struct readings {
	struct reading *list;
	const struct part **parts;
	size_t count;
	uint32_t languages; /* of all of them */
	uint64_t docs;
};

static void
readings_close(struct readings *readings)
{
	size_t i;

	for (i = 0; i < readings->count; i++)
		reading_close(&readings->list[i]);
	mem_free(readings->list);
	mem_free(readings->parts);
}

/* All that are live, the largest first: what is best is known soon.  Close
 * them also after an error. */
static int
readings_open(struct readings *readings, struct store *store,
    int64_t base_id, bool is_walk)
{
	struct part_row *rows;
	size_t i, count = 0;
	struct q q;
	int err;

	rows = mem_array(TOPK_PARTS_MAX, sizeof(*rows));
	if (rows == NULL)
		return ERR_NOMEM;
	q_open(&q, store, STMT_PARTS);
	q_int(&q, base_id);
	err = part_rows(&q, rows, TOPK_PARTS_MAX, &count);
	if (err == 0 && count > 0) {
		readings->list = mem_array(count, sizeof(*readings->list));
		readings->parts = mem_array(count,
		    sizeof(struct part *));
		if (readings->list == NULL || readings->parts == NULL)
			err = ERR_NOMEM;
	}
	for (i = 0; err == 0 && i < count; i++) {
		err = reading_open(&readings->list[i], store, &rows[i],
		    is_walk);
		if (err < 0)
			break;
		readings->parts[readings->count] = &readings->list[i].part;
		readings->languages |= rows[i].languages;
		readings->docs += readings->parts[readings->count++]->doc_count;
	}
	mem_free(rows);
	return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

/* ---- the best ------------------------------------------------------------ */

_Static_assert(SEARCH_ENOUGH == TOPK_ENOUGH, "accept goes through");

struct asking {
	struct store *store;
	const struct search_request *request;
};

static int
is_found(void *arg, int64_t id, uint32_t stamp)
{
	const struct asking *asking = arg;
	int64_t revision_id = 0;
	struct q q;
	int got;

	q_open(&q, asking->store, STMT_SEGMENT_IS_FOUND);
	q_int(&q, id);
	q_int(&q, stamp);
	got = q_step(&q);
	if (got > 0)
		revision_id = q_col_int(&q, 0);
	got = q_close(&q, got);
	if (got <= 0 || asking->request->accept == NULL)
		return got;
	return asking->request->accept(asking->request->accept_arg, id,
	    revision_id);
}

/*
 * Nearly always all that are best are good, so where only rows decide that,
 * they are asked for at the end, and each that would be among the best as far
 * as is known only when one of them is not.
 */
static int
best_find(const struct readings *readings, struct topk_request *topk,
    struct topk_hit *hits, size_t *ret_count)
{
	const struct asking *asking = topk->arg;
	size_t i;
	int err, is_good = 1;

	if (asking->request->accept == NULL &&
	    topk->limit <= ASK_LATE_MAX) {
		topk->accept = NULL;
		err = topk_run(readings->parts, readings->count, topk, hits,
		    ret_count);
		if (err < 0)
			return err;
		for (i = 0; is_good > 0 && i < *ret_count; i++)
			is_good = is_found(topk->arg, hits[i].id,
			    hits[i].stamp);
		if (is_good != 0)
			return is_good < 0 ? is_good : 0;
		topk->accept = is_found;
	}
	return topk_run(readings->parts, readings->count, topk, hits,
	    ret_count);
}

static int
topk_ask(const struct readings *readings, struct asking *asking,
    hit_fn *fn, void *arg)
{
	const struct search_request *request = asking->request;
	struct topk_request topk = {.limit = request->limit, .k1 = K1,
	    .b = B, .accept = is_found, .arg = asking};
	struct topk_hit *hits = NULL;
	struct asked asked;
	size_t i, count = 0;
	int err;

	err = asked_init(&asked, asking->store, request, readings->languages);
	if (err < 0)
		return err;
	topk.terms = asked.terms;
	topk.count = asked.count;
	if (readings->docs >= COMMON_SEGMENTS_MIN) {
		topk.common_max = request->common_max;
		topk.extra_max = request->extra_max;
	}
	hits = mem_array(request->limit, sizeof(*hits));
	if (hits == NULL)
		err = ERR_NOMEM;
	if (err == 0)
		err = best_find(readings, &topk, hits, &count);
	for (i = 0; err == 0 && i < count; i++)
		err = fn(arg, hits[i].id, hits[i].score);
	asked_fini(&asked);
	mem_free(hits);
	return err;
}

/* Without a snapshot of its own the answer could be of several. */
static int
snapshot_begin(struct store *store, bool *ret_is_own)
{
	*ret_is_own = false;
	if (store->in_transaction)
		return index_flush(store);
	if (store->mode == STORE_WRITER)
		return 0; /* nobody else writes */
	*ret_is_own = true;
	return store_begin(store, NULL);
}

int
store_search_terms(struct store *store, const struct search_request *request,
    hit_fn *fn, void *arg)
{
	struct asking asking = {store, request};
	struct readings readings = {.count = 0};
	bool is_own;
	int err;

	if (request->count == 0 || request->limit == 0)
		return 0;
	err = snapshot_begin(store, &is_own);
	if (err < 0)
		return err;
	err = readings_open(&readings, store, request->base_id, false);
	if (err == 0 && readings.count > 0)
		err = topk_ask(&readings, &asking, fn, arg);
	readings_close(&readings);
	if (is_own)
		store_end(store);
	return err;
}

/* ---- the audit ----------------------------------------------------------- */

/* Does the statement give a row for a posting? */
static int
posting_is(struct store *store, enum stmt_id which, int64_t segment_id,
    uint32_t stamp)
{
	struct q q;
	int got;

	q_open(&q, store, which);
	q_int(&q, segment_id);
	q_int(&q, stamp);
	got = q_step(&q);
	return q_close(&q, got);
}

int
index_keeps(void *store, int64_t segment_id, uint32_t stamp)
{
	return posting_is(store, STMT_POSTING_KEEPS, segment_id, stamp);
}

static int
part_count(struct store *store, const struct part *part, uint64_t *count)
{
	uint32_t doc, stamp;
	int64_t id;
	int got = 0;

	for (doc = 0; got >= 0 && doc < part->doc_count; doc++) {
		got = part_doc_id(part, doc, &id);
		if (got == 0)
			got = part_doc_stamp(part, doc, &stamp);
		if (got == 0)
			got = posting_is(store, STMT_POSTING_COUNTS, id,
			    stamp);
		*count += got > 0;
	}
	return got < 0 ? got : 0;
}

int
index_count(struct store *store, int64_t base_id, uint64_t *ret_count)
{
	struct readings readings = {.count = 0};
	uint64_t count = 0;
	bool is_own;
	size_t i;
	int err;

	err = snapshot_begin(store, &is_own);
	if (err < 0)
		return err;
	err = readings_open(&readings, store, base_id, true);
	for (i = 0; err == 0 && i < readings.count; i++)
		err = part_count(store, readings.parts[i], &count);
	readings_close(&readings);
	if (is_own)
		store_end(store);
	if (err == 0)
		*ret_count = count;
	return err;
}
