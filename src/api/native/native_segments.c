/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document's segments, as they were cut.
 */
#include <string.h>

#include "api/native/native_int.h"
#include "api/native/native_view.h"
#include "base/jsonw.h"
#include "base/limits.h"

struct segment_walk {
	struct native_list list;
	struct store *reader;
	struct uuid document, segment;
	bool shows_children;
};

static int
on_child(void *arg, const struct child *child)
{
	struct segment_walk *walk = arg;

	native_view_child(walk->list.w, &walk->segment, child);
	return 0;
}

/* The position that is remembered is one more than the ordinal: 0 means from
 * the start. */
static int
on_segment(void *arg, const struct segment *segment)
{
	struct segment_walk *walk = arg;
	struct jsonw *w = walk->list.w;
	int err = 0;

	if (!native_list_take(&walk->list, (int64_t)segment->ordinal + 1))
		return 0;
	native_view_segment(w, &walk->document, segment);
	if (walk->shows_children) {
		walk->segment = uuid_of_row(&walk->document,
		    (uint64_t)segment->id);
		jsonw_name(w, "children");
		jsonw_array(w);
		err = store_children_page(walk->reader, segment->id, NULL, 0,
		    CHILDREN_MAX, on_child, walk);
		jsonw_array_end(w);
	}
	jsonw_object_end(w);
	return err;
}

/* Where the first page begins, and whether children are shown. */
static int
read_parameters(struct http_request *request, struct segment_walk *walk)
{
	const char *children = http_query(request, "children");
	uint64_t from;
	int err;

	err = http_query_number(request, "from", 0, SEGMENTS_MAX, 0, &from);
	if (err < 0)
		return err;
	if (walk->list.position == 0)
		walk->list.position = (int64_t)from;
	if (children != NULL && strcmp(children, "true") != 0 &&
	    strcmp(children, "false") != 0)
		return err_set(&request->note, ERR_INVALID,
		    "children must be true or false");
	walk->shows_children = children != NULL && children[0] == 't';
	return 0;
}

int
native_documents_segments(struct http_request *request,
    struct http_reply *reply)
{
	struct native_document document;
	struct segment_walk walk;
	int err;

	err = native_list_open(request, reply, 's',
	    (int64_t)uuid_row(&request->params[0].uuid), &walk.list);
	if (err != 0)
		return err < 0 ? err : 0;
	err = read_parameters(request, &walk);
	if (err == 0)
		err = http_begin(request, &walk.reader);
	if (err < 0)
		return err;
	err = native_document_find(request, walk.reader, &document);
	if (err == 0) {
		walk.document = document.uuid;
		native_list_begin(&walk.list, reply, "segments");
		err = store_segments_each(walk.reader, document.id,
		    (uint32_t)walk.list.position, walk.list.limit + 1,
		    on_segment, &walk);
		native_list_end(&walk.list);
	}
	return http_end(request, walk.reader, err);
}
