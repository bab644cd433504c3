/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every word of a text is stemmed, and most of them are the same few hundred:
 * what was found is kept in a table with one place for each hash, where the
 * last one wins.  A stem is kept as how much of the term it has and what comes
 * then, so an entry is half a cache line.
 *
 * Turkish has no rows in the table: its suffixes follow the vowels before
 * them, so it is all vowels of a word that must be put back.  A word that has
 * e or i and neither a nor ı is one of front vowels, where o and u were
 * ö and ü.
 */
#include <libstemmer.h>
#include <stdbool.h>
#include <string.h>
#include <xxhash.h>

#include "base/assert.h"
#include "base/err.h"
#include "base/mem.h"
#include "text/stem.h"
#include "text/words_scan.h"

#define CACHE_SLOTS 8192u
#define CACHE_TERM_BYTES 24u
#define CACHE_TAIL_BYTES 4u

/* What is put back makes a term longer, by a byte for each letter at most. */
#define RESTORED_BYTES_MAX (2 * WORD_BYTES_MAX)

#define TURKISH_DOTLESS "\xC4\xB1"
#define TURKISH_O "\xC3\xB6"
#define TURKISH_U "\xC3\xBC"

struct cached {
	uint8_t language; /* LANGUAGE_NONE: empty */
	uint8_t term_len, kept_len, tail_len;
	char tail[CACHE_TAIL_BYTES];
	char term[CACHE_TERM_BYTES];
};

_Static_assert(sizeof(struct cached) == 32, "two entries are a cache line");

struct stemmer {
	struct sb_stemmer *algorithms[LANGUAGE_COUNT];
	struct cached cache[CACHE_SLOTS];
};

static const struct restore {
	enum language language;
	const char *folded, *written;
} restores[] = {
#define RESTORE(language_, folded_, written_)                                 \
	{ .language = LANGUAGE_##language_,                                   \
		.folded = folded_,                                            \
		.written = written_ },
#include "text/stem_tbl.h"
};

#define RESTORES (sizeof(restores) / sizeof(*restores))

struct stemmer *
stemmer_new(void)
{
	return mem_zalloc(sizeof(struct stemmer));
}

void
stemmer_free(struct stemmer *stemmer)
{
	unsigned language;

	if (stemmer == NULL)
		return;
	for (language = 0; language < LANGUAGE_COUNT; language++)
		sb_stemmer_delete(stemmer->algorithms[language]);
	mem_free(stemmer);
}

/*
 * Three letters or more of the language's script, which is Latin for all but
 * Russian.  Two bytes reach U+07FF: what needs three is of neither.
 */
static bool
is_stemmable(enum language language, const char *term, size_t len)
{
	bool is_cyrillic = language == LANGUAGE_RUSSIAN;
	size_t letters = 0, i;
	unsigned char c;

	for (i = 0; i < len; i++) {
		c = (unsigned char)term[i];
		if (c >= 0x80 && c < 0xC0)
			continue;
		if (c < 0x80 ? is_cyrillic || (c >= '0' && c <= '9') :
			(c == 0xD0 || c == 0xD1) != is_cyrillic || c > 0xD1)
			return false;
		letters++;
	}
	return letters > 2;
}

static bool
has(const char *term, size_t len, const char *part)
{
	return memmem(term, len, part, strlen(part)) != NULL;
}

static size_t
restore_turkish(char *term, size_t len)
{
	char out[RESTORED_BYTES_MAX];
	size_t used = 0, i;

	if (has(term, len, "a") || has(term, len, TURKISH_DOTLESS) ||
	    (!has(term, len, "e") && !has(term, len, "i")))
		return len;
	for (i = 0; i < len; i++) {
		if (term[i] == 'o' || term[i] == 'u') {
			memcpy(out + used,
			    term[i] == 'o' ? TURKISH_O : TURKISH_U, 2);
			used += 2;
		} else {
			out[used++] = term[i];
		}
	}
	memcpy(term, out, used);
	return used;
}

/* Put back what the language's rules need; term has room for
 * RESTORED_BYTES_MAX.  Returns its length. */
