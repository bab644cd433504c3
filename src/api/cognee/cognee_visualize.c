/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page that draws graphs, and the data in it.
 *
 * Of one dataset or of several, which then stand side by side: the same name in
 * two of them need not be the same thing.  A page holds at most NODES_MAX
 * entities unless "full" asks for all; it says itself what it leaves out.
 */
#include <string.h>

#include <jansson.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_dataset.h"
#include "api/cognee/cognee_graph_view.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_page.h"
#include "api/cognee/cognee_view.h"
#include "base/mem.h"
#include "sys/clock.h"

#define NODES_MAX 5000u /* entities that a page draws smoothly */
#define EDGES_PER_NODE 4u
#define DATASETS_MAX QUERY_BASES_MAX

struct visual {
	struct cognee_dataset datasets[DATASETS_MAX];
	struct base_graph graphs[DATASETS_MAX];
	struct cognee_shown shown[DATASETS_MAX];
	size_t count, graph_count;
	struct graph_wish wish;
	const char *query; /* NULL: all of it, not what is around that */
};

static struct visual *
visual_new(void)
{
	struct visual *visual = mem_zalloc(sizeof(*visual));

	if (visual != NULL)
		visual->wish = (struct graph_wish){.nodes_max = NODES_MAX,
		    .edges_max = EDGES_PER_NODE * NODES_MAX,
		    .with_texts = true};
	return visual;
}

static void
visual_free(struct visual *visual)
{
	size_t i;

	if (visual == NULL)
		return;
	for (i = 0; i < visual->graph_count; i++)
		base_graph_fini(&visual->graphs[i]);
	mem_free(visual);
}

/* Whatever went wrong: the original has one sentence. */
static int
no_picture(struct http_reply *reply)
{
	cognee_write_error(http_reply_json(reply, 409),
	    "Unable to render visualization.");
	return 0;
}

/* ---- what is asked for --------------------------------------------------- */

