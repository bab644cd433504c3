/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked: bodies of searches and recalls.
 *
 * What cannot be done here is refused before anything is looked up, with the
 * original's name for it: a client that gets a list believes that it was asked
 * for.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_int.h"
#include "api/cognee/cognee_search.h"
#include "base/limits.h"
#include "text/words.h"

#define QUESTION_DEFAULT "What is in the document?"
#define LIMIT_DEFAULT 15
#define WORDS_SIZE 320u

static const struct cognee_search_way ways[] = {
#define SEARCH(way_name, gathering, answering, way_kind)                      \
	[COGNEE_SEARCH_##way_name] = {.name = #way_name, .kind = way_kind,    \
	    .gathers = COGNEE_GATHER_##gathering,                             \
	    .answer = COGNEE_##answering},
#include "api/cognee/cognee_search_tbl.h"
};

_Static_assert(sizeof(ways) / sizeof(ways[0]) == COGNEE_SEARCH_COUNT,
    "each way of searching is known");

const char *const cognee_search_names[] = {
#define SEARCH(name, gathers, answer, kind) #name,
#include "api/cognee/cognee_search_tbl.h"
    NULL};

const struct cognee_search_way *
cognee_search_way(enum cognee_search_type type)
{
	return &ways[type];
}

int
cognee_search_refuse(struct http_reply *reply, int status, const char *name,
    const char *message)
{
	char words[WORDS_SIZE + 64];

	(void)snprintf(words, sizeof(words), "%s [%s]", message, name);
	(void)cognee_detail(reply, status, words);
	return 1;
}

/* ---- reading ------------------------------------------------------------- */

static enum cognee_search_type
type_read(const json_t *body, bool is_recall)
{
	const char *name = cognee_text(body, "search_type", NULL);
	int type;

	for (type = 0; name != NULL && type < COGNEE_SEARCH_COUNT; type++)
		if (strcmp(cognee_search_names[type], name) == 0)
			return (enum cognee_search_type)type;
	/* A recall says null when it leaves the choice to us; a search, or a
	 * recall that does not speak of it, means the default. */
	return is_recall && (json_object_get(body, "search_type") != NULL ||
			     json_object_get(body, "searchType") != NULL)
	    ? COGNEE_SEARCH_FEELING_LUCKY
	    : COGNEE_SEARCH_HYBRID_COMPLETION;
}

static const char *const refusals[COGNEE_SEARCH_COUNT] = {
    [COGNEE_SEARCH_CYPHER] =
	"this server has no graph database to run Cypher in",
    [COGNEE_SEARCH_NATURAL_LANGUAGE] =
	"this server has no graph database that a question could be "
	"translated for",
    [COGNEE_SEARCH_CODING_RULES] = "this server makes no coding rules",
    [COGNEE_SEARCH_CODE] = "this server makes no graphs of code",
    [COGNEE_SEARCH_AGENTIC_COMPLETION] =
	"this server runs no tools for a model; with only_context it gives "
	"what a model would be shown",
};

/* Why not, in words; NULL: it is done. */
static const char *
type_refusal(const struct cognee_asked *asked)
{
	if (cognee_search_way(asked->type)->answer != COGNEE_REFUSED ||
	    (asked->only_context &&
		asked->type == COGNEE_SEARCH_AGENTIC_COMPLETION))
		return NULL;
	return refusals[asked->type];
}

static const json_t *
names_read(const json_t *body, const char *name)
{
	const json_t *array = cognee_member(body, name);

	return json_array_size(array) == 0 ? NULL : array;
}

static int
asked_check(struct http_reply *reply, const json_t *body,
    const struct cognee_asked *asked, int64_t limit)
{
	const char *why = type_refusal(asked);
	char words[WORDS_SIZE];

	if (why != NULL) {
		(void)snprintf(words, sizeof(words),
		    "Search type %s is not supported: %s.",
		    cognee_search_names[asked->type], why);
		return cognee_search_refuse(reply, 400,
		    "UnsupportedSearchTypeError", words);
	}
	if (limit <= 0 || limit > QUERY_LIMIT_MAX) {
		(void)snprintf(words, sizeof(words),
		    "top_k must be a positive number, at most %u.",
		    QUERY_LIMIT_MAX);
		return cognee_search_refuse(reply, 422,
		    "QueryValidationError", words);
	}
	if (asked->type != COGNEE_SEARCH_AGENTIC_COMPLETION &&
	    (names_read(body, "skills") != NULL ||
		names_read(body, "tools") != NULL))
		return cognee_search_refuse(reply, 422,
		    "QueryValidationError", "skills and tools belong to "
		    "AGENTIC_COMPLETION.");
	if (cognee_member(body, "code_query") != NULL)
		return cognee_search_refuse(reply, 422,
		    "QueryValidationError", "code_query belongs to CODE, "
		    "which this server does not do.");
	if (asked->question[strspn(asked->question, " \t\r\n")] == '\0')
		return cognee_search_refuse(reply, 422,
		    "QueryValidationError", "query must not be empty.");
	if (strlen(asked->question) > QUERY_BYTES_MAX ||
	    (asked->wish != NULL &&
		strlen(asked->wish) > ANSWER_WISH_BYTES_MAX)) {
		(void)snprintf(words, sizeof(words),
		    "query may have %llu bytes, system_prompt %llu.",
		    QUERY_BYTES_MAX, ANSWER_WISH_BYTES_MAX);
		return cognee_search_refuse(reply, 422,
		    "QueryValidationError", words);
	}
	return 0;
}

int
cognee_asked_read(struct http_reply *reply, const json_t *body,
    bool is_recall, struct cognee_asked *ret_asked)
{
	struct cognee_asked asked = {
	    .question = cognee_text(body, "query", QUESTION_DEFAULT),
	    .wish = cognee_text(body, "system_prompt", NULL),
	    .type = type_read(body, is_recall),
	    .only_context = cognee_bool(body, "only_context", false),
	    .verbose = cognee_bool(body, "verbose", false),
	    .with_references = cognee_bool(body, "include_references",
		is_recall),
	    .names = names_read(body, "datasets"),
	    .ids = names_read(body, "dataset_ids"),
	    .sets = names_read(body, "node_name"),
	};
	int64_t limit = cognee_int(body, "top_k", LIMIT_DEFAULT);

	if (asked_check(reply, body, &asked, limit) != 0)
		return 1;
	asked.limit = (size_t)limit;
	*ret_asked = asked;
	return 0;
}

/* ---- what a question looks like ------------------------------------------ */

static bool
is_year(const char *term, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isdigit((unsigned char)term[i]))
			return false;
	return len == COGNEE_YEAR_DIGITS && (term[0] == '1' || term[0] == '2');
}

