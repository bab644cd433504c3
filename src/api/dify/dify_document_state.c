/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switching documents on and off, putting them away and back.  All that are
 * named, or none: what is wrong with one is told before any is changed.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_document.h"

static const struct dify_field ids_fields[] = {
    {.name = "document_ids", .type = DIFY_TEXTS, .is_required = true,
	.has_range = true, .min = 1, .max = DIFY_IDS_MAX},
};
static const struct dify_form ids_form = DIFY_FORM("DocumentRetryPayload",
    ids_fields);

static const struct dify_field status_fields[] = {
    {.name = "document_ids", .type = DIFY_TEXTS, .has_range = true,
	.max = DIFY_IDS_MAX},
};
static const struct dify_form status_form = DIFY_FORM(
    "DocumentStatusPayload", status_fields);

int
dify_document_ids(struct http_request *request, struct http_reply *reply,
    bool may_be_empty, struct uuid ret_ids[DIFY_IDS_MAX], size_t *ret_count)
{
	json_t *body, *id;
	size_t i, j, count = 0;
	int err;

	err = dify_body(request, reply, may_be_empty ? &status_form : &ids_form,
	    &body);
	if (err != 0)
		return err;
	json_array_foreach(json_object_get(body, "document_ids"), i, id)
	{
		if (count == DIFY_IDS_MAX)
			break;
		if (uuid_parse(json_string_value(id), json_string_length(id),
			&ret_ids[count]) < 0)
			memset(&ret_ids[count], 0, sizeof(ret_ids[count]));
		for (j = 0; j < count; j++)
			if (uuid_is_equal(&ret_ids[j], &ret_ids[count]))
				break;
		count += j == count;
	}
	*ret_count = count;
	return 0;
}

/* ---- what can be done --------------------------------------------------- */

enum action { ACTION_ENABLE, ACTION_DISABLE, ACTION_ARCHIVE,
	ACTION_UN_ARCHIVE, ACTION_COUNT };

static const char *const action_words[ACTION_COUNT] = {
    [ACTION_ENABLE] = "enable",
    [ACTION_DISABLE] = "disable",
    [ACTION_ARCHIVE] = "archive",
    [ACTION_UN_ARCHIVE] = "un_archive",
};

/* ACTION_COUNT: there is none of that name. */
static unsigned
action_find(const char *word)
{
	unsigned i;

	for (i = 0; i < ACTION_COUNT; i++)
		if (strcmp(action_words[i], word) == 0)
			break;
	return i;
}

static void
action_edit(enum action action, const struct uuid *uuid,
    struct document_edit *edit)
{
	memset(edit, 0, sizeof(*edit));
	edit->document = *uuid;
	switch (action) {
	case ACTION_ENABLE:
	case ACTION_DISABLE:
		edit->sets_enabled = true;
		edit->is_enabled = action == ACTION_ENABLE;
		break;
	case ACTION_ARCHIVE:
	case ACTION_UN_ARCHIVE:
		edit->sets_archived = true;
		edit->is_archived = action == ACTION_ARCHIVE;
		break;
	case ACTION_COUNT:
		break;
	}
}

/* May it be done to this document?  ERR_INVALID with words. */
static int
action_check(struct http_request *request, enum action action,
    const struct dify_document *document)
{
	const char *status = dify_display_status(document);

	if (action == ACTION_DISABLE && strcmp(status, "available") != 0 &&
	    strcmp(status, "disabled") != 0 && strcmp(status, "archived") != 0)
		return err_set(&request->note, ERR_INVALID,
		    "Document: %.180s is not completed.", document->row.name);
	return 0;
}

struct change {
	enum action action;
	struct uuid ids[DIFY_IDS_MAX];
	size_t id_count;
	struct document_edit edits[DIFY_IDS_MAX];
	size_t edit_count;
	bool is_refused; /* with the request's words */
};

static int
change_prepare(struct http_request *request, struct store *reader,
    const struct dify_dataset *dataset, struct change *change)
{
	struct dify_document document;
	size_t i;
	int err;

	for (i = 0; i < change->id_count; i++) {
		err = dify_document_open(reader, dataset, &change->ids[i],
		    &document);
		if (err == ERR_NOT_FOUND)
			continue; /* as the original does */
		if (err < 0)
			return err;
		err = action_check(request, change->action, &document);
		action_edit(change->action, &document.uuid,
		    &change->edits[change->edit_count]);
		change->edit_count++;
		dify_document_close(&document);
		if (err < 0) {
			change->is_refused = true;
			return 0;
		}
	}
	return 0;
}

static int
change_apply(struct http_request *request, struct http_reply *reply,
    const struct change *change)
{
	int err = 0;

	if (change->is_refused)
		return dify_refuse(reply, 400, "invalid_action",
		    request->note.text);
	if (change->edit_count > 0)
		err = engine_documents_edit(request->engine,
		    request->caller.account_id, change->edits,
		    change->edit_count, request->caller.label,
		    &request->note);
	return err < 0 ? err : dify_success(reply);
}

int
dify_set_status(struct http_request *request, struct http_reply *reply)
{
	const char *word = request->params[1].text;
	unsigned action = action_find(word);
	struct dify_dataset dataset;
	struct change change = {.id_count = 0};
	struct store *reader;
	int err;

	memset(&dataset, 0, sizeof(dataset));
	err = http_begin(request, &reader);
	if (err < 0)
		return err;
	err = dify_dataset_open(request, reader, &dataset);
	if (err == 0)
		err = dify_document_ids(request, reply, true, change.ids,
		    &change.id_count);
	if (err == 0 && change.id_count > 0 && action < ACTION_COUNT) {
		change.action = (enum action)action;
		err = change_prepare(request, reader, &dataset, &change);
	}
	err = http_end(request, reader, err);
	dify_dataset_close(&dataset);
	if (err != 0)
		return err < 0 ? err : 0;
	if (change.id_count > 0 && action == ACTION_COUNT) {
		(void)err_set(&request->note, ERR_INVALID,
		    "Invalid action: %.64s. Must be one of ['enable', "
		    "'disable', 'archive', 'un_archive']", word);
		change.is_refused = true;
	}
	return change_apply(request, reply, &change);
}
