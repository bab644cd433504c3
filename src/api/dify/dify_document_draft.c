/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a document is to be, before it is put.
 *
 * The first document decides what its dataset is: its doc_form and, where that
 * was left open, the indexing technique.  Both, and the latest rule, are
 * settled in the dataset's settings before the document is put; two first
 * documents at once are one after the other there, and the second one follows
 * the first or is refused.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_document_put.h"
#include "api/dify/dify_rule.h"
#include "base/utf8.h"
#include "engine/rule.h"
#include "sys/rng.h"

#define LANGUAGE_DEFAULT "English"

/* ---- bodies ------------------------------------------------------------- */

static const char *const techniques[] = {DIFY_HIGH_QUALITY, DIFY_ECONOMY,
    NULL};

#define SHARED_FIELDS                                                         \
	{.name = "process_rule", .type = DIFY_OBJECT,                         \
	    .of = &dify_process_rule_form},                                   \
	    {.name = "doc_form", .type = DIFY_TEXT},                          \
	    {.name = "doc_language", .type = DIFY_TEXT},                      \
	    {.name = "indexing_technique", .type = DIFY_TEXT,                 \
		.words = techniques},                                         \
	    {.name = "retrieval_model", .type = DIFY_OBJECT,                  \
		.of = &dify_retrieval_form},                                  \
	    {.name = "embedding_model", .type = DIFY_TEXT},                   \
	    {.name = "embedding_model_provider", .type = DIFY_TEXT}

static const struct dify_field create_text_fields[] = {
    {.name = "name", .type = DIFY_TEXT, .is_required = true},
    {.name = "text", .type = DIFY_TEXT, .is_required = true},
    SHARED_FIELDS,
    {.name = "original_document_id", .type = DIFY_TEXT},
};
const struct dify_form dify_create_text_form = DIFY_FORM(
    "DocumentTextCreatePayload", create_text_fields);

static const struct dify_field update_text_fields[] = {
    {.name = "name", .type = DIFY_TEXT},
    {.name = "text", .type = DIFY_TEXT},
    SHARED_FIELDS,
};
const struct dify_form dify_update_text_form = DIFY_FORM(
    "DocumentTextUpdate", update_text_fields);

static const struct dify_field create_file_fields[] = {
    SHARED_FIELDS,
    {.name = "duplicate", .type = DIFY_BOOL},
    {.name = "original_document_id", .type = DIFY_TEXT},
};
const struct dify_form dify_create_file_form = DIFY_FORM("KnowledgeConfig",
    create_file_fields);

static const struct dify_field update_file_fields[] = {
    {.name = "name", .type = DIFY_TEXT},
    SHARED_FIELDS,
};
const struct dify_form dify_update_file_form = DIFY_FORM("KnowledgeConfig",
    update_file_fields);

/* ---- settling ----------------------------------------------------------- */

/* Bytes of text's first chars characters. */
static size_t
first_chars(const char *text, size_t len, size_t chars)
{
	size_t end = 0, taken;

	while (end < len && chars-- > 0) {
		(void)utf8_decode(text + end, len - end, &taken);
		end += taken;
	}
	return end;
}

void
dify_draft_name(struct dify_draft *draft, const char *name, bool is_file)
{
	const char *first = is_file ? strchr(name, '.') : NULL, *last = "";
	size_t len = strlen(name), end, i;

	if (utf8_count(name, len) <= DIFY_NAME_CHARS_MAX) {
		first = NULL; /* it stays whole */
	} else if (first != NULL) {
		last = strrchr(name, '.');
		/* An ending that is longer than a word is none. */
		if (utf8_count(last, strlen(last)) > DIFY_ENDING_CHARS_MAX)
			last = "";
		len = (size_t)(first - name);
	}
	end = first_chars(name, len, DIFY_NAME_CHARS_MAX);
	memcpy(draft->name, name, end);
	memcpy(draft->name + end, last, strlen(last) + 1);
	/* They are no part of a name here, and in no name that is shown. */
	for (i = 0; draft->name[i] != '\0'; i++)
		if ((unsigned char)draft->name[i] < ' ' ||
		    draft->name[i] == 0x7F)
			draft->name[i] = ' ';
}

