/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "text/stem.h"
#include "text/words_scan.h"

/* The stem of the first term of a text, terminated. */
static const char *
stem_of(struct stemmer *stemmer, enum language language, const char *word)
{
	static char out[WORD_BYTES_MAX + 1];
	struct words_scan scan;
	size_t len = 0;

	words_scan_init(&scan, word, strlen(word));
	assert_true(words_scan_next(&scan));
	assert_int_equal(stem_term(stemmer, language, scan.term,
		scan.term_len, out, &len), 0);
	assert_in_range(len, 1, WORD_BYTES_MAX);
	out[len] = '\0';
	return out;
}

static void
expect(struct stemmer *stemmer, enum language language, const char *words,
    const char *wanted)
{
	char word[128];
	const char *end;

	while (*words != '\0') {
		end = strchrnul(words, ' ');
		memcpy(word, words, (size_t)(end - words));
		word[end - words] = '\0';
		assert_string_equal(stem_of(stemmer, language, word), wanted);
		words = *end == ' ' ? end + 1 : end;
	}
}

/* Words of one group have one stem, however they are written. */
static void
test_groups(void **state)
{
	struct stemmer *s = stemmer_new();
	int round;

	(void)state;
	assert_non_null(s);
	/* The second time out of the cache. */
	for (round = 0; round < 2; round++) {
		expect(s, LANGUAGE_ENGLISH, "index indexes indexing indexed "
		    "Indexed", "index");
		expect(s, LANGUAGE_ENGLISH, "cats", "cat");
		expect(s, LANGUAGE_GERMAN, "Häuser Haus Häusern hauser",
		    "haus");
		expect(s, LANGUAGE_GERMAN, "Straße straßen STRASSEN",
		    "strass");
		expect(s, LANGUAGE_FRENCH, "manger mangé mangée mangées "
		    "mangèrent mangerent", "mang");
		expect(s, LANGUAGE_FRENCH, "université universités",
		    "univers");
		expect(s, LANGUAGE_FRENCH, "premier première premières",
		    "premi");
		expect(s, LANGUAGE_FRENCH, "activité activités", "activ");
		expect(s, LANGUAGE_SPANISH, "comer comía comían comemos",
		    "com");
		expect(s, LANGUAGE_SPANISH, "comunicación comunicaciones "
		    "comunicacion", "comun");
		expect(s, LANGUAGE_SPANISH, "importante importancia",
		    "import");
		expect(s, LANGUAGE_ITALIAN, "università universita",
		    "univers");
		expect(s, LANGUAGE_ITALIAN, "città", "citt");
		expect(s, LANGUAGE_PORTUGUESE, "informação informações "
		    "informar informacao", "inform");
		expect(s, LANGUAGE_RUSSIAN, "новый новой новые нового", "нов");
		expect(s, LANGUAGE_RUSSIAN, "новейший новейшая новейших",
		    "нов");
		expect(s, LANGUAGE_RUSSIAN, "россия россии россию", "росс");
		expect(s, LANGUAGE_RUSSIAN, "война войны войной", "воин");
		expect(s, LANGUAGE_HUNGARIAN, "házban házból házról", "haz");
		expect(s, LANGUAGE_TURKISH, "göz gözler gözlerim", "goz");
		expect(s, LANGUAGE_TURKISH, "kitap kitapları", "kitap");
		expect(s, LANGUAGE_SWEDISH, "fråga frågor frågorna", "frag");
		expect(s, LANGUAGE_FINNISH, "ystävä ystävän ystävässä",
		    "ystav");
	}
	stemmer_free(s);
}

static void
test_left_alone(void **state)
{
	struct stemmer *s = stemmer_new();

	(void)state;
	assert_non_null(s);
	expect(s, LANGUAGE_NONE, "indexes", "indexes");
	expect(s, LANGUAGE_ENGLISH, "as", "as");
	expect(s, LANGUAGE_ENGLISH, "x86s", "x86s");
	expect(s, LANGUAGE_ENGLISH, "2019s", "2019s");
	expect(s, LANGUAGE_ENGLISH, "новые", "новые");
	expect(s, LANGUAGE_RUSSIAN, "indexes", "indexes");
	expect(s, LANGUAGE_ENGLISH, "\xE6\x97\xA5\xE6\x9C\xAC",
	    "\xE6\x97\xA5\xE6\x9C\xAC");
	expect(s, LANGUAGE_RUSSIAN, "\xED\x95\x9C\xEA\xB5\xAD\xEC\x96\xB4",
	    "\xED\x95\x9C\xEA\xB5\xAD\xEC\x96\xB4");
	stemmer_free(s);
	stemmer_free(NULL);
}

/* Long terms, endings upon endings, and letters at random: a stem is a term
 * again, and the same the second time. */
static void
check_any(struct stemmer *s, const char *term, size_t len)
{
	char out[WORD_BYTES_MAX], again[WORD_BYTES_MAX];
	size_t out_len, again_len;
	unsigned language;

	for (language = 0; language < LANGUAGE_COUNT; language++) {
		out_len = again_len = 0;
		assert_int_equal(stem_term(s, (enum language)language, term,
			len, out, &out_len), 0);
		assert_in_range(out_len, 1, WORD_BYTES_MAX);
		assert_true(utf8_is_valid(out, out_len));
		/* Its own place will do. */
		memcpy(again, term, len);
		assert_int_equal(stem_term(s, (enum language)language, again,
			len, again, &again_len), 0);
		assert_int_equal(again_len, out_len);
		assert_memory_equal(again, out, out_len);
	}
}

static void
test_hostile(void **state)
{
	static const char *const endings[] = { "a", "ee", "itees", "ational",
		"fulness", "ia", "lerim", "иися", "еишии", "bol", "o",
		"u", "\xC4\xB1", "y", "\xC3\xB8" };
	const size_t count = sizeof(endings) / sizeof(*endings);
	struct stemmer *s = stemmer_new();
	char term[WORD_BYTES_MAX];
	uint32_t random = 7;
	size_t round, len, part, wanted;

	(void)state;
	assert_non_null(s);
	for (round = 0; round < count; round++) {
		part = strlen(endings[round]);
		for (len = 0; len + part <= WORD_BYTES_MAX; len += part) {
			memcpy(term + len, endings[round], part);
			check_any(s, term, len + part);
		}
	}
	for (round = 0; round < 20000; round++) {
		random = random * 1664525u + 1013904223u;
		wanted = 1 + (random >> 16) % WORD_BYTES_MAX;
		len = 0;
		for (;;) {
			random = random * 1664525u + 1013904223u;
			part = strlen(endings[(random >> 16) % count]);
			if (len + part > wanted)
				break;
			memcpy(term + len, endings[(random >> 16) % count],
			    part);
			len += part;
		}
		if (len > 0)
			check_any(s, term, len);
	}
	stemmer_free(s);
}

static void
test_memory(void **state)
{
	(void)state;
	mem_fail_at(1);
	assert_null(stemmer_new());
	mem_fail_at(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_left_alone),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
