/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "graph/graph.h"
#include "graph/lexicon.h"

#define LANGUAGE_ANY LANGUAGE_OTHER

struct cue_row {
	enum language language;
	enum cue_bit bit;
	const char *words;
};

struct pattern_row {
	enum language language;
	enum label label;
	const char *phrases;
};

static const struct cue_row cue_rows[] = {
#define CUES(language, role, words) \
	{ LANGUAGE_##language, CUE_BIT_##role, words },
#include "graph/cues_tbl.h"
};

static const struct pattern_row pattern_rows[] = {
#define PATTERN(language, label, phrases) \
	{ LANGUAGE_##language, LABEL_##label, phrases },
#include "graph/patterns_tbl.h"
};

const struct label_row label_rows[LABEL_COUNT] = {
#define LABEL(name, shown, dated, placed, transitive, subject, object) \
	[LABEL_##name] = { shown, dated, placed, transitive, \
	    GRAPH_##subject, GRAPH_##object },
#include "graph/labels_tbl.h"
};

uint64_t
word_hash(const char *word, size_t len)
{
	uint64_t hash = len * 0x9E3779B97F4A7C15ULL, bytes;

	for (; len >= 8; word += 8, len -= 8) {
		memcpy(&bytes, word, 8);
		hash = phrase_hash(hash, le64toh(bytes));
	}
	bytes = 0;
	memcpy(&bytes, word, len);
	hash = phrase_hash(hash, le64toh(bytes));
	return hash != 0 ? hash : 1;
}

static void
add_cue(struct lexicon *lexicon, uint64_t hash, const struct cue_row *row)
{
	size_t slot = hash % CUE_SLOTS, bit = (hash >> 32) % CUE_FILTER_BITS;
	struct cue *cue;
	size_t i;

	lexicon->filter[bit / 64] |= 1ULL << bit % 64;
	while (lexicon->cues[slot].hash != 0 &&
	    lexicon->cues[slot].hash != hash)
		slot = (slot + 1) % CUE_SLOTS;
	cue = &lexicon->cues[slot];
	cue->hash = hash;
	for (i = 0; i < LANGUAGE_COUNT; i++) {
		if (row->language == LANGUAGE_ANY || i == row->language)
			cue->roles[i] |= 1u << row->bit;
	}
}

static void
add_cues(struct lexicon *lexicon, const struct cue_row *row, size_t *count)
{
	const char *word = row->words;
	size_t len;

	while (*word != '\0') {
		len = strcspn(word, " ");
		add_cue(lexicon, word_hash(word, len), row);
		(*count)++;
		word += len + (word[len] != '\0');
	}
}

static void
add_pattern(struct lexicon *lexicon, uint64_t hash,
    const struct pattern_row *row)
{
	size_t slot = hash % PATTERN_SLOTS;

	while (lexicon->patterns[slot].hash != 0 &&
	    lexicon->patterns[slot].hash != hash)
		slot = (slot + 1) % PATTERN_SLOTS;
	lexicon->patterns[slot].hash = hash;
	lexicon->patterns[slot].labels[row->language] = (uint8_t)row->label;
}

static void
add_patterns(struct lexicon *lexicon, const struct pattern_row *row,
    size_t *count)
{
	const char *at = row->phrases;
	uint64_t hash = 0;
	size_t len, words = 0;

	while (*at != '\0') {
		len = strcspn(at, " |");
		hash = phrase_hash(hash, word_hash(at, len));
		words++;
		ASSERT(words <= PHRASE_WORDS_MAX);
		at += len;
		if (*at != ' ') {
			add_pattern(lexicon, hash, row);
			(*count)++;
			hash = 0;
			words = 0;
		}
		at += *at != '\0';
	}
}

void
lexicon_init(struct lexicon *lexicon)
{
	size_t i, cues = 0, patterns = 0;

	memset(lexicon, 0, sizeof(*lexicon));
	for (i = 0; i < sizeof(cue_rows) / sizeof(*cue_rows); i++)
		add_cues(lexicon, &cue_rows[i], &cues);
	for (i = 0; i < sizeof(pattern_rows) / sizeof(*pattern_rows); i++)
		add_patterns(lexicon, &pattern_rows[i], &patterns);
	/* So that a search for what is not there ends soon. */
	ASSERT(cues <= CUE_SLOTS / 2 && patterns <= PATTERN_SLOTS / 2);
}

enum label
lexicon_label(const struct lexicon *lexicon, uint64_t phrase,
    enum language language)
{
	size_t slot = phrase % PATTERN_SLOTS;

	while (lexicon->patterns[slot].hash != 0) {
		if (lexicon->patterns[slot].hash == phrase)
			return (enum label)
			    lexicon->patterns[slot].labels[language];
		slot = (slot + 1) % PATTERN_SLOTS;
	}
	return LABEL_NONE;
}