/* What the original chooses a part of the graph by, and this does not. */
static int
refuse_parts(struct http_request *request, struct http_reply *reply)
{
	static const char *const names[] = {"seed_node_ids",
	    "neighborhood_depth", "neighborhood_seed_top_k"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (http_query(request, names[i]) != NULL)
			return cognee_invalid(reply, "query", names[i],
			    "value_error", "Parts are chosen by query and "
			    "max_nodes here, not by this", NULL);
	return 0;
}

/* Options of the query; 0, or 1 when the reply is written (400). */
static int
read_options(struct http_request *request, struct http_reply *reply,
    struct visual *visual)
{
	uint64_t nodes;
	bool is_full;

	if (refuse_parts(request, reply) != 0 ||
	    cognee_query_bool(request, reply, "full", false, &is_full) != 0)
		return 1;
	if (http_query_number(request, "max_nodes", 1, NODES_MAX, NODES_MAX,
		&nodes) < 0)
		return cognee_invalid(reply, "query", "max_nodes",
		    "value_error", "Input should be a whole number from 1 to "
		    "5000", http_query(request, "max_nodes"));
	visual->wish.nodes_max = is_full ? 0 : nodes;
	visual->wish.edges_max = is_full ? 0 : EDGES_PER_NODE * nodes;
	visual->query = http_query(request, "query");
	if (visual->query != NULL && visual->query[0] == '\0')
		visual->query = NULL;
	if (visual->query != NULL && strlen(visual->query) > QUERY_BYTES_MAX)
		return cognee_invalid(reply, "query", "query",
		    "string_too_long", "The query is too long", NULL);
	return 0;
}

/* Nobody's twice. */
static int
visual_add(struct http_request *request, struct store *reader,
    const struct uuid *uuid, struct visual *visual)
{
	struct cognee_dataset *dataset = &visual->datasets[visual->count];
	size_t i;
	int err;

	for (i = 0; i < visual->count; i++)
		if (uuid_is_equal(&visual->datasets[i].uuid, uuid))
			return 0;
	err = cognee_dataset_find(request, reader, uuid, COGNEE_READ,
	    dataset);
	if (err == 0)
		visual->count++;
	return err;
}

static int
read_graphs(struct http_request *request, struct store *reader,
    struct visual *visual)
{
	struct cognee_dataset *dataset;
	struct base_graph *graph;
	int err;

	for (; visual->graph_count < visual->count; visual->graph_count++) {
		if (http_is_stopping(request))
			return ERR_BUSY;
		dataset = &visual->datasets[visual->graph_count];
		graph = &visual->graphs[visual->graph_count];
		err = visual->query == NULL
		    ? engine_graph(request->engine, reader,
			  dataset->account_id, &dataset->uuid, &visual->wish,
			  graph, &request->note)
		    : engine_graph_around(request->engine, reader,
			  dataset->account_id, &dataset->uuid, visual->query,
			  NULL, 0, &visual->wish, graph, &request->note);
		if (err < 0)
			return err;
		visual->shown[visual->graph_count] = (struct cognee_shown){
		    .dataset = dataset, .graph = graph};
	}
	return 0;
}

/* ---- answers ------------------------------------------------------------- */

static void
put_data(const struct visual *visual, struct jsonw *w)
{
	cognee_write_shown(w, visual->shown, visual->count, visual->query,
	    clock_wall_us());
}

static int
put_page(struct http_request *request, struct http_reply *reply,
    const struct visual *visual)
{
	char policy[COGNEE_POLICY_SIZE];
	struct jsonw w;

	jsonw_init(&w, request->scratch);
	put_data(visual, &w);
	if (request->scratch->err < 0)
		return request->scratch->err;
	cognee_page_policy(policy);
	/* Whoever looked at what was sent may have begun to complain. */
	buf_clear(&reply->body);
	reply->status = 200;
	reply->content_type = "text/html; charset=utf-8";
	http_reply_header(reply, "Content-Security-Policy", policy);
	http_reply_header(reply, "X-Content-Type-Options", "nosniff");
	http_reply_header(reply, "Cache-Control", "private, no-store");
	return cognee_write_page(&reply->body, request->scratch->data,
	    request->scratch->len);
}

/* Of the datasets that there are in visual. */
static int
answer(struct http_request *request, struct http_reply *reply,
    struct store *reader, struct visual *visual, bool is_page)
{
	int err;

	err = read_graphs(request, reader, visual);
	if (err == 0 && is_page)
		err = put_page(request, reply, visual);
	else if (err == 0)
		put_data(visual, http_reply_json(reply, 200));
	return err;
}

static int
show_one(struct http_request *request, struct http_reply *reply,
    struct visual *visual, bool is_page)
{
	struct store *reader;
	struct uuid uuid;
	bool has;
	int err;

	if (cognee_query_uuid(request, reply, "dataset_id", &uuid, &has) != 0)
		return 0;
	if (!has) {
		(void)cognee_invalid(reply, "query", "dataset_id", "missing",
		    "Field required", NULL);
		return 0;
	}
	if (read_options(request, reply, visual) != 0)
		return 0;
	err = http_reader(request, &reader);
	if (err == 0)
		err = visual_add(request, reader, &uuid, visual);
	return err < 0 ? err
		       : answer(request, reply, reader, visual, is_page);
}

static int
show(struct http_request *request, struct http_reply *reply, bool is_page)
{
	struct visual *visual = visual_new();
	int err;

	err = visual == NULL ? ERR_NOMEM
			     : show_one(request, reply, visual, is_page);
	visual_free(visual);
	return err < 0 ? no_picture(reply) : 0;
}

int
cognee_visualize(struct http_request *request, struct http_reply *reply)
{
	return show(request, reply, true);
}

int
cognee_visualize_json(struct http_request *request, struct http_reply *reply)
{
	return show(request, reply, false);
}

/* ---- several ------------------------------------------------------------- */

/*
 * A dataset's id, or {"user_id", "dataset_id"}, where the user must be whose it
 * is.  0; 1 when the reply is written (400); ERR_NOT_FOUND.
 */
static int
add_entry(struct http_request *request, struct http_reply *reply,
    struct store *reader, const json_t *entry, struct visual *visual)
{
	static const struct cognee_field fields[] = {
	    {.name = "dataset_id", .type = COGNEE_UUID, .is_required = true},
	    {.name = "user_id", .type = COGNEE_UUID},
	};
	struct uuid uuid, owner;
	int err;

	if (json_is_string(entry)) {
		if (cognee_value_uuid(reply, "body", "dataset_id",
			json_string_value(entry), &uuid) != 0)
			return 1;
		return visual_add(request, reader, &uuid, visual);
	}
	if (cognee_check(reply, entry, fields,
		sizeof(fields) / sizeof(*fields)) != 0)
		return 1;
	(void)cognee_uuid(entry, "dataset_id", &uuid);
	err = visual_add(request, reader, &uuid, visual);
	if (err < 0 || !cognee_uuid(entry, "user_id", &owner))
		return err;
	for (size_t i = 0; i < visual->count; i++)
		if (uuid_is_equal(&visual->datasets[i].uuid, &uuid) &&
		    !uuid_is_equal(&visual->datasets[i].owner, &owner))
			return ERR_NOT_FOUND;
	return 0;
}

static int
show_several(struct http_request *request, struct http_reply *reply,
    struct visual *visual)
{
	struct store *reader;
	size_t i, count;
	json_t *body;
	int err;

	err = http_json(request, &body);
	if (err == ERR_SYNTAX || (err == 0 && !json_is_array(body))) {
		(void)cognee_invalid(reply, "body", NULL, err == 0
		    ? "list_type" : "json_invalid", err == 0
		    ? "Input should be a valid list" : "JSON decode error",
		    NULL);
		return 0;
	}
	count = err == 0 ? json_array_size(body) : 0;
	if (err == 0 && (count == 0 || count > DATASETS_MAX)) {
		(void)cognee_invalid(reply, "body", NULL, count == 0
		    ? "too_short" : "too_long",
		    "List should have 1 to 16 items", NULL);
		return 0;
	}
	if (err == 0)
		err = http_reader(request, &reader);
	for (i = 0; err == 0 && i < count; i++)
		err = add_entry(request, reply, reader,
		    json_array_get(body, i), visual);
	if (err != 0)
		return err < 0 ? err : 0;
	/* They share the page's room. */
	visual->wish.nodes_max /= visual->count;
	visual->wish.edges_max /= visual->count;
	return answer(request, reply, reader, visual, true);
}

int
cognee_visualize_multi(struct http_request *request, struct http_reply *reply)
{
	struct visual *visual = visual_new();
	int err;

	err = visual == NULL ? ERR_NOMEM
			     : show_several(request, reply, visual);
	visual_free(visual);
	return err < 0 ? no_picture(reply) : 0;
}

/* ---- what is not here ---------------------------------------------------- */

static int
refuse(struct http_reply *reply, const char *words)
{
	cognee_write_error(http_reply_json(reply, 501), words);
	return 0;
}

int
cognee_visualize_semantic(struct http_request *request,
    struct http_reply *reply)
{
	(void)request;
	return refuse(reply, "Entities have no vectors here, so that none is "
	    "near another in meaning. GET /api/v1/visualize places them by "
	    "their links.");
}

int
cognee_visualize_brains(struct http_request *request,
    struct http_reply *reply)
{
	(void)request;
	return refuse(reply, "There is no overview of all datasets here. "
	    "POST /api/v1/visualize/multi shows those that it is given.");
}

int
cognee_visualize_events(struct http_request *request,
    struct http_reply *reply)
{
	(void)request;
	return refuse(reply, "Pictures are not followed live here. GET "
	    "/api/v1/datasets/status/progress tells how far a run is.");
}
