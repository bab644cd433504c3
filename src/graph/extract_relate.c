/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the mentions of a sentence are linked.  The words between one and the
 * next are searched for a pattern; what stands right before the second one
 * tells whether it is who did it ("by"), where, or when.  The subject is the
 * mention before, or the sentence's first one, whichever can be one by its
 * type; a pronoun at the begin stands for the subject of the sentence before.
 * A list ("A and B") and later circumstances ("in 1998 in Berlin") go with
 * the last pattern.  Pairs that no pattern links are mentioned together.
 */
#include <string.h>

#include "graph/extract_int.h"

#define AHEAD_TOKENS_MAX 14u /* German verbs at the end */
#define ROLE_WORDS_MAX 3u
#define WEAK_VOTES 4u /* a type with fewer is a guess */

struct state {
	enum label label; /* of the last pattern; LABEL_NONE: none yet */
	const struct mention *subject, *patient;
	size_t object; /* mention */
	bool is_reversed;
	const char *said; /* the label that it was said with; NULL: none */
};

static enum graph_type
type_of(const struct graph_extractor *x, const struct mention *mention)
{
	return mention->is_sure ? mention->type :
		graph_build_type(&x->build.entities[mention->entity]);
}

static bool
can_be(const struct graph_extractor *x, const struct mention *mention,
    enum graph_type want)
{
	enum graph_type type = type_of(x, mention);

	if (mention->is_phrase || type == GRAPH_DATE || type == GRAPH_AMOUNT)
		return false;
	return want == GRAPH_CONCEPT || type == want ||
	    type == GRAPH_CONCEPT ||
	    (!mention->is_sure && x->build.entities[mention->entity]
		    .votes[type] < WEAK_VOTES);
}

static int
put(struct graph_extractor *x, const struct mention *subject,
    const struct mention *object, const char *label)
{
	const struct token *tokens = x->scan.tokens;
	size_t from = subject->from, to = object->to;

	if (subject == &x->subject)
		from = 0;
	if (object == &x->subject) {
		from = 0;
		to = subject->to;
	} else if (object->from < from) {
		from = object->from;
		to = subject->to;
	}
	return graph_build_relation(&x->build, subject->entity,
	    object->entity, label, tokens[from].start, tokens[to - 1].end);
}

static void
hint(struct graph_extractor *x, const struct mention *mention,
    enum graph_type type)
{
	if (type != GRAPH_CONCEPT && !mention->is_sure && !mention->is_phrase)
		extract_vote(x, mention, type, 3);
}

/* The last pattern in tokens[from..to); *ret_end is behind it. */
static enum label
last_label(const struct graph_extractor *x, size_t from, size_t to,
    size_t *ret_end)
{
	enum label label = LABEL_NONE, one;
	size_t i, words;

	for (i = from; i < to; i++) {
		one = extract_label(x, i, to, &words);
		if (one == LABEL_NONE)
			continue;
		label = one;
		*ret_end = i + words;
		i += words - 1;
	}
	return label;
}

static uint32_t
roles_between(const struct scan *scan, size_t from, size_t to)
{
	uint32_t roles = 0;

	for (; from < to; from++) {
		if (scan->tokens[from].kind == TOKEN_WORD)
			roles |= scan->tokens[from].roles;
	}
	return roles;
}

/* German: the verb behind the mention, within the clause. */
static enum label
label_ahead(const struct graph_extractor *x, size_t from)
{
	const struct scan *scan = &x->scan;
	enum label label = LABEL_NONE;
	size_t i, words;

	for (i = from; i < scan->count && i < from + AHEAD_TOKENS_MAX &&
	    (scan->tokens[i].kind != TOKEN_PUNCT ||
		scan->tokens[i].owner != GRAPH_NONE) &&
	    label == LABEL_NONE; i++)
		label = extract_label(x, i, scan->count, &words);
	return label;
}

/* Of what stands right before a mention, articles and titles apart. */
static uint32_t
tail_roles(const struct scan *scan, size_t from, size_t to)
{
	const struct token *token;

	while (to > from) {
		token = &scan->tokens[--to];
		if (token->kind != TOKEN_WORD)
			return 0;
		if (token_is(token, CUE_BY | CUE_LOC | CUE_TIME))
			return token->roles;
		if (!token_is(token, CUE_DET | CUE_TITLE | CUE_PERSON))
			return 0;
	}
	return 0;
}

