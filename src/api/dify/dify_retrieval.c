/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retrieval_model: how a dataset is searched.  Clients leave out what the
 * original wants, so nothing is required; weights may be a number, as pages
 * of the original had it.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_filter.h"
#include "api/dify/dify_int.h"
#include "api/dify/dify_retrieval.h"
#include "base/limits.h"

#define TOP_K_DEFAULT 4 /* when nobody says how many */
#define HYBRID_RATIO 0.5

static const char *const methods[] = {"semantic_search", "full_text_search",
    "hybrid_search", "keyword_search", NULL};
static const char *const modes[] = {"reranking_model", "weighted_score",
    NULL};

static const struct dify_field fields[] = {
    {.name = "search_method", .type = DIFY_TEXT, .words = methods},
    {.name = "reranking_enable", .type = DIFY_BOOL},
    {.name = "reranking_mode", .type = DIFY_TEXT, .words = modes},
    {.name = "reranking_model", .type = DIFY_OBJECT},
    {.name = "weights", .type = DIFY_ANY},
    {.name = "top_k", .type = DIFY_INTEGER, .has_range = true, .min = 1,
	.max = INT32_MAX},
    {.name = "score_threshold_enabled", .type = DIFY_BOOL},
    {.name = "score_threshold", .type = DIFY_REAL},
    {.name = "metadata_filtering_conditions", .type = DIFY_OBJECT,
	.of = &dify_conditions_form},
};
const struct dify_form dify_retrieval_form =
    DIFY_FORM("RetrievalModel", fields);

/* How much nearness counts beside words. */
static double
weights_ratio(const json_t *weights)
{
	const json_t *vector = dify_object(weights, "vector_setting");
	const json_t *keyword = dify_object(weights, "keyword_setting");
	double near, words;

	if (json_is_number(weights)) {
		near = json_number_value(weights);
		words = 1 - near;
	} else {
		near = dify_real(vector, "vector_weight", -1);
		words = dify_real(keyword, "keyword_weight", 1 - near);
	}
	if (!(near >= 0) || !(words >= 0) || !(near + words > 0) ||
	    !(near + words < 1e9))
		return HYBRID_RATIO;
	return near / (near + words);
}

static double
method_ratio(const json_t *model)
{
	const char *method = dify_text(model, "search_method");
	const char *mode = dify_text(model, "reranking_mode");

	if (method == NULL || strcmp(method, "semantic_search") == 0)
		return 1;
	if (strcmp(method, "hybrid_search") != 0)
		return 0;
	/* Weights that another mode leaves unused. */
	if (mode != NULL && strcmp(mode, "weighted_score") != 0)
		return HYBRID_RATIO;
	return weights_ratio(json_object_get(model, "weights"));
}

int
dify_retrieval_read(const json_t *model, bool is_economy,
    struct query *query, json_t **ret_filter, struct err_note *note)
{
	int64_t top_k = dify_integer(model, "top_k", TOP_K_DEFAULT);
	double threshold = dify_real(model, "score_threshold", 0);
	int err;

	err = dify_filter_make(dify_object(model,
	    "metadata_filtering_conditions"), ret_filter, note);
	if (err < 0)
		return err;
	query->limit = top_k > (int64_t)QUERY_LIMIT_MAX ? QUERY_LIMIT_MAX
							: (size_t)top_k;
	query->semantic_ratio = is_economy ? 0 : method_ratio(model);
	query->score_min = 0;
	if (dify_bool(model, "score_threshold_enabled", false) &&
	    threshold > 0)
		query->score_min = threshold;
	query->filter = *ret_filter;
	return 0;
}