static size_t
restore(enum language language, char *term, size_t len)
{
	const struct restore *best = NULL;
	size_t best_len = 0, tail, i;

	if (language == LANGUAGE_TURKISH)
		return restore_turkish(term, len);
	for (i = 0; i < RESTORES; i++) {
		if (restores[i].language != language)
			continue;
		tail = strlen(restores[i].folded);
		if (tail > best_len && tail < len &&
		    memcmp(term + len - tail, restores[i].folded, tail) == 0) {
			best = &restores[i];
			best_len = tail;
		}
	}
	if (best == NULL)
		return len;
	tail = strlen(best->written);
	memcpy(term + len - best_len, best->written, tail);
	return len - best_len + tail;
}

/* Run the language's algorithm over the term, whose place is scratch. */
static int
stem_run(struct stemmer *stemmer, enum language language, char *scratch,
    size_t len, char out[WORD_BYTES_MAX], size_t *ret_len)
{
	struct sb_stemmer **algorithm = &stemmer->algorithms[language];
	struct words_scan scan;
	const sb_symbol *stem;
	size_t stem_len;

	if (*algorithm == NULL)
		*algorithm = sb_stemmer_new(language_algorithm(language),
		    "UTF_8");
	if (*algorithm == NULL)
		return ERR_NOMEM;
	len = restore(language, scratch, len);
	stem = sb_stemmer_stem(*algorithm, (const sb_symbol *)scratch,
	    (int)len);
	if (stem == NULL)
		return ERR_NOMEM;
	stem_len = (size_t)sb_stemmer_length(*algorithm);
	/* A stem is a term: what was put back and still there goes again.
	 * The cursor may read behind it, where the terminator is. */
	words_scan_init(&scan, (const char *)stem, stem_len);
	if (words_scan_next(&scan)) {
		memcpy(out, scan.term, scan.term_len);
		*ret_len = scan.term_len;
	} else {
		*ret_len = 0;
	}
	return 0;
}

static void
cache_put(struct cached *cached, enum language language, const char *term,
    size_t len, const char *stem, size_t stem_len)
{
	size_t kept = 0;

	while (kept < len && kept < stem_len && term[kept] == stem[kept])
		kept++;
	if (len > CACHE_TERM_BYTES || stem_len - kept > CACHE_TAIL_BYTES)
		return;
	cached->language = (uint8_t)language;
	cached->term_len = (uint8_t)len;
	cached->kept_len = (uint8_t)kept;
	cached->tail_len = (uint8_t)(stem_len - kept);
	memcpy(cached->tail, stem + kept, stem_len - kept);
	memcpy(cached->term, term, len);
}

int
stem_term(struct stemmer *stemmer, enum language language, const char *term,
    size_t len, char out[WORD_BYTES_MAX], size_t *ret_len)
{
	char scratch[RESTORED_BYTES_MAX], key[WORD_BYTES_MAX];
	struct cached *cached;
	size_t stem_len = len;
	int err = 0;

	ASSERT(len > 0 && len <= WORD_BYTES_MAX);
	ASSERT(language >= LANGUAGE_NONE && language < LANGUAGE_COUNT);
	if (language == LANGUAGE_NONE || len < 3) {
		memmove(out, term, len);
		*ret_len = len;
		return 0;
	}
	cached = &stemmer->cache[XXH3_64bits_withSeed(term, len,
		(XXH64_hash_t)language) % CACHE_SLOTS];
	if (cached->language == language && cached->term_len == len &&
	    memcmp(cached->term, term, len) == 0) {
		memmove(out, term, cached->kept_len);
		memcpy(out + cached->kept_len, cached->tail,
		    cached->tail_len);
		*ret_len = (size_t)cached->kept_len + cached->tail_len;
		return 0;
	}
	/* The stem may go where the term is. */
	memcpy(key, term, len);
	memcpy(scratch, term, len);
	if (is_stemmable(language, term, len))
		err = stem_run(stemmer, language, scratch, len, out,
		    &stem_len);
	else
		memmove(out, term, len);
	if (err < 0)
		return err;
	if (stem_len == 0) {
		/* All of it was an ending. */
		memcpy(out, key, len);
		stem_len = len;
	}
	cache_put(cached, language, key, len, out, stem_len);
	*ret_len = stem_len;
	return 0;
}
