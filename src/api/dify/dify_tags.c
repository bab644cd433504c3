/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags: names that are bound to datasets.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_int.h"
#include "base/limits.h"
#include "base/mem.h"

#define TAG_CHARS_MAX 50
#define TAGS_MAX 1000 /* of one binding */
#define NO_TAG "Tag not found."
#define NAME_TAKEN "Tag name already exists"

static const struct dify_field create_fields[] = {
    {.name = "name", .type = DIFY_TEXT, .is_required = true,
	.has_range = true, .min = 1, .max = TAG_CHARS_MAX},
};
static const struct dify_form create_form =
    DIFY_FORM("TagCreatePayload", create_fields);
static const struct dify_field update_fields[] = {
    {.name = "name", .type = DIFY_TEXT, .is_required = true,
	.has_range = true, .min = 1, .max = TAG_CHARS_MAX},
    {.name = "tag_id", .type = DIFY_TEXT, .is_required = true},
};
static const struct dify_form update_form =
    DIFY_FORM("TagUpdatePayload", update_fields);
static const struct dify_field delete_fields[] = {
    {.name = "tag_id", .type = DIFY_TEXT, .is_required = true},
};
static const struct dify_form delete_form =
    DIFY_FORM("TagDeletePayload", delete_fields);
static const struct dify_field bind_fields[] = {
    {.name = "tag_ids", .type = DIFY_TEXTS, .is_required = true,
	.has_range = true, .min = 1, .max = TAGS_MAX},
    {.name = "target_id", .type = DIFY_TEXT, .is_required = true},
};
static const struct dify_form bind_form =
    DIFY_FORM("TagBindingPayload", bind_fields);
static const struct dify_field unbind_fields[] = {
    {.name = "tag_ids", .type = DIFY_TEXTS, .has_range = true,
	.max = TAGS_MAX},
    {.name = "tag_id", .type = DIFY_TEXT},
    {.name = "target_id", .type = DIFY_TEXT, .is_required = true},
};
static const struct dify_form unbind_form =
    DIFY_FORM("TagUnbindingPayload", unbind_fields);

/* ---- answers ------------------------------------------------------------ */

static int
put_tag(void *arg, const struct tag *tag)
{
	struct jsonw *w = arg;
	char text[UUID_TEXT_SIZE];

	uuid_format(&tag->uuid, text);
	jsonw_object(w);
	jsonw_nstring(w, "id", text);
	jsonw_nstring(w, "name", tag->name);
	jsonw_nstring(w, "type", "knowledge");
	(void)snprintf(text, sizeof(text), "%llu",
	    (unsigned long long)tag->bases);
	jsonw_nstring(w, "binding_count", text);
	jsonw_object_end(w);
	return w->out->err;
}

struct one {
	struct jsonw *w;
	const struct uuid *uuid;
	bool is_found;
};

static int
put_one(void *arg, const struct tag *tag)
{
	struct one *one = arg;

	if (!uuid_is_equal(&tag->uuid, one->uuid))
		return 0;
	one->is_found = true;
	return put_tag(one->w, tag);
}

static int
reply_tag(struct http_request *request, struct http_reply *reply,
    const struct uuid *uuid)
{
	struct one one = {.uuid = uuid};
	struct store *reader;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	one.w = dify_json(reply, 200);
	err = store_tags_each(reader, request->caller.account_id, 0, put_one,
	    &one);
	err = http_end(request, reader, err);
	if (err == 0 && !one.is_found)
		return dify_missing(request, NO_TAG);
	return err < 0 ? err : dify_end_json(reply);
}

int
dify_list_tags(struct http_request *request, struct http_reply *reply)
{
	struct store *reader;
	struct jsonw *w;
	int err;

	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	w = dify_json(reply, 200);
	jsonw_array(w);
	err = store_tags_each(reader, request->caller.account_id, 0, put_tag,
	    w);
	jsonw_array_end(w);
	err = http_end(request, reader, err);
	return err < 0 ? err : dify_end_json(reply);
}

struct dataset_tags {
	struct jsonw *w;
	uint64_t count;
};

static int
put_dataset_tag(void *arg, const struct tag *tag)
{
	struct dataset_tags *tags = arg;
	char id[UUID_TEXT_SIZE];

	uuid_format(&tag->uuid, id);
	jsonw_object(tags->w);
	jsonw_nstring(tags->w, "id", id);
	jsonw_nstring(tags->w, "name", tag->name);
	jsonw_object_end(tags->w);
	tags->count++;
	return tags->w->out->err;
}

