/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments written, changed and deleted by hand.  They are indexed when the
 * answer comes: there is no status to wait for.
 */
#include <string.h>

#include "api/dify/dify_body.h"
#include "api/dify/dify_rule.h"
#include "api/dify/dify_segment.h"
#include "base/mem.h"

#define SEGMENTS_IN_REQUEST_MAX 1000u
#define KEYWORDS_IN_REQUEST_MAX 100

static const struct dify_field added_fields[] = {
    {.name = "content", .type = DIFY_TEXT, .is_required = true},
    {.name = "answer", .type = DIFY_TEXT},
    {.name = "keywords", .type = DIFY_TEXTS, .has_range = true,
	.max = KEYWORDS_IN_REQUEST_MAX},
    {.name = "attachment_ids", .type = DIFY_TEXTS},
};
static const struct dify_form added_form = DIFY_FORM("SegmentCreateArgs",
    added_fields);

static const struct dify_field add_fields[] = {
    {.name = "segments", .type = DIFY_OBJECTS, .of = &added_form,
	.has_range = true, .max = SEGMENTS_IN_REQUEST_MAX},
};
static const struct dify_form add_form = DIFY_FORM("SegmentCreatePayload",
    add_fields);

/* Errors of the list have a shape of their own: it is looked at later. */
static const struct dify_field any_fields[] = {
    {.name = "segments", .type = DIFY_ANY},
};
static const struct dify_form any_form = DIFY_FORM("SegmentCreatePayload",
    any_fields);

static const struct dify_field changed_fields[] = {
    {.name = "content", .type = DIFY_TEXT},
    {.name = "answer", .type = DIFY_TEXT},
    {.name = "keywords", .type = DIFY_TEXTS, .has_range = true,
	.max = KEYWORDS_IN_REQUEST_MAX},
    {.name = "enabled", .type = DIFY_BOOL},
    {.name = "regenerate_child_chunks", .type = DIFY_BOOL},
    {.name = "attachment_ids", .type = DIFY_TEXTS},
    {.name = "summary", .type = DIFY_TEXT},
};
static const struct dify_form changed_form = DIFY_FORM("SegmentUpdateArgs",
    changed_fields);
static const struct dify_field change_fields[] = {
    {.name = "segment", .type = DIFY_OBJECT, .is_required = true,
	.of = &changed_form},
};
static const struct dify_form change_form = DIFY_FORM("SegmentUpdatePayload",
    change_fields);

static bool
is_blank(const char *text)
{
	return text == NULL || text[strspn(text, " \t\r\n\f\v")] == '\0';
}

static bool
has_questions(const struct dify_place *place)
{
	return strcmp(dify_document_form(&place->document),
	    DIFY_FORM_QUESTIONS) == 0;
}

/* What is wrong with a segment's texts; NULL: nothing. */
static const char *
segment_fault(const struct dify_place *place, const json_t *segment)
{
	const char *answer = dify_text(segment, "answer");

	if (has_questions(place) && (answer == NULL || answer[0] == '\0'))
		return "Answer is required";
	if (has_questions(place) && is_blank(answer))
		return "Answer is empty";
	if (is_blank(dify_text(segment, "content")))
		return "Content is empty";
	return NULL;
}

/* The members that both kinds of edits have.  edit->keywords is owned
 * (free). */
static int
edit_read(const struct dify_place *place, const json_t *segment,
    struct segment_edit *edit)
{
	const json_t *keywords = json_object_get(segment, "keywords");

	memset(edit, 0, sizeof(*edit));
	edit->text = dify_text(segment, "content");
	if (has_questions(place))
		edit->answer = dify_text(segment, "answer");
	if (json_is_array(keywords)) {
		edit->keywords = json_dumps(keywords, JSON_COMPACT);
		if (edit->keywords == NULL)
			return ERR_NOMEM;
	}
	return 0;
}

static void
edit_fini(struct segment_edit *edit)
{
	free((void *)(uintptr_t)edit->keywords);
}

