/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/tags.h"

static void
tag(const char *text, struct tags *tags)
{
	struct tagger *tagger = tagger_new();

	assert_non_null(tagger);
	assert_int_equal(tagger_add(tagger, text, strlen(text)), 0);
	assert_int_equal(tagger_end(tagger, tags), 0);
	tagger_free(tagger);
}

static bool
has_phrase(const struct tags *tags, const char *phrase)
{
	size_t i;

	for (i = 0; i < tags->keyphrase_count; i++) {
		if (strcmp(tags->keyphrases[i], phrase) == 0)
			return true;
	}
	return false;
}

static const char engine_text[] =
    "Engines\n\n"
    "Every steam engine turns heat into motion. The steam engine of a "
    "locomotive drives its wheels through rods. HTTP has nothing to do with "
    "it, but HTTP and NASA are acronyms.\n\n"
    "- fuel: coal; water: clean; pressure: high; year: 1900.\n"
    "A good steam engine needs clean water and a patient driver. Drivers of "
    "locomotives were proud people, and every driver knew the steam engine "
    "by its sound.";

static void
test_phrases(void **state)
{
	struct tags tags;
	size_t i, k;

	(void)state;
	tag(engine_text, &tags);
	assert_string_equal(tags.keyphrases[0], "steam engine");
	assert_true(has_phrase(&tags, "HTTP"));
	assert_false(has_phrase(&tags, "the"));
	assert_false(has_phrase(&tags, "steam"));
	assert_false(has_phrase(&tags, "engine"));
	assert_in_range(tags.keyphrase_count, 3, KEYPHRASES_MAX);
	for (i = 0; i < tags.keyphrase_count; i++) {
		for (k = 0; k < i; k++)
			assert_string_not_equal(tags.keyphrases[i],
			    tags.keyphrases[k]);
	}
	assert_string_equal(tags.summary,
	    "Every steam engine turns heat into motion.");
}

static void
test_nothing(void **state)
{
	struct tags tags;

	(void)state;
	tag("", &tags);
	assert_int_equal(tags.keyphrase_count, 0);
	assert_string_equal(tags.summary, "");
	tag("12 34 - 56", &tags);
	assert_int_equal(tags.keyphrase_count, 0);
	/* Headings, rows and code have no sentence. */
	tag("A Heading Without An End\n\nname: x; size: y; colour: z\n"
	    "if (x) { return f(y); }", &tags);
	assert_string_equal(tags.summary, "");
}

static void
test_languages(void **state)
{
	struct tags tags;

	(void)state;
	tag("Die Katze sitzt auf der Matte. Der Hund und die Katze schlafen "
	    "im Garten. Der Garten ist f\xC3\xBCr die Katze.", &tags);
	assert_string_equal(tags.keyphrases[0], "katze");
	assert_true(has_phrase(&tags, "garten"));
	tag("\xE6\x9D\xB1\xE4\xBA\xAC\xE3\x81\xAF\xE6\x97\xA5\xE6\x9C\xAC\xE3"
	    "\x81\xAE\xE9\xA6\x96\xE9\x83\xBD\xE3\x81\xA7\xE3\x81\x82\xE3\x82"
	    "\x8B\xE3\x80\x82\xE6\x9D\xB1\xE4\xBA\xAC\xE3\x81\xAF\xE5\xA4\xA7"
	    "\xE3\x81\x8D\xE3\x81\x84\xE3\x80\x82", &tags);
	assert_string_equal(tags.keyphrases[0], "\xE6\x9D\xB1\xE4\xBA\xAC");
}

static void
test_clear(void **state)
{
	struct tagger *tagger = tagger_new();
	struct tags first, second;

	(void)state;
	assert_non_null(tagger);
	assert_int_equal(tagger_add(tagger, engine_text,
	    sizeof(engine_text) - 1), 0);
	assert_int_equal(tagger_end(tagger, &first), 0);
	tagger_clear(tagger);
	assert_int_equal(tagger_add(tagger, engine_text,
	    sizeof(engine_text) - 1), 0);
	assert_int_equal(tagger_end(tagger, &second), 0);
	assert_memory_equal(&first, &second, sizeof(first));
	tagger_clear(tagger);
	assert_int_equal(tagger_end(tagger, &second), 0);
	assert_int_equal(second.keyphrase_count, 0);
	tagger_free(tagger);
	tagger_free(NULL);
	mem_fail_at(1);
	assert_null(tagger_new());
	mem_fail_at(0);
}

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Far more different words than the table holds: what is frequent stays. */
static void
test_long_document(void **state)
{
	struct tagger *tagger = tagger_new();
	uint64_t seed = 0x10A6;
	struct tags tags;
	char text[1200];
	size_t len, i;
	int n;

	(void)state;
	assert_non_null(tagger);
	for (i = 0; i < 3000; i++) {
		len = 0;
		while (len < 1000) {
			n = snprintf(text + len, sizeof(text) - len,
			    "q%llxz w%llxy, tidal marker; ",
			    (unsigned long long)next_random(&seed) >> 40,
			    (unsigned long long)next_random(&seed) >> 40);
			assert_true(n > 0);
			len += (size_t)n;
		}
		assert_int_equal(tagger_add(tagger, text, len), 0);
	}
	assert_int_equal(tagger_end(tagger, &tags), 0);
	assert_string_equal(tags.keyphrases[0], "tidal marker");
	tagger_free(tagger);
}

static void
test_random(void **state)
{
	struct tagger *tagger = tagger_new();
	uint64_t seed = 0x7A65, r;
	struct tags tags;
	char *text;
	size_t size, len, i;
	int round;

	(void)state;
	assert_non_null(tagger);
	for (round = 0; round < 2000; round++) {
		size = next_random(&seed) % 3000 + 5;
		text = mem_alloc(size);
		assert_non_null(text);
		for (len = 0; len + 4 < size;) {
			r = next_random(&seed) >> 8;
			if (r % 4 != 0)
				text[len++] = "etaoi nsh. "[r / 8 % 11];
			else if (round % 3 == 0)
				text[len++] = (char)(r >> 16);
			else if ((r >> 32 & 0xF800) != 0xD800)
				len += utf8_encode(r >> 32 & 0xFFFF,
				    text + len);
		}
		assert_int_equal(tagger_add(tagger, text, len), 0);
		mem_free(text);
		if (round % 10 != 9)
			continue;
		assert_int_equal(tagger_end(tagger, &tags), 0);
		assert_in_range(strlen(tags.summary), 0, SUMMARY_BYTES_MAX);
		for (i = 0; i < tags.keyphrase_count; i++) {
			assert_in_range(strlen(tags.keyphrases[i]), 1,
			    KEYPHRASE_BYTES_MAX - 1);
			assert_true(utf8_is_valid(tags.keyphrases[i],
			    strlen(tags.keyphrases[i])));
		}
		tagger_clear(tagger);
	}
	tagger_free(tagger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phrases),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_long_document),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