const struct mention *
extract_pronoun(const struct graph_extractor *x, size_t at)
{
	const struct scan *scan = &x->scan;
	const struct token *token;
	size_t i, to = scan->count;
	enum graph_type type;

	if (x->subject.entity == GRAPH_NONE)
		return NULL;
	/* Behind the first name it may be that name's. */
	for (i = 0; i < x->count && i <= at; i++) {
		if (!x->mentions[i].is_sure && !x->mentions[i].is_phrase) {
			to = x->mentions[i].from;
			break;
		}
	}
	for (i = 0; i < to; i++) {
		token = &scan->tokens[i];
		if (token->kind == TOKEN_WORD && token_is(token, CUE_PRONOUN))
			return &x->subject;
	}
	if (scan->count < 2 || !token_is(&scan->tokens[0], CUE_DET) ||
	    scan->tokens[1].owner != GRAPH_NONE ||
	    !token_is(&scan->tokens[1], CUE_ORG))
		return NULL;
	type = type_of(x, &x->subject);
	return type == GRAPH_ORGANIZATION || type == GRAPH_CONCEPT ?
		&x->subject : NULL;
}

static const struct mention *
subject_of(const struct graph_extractor *x, size_t at, enum label label)
{
	const struct mention *near = at > 0 ? &x->mentions[at - 1] : NULL;
	const struct mention *first = at > 0 ? &x->mentions[0] : NULL;
	enum graph_type want = (enum graph_type)label_rows[label].subject;
	const struct token *token = &x->scan.tokens[at > 0 ?
		x->mentions[at - 1].to : 0];
	const struct mention *other;

	if (extract_pronoun(x, at) != NULL)
		first = &x->subject;
	if (near == NULL || (near != first && (token_is(token, CUE_AND) ||
		token_is_punct(token, ',')))) {
		other = near;
		near = first;
		first = other;
	}
	if (near != NULL && can_be(x, near, want))
		return near;
	return first != NULL && can_be(x, first, want) ? first : NULL;
}

/* In "Y was founded by X" the subject's type is the object's. */
static const struct mention *
patient_of(const struct graph_extractor *x, size_t at, enum label label)
{
	const struct mention *pronoun = extract_pronoun(x, at);
	const struct mention *near = at > 0 ? &x->mentions[at - 1] : pronoun;
	enum graph_type want = (enum graph_type)label_rows[label].object;

	if (near != NULL && can_be(x, near, want))
		return near;
	near = pronoun != NULL || at == 0 ? pronoun : &x->mentions[0];
	return near != NULL && can_be(x, near, want) ? near : NULL;
}

static int
link_pattern(struct graph_extractor *x, struct state *st, size_t at,
    enum label label, uint32_t tail, uint32_t gap)
{
	const struct label_row *row = &label_rows[label];
	const struct mention *object = &x->mentions[at];
	enum graph_type type = type_of(x, object);
	bool is_acted_on = row->is_transitive && ((tail & CUE_BY) != 0 ||
	    ((gap & CUE_AUX) != 0 && (tail & (CUE_LOC | CUE_TIME)) != 0) ||
	    type == GRAPH_DATE);

	st->label = label;
	st->is_reversed = false;
	st->said = NULL;
	st->object = at;
	st->subject = is_acted_on ? patient_of(x, at, label) :
		subject_of(x, at, label);
	st->patient = st->subject;
	if (st->subject == NULL) {
		st->label = LABEL_NONE;
		return 0;
	}
	if (type == GRAPH_DATE)
		return row->dated == NULL ? 0 :
			put(x, st->subject, object, row->dated);
	if (type == GRAPH_AMOUNT || object->is_phrase)
		return 0;
	if (is_acted_on && (tail & CUE_BY) != 0) {
		st->is_reversed = true;
		st->said = row->shown;
		hint(x, object, (enum graph_type)row->subject);
		hint(x, st->subject, (enum graph_type)row->object);
		return put(x, object, st->subject, row->shown);
	}
	if (is_acted_on || (row->placed != NULL && (tail & CUE_LOC) != 0)) {
		if (row->placed == NULL)
			return 0;
		st->said = row->placed;
		hint(x, object, GRAPH_PLACE);
		return put(x, st->subject, object, row->placed);
	}
	if (row->placed != NULL && !row->is_transitive)
		return 0; /* "born" needs where or when */
	st->said = row->shown;
	if (row->is_transitive)
		st->patient = object;
	hint(x, st->subject, (enum graph_type)row->subject);
	hint(x, object, (enum graph_type)row->object);
	return put(x, st->subject, object, row->shown);
}

