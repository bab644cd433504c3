/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a query asks for.  The two versions have names of their own for the
 * same things; each takes those of the other, as some clients send the one's
 * body to the other's path.
 */
#include <strings.h>

#include "api/captain/captain_body.h"
#include "api/captain/captain_int.h"
#include "api/captain/captain_query.h"
#include "search/filter.h"

#define LIMIT_DEFAULT 10
#define LIMIT_V3_MAX 100
#define CANDIDATES_DEFAULT 50
#define CANDIDATES_MAX 100
#define PER_DOCUMENT_MAX 1000
#define RATIO_DEFAULT 0.5
#define CHUNK_TYPES_MAX 100

_Static_assert(CAPTAIN_QUERY_CHARS_MAX * 4 <= QUERY_BYTES_MAX,
    "a query fits whatever its characters are");
_Static_assert(CAPTAIN_WISH_CHARS_MAX * 4 <= ANSWER_WISH_BYTES_MAX,
    "nothing is cut off silently");
_Static_assert(CANDIDATES_MAX <= RERANK_DOCUMENTS_MAX,
    "all candidates are shown to the service");

#define QUERY_FIELD                                                           \
	{                                                                     \
		.name = "query", .type = CAPTAIN_TEXT, .is_required = true,   \
		.min = 1, .max = CAPTAIN_QUERY_CHARS_MAX                      \
	}
#define RATIO_FIELD                                                           \
	{                                                                     \
		.name = "semantic_ratio", .type = CAPTAIN_REAL, .min = 0,     \
		.max = 1                                                      \
	}

static const struct captain_field fields_v2[] = {
    QUERY_FIELD,
    RATIO_FIELD,
    {.name = "inference", .type = CAPTAIN_BOOL},
    {.name = "stream", .type = CAPTAIN_BOOL},
    {.name = "top_k", .type = CAPTAIN_INT, .min = 1, .max = QUERY_LIMIT_MAX},
    {.name = "limit", .type = CAPTAIN_INT, .min = 1, .max = QUERY_LIMIT_MAX},
    {.name = "metadata_filter", .type = CAPTAIN_OBJECT},
    {.name = "filter", .type = CAPTAIN_OBJECT},
    {.name = "custom_prompt", .type = CAPTAIN_TEXT, .min = 0,
	.max = CAPTAIN_WISH_CHARS_MAX},
    {.name = "include_bbox", .type = CAPTAIN_BOOL},
};

static const struct captain_field fields_v3[] = {
    QUERY_FIELD,
    RATIO_FIELD,
    {.name = "inference", .type = CAPTAIN_BOOL},
    {.name = "limit", .type = CAPTAIN_INT, .min = 1, .max = LIMIT_V3_MAX},
    {.name = "top_k", .type = CAPTAIN_INT, .min = 1, .max = LIMIT_V3_MAX},
    {.name = "filter", .type = CAPTAIN_OBJECT},
    {.name = "metadata_filter", .type = CAPTAIN_OBJECT},
    {.name = "include", .type = CAPTAIN_OBJECT},
    {.name = "exclude_chunk_types", .type = CAPTAIN_TEXTS, .min = 0,
	.max = CHUNK_TYPES_MAX},
    {.name = "max_chunks_per_document", .type = CAPTAIN_INT, .min = 1,
	.max = PER_DOCUMENT_MAX},
};

/* ---- parts --------------------------------------------------------------- */

/* true, false, or {"enabled", "candidate_limit", "model"}. */
static int
rerank_read(struct http_reply *reply, const json_t *body,
    struct captain_asked *asked)
{
	static const char words[] =
	    "Input should be a valid boolean or dictionary";
	static const char limit_words[] =
	    "Input should be a valid integer from 1 to 100";
	const json_t *value = json_object_get(body, "rerank");
	const char *text = json_string_value(value);
	const json_t *limit;

	asked->candidates = CANDIDATES_DEFAULT;
	if (value == NULL || json_is_null(value))
		return 0;
	if (!json_is_object(value)) {
		if (!json_is_boolean(value) && (text == NULL ||
		    (strcasecmp(text, "true") != 0 &&
			strcasecmp(text, "false") != 0)))
			return captain_invalid(reply, "body", "rerank",
			    "bool_parsing", words);
		asked->is_rerank = captain_bool(body, "rerank", false);
		return 0;
	}
	asked->is_rerank = captain_bool(value, "enabled", true);
	if (!captain_has(value, "candidate_limit"))
		return 0;
	limit = json_object_get(value, "candidate_limit");
	if (!json_is_integer(limit) || json_integer_value(limit) < 1 ||
	    json_integer_value(limit) > CANDIDATES_MAX)
		return captain_invalid(reply, "body", "rerank",
		    "int_parsing", limit_words);
	asked->candidates = (size_t)json_integer_value(limit);
	return 0;
}

