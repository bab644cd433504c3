/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_dataset_view.h"
#include "api/dify/dify_int.h"
#include "base/jsonw.h"

#define TOP_K_DEFAULT 2 /* of a dataset that says nothing else */
#define PROVIDER "tidemark" /* of the model, when none was asked for */

static const struct {
	const char *name, *type;
} built_ins[] = {
    {"document_name", "string"},
    {"uploader", "string"},
    {"upload_date", "time"},
    {"last_update_date", "time"},
    {"source", "string"},
};

const char *
dify_built_in_name(size_t nth)
{
	return nth < sizeof(built_ins) / sizeof(*built_ins)
	    ? built_ins[nth].name : NULL;
}

const char *
dify_built_in_type(size_t nth)
{
	return nth < sizeof(built_ins) / sizeof(*built_ins)
	    ? built_ins[nth].type : NULL;
}

/* ---- how it is searched ------------------------------------------------- */

static const char *
text_or(const json_t *object, const char *name, const char *otherwise)
{
	const char *text = dify_text(object, name);

	return text != NULL ? text : otherwise;
}

/* A number as short as it can be told. */
static void
put_real(struct jsonw *w, const char *name, const json_t *object,
    double otherwise)
{
	jsonw_nreal(w, name, dify_real(object, name, otherwise), 6);
}

static void
put_weights(struct jsonw *w, const json_t *weights)
{
	const json_t *vector = dify_object(weights, "vector_setting");
	const json_t *keyword = dify_object(weights, "keyword_setting");

	jsonw_name(w, "weights");
	if (weights == NULL) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_nstring(w, "weight_type", dify_text(weights, "weight_type"));
	jsonw_name(w, "vector_setting");
	jsonw_object(w);
	put_real(w, "vector_weight", vector, 0);
	jsonw_nstring(w, "embedding_provider_name",
	    text_or(vector, "embedding_provider_name", ""));
	jsonw_nstring(w, "embedding_model_name",
	    text_or(vector, "embedding_model_name", ""));
	jsonw_object_end(w);
	jsonw_name(w, "keyword_setting");
	jsonw_object(w);
	put_real(w, "keyword_weight", keyword, 0);
	jsonw_object_end(w);
	jsonw_object_end(w);
}

void
dify_write_retrieval(struct jsonw *w, const json_t *asked,
    const char *method)
{
	const json_t *model = dify_object(asked, "reranking_model");
	const json_t *threshold = json_object_get(asked, "score_threshold");

	jsonw_object(w);
	jsonw_nstring(w, "search_method", method != NULL ? method
	    : text_or(asked, "search_method", "semantic_search"));
	jsonw_nbool(w, "reranking_enable",
	    dify_bool(asked, "reranking_enable", false));
	jsonw_nstring(w, "reranking_mode", dify_text(asked,
	    "reranking_mode"));
	jsonw_name(w, "reranking_model");
	jsonw_object(w);
	jsonw_nstring(w, "reranking_provider_name",
	    text_or(model, "reranking_provider_name", ""));
	jsonw_nstring(w, "reranking_model_name",
	    text_or(model, "reranking_model_name", ""));
	jsonw_object_end(w);
	put_weights(w, dify_object(asked, "weights"));
	jsonw_nint(w, "top_k", dify_integer(asked, "top_k", TOP_K_DEFAULT));
	jsonw_nbool(w, "score_threshold_enabled",
	    dify_bool(asked, "score_threshold_enabled", false));
	if (threshold == NULL || json_is_null(threshold))
		jsonw_nnull(w, "score_threshold");
	else
		put_real(w, "score_threshold", asked, 0);
	jsonw_object_end(w);
}

/* ---- the object ---------------------------------------------------------- */

static void
put_summary(struct jsonw *w, const json_t *setting)
{
	const json_t *enable = json_object_get(setting, "enable");

	jsonw_name(w, "summary_index_setting");
	jsonw_object(w);
	if (enable == NULL || json_is_null(enable))
		jsonw_nnull(w, "enable");
	else
		jsonw_nbool(w, "enable", dify_bool(setting, "enable", false));
	jsonw_nstring(w, "model_name", dify_text(setting, "model_name"));
	jsonw_nstring(w, "model_provider_name",
	    dify_text(setting, "model_provider_name"));
	jsonw_nstring(w, "summary_prompt",
	    dify_text(setting, "summary_prompt"));
	jsonw_object_end(w);
}

/* There is no external knowledge: these say so. */
static void
put_external(struct jsonw *w)
{
	jsonw_name(w, "external_knowledge_info");
	jsonw_object(w);
	jsonw_nnull(w, "external_knowledge_id");
	jsonw_nnull(w, "external_knowledge_api_id");
	jsonw_nnull(w, "external_knowledge_api_name");
	jsonw_nnull(w, "external_knowledge_api_endpoint");
	jsonw_object_end(w);
	jsonw_name(w, "external_retrieval_model");
	jsonw_object(w);
	jsonw_nint(w, "top_k", TOP_K_DEFAULT);
	jsonw_name(w, "score_threshold");
	jsonw_raw(w, "0.0", 3);
	jsonw_nnull(w, "score_threshold_enabled");
	jsonw_object_end(w);
}

static void
put_field(struct jsonw *w, const char *id, const char *name,
    const char *type)
{
	jsonw_object(w);
	jsonw_nstring(w, "id", id);
	jsonw_nstring(w, "name", name);
	jsonw_nstring(w, "type", type);
	jsonw_object_end(w);
}