int
dify_draft_technique(struct http_request *request, struct dify_draft *draft)
{
	draft->technique = dify_dataset_technique(draft->dataset);
	if (draft->technique == NULL)
		draft->technique = dify_text(draft->body,
		    "indexing_technique");
	return draft->technique != NULL ? 0
	    : err_set(&request->note, ERR_INVALID,
		  "indexing_technique is required.");
}

static int
one_found(void *arg, const struct document *document)
{
	bool *has = arg;

	(void)document;
	*has = true;
	return 0;
}

/* Asked with each document that is created: not to be counted. */
static bool
has_documents(const struct dify_dataset *dataset, struct store *reader)
{
	struct document_filter filter = {.base_id = dataset->id, .limit = 1};
	bool has = false;

	return store_documents_each(reader, &filter, one_found, &has) < 0 ||
	    has;
}

/* Is there a chat model that makes questions of a text? */
static bool
has_chat(struct http_request *request)
{
	return engine_has_chat(request->engine);
}

static int
settle_form(struct http_request *request, struct dify_draft *draft)
{
	const char *known = dify_dataset_form(draft->dataset);
	const char *form = dify_text(draft->body, "doc_form");
	struct store *reader;
	int err;

	if (form == NULL && draft->document != NULL)
		form = dify_document_form(draft->document);
	if (form == NULL)
		form = known != NULL ? known : DIFY_FORM_TEXT;
	if (strcmp(form, DIFY_FORM_TEXT) != 0 &&
	    strcmp(form, DIFY_FORM_PARENTS) != 0 &&
	    strcmp(form, DIFY_FORM_QUESTIONS) != 0)
		return err_set(&request->note, ERR_INVALID,
		    "1 validation error for KnowledgeConfig\ndoc_form\n"
		    "  Value error, Invalid doc_form. [type=value_error]");
	if (known != NULL && strcmp(known, form) != 0) {
		err = http_reader(request, &reader);
		if (err < 0)
			return err;
		if (has_documents(draft->dataset, reader))
			return err_set(&request->note, ERR_INVALID,
			    "doc_form is different from the dataset "
			    "doc_form.");
	}
	if (strcmp(form, DIFY_FORM_QUESTIONS) == 0 && !has_chat(request))
		return err_set(&request->note, ERR_INVALID,
		    "doc_form qa_model needs a chat model, and this server "
		    "has none: set chat_url.");
	draft->form = form;
	return 0;
}

static int
settle_language(struct http_request *request, struct dify_draft *draft)
{
	const char *language = dify_text(draft->body, "doc_language");

	if (language == NULL && draft->document != NULL)
		language = dify_text(draft->document->dify, "doc_language");
	if (language == NULL || language[0] == '\0')
		language = LANGUAGE_DEFAULT;
	if (strlen(language) >= sizeof(rule_default.questions))
		return err_set(&request->note, ERR_INVALID,
		    "doc_language has more than %zu bytes.",
		    sizeof(rule_default.questions) - 1);
	draft->language = language;
	return 0;
}

/* The stored rule that counts when the body has none; NULL: there is none. */
static const json_t *
inherited_rule(const struct dify_draft *draft)
{
	const json_t *rule = NULL;

	if (draft->document != NULL)
		rule = dify_document_rule(draft->document);
	if (rule == NULL)
		rule = dify_object(draft->dataset->dify, "process_rule");
	return rule;
}

int
dify_draft_rule(struct http_request *request, struct dify_draft *draft)
{
	const json_t *wire = dify_object(draft->body, "process_rule");
	const json_t *inherited = inherited_rule(draft);
	struct uuid uuid = rng_uuid();
	char id[UUID_TEXT_SIZE];
	int err = 0;

	if (wire == NULL && inherited == NULL && draft->needs_rule)
		return err_set(&request->note, ERR_INVALID,
		    "process_rule is required.");
	if (wire != NULL || inherited == NULL) {
		err = dify_rule_read(wire, &draft->rule, &request->note);
		if (err < 0)
			return err;
		uuid_format(&uuid, id);
		if (json_object_set_new(draft->rule, "id",
			json_string(id)) < 0)
			return ERR_NOMEM;
	} else {
		draft->rule = json_deep_copy(inherited);
		if (draft->rule == NULL)
			return ERR_NOMEM;
	}
	err = settle_form(request, draft);
	if (err == 0)
		err = settle_language(request, draft);
	if (err == 0)
		err = dify_rule_chunking(draft->rule, draft->form,
		    &draft->chunking, &request->note);
	return err;
}

