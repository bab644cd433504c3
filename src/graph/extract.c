/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two walks over the text.  The first one counts: how often a word begins
 * with a capital in the middle of a sentence, and how often with none, which
 * phrases stand behind articles, and whose function words there are, which is
 * the language.  The second one reads sentence by sentence: what is what by
 * its form, then names, then kinds and concepts, then how they are linked.
 * Only entities and relations outlive a sentence, so memory depends on what
 * is found.
 */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "graph/extract_int.h"

struct graph_extractor *
graph_extractor_new(void)
{
	struct graph_extractor *x = mem_zalloc(sizeof(*x));

	if (x == NULL)
		return NULL;
	lexicon_init(&x->lexicon);
	stop_set_init(&x->stops);
	graph_build_init(&x->build);
	return x;
}

void
graph_extractor_free(struct graph_extractor *x)
{
	if (x == NULL)
		return;
	graph_build_fini(&x->build);
	mem_free(x);
}

struct seen *
extract_seen(struct graph_extractor *x, uint64_t hash, bool make)
{
	size_t slot = (hash ^ hash >> 32) % SEEN_SLOTS, i;
	struct seen *seen;

	for (i = 0; i < SEEN_PROBES_MAX; i++) {
		seen = &x->seen[slot];
		if (seen->stamp != x->stamp) {
			if (!make)
				return NULL;
			memset(seen, 0, sizeof(*seen));
			seen->stamp = x->stamp;
			seen->hash = hash;
			return seen;
		}
		if (seen->hash == hash)
			return seen;
		slot = (slot + 1) % SEEN_SLOTS;
	}
	return NULL;
}

bool
extract_is_initial(const struct scan *scan, size_t at)
{
	const struct token *token;

	while (at-- > 0) {
		token = &scan->tokens[at];
		if (token->kind != TOKEN_PUNCT)
			return token->kind == TOKEN_NUMBER && at == 0;
		if (token->c == ':' || token->c == '"' || token->c == 0x201C ||
		    token->c == 0x201E || token->c == 0xAB)
			return true;
		if (token->c == ',' || token->c == '(' || token->c == ')')
			return false;
	}
	return true;
}

uint64_t
extract_phrase(uint64_t phrase, uint64_t word)
{
	/* Else a phrase of one word would be the word. */
	return phrase_hash(phrase ^ 0xA0761D6478BD642FULL, word);
}

static void
count_one(uint16_t *count)
{
	if (*count < UINT16_MAX)
		(*count)++;
}

/* The phrases behind an article. */
static void
count_phrases(struct graph_extractor *x, size_t at)
{
	const struct scan *scan = &x->scan;
	const struct token *token;
	struct seen *seen;
	uint64_t phrase = 0;
	size_t i;

	for (i = at; i < scan->count && i < at + PHRASE_MAX; i++) {
		token = &scan->tokens[i];
		if (token->kind != TOKEN_WORD || token->is_stop ||
		    token_has(token, SHAPE_DIGIT | SHAPE_CODE))
			break;
		phrase = extract_phrase(phrase, token->hash);
		seen = extract_seen(x, phrase, true);
		if (seen != NULL)
			count_one(&seen->phrase);
		if (token_has(token, SHAPE_CAPITAL | SHAPE_OWNER))
			break;
	}
}

static uint32_t
any_roles(const struct token *token)
{
	uint32_t roles = 0;
	int i;

	if (token->cue != NULL) {
		for (i = 0; i < LANGUAGE_COUNT; i++)
			roles |= token->cue->roles[i];
	}
	return roles;
}

static void
count_sentence(struct graph_extractor *x, uint32_t votes[LANGUAGE_COUNT])
{
	const struct scan *scan = &x->scan;
	const struct token *token;
	struct seen *seen;
	bool after_det = false;
	size_t i;
	int k;

	for (i = 0; i < scan->count; i++) {
		token = &scan->tokens[i];
		if (token->kind != TOKEN_WORD) {
			after_det = false;
			continue;
		}
		for (k = 1; k < LANGUAGE_COUNT && token->cue != NULL; k++)
			votes[k] += token->cue->roles[k] >> CUE_BIT_STOP & 1;
		seen = extract_seen(x, token->hash, true);
		if (seen != NULL) {
			if (!token_has(token, SHAPE_CAPITAL))
				count_one(&seen->lower);
			else if (!scan->is_heading && !scan->is_shouted &&
			    !extract_is_initial(scan, i))
				count_one(&seen->middle);
			if (after_det)
				count_one(&seen->after_det);
		}
		after_det = (any_roles(token) & (CUE_DET | CUE_INDEF)) != 0;
		if (after_det)
			count_phrases(x, i + 1);
	}
}

