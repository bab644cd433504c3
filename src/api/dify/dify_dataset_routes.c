/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datasets listed, shown, made and deleted.
 */
#include <stdlib.h>
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_dataset_view.h"
#include "api/dify/dify_int.h"
#include "base/limits.h"
#include "embed/embed.h"
#include "engine/base_models.h"

#define TAGS_BYTES_MAX (1 * MIB) /* of one dataset, as JSON */
#define TAG_FILTER_MAX 64u	 /* tags that a list may be asked for by */
#define SETTINGS_BYTES_MAX (64 * KIB) /* of a new dataset */

/* ---- one dataset ------------------------------------------------------- */

struct tags {
	struct buf buf;
	struct jsonw w;
};

static int
put_tag(void *arg, const struct tag *tag)
{
	struct tags *tags = arg;
	char id[UUID_TEXT_SIZE];

	uuid_format(&tag->uuid, id);
	jsonw_object(&tags->w);
	jsonw_nstring(&tags->w, "id", id);
	jsonw_nstring(&tags->w, "name", tag->name);
	jsonw_nstring(&tags->w, "type", "knowledge");
	jsonw_object_end(&tags->w);
	return tags->buf.err;
}

/* Append the object of one dataset, with all that is read for it. */
static int
put_dataset(struct http_request *request, struct store *reader,
    const struct dify_dataset *dataset, unsigned flags, struct jsonw *w)
{
	struct dify_dataset_facts facts = {
	    .embedder = engine_embedder(request->engine)->name,
	    .is_new = (flags & DIFY_DATASET_NEW) != 0,
	    .is_single = (flags & DIFY_DATASET_SINGLE) != 0,
	    .has_members = (flags & DIFY_DATASET_MEMBERS) != 0,
	};
	char account[UUID_TEXT_SIZE];
	struct tags tags;
	int err;

	buf_init(&tags.buf, TAGS_BYTES_MAX);
	jsonw_init(&tags.w, &tags.buf);
	tags.w.ascii = true;
	jsonw_array(&tags.w);
	err = store_tags_each(reader, request->caller.account_id, dataset->id,
	    put_tag, &tags);
	if (err == 0)
		err = store_document_totals(reader, dataset->id,
		    &facts.totals);
	if (err == 0)
		err = dify_account(request, reader, account);
	if (err == 0)
		err = tags.buf.err;
	if (err == 0) {
		facts.account = account;
		/* Its elements, without the bracket. */
		facts.tags = buf_text(&tags.buf) + 1;
		facts.tags_len = tags.buf.len - 1;
		dify_write_dataset(w, dataset, &facts);
	}
	buf_fini(&tags.buf);
	return err;
}

int
dify_reply_dataset(struct http_request *request, struct http_reply *reply,
    const struct uuid *uuid, unsigned flags)
{
	struct dify_dataset dataset;
	struct store *reader;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_dataset_load(request, reader, uuid, &dataset);
	if (err == 0)
		err = put_dataset(request, reader, &dataset, flags,
		    dify_json(reply, 200));
	err = http_end(request, reader, err);
	dify_dataset_close(&dataset);
	return err < 0 ? err : dify_end_json(reply);
}

int
dify_get_dataset(struct http_request *request, struct http_reply *reply)
{
	return dify_reply_dataset(request, reply, &request->params[0].uuid,
	    DIFY_DATASET_SINGLE);
}

int
dify_delete_dataset(struct http_request *request, struct http_reply *reply)
{
	struct dify_dataset dataset;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = dify_dataset_of(request, &dataset);
	if (err == 0)
		err = engine_base_delete(request->engine,
		    request->caller.account_id, &dataset.uuid,
		    &request->note);
	/* Another request has deleted it since. */
	if (err == ERR_NOT_FOUND)
		err = dify_missing(request, "Dataset not found.");
	dify_dataset_close(&dataset);
	return err < 0 ? err : dify_no_content(reply);
}

/* ---- lists ------------------------------------------------------------- */

struct list {
	struct base_page page;
	struct uuid tags[TAG_FILTER_MAX];
	bool is_empty; /* a tag was asked for that cannot be */
	struct dify_dataset datasets[DIFY_LIMIT_MAX];
	size_t count;
};

static int
list_take(void *arg, const struct base *base)
{
	struct list *list = arg;
	int err;

	if (list->count == DIFY_LIMIT_MAX)
		return ERR_INTERNAL;
	err = dify_dataset_take(base, &list->datasets[list->count]);
	if (err == 0)
		list->count++;
	return err;
}

static int
list_tag(struct http_request *request, struct list *list, const char *text)
{
	if (text[0] == '\0')
		return 0;
	if (list->page.tag_count == TAG_FILTER_MAX)
		return err_set(&request->note, ERR_INVALID,
		    "tag_ids: at most %u", TAG_FILTER_MAX);
	if (uuid_parse(text, strlen(text),
	    &list->tags[list->page.tag_count]) < 0)
		list->is_empty = true;
	else
		list->page.tag_count++;
	return 0;
}

/* Some clients' libraries write a repeated parameter with brackets. */
static int
list_tags(struct http_request *request, struct list *list)
{
	static const char *const names[] = {"tag_ids", "tag_ids[]"};
	const char *text;
	size_t i, at;
	int err = 0;

	for (i = 0; i < sizeof(names) / sizeof(*names) && err == 0; i++) {
		at = 0;
		while (err == 0 && (text = http_query_next(request, names[i],
		    &at)) != NULL)
			err = list_tag(request, list, text);
	}
	list->page.tags = list->tags;
	return err;
}

static int
list_read(struct store *reader, struct list *list, uint64_t *ret_total)
{
	int err;

	*ret_total = 0;
	if (list->is_empty)
		return 0;
	err = store_bases_count(reader, &list->page, ret_total);
	return err < 0 ? err
		       : store_bases_page(reader, &list->page, list_take,
			     list);
}

