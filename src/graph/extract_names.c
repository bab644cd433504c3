/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: sequences of words with capitals, with what joins them ("Bank of
 * England"), without titles before them ("Dr."), and runs of katakana.
 *
 * A single word at a sentence's begin has its capital anyway: it is a name
 * where the text writes it so elsewhere, or where a verb that only things have
 * follows ("Siemens is a").  German writes every noun with a capital: there a
 * single word is a name where it stands without an article behind a
 * preposition of place, as an acronym, or where it was seen in a longer name.
 */
#include <string.h>

#include "graph/extract_int.h"

#define KANA_BYTES_MIN 9u /* three characters */
#define KEPT_CODE_BYTES_MAX 24u
#define RUN_TOKENS_MAX 12u

struct run {
	size_t from, to;
	bool has_title; /* a person's stood before it */
	bool is_split; /* a title stands behind it */
	uint32_t kind; /* roles of a word before it that says what it is */
};

static bool
is_name_word(const struct scan *scan, const struct token *token)
{
	const char *text = scan->text + token->start;
	size_t len = token->end - token->start;

	if (token->kind != TOKEN_WORD || token->owner != GRAPH_NONE ||
	    token_has(token, SHAPE_ELIDED) ||
	    token_is(token, CUE_MONTH | CUE_WEEKDAY))
		return false;
	/* "iPhone", not "someVariable" or "SOME_NAME". */
	if (token_has(token, SHAPE_CODE) &&
	    (len > KEPT_CODE_BYTES_MAX || memchr(text, '_', len) != NULL))
		return false;
	return token_has(token, SHAPE_CAPITAL) ||
	    (token_has(token, SHAPE_CODE) && len > 2 && text[1] >= 'A' &&
		text[1] <= 'Z');
}

static uint32_t
roles_of(const struct scan *scan, size_t from, size_t to)
{
	uint32_t roles = 0;

	while (from < to)
		roles |= scan->tokens[from++].roles;
	return roles;
}

/* May small words join what stands before them to a name behind? */
static bool
may_join(const struct scan *scan, size_t from, size_t at)
{
	uint32_t before = roles_of(scan, from, at);
	const struct token *first = &scan->tokens[from];
	const struct token *joint = &scan->tokens[at];
	bool is_kind = (before & (CUE_ORG | CUE_PLACE | CUE_EVENT |
			    CUE_WORK)) != 0;
	size_t len = joint->end - joint->start;
	const char *word = scan->text + joint->start;

	/* "King William of", but "President of". */
	while (from + 1 < at && token_is(first, CUE_TITLE))
		first = &scan->tokens[++from];
	if (token_is(first, CUE_TITLE) || token_has(&scan->tokens[at - 1],
		SHAPE_OWNER))
		return false;
	if (token_is(joint, CUE_AND))
		return (before & CUE_ORG) != 0 && (before & CUE_JOIN) != 0;
	if (!token_is(joint, CUE_JOIN))
		return false;
	switch (scan->language) {
	case LANGUAGE_EN:
		if (len == 3 && memcmp(word, "for", 3) == 0)
			return (before & CUE_ORG) != 0;
		return is_kind || at - from == 1 || memcmp(word, "of", 2) != 0;
	case LANGUAGE_DE:
		/* "Otto von Bismarck", not "Gründung von Siemens". */
		if (memcmp(word, "am", 2) == 0 || memcmp(word, "van", 3) == 0)
			return true;
		if (memcmp(word, "von", 3) == 0)
			return !is_kind && !first->is_stop &&
			    (from == 0 || !token_is(
				&scan->tokens[from - 1], CUE_DET));
		return (before & CUE_ORG) != 0;
	case LANGUAGE_FR:
	case LANGUAGE_ES:
		return !token_is(joint, CUE_AND) &&
		    (len != 4 || is_kind) && !token_is(first, CUE_PERSON);
	case LANGUAGE_OTHER:
	case LANGUAGE_COUNT:
		break;
	}
	return true;
}

/* "Union européenne": the adjectives of an organization have no capitals. */
static size_t
full_end(const struct scan *scan, size_t from, size_t to)
{
	const struct token *token;
	size_t i;

	if (to - from != 1 || (scan->language != LANGUAGE_FR &&
		scan->language != LANGUAGE_ES) ||
	    !token_is(&scan->tokens[from], CUE_ORG))
		return to;
	for (i = to; i < scan->count && i < to + 2; i++) {
		token = &scan->tokens[i];
		if (token->kind != TOKEN_WORD || token->is_stop ||
		    token->owner != GRAPH_NONE ||
		    token_is(token, CUE_DOES | CUE_AUX) ||
		    token_has(token, SHAPE_CAPITAL | SHAPE_ELIDED))
			break;
	}
	return i;
}

/* The token behind a name that begins at from. */
static size_t
run_end(const struct scan *scan, size_t from)
{
	const struct token *tokens = scan->tokens;
	size_t i = from + 1, k;

	while (i < scan->count && i < from + RUN_TOKENS_MAX &&
	    !token_has(&tokens[i - 1], SHAPE_OWNER)) {
		if (is_name_word(scan, &tokens[i])) {
			i++;
			continue;
		}
		for (k = i; k < scan->count && k < i + 3 &&
		    tokens[k].kind == TOKEN_WORD &&
		    tokens[k].owner == GRAPH_NONE &&
		    !token_has(&tokens[k], SHAPE_CAPITAL) &&
		    (k == i ? may_join(scan, from, k) :
			token_is(&tokens[k], CUE_JOIN | CUE_THE)); k++)
			;
		if (k == i && token_is_punct(&tokens[i], '&'))
			k++;
		if (k > i && k < scan->count &&
		    is_name_word(scan, &tokens[k]) &&
		    !tokens[k].is_stop) {
			i = k + 1;
			continue;
		}
		/* "Apollo 11", "Boeing 747". */
		if (tokens[i].kind == TOKEN_NUMBER && tokens[i].c < 1000 &&
		    tokens[i].owner == GRAPH_NONE &&
		    !token_has(&tokens[i], SHAPE_GLUED) &&
		    !tokens[i - 1].is_stop && (i + 1 == scan->count ||
			tokens[i + 1].kind != TOKEN_WORD ||
			tokens[i + 1].is_stop))
			i++;
		break;
	}
	return full_end(scan, from, i);
}

/* An article, or what a sentence begins with; "La" of "La Coruña" is none. */
static bool
is_article(const struct scan *scan, size_t at)
{
	const struct token *token = &scan->tokens[at];

	if (!token->is_stop || token_has(token, SHAPE_UPPER))
		return false;
	return extract_is_initial(scan, at) ||
	    (token_is(token, CUE_DET) && scan->language != LANGUAGE_ES &&
		scan->language != LANGUAGE_FR);
}

/* Take off what stands before a name and is no part of it. */
static void
trim(struct graph_extractor *x, struct run *run)
{
	const struct scan *scan = &x->scan;
	const struct token *token;
	const struct seen *seen;

	while (run->to - run->from > 1) {
		token = &scan->tokens[run->from];
		seen = extract_seen(x, token->hash, false);
		if (token_is(token, CUE_TITLE) &&
		    is_name_word(scan, &scan->tokens[run->from + 1])) {
			run->has_title = true;
			run->from++;
		} else if (token_is(token, CUE_KIND) &&
		    is_name_word(scan, &scan->tokens[run->from + 1])) {
			run->kind = token->roles;
			run->from++;
		} else if (!is_name_word(scan, token) ||
		    is_article(scan, run->from) ||
		    (seen != NULL && seen->lower > 0 && seen->middle == 0 &&
			extract_is_initial(scan, run->from) &&
			!token_is(token, CUE_ORG | CUE_FORE | CUE_PLACE))) {
			run->from++;
		} else {
			break;
		}
	}
}

static bool
ends_with(const struct scan *scan, const struct token *token,
    const char *const *endings)
{
	size_t len = token->end - token->start, n;

	for (; *endings != NULL; endings++) {
		n = strlen(*endings);
		if (len > n + 1 && memcmp(scan->text + token->end - n,
			*endings, n) == 0)
			return true;
	}
	return false;
}

/* "German", "Polish" before a noun says what the noun is like. */
static bool
is_adjective(const struct scan *scan, size_t at)
{
	static const char *const endings[] = { "ian", "ish", "ese", "ean",
		"can", "man", "nch", "tch", "eek", "wiss", "ern", NULL };
	const struct token *next = at + 1 < scan->count ?
		&scan->tokens[at + 1] : NULL;

	if (scan->language != LANGUAGE_EN ||
	    token_has(&scan->tokens[at], SHAPE_UPPER) ||
	    !ends_with(scan, &scan->tokens[at], endings))
		return false;
	return next != NULL && next->kind == TOKEN_WORD && !next->is_stop &&
	    !token_is(next, CUE_DOES | CUE_AUX);
}

static bool
is_roman(const struct scan *scan, const struct token *token)
{
	size_t i;

	for (i = token->start; i < token->end; i++) {
		if (strchr("IVXL", scan->text[i]) == NULL)
			return false;
	}
	return true;
}

/* A verb that says something about one thing follows. */
static bool
is_told_of(const struct graph_extractor *x, size_t at)
{
	const struct scan *scan = &x->scan;
	const struct token *next;
	size_t words;

	if (token_has(&scan->tokens[at], SHAPE_OWNER))
		return true;
	if (at + 1 >= scan->count)
		return false;
	next = &scan->tokens[at + 1];
	return token_is(next, CUE_COPULA | CUE_DOES) ||
	    extract_label(x, at + 1, scan->count, &words) != LABEL_NONE;
}

static bool
is_german_name(const struct graph_extractor *x, size_t at,
    const struct seen *seen)
{
	static const char *const nouns[] = { "ung", "ungen", "heit", "keit",
		"keiten", "schaft", "tion", "tionen", "tät", "ismus", "nis",
		"ieren", "ern", "chen", "anz", "enz", "ment", NULL };
	const struct scan *scan = &x->scan;
	const struct token *before = at > 0 ? &scan->tokens[at - 1] : NULL;

	if (ends_with(scan, &scan->tokens[at], nouns) ||
	    token_is(&scan->tokens[at], CUE_ORG | CUE_PLACE | CUE_EVENT |
		CUE_WORK | CUE_PRODUCT | CUE_PERSON | CUE_TITLE))
		return false;
	if (seen != NULL && (seen->after_det > 0 || seen->lower > 0))
		return false;
	if (extract_is_initial(scan, at))
		return is_told_of(x, at);
	if (before == NULL || before->kind != TOKEN_WORD)
		return false;
	return token_is(before, CUE_LOC | CUE_BY) &&
	    !token_is(before, CUE_DET);
}

/* Is a single word a name? */
static bool
is_name(struct graph_extractor *x, size_t at)
{
	const struct scan *scan = &x->scan;
	const struct token *token = &scan->tokens[at];
	const struct seen *seen = extract_seen(x, token->hash, false);

	if (token->end - token->start < 2 || token_has(token, SHAPE_INITIAL))
		return false;
	if (token_has(token, SHAPE_UPPER))
		return !is_roman(scan, token) && !token_is(token, CUE_TITLE) &&
		    token->end - token->start <= KEPT_CODE_BYTES_MAX;
	if (token->is_stop || token_is(token, CUE_TITLE))
		return false;
	if (seen != NULL && seen->is_name)
		return true;
	if (token_has(token, SHAPE_CODE | SHAPE_DIGIT))
		return true;
	if (scan->language == LANGUAGE_DE)
		return is_german_name(x, at, seen);
	if (is_adjective(scan, at))
		return false;
	if (!extract_is_initial(scan, at) && !scan->is_heading)
		return true;
	if (seen == NULL)
		return false;
	return seen->middle > 0 || (seen->lower == 0 &&
	    (seen->is_title || (!scan->is_heading && is_told_of(x, at))));
}

/* In a heading every word has a capital; those that are names elsewhere. */
static bool
is_known(struct graph_extractor *x, const struct run *run)
{
	const struct seen *seen;
	size_t i;

	for (i = run->from; i < run->to; i++) {
		seen = extract_seen(x, x->scan.tokens[i].hash, false);
		if (token_has(&x->scan.tokens[i], SHAPE_CAPITAL) &&
		    !token_has(&x->scan.tokens[i], SHAPE_UPPER) &&
		    (seen == NULL || (seen->middle == 0 && !seen->is_name)))
			return false;
	}
	return true;
}

/* "Apple" of "Apple CEO Tim Cook". */
static bool
is_split_name(struct graph_extractor *x, const struct run *run)
{
	const struct token *token = &x->scan.tokens[run->from];
	const struct seen *seen = extract_seen(x, token->hash, false);

	return run->is_split && !token->is_stop &&
	    (seen == NULL || seen->lower == 0);
}

static int
put_run(struct graph_extractor *x, struct run *run)
{
	const struct scan *scan = &x->scan;
	struct mention *mention;
	struct seen *seen;
	size_t i;
	int err;

	trim(x, run);
	if (run->to - run->from == 1) {
		if (!is_name_word(scan, &scan->tokens[run->from]) ||
		    (!run->has_title && run->kind == 0 &&
			!is_split_name(x, run) && !is_name(x, run->from)))
			return 0;
	} else if (scan->is_heading && !is_known(x, run)) {
		return 0;
	}
	err = extract_put(x, run->from, run->to, &mention);
	if (mention == NULL)
		return err;
	for (i = run->from; i < run->to; i++) {
		seen = extract_seen(x, scan->tokens[i].hash, true);
		if (seen != NULL && seen->lower == 0 &&
		    !scan->tokens[i].is_stop && scan->tokens[i].roles == 0)
			seen->is_name = true;
	}
	if (run->has_title)
		extract_vote(x, mention, GRAPH_PERSON, 8);
	if (run->kind != 0)
		extract_vote_kind(x, mention, run->kind);
	extract_judge(x, mention);
	return 0;
}

/* "Apple CEO Tim Cook" are two. */
static size_t
split_at(const struct scan *scan, size_t from, size_t to)
{
	size_t i;

	for (i = from + 1; i + 1 < to; i++) {
		if (token_is(&scan->tokens[i], CUE_TITLE) &&
		    token_is(&scan->tokens[i], CUE_PERSON))
			return i;
	}
	return to;
}

static int
put_runs(struct graph_extractor *x, size_t from, size_t to)
{
	const struct scan *scan = &x->scan;
	struct run run = { .from = from };
	size_t split = split_at(scan, from, to);
	int err;

	run.to = split;
	run.is_split = split < to;
	err = put_run(x, &run);
	if (err == 0 && split < to) {
		run = (struct run){ .from = split, .to = to };
		err = put_run(x, &run);
	}
	return err;
}

/* "マリー・キュリー" */
static int
put_kana(struct graph_extractor *x, size_t at)
{
	const struct token *token = &x->scan.tokens[at];
	size_t len = token->end - token->start;
	struct mention *mention;
	int err;

	if (len < KANA_BYTES_MIN)
		return 0;
	err = extract_put(x, at, at + 1, &mention);
	if (mention == NULL)
		return err;
	mention->type = memmem(x->scan.text + token->start, len,
	    "\xE3\x83\xBB", 3) != NULL ? GRAPH_PERSON : GRAPH_CONCEPT;
	extract_vote(x, mention, mention->type, 2);
	return 0;
}

/* "van der Waals", in the middle of a sentence. */
static bool
is_particle(const struct scan *scan, size_t at)
{
	const struct token *token = &scan->tokens[at];
	size_t i;

	if (token->kind != TOKEN_WORD || !token_is(token, CUE_PARTICLE) ||
	    token_is(token, CUE_BY | CUE_LOC) || at == 0)
		return false;
	for (i = at + 1; i < scan->count && i < at + 3 &&
	    scan->tokens[i].kind == TOKEN_WORD &&
	    token_is(&scan->tokens[i], CUE_PARTICLE | CUE_THE); i++)
		;
	return i < scan->count && is_name_word(scan, &scan->tokens[i]) &&
	    !scan->tokens[i].is_stop;
}

static int
put_particle(struct graph_extractor *x, size_t at, size_t *end)
{
	struct mention *mention;
	size_t i = at;
	int err;

	while (!is_name_word(&x->scan, &x->scan.tokens[i]))
		i++;
	*end = run_end(&x->scan, i);
	err = extract_put(x, at, *end, &mention);
	if (mention != NULL) {
		extract_vote(x, mention, GRAPH_PERSON, 3);
		extract_judge(x, mention);
	}
	return err;
}

int
extract_names(struct graph_extractor *x)
{
	const struct scan *scan = &x->scan;
	size_t i = 0, end;
	int err = 0;

	while (i < scan->count && err == 0) {
		end = i + 1;
		if (scan->tokens[i].owner == GRAPH_NONE) {
			if (scan->tokens[i].kind == TOKEN_KANA) {
				err = put_kana(x, i);
			} else if (is_name_word(scan, &scan->tokens[i])) {
				end = run_end(scan, i);
				err = put_runs(x, i, end);
			} else if (is_particle(scan, i)) {
				err = put_particle(x, i, &end);
			}
		}
		i = end;
	}
	return err;
}
