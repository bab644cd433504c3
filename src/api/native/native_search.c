/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/limits.h"
#include "search/filter.h"
#include "sys/clock.h"

#define QUERY_LIMIT_DEFAULT 10
#define RATIO_DEFAULT 0.5

static int
read_limit(struct http_request *request, const json_t *body, size_t *ret)
{
	const json_t *limit = json_object_get(body, "limit");

	*ret = QUERY_LIMIT_DEFAULT;
	if (limit == NULL || json_is_null(limit))
		return 0;
	if (!json_is_integer(limit) || json_integer_value(limit) < 1 ||
	    json_integer_value(limit) > QUERY_LIMIT_MAX)
		return err_set(&request->note, ERR_INVALID,
		    "limit must be a number from 1 to %u", QUERY_LIMIT_MAX);
	*ret = (size_t)json_integer_value(limit);
	return 0;
}

/* Unless it is said that people's text comes through unread. */
static int
read_operators(struct http_request *request, const json_t *body, bool *ret)
{
	const json_t *operators = json_object_get(body, "operators");

	*ret = true;
	if (operators == NULL || json_is_null(operators))
		return 0;
	if (!json_is_boolean(operators))
		return err_set(&request->note, ERR_INVALID,
		    "operators must be true or false");
	*ret = json_is_true(operators);
	return 0;
}

static int
read_ratio(struct http_request *request, const json_t *body, double *ret)
{
	const json_t *ratio = json_object_get(body, "semantic_ratio");

	*ret = RATIO_DEFAULT;
	if (ratio == NULL || json_is_null(ratio))
		return 0;
	*ret = json_number_value(ratio);
	if (!json_is_number(ratio) || *ret < 0 || *ret > 1)
		return err_set(&request->note, ERR_INVALID,
		    "semantic_ratio must be a number from 0 to 1");
	return 0;
}

static int
read_fusion(struct http_request *request, const json_t *body,
    enum fusion *ret)
{
	const json_t *fusion = json_object_get(body, "fusion");

	*ret = FUSION_SUM;
	if (fusion == NULL || json_is_null(fusion))
		return 0;
	if (!json_is_string(fusion) ||
	    fusion_parse(json_string_value(fusion), ret) < 0)
		return err_set(&request->note, ERR_INVALID,
		    "fusion must be \"sum\" or \"rrf\"");
	return 0;
}

static int
read_expand(struct http_request *request, const json_t *body,
    enum expand *ret)
{
	const json_t *expand = json_object_get(body, "expand");

	*ret = EXPAND_AUTO;
	if (expand == NULL || json_is_null(expand) ||
	    (json_is_string(expand) &&
		strcmp(json_string_value(expand), "auto") == 0))
		return 0;
	if (!json_is_boolean(expand))
		return err_set(&request->note, ERR_INVALID,
		    "expand must be true, false or \"auto\"");
	*ret = json_is_true(expand) ? EXPAND_YES : EXPAND_NO;
	return 0;
}

static int
read_query(struct http_request *request, struct query *query)
{
	json_t *body;
	int err;

	err = native_object(request, false, &body);
	if (err == 0)
		err = native_text(request, body, "query", &query->text);
	if (err < 0)
		return err;
	if (query->text == NULL || query->text[0] == '\0')
		return err_set(&request->note, ERR_INVALID,
		    "query is needed");
	if (strlen(query->text) > QUERY_BYTES_MAX)
		return err_set(&request->note, ERR_INVALID,
		    "query is over %llu bytes", QUERY_BYTES_MAX);
	err = read_ratio(request, body, &query->semantic_ratio);
	if (err == 0)
		err = read_fusion(request, body, &query->fusion);
	if (err == 0)
		err = read_expand(request, body, &query->expand);
	if (err < 0)
		return err;
	query->filter = json_object_get(body, "filter");
	if (json_is_null(query->filter))
		query->filter = NULL;
	if (query->filter != NULL) {
		err = filter_check(query->filter, &request->note);
		if (err < 0)
			return err;
	}
	err = read_operators(request, body, &query->has_operators);
	return err < 0 ? err : read_limit(request, body, &query->limit);
}

static int
on_result(void *arg, const struct result *result)
{
	native_view_result(arg, result);
	return 0;
}

int
native_query(struct http_request *request, struct http_reply *reply)
{
	int64_t start_us = clock_mono_us(), generation = 0;
	struct native_base base;
	struct store *reader;
	bool is_by_words = false, is_partial = false;
	struct query query = {.limit = 0, .ret_is_by_words = &is_by_words,
	    .ret_is_partial = &is_partial};
	struct jsonw w, *out;
	int err;

	err = native_base_of(request, &base);
	if (err == 0)
		err = read_query(request, &query);
	if (err == 0)
		err = http_reader(request, &reader);
	if (err < 0)
		return err;
	/* The time it took stands in front of the results. */
	jsonw_init(&w, request->scratch);
	jsonw_array(&w);
	err = engine_query(request->engine, reader,
	    request->caller.account_id, &base.uuid, &query, &generation,
	    on_result, &w, &request->note);
	jsonw_array_end(&w);
	if (err == 0)
		err = request->scratch->err;
	if (err < 0)
		return err;
	out = http_reply_json(reply, 200);
	jsonw_object(out);
	jsonw_nint(out, "generation", generation);
	jsonw_nreal(out, "took_ms",
	    (double)(clock_mono_us() - start_us) / 1000, 3);
	jsonw_nbool(out, "words_only", is_by_words);
	jsonw_nbool(out, "partial", is_partial);
	jsonw_name(out, "results");
	jsonw_raw(out, request->scratch->data, request->scratch->len);
	jsonw_object_end(out);
	return 0;
}

struct differences {
	struct jsonw w;
	size_t count;
};

static int
on_difference(void *arg, const struct difference *difference)
{
	struct differences *differences = arg;

	native_view_difference(&differences->w, difference);
	differences->count++;
	return 0;
}

int
native_audit(struct http_request *request, struct http_reply *reply)
{
	struct differences differences = {.count = 0};
	struct audit_totals totals;
	struct native_base base;
	struct store *reader;
	struct jsonw *w;
	int err;

	err = native_base_of(request, &base);
	if (err == 0)
		err = http_reader(request, &reader);
	if (err < 0)
		return err;
	jsonw_init(&differences.w, request->scratch);
	jsonw_array(&differences.w);
	err = engine_audit(request->engine, reader,
	    request->caller.account_id, &base.uuid, &totals, on_difference,
	    &differences, &request->note);
	jsonw_array_end(&differences.w);
	if (err == 0)
		err = request->scratch->err;
	if (err < 0)
		return err;
	w = http_reply_json(reply, 200);
	jsonw_object(w);
	jsonw_nbool(w, "ok", differences.count == 0);
	jsonw_name(w, "checked");
	native_view_totals(w, &totals);
	jsonw_name(w, "differences");
	jsonw_raw(w, request->scratch->data, request->scratch->len);
	jsonw_object_end(w);
	return 0;
}