static int
list_write(struct http_request *request, struct http_reply *reply,
    struct list *list, const struct dify_paging *paging)
{
	struct store *reader;
	struct jsonw *w;
	uint64_t total;
	size_t i;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = list_read(reader, list, &total);
	w = dify_json(reply, 200);
	jsonw_object(w);
	jsonw_name(w, "data");
	jsonw_array(w);
	for (i = 0; i < list->count && err == 0; i++)
		err = put_dataset(request, reader, &list->datasets[i], 0,
		    w);
	jsonw_array_end(w);
	dify_paging_write(w, paging, total);
	jsonw_object_end(w);
	return http_end(request, reader, err);
}

int
dify_list_datasets(struct http_request *request, struct http_reply *reply)
{
	struct dify_paging paging;
	struct list list;
	size_t i;
	int err;

	memset(&list, 0, sizeof(list));
	dify_paging_read(request, &paging);
	list.page.account_id = request->caller.account_id;
	list.page.name = http_query(request, "keyword");
	if (list.page.name != NULL && list.page.name[0] == '\0')
		list.page.name = NULL;
	list.page.offset = paging.offset;
	list.page.limit = paging.rows;
	err = list_tags(request, &list);
	if (err == 0)
		err = list_write(request, reply, &list, &paging);
	for (i = 0; i < list.count; i++)
		dify_dataset_close(&list.datasets[i]);
	return err < 0 ? err : dify_end_json(reply);
}

/* ---- making one -------------------------------------------------------- */

const char *const dify_techniques[] = {DIFY_HIGH_QUALITY, DIFY_ECONOMY, NULL};
const char *const dify_permissions[] = {"only_me", "all_team_members",
    "partial_members", NULL};
static const char *const providers[] = {"vendor", "external", NULL};

static const struct dify_field create_fields[] = {
    {.name = "name", .type = DIFY_TEXT, .is_required = true,
	.has_range = true, .min = 1, .max = 40},
    {.name = "description", .type = DIFY_TEXT, .has_range = true,
	.max = 400},
    {.name = "indexing_technique", .type = DIFY_TEXT,
	.words = dify_techniques},
    {.name = "permission", .type = DIFY_TEXT, .words = dify_permissions},
    {.name = "provider", .type = DIFY_TEXT, .words = providers},
    {.name = "embedding_model", .type = DIFY_TEXT},
    {.name = "embedding_model_provider", .type = DIFY_TEXT},
    {.name = "retrieval_model", .type = DIFY_OBJECT,
	.of = &dify_retrieval_form},
    {.name = "summary_index_setting", .type = DIFY_OBJECT},
};
static const struct dify_form create_form =
    DIFY_FORM("DatasetCreatePayload", create_fields);

/* What the settings keep of the body as it is. */
static const char *const kept[] = {"permission", "embedding_model",
    "embedding_model_provider", "retrieval_model", "summary_index_setting"};

/* Returns owned (free); NULL: no memory. */
static char *
create_settings(const json_t *body)
{
	const char *technique = dify_text(body, "indexing_technique");
	json_t *settings, *dify, *value;
	bool is_bad;
	char *text;
	size_t i;

	settings = json_pack("{s:s, s:s, s:{s:s?, s:s, s:b, s:b}}",
	    "duplicates", "index", "empty", "index", "dify",
	    "indexing_technique", technique, "provider", "vendor",
	    "built_in_field_enabled", 0, "enable_api", 1);
	is_bad = settings == NULL;
	dify = json_object_get(settings, "dify");
	for (i = 0; i < sizeof(kept) / sizeof(*kept) && !is_bad; i++) {
		value = json_object_get(body, kept[i]);
		if (value != NULL && !json_is_null(value))
			is_bad = json_object_set(dify, kept[i], value) < 0;
	}
	if (!is_bad && technique != NULL)
		is_bad = json_object_set_new(settings, "vectors",
		    json_boolean(strcmp(technique, DIFY_ECONOMY) != 0)) < 0;
	text = is_bad ? NULL : json_dumps(settings, JSON_COMPACT);
	json_decref(settings);
	return text;
}

int
dify_create_dataset(struct http_request *request, struct http_reply *reply)
{
	struct model_wish wish = {.dimensions = 0};
	const char *provider, *description;
	struct uuid uuid;
	json_t *body;
	char *settings;
	int err;

	err = dify_body(request, reply, &create_form, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	provider = dify_text(body, "provider");
	if (provider != NULL && strcmp(provider, "external") == 0)
		return err_set(&request->note, ERR_INVALID,
		    "External datasets are not supported.");
	description = dify_text(body, "description");
	/* What is none of ours is a label. */
	wish.name = dify_text(body, "embedding_model");
	settings = create_settings(body);
	if (settings == NULL)
		return ERR_NOMEM;
	if (strlen(settings) > SETTINGS_BYTES_MAX)
		err = err_set(&request->note, ERR_INVALID,
		    "the dataset's settings have more than %llu bytes",
		    SETTINGS_BYTES_MAX);
	else
		err = engine_base_create_with(request->engine,
		    request->caller.account_id, dify_text(body, "name"),
		    description == NULL ? "" : description, settings,
		    engine_model_is_here(request->engine,
			request->caller.account_id, wish.name) ? &wish : NULL,
		    &uuid, &request->note);
	free(settings);
	if (err == ERR_EXISTS)
		return dify_refuse(reply, 409, "dataset_name_duplicate",
		    "The dataset name already exists. Please modify your "
		    "dataset name.");
	return err < 0 ? err
		       : dify_reply_dataset(request, reply, &uuid,
			     DIFY_DATASET_NEW);
}