static int
filter_read(struct http_reply *reply, const json_t *body, const char *name,
    const char *alias, struct captain_asked *asked)
{
	const char *given = captain_has(body, name) ? name : alias;

	if (!captain_has(body, given))
		return 0;
	asked->filter = json_object_get(body, given);
	if (filter_check(asked->filter, NULL) == 0)
		return 0;
	/* A message repeats nothing of what the client sent. */
	(void)captain_refuse(reply, 400,
	    "The filter is not valid: it has an unknown operator, a value "
	    "that its operator cannot take, or too many or too deeply nested "
	    "terms");
	return 1;
}

static void
include_read(const json_t *body, struct captain_asked *asked)
{
	static const struct {
		const char *name;
		bool otherwise;
		unsigned include, warns;
	} rows[] = {
	    {"document", true, CAPTAIN_WITH_DOCUMENT, 0},
	    {"metadata", true, CAPTAIN_WITH_METADATA, 0},
	    {"document_metadata", false, CAPTAIN_WITH_DOCUMENT_METADATA, 0},
	    {"neighboring_chunks", false, CAPTAIN_WITH_NEIGHBOURS, 0},
	    {"regions", false, 0, CAPTAIN_WARNS(REGIONS)},
	    {"relations", false, 0, CAPTAIN_WARNS(RELATIONS)},
	    {"related_chunks", false, 0, CAPTAIN_WARNS(RELATED)},
	    {"archived", false, 0, CAPTAIN_WARNS(ARCHIVED)},
	};
	const json_t *include = json_object_get(body, "include");
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (captain_bool(include, rows[i].name, rows[i].otherwise)) {
			asked->include |= rows[i].include;
			asked->warnings |= rows[i].warns;
		}
}

/* Everything that is cut here is text. */
static bool
excludes_text(const json_t *body)
{
	const json_t *types = json_object_get(body, "exclude_chunk_types");
	size_t i;

	for (i = 0; i < json_array_size(types); i++)
		if (strcasecmp(json_string_value(json_array_get(types, i)),
			"text") == 0)
			return true;
	return false;
}

/* ---- the two versions ---------------------------------------------------- */

static int
v2_read(struct http_reply *reply, const json_t *body,
    struct captain_asked *asked)
{
	asked->is_inference = captain_bool(body, "inference", false);
	asked->is_stream = captain_bool(body, "stream", false);
	asked->wish = captain_text(body, "custom_prompt", NULL);
	asked->limit = (size_t)captain_int(body, "top_k",
	    captain_int(body, "limit", LIMIT_DEFAULT));
	if (captain_bool(body, "include_bbox", false))
		asked->warnings |= CAPTAIN_WARNS(BBOX);
	if (asked->is_inference) {
		if (captain_has(body, "top_k"))
			asked->warnings |= CAPTAIN_WARNS(TOP_K);
		asked->limit = CAPTAIN_PASSAGES;
	}
	return filter_read(reply, body, "metadata_filter", "filter", asked);
}

static int
v3_read(struct http_reply *reply, const json_t *body,
    struct captain_asked *asked)
{
	asked->limit = (size_t)captain_int(body, "limit",
	    captain_int(body, "top_k", LIMIT_DEFAULT));
	asked->per_document_max =
	    (size_t)captain_int(body, "max_chunks_per_document", 0);
	include_read(body, asked);
	if (captain_bool(body, "inference", false))
		asked->warnings |= CAPTAIN_WARNS(V3_INFERENCE);
	if (json_array_size(json_object_get(body, "boost")) > 0)
		asked->warnings |= CAPTAIN_WARNS(BOOST);
	if (captain_has(body, "relation_types") ||
	    captain_has(body, "relation_direction"))
		asked->warnings |= CAPTAIN_WARNS(RELATION_TYPES);
	if (excludes_text(body)) {
		asked->finds_nothing = true;
		asked->warnings |= CAPTAIN_WARNS(TEXT_EXCLUDED);
	}
	return filter_read(reply, body, "filter", "metadata_filter", asked);
}

int
captain_asked_read(struct http_request *request, struct http_reply *reply,
    enum captain_version version, struct captain_asked *ret_asked)
{
	struct captain_asked asked = {.version = version};
	const json_t *body;
	int err;

	err = version == CAPTAIN_V2
	    ? captain_body(request, reply, fields_v2,
		sizeof(fields_v2) / sizeof(fields_v2[0]), &body)
	    : captain_body(request, reply, fields_v3,
		sizeof(fields_v3) / sizeof(fields_v3[0]), &body);
	if (err != 0)
		return err;
	asked.text = captain_text(body, "query", "");
	asked.semantic_ratio =
	    captain_real(body, "semantic_ratio", RATIO_DEFAULT);
	err = rerank_read(reply, body, &asked);
	if (err == 0)
		err = version == CAPTAIN_V2 ? v2_read(reply, body, &asked)
					    : v3_read(reply, body, &asked);
	if (err == 0)
		*ret_asked = asked;
	return err;
}