/* Something more to the last pattern: who, when, where, and others. */
static int
link_more(struct graph_extractor *x, struct state *st, size_t at,
    size_t from, size_t to)
{
	const struct label_row *row = &label_rows[st->label];
	const struct scan *scan = &x->scan;
	const struct mention *object = &x->mentions[at];
	enum graph_type type = type_of(x, object);
	uint32_t roles = roles_between(scan, from, to), tail;
	size_t i;

	for (i = from; i < to; i++) {
		if (scan->tokens[i].kind == TOKEN_WORD ?
			!scan->tokens[i].is_stop &&
			    !token_is(&scan->tokens[i], CUE_TITLE |
				CUE_PERSON | CUE_TIME) :
			scan->tokens[i].c != ',')
			return 0;
	}
	if ((roles & (CUE_COPULA | CUE_AUX)) != 0 || object->is_phrase)
		return 0;
	tail = tail_roles(scan, from, to);
	if (type == GRAPH_DATE)
		return row->dated == NULL || st->patient == NULL ? 0 :
			put(x, st->patient, object, row->dated);
	if ((tail & CUE_BY) != 0 && row->is_transitive && !st->is_reversed &&
	    st->said == NULL) {
		st->is_reversed = true;
		st->said = row->shown;
		st->object = at;
		hint(x, object, (enum graph_type)row->subject);
		return put(x, object, st->patient, row->shown);
	}
	if ((tail & CUE_LOC) != 0) {
		if (row->placed == NULL || type == GRAPH_AMOUNT)
			return 0;
		hint(x, object, GRAPH_PLACE);
		return put(x, st->patient, object, row->placed);
	}
	if (st->said == NULL || at != st->object + 1 ||
	    ((roles & CUE_AND) == 0 &&
		(to != from + 1 || scan->tokens[from].kind == TOKEN_WORD)) ||
	    type == GRAPH_AMOUNT)
		return 0;
	if (!can_be(x, object, (enum graph_type)(st->is_reversed ?
		row->subject : row->object)))
		return 0;
	st->object = at;
	return st->is_reversed ? put(x, object, st->patient, st->said) :
				 put(x, st->subject, object, st->said);
}

/* "ceo_of" from tokens[from..to); NULL: it is none. */
static const char *
role_label(struct graph_extractor *x, size_t from, size_t to)
{
	const struct scan *scan = &x->scan;
	char key[GRAPH_KEY_BYTES_MAX + 4];
	size_t len, i;

	len = graph_key(scan->text + scan->tokens[from].start,
	    scan->tokens[to - 1].end - scan->tokens[from].start, key);
	if (len == 0 || len + 4 > GRAPH_LABEL_BYTES_MAX)
		return NULL;
	for (i = 0; i < len; i++) {
		if (key[i] == ' ' || key[i] == '-')
			key[i] = '_';
	}
	memcpy(key + len, "_of", 4);
	return graph_build_text(&x->build, key, len + 3);
}

/* The words of a role in tokens[from..to): what is left without articles
 * and without "of"; *ret_from == *ret_to: it is none. */
static void
role_words(const struct scan *scan, size_t from, size_t to, bool needs_of,
    size_t *ret_from, size_t *ret_to)
{
	bool has_of = false;
	size_t i;

	*ret_from = *ret_to = 0;
	while (from < to && scan->tokens[from].kind == TOKEN_WORD &&
	    token_is(&scan->tokens[from], CUE_DET | CUE_INDEF))
		from++;
	while (to > from && scan->tokens[to - 1].kind == TOKEN_WORD &&
	    token_is(&scan->tokens[to - 1], CUE_DET | CUE_JOIN | CUE_BY)) {
		has_of |= token_is(&scan->tokens[to - 1], CUE_JOIN | CUE_BY) ||
		    scan->language == LANGUAGE_DE ||
		    scan->language == LANGUAGE_FR ||
		    scan->language == LANGUAGE_ES;
		to--;
	}
	if ((needs_of && !has_of) || from == to || to - from > ROLE_WORDS_MAX)
		return;
	for (i = from; i < to; i++) {
		if (scan->tokens[i].kind != TOKEN_WORD ||
		    scan->tokens[i].is_stop ||
		    (!needs_of && !token_is(&scan->tokens[i], CUE_TITLE |
			CUE_PERSON | CUE_ORG | CUE_PLACE)))
			return;
	}
	*ret_from = from;
	*ret_to = to;
}

/* "X, the Y of Z", "X is the Y of Z", "Z's Y X", "Z Y X". */
static int
link_role(struct graph_extractor *x, size_t at, size_t from, size_t to,
    const char **ret_said)
{
	const struct scan *scan = &x->scan;
	const struct mention *a = &x->mentions[at - 1], *b = &x->mentions[at];
	bool is_owner = token_has(&scan->tokens[a->to - 1], SHAPE_OWNER);
	const char *label;
	size_t first, last;

	*ret_said = NULL;
	if (from >= to || b->is_phrase || a->is_phrase)
		return 0;
	if (token_is_punct(&scan->tokens[from], ',') ||
	    token_is(&scan->tokens[from], CUE_COPULA))
		role_words(scan, from + 1, to, true, &first, &last);
	else if (is_owner || token_is(&scan->tokens[from], CUE_TITLE))
		role_words(scan, from, to, false, &first, &last);
	else
		return 0;
	if (first == last || !can_be(x, a, GRAPH_CONCEPT) ||
	    !can_be(x, b, GRAPH_CONCEPT))
		return 0;
	label = role_label(x, first, last);
	if (label == NULL)
		return 0;
	*ret_said = label;
	if (first == from) {
		hint(x, b, GRAPH_PERSON);
		return put(x, b, a, label);
	}
	if (token_is(&scan->tokens[last - 1], CUE_PERSON))
		hint(x, a, GRAPH_PERSON);
	else if (token_is(&scan->tokens[last - 1], CUE_PLACE))
		hint(x, a, GRAPH_PLACE);
	return put(x, a, b, label);
}