/* ---- adding ------------------------------------------------------------- */

static int
refuse_segments(struct http_reply *reply, const char *words)
{
	struct jsonw *w = dify_json(reply, 400);

	jsonw_object(w);
	jsonw_nstring(w, "error", words);
	jsonw_object_end(w);
	(void)dify_end_json(reply);
	return 1;
}

/* Returns as dify_body(); *ret_segments is NULL when there are none. */
static int
read_segments(struct http_request *request, struct http_reply *reply,
    const struct dify_place *place, const json_t **ret_segments)
{
	json_t *body, *segment;
	const char *fault;
	size_t i;
	int err;

	err = dify_body(request, reply, &any_form, &body);
	if (err != 0)
		return err;
	if (json_is_null(json_object_get(body, "segments")) ||
	    json_object_get(body, "segments") == NULL)
		return refuse_segments(reply, "Segments is required");
	buf_clear(request->scratch);
	if (dify_form_check(&add_form, body, request->scratch) > 0)
		return refuse_segments(reply, buf_text(request->scratch));
	json_array_foreach(json_object_get(body, "segments"), i, segment)
	{
		fault = segment_fault(place, segment);
		if (fault != NULL)
			return refuse_segments(reply, fault);
	}
	*ret_segments = json_object_get(body, "segments");
	return 0;
}

static int
add_all(struct http_request *request, const struct dify_place *place,
    const json_t *segments, struct uuid *ret_ids)
{
	size_t count = json_array_size(segments), i;
	struct segment_edit *edits;
	int err = 0;

	if (count == 0)
		return 0;
	edits = mem_zalloc(count * sizeof(*edits));
	if (edits == NULL)
		return ERR_NOMEM;
	for (i = 0; err == 0 && i < count; i++)
		err = edit_read(place, json_array_get(segments, i),
		    &edits[i]);
	if (err == 0)
		err = engine_segments_add(request->engine,
		    request->caller.account_id, &place->document.uuid, edits,
		    count, ret_ids, &request->note);
	for (i = 0; i < count; i++)
		edit_fini(&edits[i]);
	mem_free(edits);
	return err;
}

struct added_walk {
	struct jsonw *w;
	const struct dify_place *place;
};

static int
put_added(void *arg, const struct segment *segment)
{
	struct added_walk *walk = arg;

	return dify_write_segment_full(walk->w, walk->place, segment);
}

static int
answer_added(struct http_request *request, struct http_reply *reply,
    const struct dify_place *place, const struct uuid *ids, size_t count)
{
	struct added_walk walk = {dify_json(reply, 200), place};
	size_t i;
	int err = 0;

	jsonw_object(walk.w);
	jsonw_name(walk.w, "data");
	jsonw_array(walk.w);
	for (i = 0; err == 0 && i < count; i++)
		err = dify_segment_find(request, place, &ids[i], put_added,
		    &walk);
	jsonw_array_end(walk.w);
	jsonw_nstring(walk.w, "doc_form",
	    dify_document_form(&place->document));
	jsonw_object_end(walk.w);
	return err < 0 ? err : dify_end_json(reply);
}

/* May segments be added to it?  ERR_NOT_FOUND with words. */
static int
check_document(struct http_request *request, const struct dify_place *place)
{
	const char *status = dify_display_status(&place->document);

	if (strcmp(status, "available") != 0 &&
	    strcmp(status, "disabled") != 0 && strcmp(status, "archived") != 0)
		return dify_missing(request, "Document is not completed.");
	if (place->document.row.disabled_us != 0)
		return dify_missing(request, "Document is disabled.");
	return 0;
}