void
dify_draft_fini(struct dify_draft *draft)
{
	json_decref(draft->rule);
	json_decref(draft->chunking);
}

/* ---- the dataset -------------------------------------------------------- */

static bool
set(json_t *object, const char *name, json_t *value, bool *has_failed)
{
	if (json_object_set_new(object, name, value) < 0)
		*has_failed = true;
	return true;
}

/* What a dataset gets with its technique; true: something changed. */
static bool
change_technique(const struct dify_draft *draft, json_t *settings,
    json_t *dify, bool *failed)
{
	bool has_vectors = strcmp(draft->technique, DIFY_HIGH_QUALITY) == 0;
	const json_t *model = dify_object(draft->body, "retrieval_model");
	const char *embedding = dify_text(draft->body, "embedding_model");
	const char *provider = dify_text(draft->body,
	    "embedding_model_provider");

	if (json_is_string(json_object_get(dify, "indexing_technique")))
		return false;
	(void)set(dify, "indexing_technique", json_string(draft->technique),
	    failed);
	(void)set(settings, "vectors", json_boolean(has_vectors), failed);
	if (!has_vectors)
		return true;
	if (embedding != NULL && provider != NULL) {
		(void)set(dify, "embedding_model", json_string(embedding),
		    failed);
		(void)set(dify, "embedding_model_provider",
		    json_string(provider), failed);
	}
	if (!json_is_object(json_object_get(dify, "retrieval_model")))
		(void)set(dify, "retrieval_model", model != NULL
		    ? json_deep_copy(model)
		    : json_pack("{s:s, s:b, s:{s:s, s:s}, s:i, s:b}",
			"search_method", "semantic_search",
			"reranking_enable", 0, "reranking_model",
			"reranking_provider_name", "",
			"reranking_model_name", "", "top_k", 4,
			"score_threshold_enabled", 0), failed);
	return true;
}

/* A rule that says the same keeps its id: a dataset that gets a thousand
 * documents with one rule has one. */
static bool
change_rule(struct dify_draft *draft, json_t *dify, bool *failed)
{
	const json_t *latest = dify_object(dify, "process_rule");
	json_t *id;

	if (latest != NULL && dify_rule_is_same(latest, draft->rule)) {
		id = json_object_get(latest, "id");
		if (json_is_string(id) &&
		    json_object_set_new(draft->rule, "id",
			json_string(json_string_value(id))) < 0)
			*failed = true;
		return false;
	}
	return set(dify, "process_rule", json_deep_copy(draft->rule), failed);
}

/* dify_change_fn: also run on a copy, to see whether there is something to
 * change at all. */
static int
change_dataset(void *arg, json_t *settings, json_t *dify,
    struct err_note *note)
{
	struct dify_draft *draft = arg;
	const char *form = dify_text(dify, "doc_form");
	const char *expected = dify_text(draft->dataset->dify, "doc_form");
	bool has_changed, failed = false;

	/* Another one was first meanwhile. */
	if (form != NULL && strcmp(form, draft->form) != 0 &&
	    (expected == NULL || strcmp(expected, form) != 0))
		return err_set(note, ERR_INVALID,
		    "doc_form is different from the dataset doc_form.");
	has_changed = change_technique(draft, settings, dify, &failed);
	if (form == NULL || strcmp(form, draft->form) != 0)
		has_changed = set(dify, "doc_form", json_string(draft->form),
		    &failed);
	/* An update that brings no rule leaves the latest one alone. */
	if ((draft->document == NULL ||
		dify_object(draft->body, "process_rule") != NULL) &&
	    change_rule(draft, dify, &failed))
		has_changed = true;
	return failed ? ERR_NOMEM : has_changed ? 0 : 1;
}

int
dify_draft_settle(struct http_request *request, struct dify_draft *draft)
{
	const struct dify_dataset *dataset = draft->dataset;
	json_t *settings = json_deep_copy(dataset->settings);
	json_t *dify = json_object_get(settings, "dify");
	int err;

	if (dify == NULL) {
		json_decref(settings);
		return ERR_NOMEM;
	}
	err = change_dataset(draft, settings, dify, &request->note);
	json_decref(settings);
	if (err == 0)
		err = dify_dataset_change(request, &dataset->uuid,
		    change_dataset, draft);
	return err < 0 ? err : 0;
}
