/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_int.h"
#include "api/dify/dify_retrieval.h"
#include "base/limits.h"

/* ratio and score_min in thousandths. */
static void
expect(const char *json, bool is_economy, int limit, int ratio, int score_min)
{
	json_t *model = json == NULL ? NULL : json_loads(json, 0, NULL);
	json_t *filter = NULL;
	struct query query;
	struct err_note note;
	struct buf out;

	memset(&query, 0, sizeof(query));
	if (json != NULL) {
		assert_non_null(model);
		buf_init(&out, 1 << 16);
		assert_int_equal(dify_form_check(&dify_retrieval_form, model,
		    &out), 0);
		buf_fini(&out);
	}
	assert_int_equal(dify_retrieval_read(model, is_economy, &query,
	    &filter, &note), 0);
	assert_int_equal(query.limit, limit);
	assert_int_equal((int)(query.semantic_ratio * 1000 + 0.5), ratio);
	assert_int_equal((int)(query.score_min * 1000 + 0.5), score_min);
	assert_ptr_equal(query.filter, filter);
	json_decref(filter);
	json_decref(model);
}

static void
test_methods(void **state)
{
	(void)state;
	expect(NULL, false, 4, 1000, 0);
	expect("{}", false, 4, 1000, 0);
	expect("{\"search_method\": \"semantic_search\"}", false, 4, 1000, 0);
	expect("{\"search_method\": \"full_text_search\"}", false, 4, 0, 0);
	expect("{\"search_method\": \"keyword_search\"}", false, 4, 0, 0);
	expect("{\"search_method\": \"hybrid_search\"}", false, 4, 500, 0);
	/* Without vectors there is one way only. */
	expect("{\"search_method\": \"semantic_search\"}", true, 4, 0, 0);
	expect(NULL, true, 4, 0, 0);
}

static void
test_weights(void **state)
{
	(void)state;
	expect("{\"search_method\": \"hybrid_search\", \"reranking_mode\": "
	    "\"weighted_score\", \"weights\": {\"vector_setting\": "
	    "{\"vector_weight\": 0.7}, \"keyword_setting\": "
	    "{\"keyword_weight\": 0.3}}}", false, 4, 700, 0);
	/* Shares of any sum. */
	expect("{\"search_method\": \"hybrid_search\", \"weights\": "
	    "{\"vector_setting\": {\"vector_weight\": 3}, "
	    "\"keyword_setting\": {\"keyword_weight\": 1}}}", false, 4, 750,
	    0);
	expect("{\"search_method\": \"hybrid_search\", \"weights\": 0.2}",
	    false, 4, 200, 0);
	expect("{\"search_method\": \"hybrid_search\", \"weights\": "
	    "{\"vector_setting\": {\"vector_weight\": 0}, "
	    "\"keyword_setting\": {\"keyword_weight\": 0}}}", false, 4, 500,
	    0);
	expect("{\"search_method\": \"hybrid_search\", \"weights\": -5}",
	    false, 4, 500, 0);
	/* Another mode leaves them unused. */
	expect("{\"search_method\": \"hybrid_search\", \"reranking_mode\": "
	    "\"reranking_model\", \"weights\": 0.2}", false, 4, 500, 0);
	expect("{\"search_method\": \"semantic_search\", \"weights\": 0.2}",
	    false, 4, 1000, 0);
}

static void
test_numbers(void **state)
{
	(void)state;
	expect("{\"top_k\": 7}", false, 7, 1000, 0);
	expect("{\"top_k\": \"7\"}", false, 7, 1000, 0);
	expect("{\"top_k\": 100000}", false, QUERY_LIMIT_MAX, 1000, 0);
	expect("{\"score_threshold\": 0.5}", false, 4, 1000, 0);
	expect("{\"score_threshold\": 0.5, \"score_threshold_enabled\": "
	    "false}", false, 4, 1000, 0);
	expect("{\"score_threshold\": 0.5, \"score_threshold_enabled\": "
	    "true}", false, 4, 1000, 500);
	expect("{\"score_threshold\": null, \"score_threshold_enabled\": "
	    "true}", false, 4, 1000, 0);
}

static void
test_filter(void **state)
{
	json_t *model, *filter = NULL;
	struct query query;
	struct err_note note;

	(void)state;
	model = json_loads("{\"metadata_filtering_conditions\": "
	    "{\"conditions\": [{\"name\": \"a\", \"comparison_operator\": "
	    "\"is\", \"value\": \"b\"}]}}", 0, NULL);
	assert_int_equal(dify_retrieval_read(model, false, &query, &filter,
	    &note), 0);
	assert_non_null(filter);
	assert_ptr_equal(query.filter, filter);
	json_decref(filter);
	json_decref(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_methods),
	    cmocka_unit_test(test_weights),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
