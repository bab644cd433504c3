/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recalling: what sessions keep, then what datasets say.
 *
 * With a session and nothing more said, the session's own words are the
 * answer, and datasets are asked when it has none; datasets that are named are
 * asked in any case.
 */
#include <stdio.h>
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_memo.h"
#include "api/cognee/cognee_search.h"
#include "api/cognee/cognee_view.h"
#include "base/utf8.h"
#include "engine/memos.h"

#define CONTEXT_BYTES_MAX (16 * KIB) /* of a session, in words */
#define CONTEXT_MEMOS 50u
#define SCOPE_BYTES_MAX 40u /* of an unknown one, when it is repeated */

enum scope {
	SCOPE_AUTO,
	SCOPE_ALL,
	SCOPE_GRAPH,
	SCOPE_SESSION,
	SCOPE_TRACE,
	SCOPE_SESSION_CONTEXT,
	SCOPE_TOOLS,
	SCOPE_CODE,
	SCOPE_COUNT
};
#define BIT(scope) (1u << SCOPE_##scope)

static const char *const scope_names[SCOPE_COUNT] = {"auto", "all", "graph",
    "session", "trace", "session_context", "tools", "code"};

struct recall {
	unsigned scopes; /* bits */
	const char *session; /* NULL: none */
	const char *profile; /* of the session's context */
	struct cognee_search *search;
	size_t items;
};

static int
refuse(struct http_reply *reply, const char *words)
{
	cognee_write_error(http_reply_json(reply, 422), words);
	return 1;
}

/* ---- what is asked ------------------------------------------------------- */

static int
scope_add(struct http_reply *reply, const json_t *value, unsigned *scopes)
{
	const char *name = json_string_value(value);
	char cut[SCOPE_BYTES_MAX + 1], words[256];
	int scope;

	if (name == NULL)
		return refuse(reply, "A scope is a string.");
	for (scope = 0; scope < SCOPE_COUNT; scope++)
		if (strcmp(scope_names[scope], name) == 0) {
			*scopes |= 1u << scope;
			return 0;
		}
	(void)snprintf(cut, sizeof(cut), "%s", name);
	utf8_trim(cut);
	(void)snprintf(words, sizeof(words), "Unknown recall scope: %s. Valid "
	    "are auto, all, graph, session, trace and session_context.", cut);
	return refuse(reply, words);
}

static int
scopes_read(struct http_reply *reply, const json_t *body, unsigned *ret_scopes)
{
	const json_t *scope = cognee_member(body, "scope");
	unsigned scopes = 0;
	size_t i;

	if (scope == NULL || (json_is_array(scope) &&
	    json_array_size(scope) == 0))
		scopes = BIT(AUTO);
	else if (!json_is_array(scope) && scope_add(reply, scope, &scopes) != 0)
		return 1;
	for (i = 0; i < json_array_size(scope); i++)
		if (scope_add(reply, json_array_get(scope, i), &scopes) != 0)
			return 1;
	if ((scopes & (BIT(TOOLS) | BIT(CODE))) != 0)
		return refuse(reply, "The scopes tools and code are not "
		    "supported: this server asks no other databases, and "
		    "makes no graphs of code.");
	if ((scopes & BIT(ALL)) != 0)
		scopes = BIT(GRAPH) | BIT(SESSION) | BIT(TRACE) |
		    BIT(SESSION_CONTEXT);
	*ret_scopes = scopes;
	return 0;
}

/* What there is nothing to do with here. */
static int
others_check(struct http_reply *reply, const json_t *body)
{
	if (cognee_member(body, "response_schema") != NULL)
		return refuse(reply, "response_schema is not supported: "
		    "answers are texts.");
	if (json_array_size(cognee_member(body, "tool_connections")) > 0)
		return refuse(reply, "tool_connections are not supported: "
		    "this server asks no other databases.");
	return 0;
}

static int
recall_read(struct http_reply *reply, const json_t *body,
    struct recall *recall, struct cognee_asked *ret_asked)
{
	recall->session = cognee_text(body, "session_id", NULL);
	recall->profile = cognee_text(body, "context_profile", "qa");
	if (recall->session != NULL && recall->session[0] == '\0')
		recall->session = NULL;
	if (scopes_read(reply, body, &recall->scopes) != 0 ||
	    others_check(reply, body) != 0)
		return 1;
	return cognee_asked_read(reply, body, true, ret_asked);
}

/* ---- what sessions keep -------------------------------------------------- */

static int
on_memo(void *arg, const struct memo *memo, double score)
{
	struct recall *recall = arg;
	struct buf *items = &recall->search->items;
	struct jsonw w;

	if (recall->items++ > 0)
		(void)buf_putc(items, ',');
	jsonw_init(&w, items);
	return cognee_write_memo(&w, memo, score);
}

static int
find_memos(struct http_request *request, struct store *reader,
    struct recall *recall, const char *kind)
{
	struct memo_wish wish = {.session = recall->session, .kind = kind,
	    .question = recall->search->asked.question,
	    .limit = recall->search->asked.limit};

	return engine_memos_find(reader, request->caller.account_id, &wish,
	    on_memo, recall);
}