int
dify_add_segments(struct http_request *request, struct http_reply *reply)
{
	const json_t *segments = NULL;
	struct dify_place place;
	struct uuid *ids = NULL;
	size_t count = 0;
	int err;

	err = dify_place_open(request, &place);
	if (err == 0)
		err = check_document(request, &place);
	if (err == 0)
		err = read_segments(request, reply, &place, &segments);
	if (err == 0) {
		count = json_array_size(segments);
		ids = mem_array(count, sizeof(*ids));
		err = ids == NULL ? ERR_NOMEM : 0;
	}
	if (err == 0)
		err = add_all(request, &place, segments, ids);
	if (err == 0)
		err = dify_place_again(request, &place);
	if (err == 0)
		err = answer_added(request, reply, &place, ids, count);
	mem_free(ids);
	err = dify_place_close(request, &place, err);
	return err < 0 ? err : 0;
}

/* ---- changing ----------------------------------------------------------- */

static int
note_enabled(void *arg, const struct segment *segment)
{
	*(bool *)arg = segment->disabled_us == 0;
	return 0;
}

static int
change(struct http_request *request, const struct dify_place *place,
    const struct segment_edit *edit)
{
	int err;

	err = engine_segment_change(request->engine,
	    request->caller.account_id, &place->document.uuid,
	    &request->params[2].uuid, edit, request->caller.label,
	    &request->note);
	return err == ERR_NOT_FOUND
	    ? dify_missing(request, "Segment not found.") : err;
}

/*
 * A segment that is on and shall be off is switched off, whatever else is
 * asked; one that is off is changed only if it shall be on.
 */
static int
change_segment(struct http_request *request, const struct dify_place *place,
    const json_t *wanted, bool is_enabled)
{
	bool becomes = dify_bool(wanted, "enabled", is_enabled);
	struct segment_edit edit, toggle = {.sets_enabled = true,
	    .is_enabled = becomes};
	int err = 0;

	if (is_enabled && !becomes)
		return change(request, place, &toggle);
	if (!is_enabled && !becomes)
		return err_set(&request->note, ERR_INVALID,
		    "Can't update disabled segment");
	if (dify_text(wanted, "content") != NULL &&
	    is_blank(dify_text(wanted, "content")))
		return err_set(&request->note, ERR_INVALID,
		    "Content is empty");
	if (is_enabled != becomes)
		err = change(request, place, &toggle);
	if (err < 0)
		return err;
	err = edit_read(place, wanted, &edit);
	edit.recuts_children = dify_bool(wanted, "regenerate_child_chunks",
	    false);
	if (err == 0 && (edit.text != NULL || edit.answer != NULL ||
		edit.keywords != NULL || edit.recuts_children))
		err = change(request, place, &edit);
	edit_fini(&edit);
	return err;
}

int
dify_change_segment(struct http_request *request, struct http_reply *reply)
{
	const struct uuid *uuid = &request->params[2].uuid;
	bool is_enabled = true;
	struct dify_place place;
	json_t *body;
	int err;

	err = dify_place_open(request, &place);
	if (err == 0)
		err = dify_body(request, reply, &change_form, &body);
	if (err == 0)
		err = dify_segment_find(request, &place, uuid, note_enabled,
		    &is_enabled);
	if (err == 0)
		err = change_segment(request, &place,
		    dify_object(body, "segment"), is_enabled);
	if (err == 0)
		err = dify_place_again(request, &place);
	if (err == 0)
		err = dify_answer_segment(request, reply, &place, uuid);
	err = dify_place_close(request, &place, err);
	return err < 0 ? err : 0;
}

int
dify_delete_segment(struct http_request *request, struct http_reply *reply)
{
	bool is_enabled;
	struct dify_place place;
	int err;

	err = dify_place_open(request, &place);
	if (err == 0)
		err = dify_segment_find(request, &place,
		    &request->params[2].uuid, note_enabled, &is_enabled);
	if (err == 0) {
		err = engine_segment_delete(request->engine,
		    request->caller.account_id, &place.document.uuid,
		    &request->params[2].uuid, &request->note);
		if (err == ERR_NOT_FOUND)
			err = dify_missing(request, "Segment not found.");
	}
	err = dify_place_close(request, &place, err);
	return err < 0 ? err : dify_no_content(reply);
}