int
dify_get_dataset_tags(struct http_request *request, struct http_reply *reply)
{
	struct dataset_tags tags = {.count = 0};
	struct dify_dataset dataset;
	struct store *reader;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	tags.w = dify_json(reply, 200);
	jsonw_object(tags.w);
	jsonw_name(tags.w, "data");
	jsonw_array(tags.w);
	err = dify_dataset_open(request, reader, &dataset);
	if (err == 0)
		err = store_tags_each(reader, request->caller.account_id,
		    dataset.id, put_dataset_tag, &tags);
	err = http_end(request, reader, err);
	jsonw_array_end(tags.w);
	jsonw_nuint(tags.w, "total", tags.count);
	jsonw_object_end(tags.w);
	dify_dataset_close(&dataset);
	return err < 0 ? err : dify_end_json(reply);
}

/* ---- changing ----------------------------------------------------------- */

static int
tag_id(struct http_request *request, const char *text, struct uuid *ret_uuid)
{
	return uuid_parse(text, strlen(text), ret_uuid) < 0
	    ? dify_missing(request, NO_TAG)
	    : 0;
}

/* The engine's errors in Dify's words. */
static int
tag_words(struct http_request *request, int err)
{
	if (err == ERR_NOT_FOUND)
		return dify_missing(request, NO_TAG);
	if (err == ERR_EXISTS)
		return err_set(&request->note, ERR_INVALID, NAME_TAKEN);
	return err;
}

int
dify_create_tag(struct http_request *request, struct http_reply *reply)
{
	struct uuid uuid;
	json_t *body;
	int err;

	err = dify_body(request, reply, &create_form, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = tag_words(request, engine_tag_create(request->engine,
	    request->caller.account_id, dify_text(body, "name"), &uuid,
	    &request->note));
	return err < 0 ? err : reply_tag(request, reply, &uuid);
}

int
dify_update_tag(struct http_request *request, struct http_reply *reply)
{
	struct uuid uuid;
	json_t *body;
	int err;

	err = dify_body(request, reply, &update_form, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = tag_id(request, dify_text(body, "tag_id"), &uuid);
	if (err == 0)
		err = tag_words(request, engine_tag_rename(request->engine,
		    request->caller.account_id, &uuid,
		    dify_text(body, "name"), &request->note));
	return err < 0 ? err : reply_tag(request, reply, &uuid);
}

int
dify_delete_tag(struct http_request *request, struct http_reply *reply)
{
	struct uuid uuid;
	json_t *body;
	int err;

	err = dify_body(request, reply, &delete_form, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = tag_id(request, dify_text(body, "tag_id"), &uuid);
	if (err == 0)
		err = tag_words(request, engine_tag_delete(request->engine,
		    request->caller.account_id, &uuid, &request->note));
	return err < 0 ? err : dify_no_content(reply);
}

/* ---- binding ------------------------------------------------------------ */

/* The dataset is looked for as that of a path is. */
static int
target_open(struct http_request *request, const char *text,
    struct uuid *ret_uuid)
{
	struct dify_dataset dataset;
	struct store *reader;
	struct uuid uuid;
	int err;

	if (uuid_parse(text, strlen(text), &uuid) < 0)
		return dify_missing(request, "Dataset not found.");
	memset(&dataset, 0, sizeof(dataset));
	err = http_reader(request, &reader);
	if (err == 0)
		err = dify_dataset_load(request, reader, &uuid, &dataset);
	dify_dataset_close(&dataset);
	if (err == 0)
		*ret_uuid = uuid;
	return err;
}

static int
bind_all(struct http_request *request, const json_t *ids, const char *one,
    const struct uuid *target, bool is_bound)
{
	size_t n = json_array_size(ids), i, count = 0;
	struct uuid *tags;
	int err = 0;

	tags = mem_array(n + 1, sizeof(*tags));
	if (tags == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n && err == 0; i++)
		err = tag_id(request,
		    json_string_value(json_array_get(ids, i)),
		    &tags[count++]);
	if (err == 0 && one != NULL)
		err = tag_id(request, one, &tags[count++]);
	if (err == 0 && count == 0)
		err = err_set(&request->note, ERR_INVALID,
		    "tag_ids or tag_id is required.");
	if (err == 0)
		err = tag_words(request, engine_tags_bind(request->engine,
		    request->caller.account_id, tags, count, target, is_bound,
		    &request->note));
	mem_free(tags);
	return err;
}

static int
bind_or_unbind(struct http_request *request, struct http_reply *reply,
    const struct dify_form *form, bool is_bound)
{
	struct uuid target;
	json_t *body;
	int err;

	err = dify_body(request, reply, form, &body);
	if (err != 0)
		return err < 0 ? err : 0;
	err = target_open(request, dify_text(body, "target_id"), &target);
	if (err == 0)
		err = bind_all(request, json_object_get(body, "tag_ids"),
		    is_bound ? NULL : dify_text(body, "tag_id"), &target,
		    is_bound);
	return err < 0 ? err : dify_no_content(reply);
}

int
dify_bind_tags(struct http_request *request, struct http_reply *reply)
{
	return bind_or_unbind(request, reply, &bind_form, true);
}

int
dify_unbind_tags(struct http_request *request, struct http_reply *reply)
{
	return bind_or_unbind(request, reply, &unbind_form, false);
}