/* Stops at the first one that does not fit. */
static int
on_context(void *arg, const struct memo *memo, double score)
{
	struct buf *out = arg;
	size_t len = out->len;

	(void)score;
	if (cognee_memo_lines(memo, out) == 0)
		return 0;
	if (out->err == ERR_TOO_BIG) {
		out->err = 0;
		out->len = len;
		return 1;
	}
	return out->err;
}

/* What was said last in the session, in words; the newest first. */
static int
find_context(struct http_request *request, struct store *reader,
    struct recall *recall)
{
	struct memo_wish wish = {.session = recall->session,
	    .kind = strcmp(recall->profile, "agent") == 0
		? COGNEE_MEMO_TRACE : COGNEE_MEMO_QA,
	    .limit = CONTEXT_MEMOS};
	struct buf *items = &recall->search->items, text;
	struct jsonw w;
	int err;

	buf_init(&text, CONTEXT_BYTES_MAX);
	err = engine_memos_find(reader, request->caller.account_id, &wish,
	    on_context, &text);
	if (err >= 0 && text.len > 0) {
		if (recall->items++ > 0)
			(void)buf_putc(items, ',');
		jsonw_init(&w, items);
		jsonw_object(&w);
		jsonw_nstring(&w, "source", "session_context");
		jsonw_name(&w, "content");
		jsonw_stringn(&w, text.data, text.len);
		jsonw_nstring(&w, "context_profile", recall->profile);
		jsonw_name(&w, "text");
		jsonw_stringn(&w, text.data, text.len);
		jsonw_object_end(&w);
		err = items->err;
	}
	buf_fini(&text);
	return err < 0 ? err : 0;
}

static int
find_session(struct http_request *request, struct recall *recall)
{
	struct store *reader;
	int err;

	err = http_reader(request, &reader);
	if (err == 0 && (recall->scopes & (BIT(SESSION) | BIT(AUTO))) != 0)
		err = find_memos(request, reader, recall, COGNEE_MEMO_QA);
	if (err == 0 && (recall->scopes & BIT(TRACE)) != 0)
		err = find_memos(request, reader, recall, COGNEE_MEMO_TRACE);
	if (err == 0 && (recall->scopes & BIT(SESSION_CONTEXT)) != 0)
		err = find_context(request, reader, recall);
	return err;
}

/* ---- POST /api/v1/recall ------------------------------------------------- */

static bool
asks_datasets(const struct recall *recall)
{
	const struct cognee_asked *asked = &recall->search->asked;

	if ((recall->scopes & BIT(GRAPH)) != 0)
		return true;
	return (recall->scopes & BIT(AUTO)) != 0 &&
	    (recall->items == 0 || asked->names != NULL ||
		asked->ids != NULL);
}

/* Datasets are not all that is asked. */
static bool
asks_sessions(const struct recall *recall)
{
	return recall->items > 0 ||
	    (recall->scopes & (BIT(SESSION) | BIT(TRACE) |
				  BIT(SESSION_CONTEXT))) != 0;
}

static int
recall_find(struct http_request *request, struct http_reply *reply,
    struct recall *recall)
{
	struct cognee_search *search = recall->search;
	int err = 0;

	if (recall->session != NULL)
		err = find_session(request, recall);
	if (err < 0 || !asks_datasets(recall))
		return err;
	err = cognee_search_resolve(request, reply, search);
	if (err == 0)
		err = cognee_search_find(request, reply, search);
	/* Nothing is in the datasets yet: what sessions have stands. */
	if (err == 1 && reply->status == 404 && asks_sessions(recall) &&
	    search->asked.names == NULL && search->asked.ids == NULL) {
		search->count = 0;
		buf_clear(&reply->body);
		err = 0;
	}
	return err;
}

static int
recall_post(struct http_request *request, struct http_reply *reply,
    const json_t *body)
{
	struct recall recall = {.session = NULL};
	struct cognee_asked asked;
	int err;

	if (recall_read(reply, body, &recall, &asked) != 0)
		return 0;
	err = cognee_search_new(request, &asked, &recall.search);
	if (err < 0)
		return err;
	recall.search->is_recall = true;
	err = recall_find(request, reply, &recall);
	if (err == 0)
		return cognee_search_reply(request, reply, recall.search);
	cognee_search_free(recall.search);
	return err < 0 ? err : 0;
}

int
cognee_recall(struct http_request *request, struct http_reply *reply)
{
	static const char *const profiles[] = {"qa", "agent", NULL};
	static const char *const triggers[] = {"always", "on_empty", NULL};
	static const struct cognee_field fields[] = {
	    COGNEE_SEARCH_FIELDS,
	    {.name = "session_id", .type = COGNEE_TEXT},
	    {.name = "scope", .type = COGNEE_ANY},
	    {.name = "tool_connections", .type = COGNEE_TEXTS},
	    {.name = "tools_trigger", .type = COGNEE_TEXT, .words = triggers},
	    {.name = "context_profile", .type = COGNEE_TEXT,
		.words = profiles},
	    {.name = "response_schema", .type = COGNEE_ANY},
	};
	const json_t *body;
	int err;

	err = cognee_body(request, reply, fields,
	    sizeof(fields) / sizeof(fields[0]), &body);
	if (err == 0)
		err = recall_post(request, reply, body);
	if (err >= 0)
		return 0;
	cognee_write_error(http_reply_json(reply, err == ERR_BUSY ? 503 : 409),
	    "An error occurred during recall.");
	return 0;
}