static void
put_metadata(struct jsonw *w, const json_t *dify)
{
	const json_t *fields = json_object_get(dify, "metadata_fields"), *at;
	bool has_built_in = dify_bool(dify, "built_in_field_enabled", false);
	size_t i;

	jsonw_name(w, "doc_metadata");
	jsonw_array(w);
	for (i = 0; i < json_array_size(fields); i++) {
		at = json_array_get(fields, i);
		put_field(w, dify_text(at, "id"), dify_text(at, "name"),
		    dify_text(at, "type"));
	}
	for (i = 0; has_built_in && dify_built_in_name(i) != NULL; i++)
		put_field(w, "built-in", dify_built_in_name(i),
		    dify_built_in_type(i));
	jsonw_array_end(w);
	jsonw_nbool(w, "built_in_field_enabled", has_built_in);
}

static void
put_icon(struct jsonw *w)
{
	jsonw_name(w, "icon_info");
	jsonw_object(w);
	jsonw_nnull(w, "icon_type");
	jsonw_nnull(w, "icon");
	jsonw_nnull(w, "icon_background");
	jsonw_nnull(w, "icon_url");
	jsonw_object_end(w);
}

static void
put_members(struct jsonw *w, const json_t *list)
{
	size_t i;

	jsonw_name(w, "partial_member_list");
	jsonw_array(w);
	for (i = 0; i < json_array_size(list); i++) {
		jsonw_object(w);
		jsonw_nstring(w, "user_id",
		    text_or(json_array_get(list, i), "user_id", ""));
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

/* id to updated_at */
static void
put_head(struct jsonw *w, const struct dify_dataset *dataset,
    const struct dify_dataset_facts *facts)
{
	const json_t *dify = dataset->dify;

	jsonw_nstring(w, "id", dataset->id_text);
	jsonw_nstring(w, "name", dataset->name);
	jsonw_nstring(w, "description", dataset->description);
	jsonw_nstring(w, "provider", "vendor");
	jsonw_nstring(w, "permission",
	    text_or(dify, "permission", "only_me"));
	jsonw_nstring(w, "data_source_type",
	    facts->totals.documents > 0 ? "upload_file" : NULL);
	jsonw_nstring(w, "indexing_technique",
	    dify_dataset_technique(dataset));
	jsonw_nint(w, "app_count", 0);
	jsonw_nuint(w, "document_count", facts->totals.documents);
	jsonw_nuint(w, "word_count", facts->totals.characters);
	jsonw_nstring(w, "created_by", facts->account);
	jsonw_nstring(w, "author_name", "default");
	dify_seconds(w, "created_at", dataset->created_us);
	jsonw_nstring(w, "updated_by", facts->account);
	dify_seconds(w, "updated_at", dataset->updated_us);
}

/* embedding_model to embedding_available: the names that were asked for, or
 * those of what there is. */
static void
put_embedding(struct jsonw *w, const struct dify_dataset *dataset,
    const struct dify_dataset_facts *facts)
{
	const char *technique = dify_dataset_technique(dataset);
	const char *model = dify_text(dataset->dify, "embedding_model");
	const char *provider = dify_text(dataset->dify,
	    "embedding_model_provider");

	if (model == NULL && technique != NULL &&
	    strcmp(technique, DIFY_HIGH_QUALITY) == 0) {
		model = facts->embedder;
		provider = PROVIDER;
	}
	jsonw_nstring(w, "embedding_model", model);
	jsonw_nstring(w, "embedding_model_provider", provider);
	if (facts->is_new)
		jsonw_nnull(w, "embedding_available");
	else
		jsonw_nbool(w, "embedding_available", true);
}

void
dify_write_dataset(struct jsonw *w, const struct dify_dataset *dataset,
    const struct dify_dataset_facts *facts)
{
	const json_t *dify = dataset->dify;
	const char *technique = dify_dataset_technique(dataset);
	const char *permission = text_or(dify, "permission", "");
	bool is_by_words = facts->is_single && (technique == NULL ||
	    strcmp(technique, DIFY_HIGH_QUALITY) != 0);

	jsonw_object(w);
	put_head(w, dataset, facts);
	put_embedding(w, dataset, facts);
	jsonw_name(w, "retrieval_model_dict");
	dify_write_retrieval(w, dify_object(dify, "retrieval_model"),
	    is_by_words ? "keyword_search" : NULL);
	put_summary(w, dify_object(dify, "summary_index_setting"));
	jsonw_name(w, "tags");
	jsonw_array(w);
	if (facts->tags_len > 0)
		jsonw_raw(w, facts->tags, facts->tags_len);
	jsonw_array_end(w);
	jsonw_nstring(w, "doc_form", dify_dataset_form(dataset));
	put_external(w);
	put_metadata(w, dify);
	jsonw_nnull(w, "pipeline_id");
	jsonw_nstring(w, "runtime_mode", "general");
	jsonw_nnull(w, "chunk_structure");
	put_icon(w);
	jsonw_nbool(w, "is_published", false);
	jsonw_nuint(w, "total_documents", facts->totals.documents);
	jsonw_nuint(w, "total_available_documents", facts->totals.available);
	jsonw_nbool(w, "enable_api", dify_bool(dify, "enable_api", true));
	jsonw_nbool(w, "is_multimodal", false);
	jsonw_nstring(w, "maintainer", facts->account);
	if (facts->has_members ||
	    (facts->is_single && strcmp(permission, "partial_members") == 0))
		put_members(w, json_object_get(dify, "partial_member_list"));
	jsonw_object_end(w);
}
