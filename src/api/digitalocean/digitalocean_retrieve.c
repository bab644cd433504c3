/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a knowledge base: POST /v1/{kb}/retrieve, and /{kb}/retrieve, which
 * some clients make of it.
 *
 * Results are written into the reply as the engine finds them; when it fails
 * half-way the server forgets what the reply held.
 */
#include <stdlib.h>
#include <string.h>

#include "api/digitalocean/digitalocean_body.h"
#include "api/digitalocean/digitalocean_filter.h"
#include "api/digitalocean/digitalocean_int.h"

#define RESULTS 10u
#define RESULTS_MAX 100u
#define ALPHA 0.5 /* words and nearness, as much of each */
#define SECTION_SEPARATOR 0x1F

struct answer {
	struct jsonw *w;
	const struct do_filter *filter;
	uint64_t count, limit;
};

/* ---- results ------------------------------------------------------------ */

/* Headings, outermost first: "Tides > Neap tides". */
static json_t *
section_of(const char *section)
{
	char text[SECTION_BYTES_MAX * 3 + 1];
	size_t len = 0;

	for (; *section != '\0' && len + 3 < sizeof(text); section++) {
		if (*section != SECTION_SEPARATOR) {
			text[len++] = *section;
			continue;
		}
		memcpy(text + len, " > ", 3);
		len += 3;
	}
	return json_stringn(text, len);
}

/* What the document was given with, and what is ours over it; as text, owned
 * (free); NULL: no memory. */
static char *
metadata_of(const struct result *result)
{
	json_t *metadata = json_loads(result->metadata, 0, NULL);
	char id[UUID_TEXT_SIZE], *text = NULL;
	bool is_bad;

	if (!json_is_object(metadata)) {
		json_decref(metadata);
		metadata = json_object();
	}
	uuid_format(&result->document_id, id);
	is_bad = json_object_set_new(metadata, "item_name",
	    json_string(result->name)) < 0;
	is_bad |= json_object_set_new(metadata, "file_id",
	    json_string(id)) < 0;
	is_bad |= json_object_set_new(metadata, "source",
	    json_string(result->uri)) < 0;
	is_bad |= json_object_set_new(metadata, "chunk_category",
	    json_string(DO_CHUNK_CATEGORY)) < 0;
	is_bad |= json_object_set_new(metadata, "section",
	    section_of(result->section)) < 0;
	is_bad |= json_object_set_new(metadata, "score",
	    json_real(result->score)) < 0;
	(void)json_object_del(metadata, "page_number");
	if (result->page_start != 0)
		is_bad |= json_object_set_new(metadata, "page_number",
		    json_integer(result->page_start)) < 0;
	if (!is_bad)
		text = json_dumps(metadata, JSON_COMPACT);
	json_decref(metadata);
	return text;
}

static int
put_result(void *arg, const struct result *result)
{
	struct answer *answer = arg;
	struct jsonw *w = answer->w;
	char *metadata;

	if (!do_filter_holds(answer->filter, result))
		return 0;
	metadata = metadata_of(result);
	if (metadata == NULL)
		return ERR_NOMEM;
	jsonw_object(w);
	jsonw_name(w, "text_content");
	jsonw_stringn(w, result->text, result->text_len);
	jsonw_name(w, "metadata");
	jsonw_raw(w, metadata, strlen(metadata));
	jsonw_object_end(w);
	free(metadata);
	if (w->out->err < 0)
		return w->out->err;
	return ++answer->count < answer->limit ? 0 : 1;
}

/* ---- the route ---------------------------------------------------------- */

struct asked {
	const char *text;
	uint64_t limit;
	double alpha;
	struct do_filter filter; /* owned */
};

static int
asked_read(struct http_request *request, struct asked *asked)
{
	struct err_note *note = &request->note;
	const json_t *body, *filters;
	int err;

	err = do_body(request, &body);
	if (err < 0)
		return err;
	asked->text = json_string_value(json_object_get(body, "query"));
	if (asked->text == NULL || asked->text[0] == '\0')
		return err_set(note, ERR_INVALID, "query is required");
	if (strlen(asked->text) > QUERY_BYTES_MAX)
		return err_set(note, ERR_INVALID,
		    "query has more than %llu bytes", QUERY_BYTES_MAX);
	asked->limit = RESULTS;
	if (json_object_get(body, "num_results") != NULL &&
	    !json_is_null(json_object_get(body, "num_results")))
		err = do_number(body, "num_results", RESULTS_MAX,
		    &asked->limit, note);
	if (err == 0)
		err = do_real(body, "alpha", 0, 1, ALPHA, &asked->alpha,
		    note);
	if (err == 0)
		err = do_object(body, "filters", &filters, note);
	if (err == 0)
		err = do_filter_make(filters, &asked->filter, note);
	return err;
}

static int
answer_query(struct http_request *request, struct http_reply *reply,
    const struct asked *asked)
{
	struct query query = {.text = asked->text,
	    .limit = (size_t)asked->limit, .semantic_ratio = asked->alpha,
	    .filter = asked->filter.before};
	struct answer answer = {.filter = &asked->filter,
	    .limit = asked->limit};
	struct store *reader;
	int64_t generation;
	int err;

	/* Who is left out when found makes room for the next. */
	if (asked->filter.after != NULL)
		query.limit = QUERY_LIMIT_MAX;
	err = http_reader(request, &reader);
	if (err < 0)
		return err;
	answer.w = do_json(request, reply);
	jsonw_object(answer.w);
	jsonw_name(answer.w, "results");
	jsonw_array(answer.w);
	err = engine_query(request->engine, reader,
	    request->caller.account_id, &request->params[0].uuid, &query,
	    &generation, put_result, &answer, &request->note);
	jsonw_array_end(answer.w);
	jsonw_nuint(answer.w, "total_results", answer.count);
	jsonw_object_end(answer.w);
	return err < 0 ? err : 0;
}

/* No results are wanted: is there such a base, at least? */
static int
answer_nothing(struct http_request *request, struct http_reply *reply)
{
	struct store *reader;
	struct do_base base;
	struct jsonw *w;
	int err;

	err = http_reader(request, &reader);
	if (err == 0)
		err = do_base_load(request, reader,
		    &request->params[0].uuid, &base);
	if (err < 0)
		return err;
	do_base_close(&base);
	w = do_json(request, reply);
	jsonw_object(w);
	jsonw_name(w, "results");
	jsonw_array(w);
	jsonw_array_end(w);
	jsonw_nuint(w, "total_results", 0);
	jsonw_object_end(w);
	return 0;
}

int
do_retrieve(struct http_request *request, struct http_reply *reply)
{
	struct asked asked = {.text = NULL};
	int err;

	err = asked_read(request, &asked);
	if (err == 0)
		err = asked.limit == 0 ? answer_nothing(request, reply)
				       : answer_query(request, reply, &asked);
	do_filter_fini(&asked.filter);
	return err;
}