/* "World Health Organization (WHO)", in either order. */
static void
note_short(struct graph_extractor *x, size_t at)
{
	const struct scan *scan = &x->scan;
	const struct mention *a = &x->mentions[at - 1], *b = &x->mentions[at];
	const struct mention *shorter = b, *longer = a;
	const struct token *token;
	size_t i, k = 0, len;

	if (b->from != a->to + 1 || b->to >= scan->count ||
	    !token_is_punct(&scan->tokens[a->to], '(') ||
	    !token_is_punct(&scan->tokens[b->to], ')'))
		return;
	if (a->to - a->from == 1) {
		shorter = a;
		longer = b;
	}
	token = &scan->tokens[shorter->from];
	len = token->end - token->start;
	if (shorter->to - shorter->from != 1 || len < 2 ||
	    !token_has(token, SHAPE_UPPER) || shorter->entity == longer->entity)
		return;
	for (i = longer->from; i < longer->to && k < len; i++)
		k += scan->text[scan->tokens[i].start] ==
		    scan->text[token->start + k];
	/* Compounds have letters inside: the first and most must be there. */
	if (((k * 3 >= len * 2 && k >= 2) ||
		longer->to - longer->from == len) &&
	    scan->text[token->start] ==
		scan->text[scan->tokens[longer->from].start])
		x->build.entities[shorter->entity].short_of = longer->entity;
}

static int
link_pair(struct graph_extractor *x, struct state *st, size_t at)
{
	const struct scan *scan = &x->scan;
	size_t from = at > 0 ? x->mentions[at - 1].to : 0, end = 0;
	size_t to = x->mentions[at].from;
	uint32_t gap, tail;
	enum label label;
	const char *said = NULL;
	int err;

	if (from >= to || (at == 0 && extract_pronoun(x, at) == NULL))
		return 0;
	/* "a professor at": the kind is part of the pattern. */
	if (at > 0 && x->mentions[at - 1].is_phrase)
		from = x->mentions[at - 1].from;
	gap = roles_between(scan, from, to);
	label = last_label(x, from, to, &end);
	if (label == LABEL_NONE && scan->language == LANGUAGE_DE &&
	    (gap & CUE_AUX) != 0) {
		label = label_ahead(x, x->mentions[at].to);
	}
	if (label != LABEL_NONE) {
		tail = tail_roles(scan, from, to);
		return link_pattern(x, st, at, label, tail, gap);
	}
	if (at == 0)
		return 0;
	note_short(x, at);
	if (!x->mentions[at].is_phrase) {
		err = link_role(x, at, from, to, &said);
		if (err < 0 || said != NULL)
			return err;
	}
	return st->label == LABEL_NONE ? 0 : link_more(x, st, at, from, to);
}

/* Nearest pairs first, so that the limit costs the far ones. */
static int
link_together(struct graph_extractor *x)
{
	const struct mention *a, *b;
	size_t apart, i, pairs = 0;
	int err = 0;

	for (apart = 1; apart < x->count; apart++) {
		for (i = 0; i + apart < x->count && err == 0; i++) {
			a = &x->mentions[i];
			b = &x->mentions[i + apart];
			if (apart > 1 && (a->is_sure || b->is_sure ||
				a->is_phrase || b->is_phrase))
				continue;
			if (pairs++ == SENTENCE_PAIRS_MAX)
				return 0;
			err = put(x, a, b, GRAPH_MENTIONED_WITH);
		}
	}
	return err;
}

int
extract_relate(struct graph_extractor *x)
{
	struct state st = { .label = LABEL_NONE };
	size_t i;
	int err = 0;

	for (i = 0; i < x->count && err == 0; i++)
		err = link_pair(x, &st, i);
	if (err == 0)
		err = link_together(x);
	if (extract_pronoun(x, 0) == NULL)
		x->subject.entity = GRAPH_NONE;
	if (x->subject.entity != GRAPH_NONE)
		return err;
	for (i = 0; i < x->count; i++) {
		if (!x->mentions[i].is_sure && !x->mentions[i].is_phrase) {
			x->subject = x->mentions[i];
			break;
		}
	}
	return err;
}