static bool
years_have(const struct cognee_years *years, const char *term)
{
	size_t i;

	for (i = 0; i < years->count; i++)
		if (memcmp(years->list[i], term, COGNEE_YEAR_DIGITS) == 0)
			return true;
	return false;
}

static int
on_question_term(void *arg, const char *term, size_t len, size_t start,
    size_t end)
{
	struct cognee_years *years = arg;

	(void)start;
	(void)end;
	if (is_year(term, len) && !years_have(years, term))
		memcpy(years->list[years->count++], term, COGNEE_YEAR_DIGITS);
	return years->count == COGNEE_YEARS_MAX;
}

void
cognee_years_of(const char *question, struct cognee_years *ret_years)
{
	ret_years->count = 0;
	(void)words_each(question, strlen(question), on_question_term,
	    ret_years);
}

struct year_look {
	const struct cognee_years *years;
};

static int
on_text_term(void *arg, const char *term, size_t len, size_t start,
    size_t end)
{
	const struct year_look *look = arg;

	(void)start;
	(void)end;
	return is_year(term, len) && years_have(look->years, term);
}

bool
cognee_years_are_in(const struct cognee_years *years, const char *text,
    size_t len)
{
	struct year_look look = {years};

	return words_each(text, len, on_text_term, &look) != 0;
}

struct guess {
	bool is_overview, is_time;
};

static int
on_guess_term(void *arg, const char *term, size_t len, size_t start,
    size_t end)
{
	static const char *const overviews[] = {"summary", "summaries",
	    "summarize", "summarise", "overview"};
	static const char *const times[] = {"when", "date", "year"};
	struct guess *guess = arg;
	size_t i;

	(void)start;
	(void)end;
	for (i = 0; i < sizeof(overviews) / sizeof(overviews[0]); i++)
		if (strlen(overviews[i]) == len &&
		    memcmp(overviews[i], term, len) == 0)
			guess->is_overview = true;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strlen(times[i]) == len &&
		    memcmp(times[i], term, len) == 0)
			guess->is_time = true;
	if (is_year(term, len))
		guess->is_time = true;
	return 0;
}

enum cognee_search_type
cognee_search_guess(const char *question, bool has_graph)
{
	struct guess guess = {.is_overview = false};
	size_t len;

	question += strspn(question, " \t\r\n");
	len = strlen(question);
	while (len > 0 && strchr(" \t\r\n", question[len - 1]) != NULL)
		len--;
	if (len > 2 && question[0] == '"' && question[len - 1] == '"')
		return COGNEE_SEARCH_CHUNKS_LEXICAL;
	(void)words_each(question, len, on_guess_term, &guess);
	if (guess.is_overview)
		return COGNEE_SEARCH_SUMMARIES;
	if (guess.is_time)
		return COGNEE_SEARCH_TEMPORAL;
	return has_graph ? COGNEE_SEARCH_GRAPH_COMPLETION
			 : COGNEE_SEARCH_RAG_COMPLETION;
}