static enum language
survey(struct graph_extractor *x, const struct graph_source *source)
{
	uint32_t votes[LANGUAGE_COUNT] = {0};
	enum language language = LANGUAGE_OTHER;
	struct seen *seen;
	size_t i;

	scan_init(&x->scan, &x->lexicon, &x->stops, LANGUAGE_OTHER,
	    source->text, source->text_len);
	while (scan_sentence(&x->scan))
		count_sentence(x, votes);
	for (i = 1; i < LANGUAGE_COUNT; i++) {
		if (votes[i] > votes[language])
			language = (enum language)i;
	}
	if (source->title == NULL)
		return language;
	scan_init(&x->scan, &x->lexicon, &x->stops, language, source->title,
	    source->title_len);
	while (scan_sentence(&x->scan)) {
		for (i = 0; i < x->scan.count; i++) {
			if (!token_has(&x->scan.tokens[i], SHAPE_CAPITAL))
				continue;
			seen = extract_seen(x, x->scan.tokens[i].hash, true);
			if (seen != NULL)
				seen->is_title = true;
		}
	}
	return language;
}

enum label
extract_label(const struct graph_extractor *x, size_t at, size_t stop,
    size_t *ret_words)
{
	enum label label = LABEL_NONE, one;
	uint64_t phrase = 0;
	size_t i;

	for (i = at; i < stop && i < at + PHRASE_WORDS_MAX; i++) {
		if (x->scan.tokens[i].kind != TOKEN_WORD)
			break;
		phrase = phrase_hash(phrase, x->scan.tokens[i].hash);
		one = lexicon_label(&x->lexicon, phrase, x->scan.language);
		if (one != LABEL_NONE) {
			label = one;
			*ret_words = i + 1 - at;
		}
	}
	return label;
}

void
extract_vote(struct graph_extractor *x, const struct mention *mention,
    enum graph_type type, uint32_t votes)
{
	x->build.entities[mention->entity].votes[type] += votes;
}

int
extract_put(struct graph_extractor *x, size_t from, size_t to,
    struct mention **ret_mention)
{
	const struct scan *scan = &x->scan;
	uint32_t start = scan->tokens[from].start;
	uint32_t end = scan->tokens[to - 1].end, entity;
	struct draft_entity *draft;
	struct mention *mention;
	size_t i;
	int err;

	*ret_mention = NULL;
	if (x->count == SENTENCE_MENTIONS_MAX) {
		x->build.is_cut = true;
		return 0;
	}
	err = graph_build_entity(&x->build, scan->text + start, end - start,
	    &entity);
	if (err < 0 || entity == GRAPH_NONE)
		return err;
	err = graph_build_mention(&x->build, entity, start, end);
	if (err < 0)
		return err;
	draft = &x->build.entities[entity];
	if (draft->words == 0) {
		draft->words = (uint32_t)(to - from);
		draft->first_word = scan->tokens[from].hash;
		draft->last_word = scan->tokens[to - 1].hash;
	}
	for (i = from; i < to; i++)
		x->scan.tokens[i].owner = entity;
	mention = &x->mentions[x->count++];
	memset(mention, 0, sizeof(*mention));
	mention->from = from;
	mention->to = to;
	mention->entity = entity;
	mention->type = GRAPH_CONCEPT;
	*ret_mention = mention;
	return 0;
}

/* By place; there are few, and they are nearly in order. */
static void
sort_mentions(struct graph_extractor *x)
{
	struct mention one;
	size_t i, k;

	for (i = 1; i < x->count; i++) {
		one = x->mentions[i];
		for (k = i; k > 0 && x->mentions[k - 1].from > one.from; k--)
			x->mentions[k] = x->mentions[k - 1];
		x->mentions[k] = one;
	}
}

static int
read_sentence(struct graph_extractor *x)
{
	int err;

	x->count = 0;
	err = extract_fixed(x);
	if (err == 0 && !x->scan.is_shouted)
		err = extract_names(x);
	sort_mentions(x);
	if (err == 0)
		err = extract_phrases(x);
	sort_mentions(x);
	if (err == 0)
		err = extract_relate(x);
	return err;
}

int
graph_extract(struct graph_extractor *x, const struct graph_source *source,
    struct graph *ret_graph)
{
	enum language language;
	int err = 0;

	if (source->text_len > GRAPH_TEXT_BYTES_MAX)
		return ERR_TOO_BIG;
	x->stamp++;
	if (x->stamp == 0) {
		memset(x->seen, 0, sizeof(x->seen));
		x->stamp = 1;
	}
	graph_build_init(&x->build);
	x->subject.entity = GRAPH_NONE;
	language = survey(x, source);
	scan_init(&x->scan, &x->lexicon, &x->stops, language, source->text,
	    source->text_len);
	while (err == 0 && scan_sentence(&x->scan))
		err = read_sentence(x);
	if (err == 0)
		err = extract_merge(x);
	if (err == 0)
		err = graph_build_end(&x->build, GRAPH_BY_RULES, ret_graph);
	graph_build_fini(&x->build);
	return err;
}
