/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Giving what was found: a segment with its document, and with the children
 * that the query is nearest to.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "engine/query_int.h"

/* ---- children ----------------------------------------------------------- */

static int
nearest_put(void *arg, const struct vector_kept *vector)
{
	struct nearest *nearest = arg;
	struct search *search = nearest->search;
	double score;
	size_t i;

	if (vector->child_id == 0 ||
	    !search_cosine(search, nearest->base, vector, &score))
		return 0;
	score = score < 0 ? 0 : score > 1 ? 1 : score;
	if (nearest->count < RESULT_CHILDREN_MAX)
		nearest->count++;
	else if (score <= nearest->list[nearest->count - 1].score)
		return 0;
	for (i = nearest->count - 1; i > 0 &&
	    nearest->list[i - 1].score < score; i--)
		nearest->list[i] = nearest->list[i - 1];
	nearest->list[i].id = vector->child_id;
	nearest->list[i].score = score;
	return 0;
}

/* ---- answers ------------------------------------------------------------ */

static int
give_child(void *arg, const struct child *child)
{
	struct giving *giving = arg;
	struct result *result = &giving->result;
	struct result_child *out = &giving->children[result->child_count];

	out->id = uuid_of_child(&result->segment_id, (uint64_t)child->id);
	out->position = child->ordinal;
	out->text_len = child->text_len;
	out->score = giving->nearest.list[result->child_count].score;
	result->child_count++;
	(void)buf_put(&giving->texts, child->text, child->text_len);
	return buf_putc(&giving->texts, '\0');
}

/* The texts lie one behind the other once all of them are there. */
static void
children_place(struct giving *giving)
{
	const char *text = giving->texts.data;
	size_t i;

	for (i = 0; i < giving->result.child_count; i++) {
		giving->children[i].text = text;
		text += giving->children[i].text_len + 1;
	}
	giving->result.children = giving->children;
}

static const struct base_ref *
base_of(const struct search *search, int64_t base_id)
{
	size_t i;

	for (i = 0; i < search->base_count; i++)
		if (search->bases[i].id == base_id)
			return &search->bases[i];
	return NULL;
}

static int
give_children(struct giving *giving, const struct segment *segment)
{
	struct nearest *nearest = &giving->nearest;
	struct search *search = giving->search;
	size_t i;
	int err;

	nearest->search = search;
	nearest->count = 0;
	buf_clear(&giving->texts);
	nearest->base = base_of(search, giving->result.document->base_id);
	if (nearest->base == NULL ||
	    search_vector(search, nearest->base) == NULL)
		return 0;
	err = store_vectors_of(search->reader,
	    giving->result.document->base_id, segment->id, nearest_put,
	    nearest);
	for (i = 0; err == 0 && i < nearest->count; i++)
		err = store_child_get(search->reader, nearest->list[i].id,
		    give_child, giving);
	if (err == 0)
		children_place(giving);
	return err;
}

/* The document's row must stay while fn runs, so it is asked for inside. */
static int
give_with_document(void *arg, const struct document *document)
{
	struct giving *giving = arg;
	struct result *result = &giving->result;
	int err;

	result->document_id = uuid_of_row(&document->base_uuid,
	    (uint64_t)document->id);
	result->segment_id = uuid_of_row(&result->document_id,
	    (uint64_t)result->segment->id);
	result->document = document;
	result->name = document->name;
	result->uri = document->uri;
	result->metadata = document->metadata;
	err = give_children(giving, result->segment);
	if (err < 0)
		return err;
	giving->results++;
	return giving->fn(giving->arg, result);
}

/* Has the document had all that it may?  If not, it has one more now. */
static bool
is_exhausted(struct giving *giving, int64_t document_id)
{
	struct given *given = giving->given;
	size_t i;

	if (given == NULL)
		return false;
	for (i = 0; i < giving->given_count; i++)
		if (given[i].document_id == document_id)
			return ++given[i].count >
			    giving->search->query->per_document_max;
	if (giving->given_count == giving->search->query->limit)
		return true;
	given[giving->given_count++] =
	    (struct given){.document_id = document_id, .count = 1};
	return false;
}

static int
give_row(void *arg, const struct segment *segment)
{
	struct giving *giving = arg;
	struct result *result = &giving->result;

	if (is_exhausted(giving, segment->document_id))
		return 0;
	result->segment = segment;
	result->section = segment->section;
	result->text = segment->text;
	result->text_len = segment->text_len;
	result->position = segment->ordinal;
	result->page_start = segment->page_start;
	result->page_end = segment->page_end;
	return store_document_get(giving->search->reader,
	    segment->document_id, give_with_document, giving);
}

int
query_give(struct giving *giving, const struct candidate *candidate)
{
	int err;

	memset(&giving->result, 0, sizeof(giving->result));
	giving->result.score = candidate->score;
	giving->result.is_lexical = candidate->is_lexical;
	giving->result.is_vector = candidate->is_vector;
	giving->result.lexical = candidate->lexical;
	giving->result.cosine = candidate->cosine;
	err = store_segment_get(giving->search->reader, candidate->segment_id,
	    give_row, giving);
	return err == ERR_NOT_FOUND ? 0 : err;
}
