/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/language.h"
#include "text/words_scan.h"

static const struct sentence {
	enum language language;
	const char *text;
} sentences[] = {
	{ LANGUAGE_ENGLISH, "The committee met on Monday to discuss how the "
	    "water of the river could be used by both of the towns." },
	{ LANGUAGE_GERMAN, "Der Ausschuss traf sich am Montag, um darüber zu "
	    "beraten, wie das Wasser des Flusses von beiden Städten genutzt "
	    "werden kann." },
	{ LANGUAGE_FRENCH, "Le comité s'est réuni lundi pour discuter de la "
	    "façon dont l'eau de la rivière peut être utilisée par les deux "
	    "villes." },
	{ LANGUAGE_SPANISH, "El comité se reunió el lunes para discutir cómo "
	    "el agua del río puede ser utilizada por las dos ciudades." },
	{ LANGUAGE_ITALIAN, "Il comitato si è riunito lunedì per discutere "
	    "di come l'acqua del fiume possa essere usata dalle due città." },
	{ LANGUAGE_PORTUGUESE, "O comité reuniu-se na segunda-feira para "
	    "discutir como a água do rio pode ser utilizada pelas duas "
	    "cidades, mas não decidiu." },
	{ LANGUAGE_DUTCH, "De commissie kwam maandag bijeen om te bespreken "
	    "hoe het water van de rivier door beide steden gebruikt kan "
	    "worden." },
	{ LANGUAGE_SWEDISH, "Kommittén möttes på måndagen för att diskutera "
	    "hur vattnet från floden ska användas av de båda städerna." },
	{ LANGUAGE_DANISH, "Udvalget mødtes mandag for at drøfte, hvordan "
	    "vandet fra floden kan bruges af begge byer, og hvad det må "
	    "koste efter det." },
	{ LANGUAGE_NORWEGIAN, "Utvalget møttes mandag for å drøfte hvordan "
	    "vannet fra elva kan brukes av begge byene, og hva det må koste "
	    "etter det." },
	{ LANGUAGE_FINNISH, "Valiokunta kokoontui maanantaina ja pohti, miten "
	    "joen vettä voidaan käyttää, mutta se ei ole vielä päättänyt." },
	{ LANGUAGE_RUSSIAN, "Комитет собрался в понедельник, чтобы обсудить, "
	    "как вода из реки может быть использована этими городами." },
	{ LANGUAGE_HUNGARIAN, "A bizottság hétfőn ült össze, hogy megvitassa, "
	    "miként lehet a folyó vizét használni, de nem döntött, és ez "
	    "még nem minden." },
	{ LANGUAGE_ROMANIAN, "Comitetul s-a reunit luni pentru a discuta cum "
	    "poate fi folosită apa râului de către cele două orașe, dar nu a "
	    "decis." },
	{ LANGUAGE_TURKISH, "Komite pazartesi günü toplandı ve nehrin suyunun "
	    "her iki kent tarafından nasıl kullanılacağı için bir karar "
	    "aldı." },
};

static enum language
of(const char *text)
{
	static struct language_set set;

	language_set_init(&set);
	return language_of(&set, text, strlen(text));
}

static void
test_sentences(void **state)
{
	bool seen[LANGUAGE_COUNT] = { false };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sentences) / sizeof(*sentences); i++) {
		if (of(sentences[i].text) != sentences[i].language)
			print_error("%s: %s\n", sentences[i].text,
			    language_code(of(sentences[i].text)));
		assert_int_equal(of(sentences[i].text),
		    sentences[i].language);
		seen[sentences[i].language] = true;
	}
	for (i = 1; i < LANGUAGE_COUNT; i++)
		assert_true(seen[i]);
}

/* As people write who have no such keys, or hold the shift key. */
static void
test_folding(void **state)
{
	(void)state;
	assert_int_equal(of("DER AUSSCHUSS TRAF SICH AM MONTAG UM DARUEBER ZU "
		"BERATEN WIE DAS WASSER GENUTZT WERDEN KANN"),
	    LANGUAGE_GERMAN);
	assert_int_equal(of("el agua del rio puede ser utilizada por las dos "
		"ciudades segun el comite"), LANGUAGE_SPANISH);
}

static void
test_too_little(void **state)
{
	(void)state;
	assert_int_equal(of(""), LANGUAGE_NONE);
	assert_int_equal(of("the"), LANGUAGE_NONE);
	assert_int_equal(of("error 404"), LANGUAGE_NONE);
	assert_int_equal(of("de la en"), LANGUAGE_NONE);
	assert_int_equal(of("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x81\xAE"
		"\xE6\x96\x87\xE7\xAB\xA0"), LANGUAGE_NONE);
	assert_int_equal(of("Smith Jones and Miller Brown Davis Garcia Wilson "
		"Moore Taylor Thomas Jackson White Harris Martin Thompson "
		"Martinez Robinson Clark and Lewis Lee Walker Hall Allen "
		"Young"), LANGUAGE_NONE);
	/* Half and half. */
	assert_int_equal(of("with which they could have their und sich auch "
		"nicht werden haben"), LANGUAGE_NONE);
}

/* A question is short. */
static void
test_questions(void **state)
{
	(void)state;
	assert_int_equal(of("how to configure the server"), LANGUAGE_ENGLISH);
	assert_int_equal(of("wie wird der Server eingerichtet"),
	    LANGUAGE_GERMAN);
	assert_int_equal(of("как настроить сервер для этого"),
	    LANGUAGE_RUSSIAN);
}

/* Bytes of all kinds: any answer will do, and a tally can be taken apart. */
static void
test_hostile(void **state)
{
	static struct language_set set;
	struct language_tally tally = { .terms = 0 };
	char text[4096];
	uint32_t random = 1;
	size_t round, i;
	enum language language;

	(void)state;
	language_set_init(&set);
	for (round = 0; round < 200; round++) {
		for (i = 0; i < sizeof(text); i++) {
			random = random * 1664525u + 1013904223u;
			text[i] = (char)(random >> 24);
		}
		language = language_of(&set, text, sizeof(text));
		assert_in_range(language, LANGUAGE_NONE, LANGUAGE_COUNT - 1);
	}
	for (i = 0; i < 1000; i++)
		language_add(&tally, &set, i * 0x9E3779B97F4A7C15ULL);
	assert_int_equal(tally.terms, 1000);
	assert_int_equal(language_best(&tally), LANGUAGE_NONE);
	memset(text, 'a', sizeof(text));
	assert_int_equal(language_of(&set, text, sizeof(text)),
	    LANGUAGE_NONE);
}

static void
test_codes(void **state)
{
	unsigned language;

	(void)state;
	for (language = 1; language < LANGUAGE_COUNT; language++) {
		assert_int_equal(strlen(language_code(
			(enum language)language)), 2);
		assert_int_equal(language_find(language_code(
			(enum language)language)), language);
		assert_non_null(language_algorithm((enum language)language));
	}
	assert_string_equal(language_code(LANGUAGE_NONE), "");
	assert_int_equal(language_find(""), LANGUAGE_NONE);
	assert_int_equal(language_find("xx"), LANGUAGE_NONE);
	assert_null(language_algorithm(LANGUAGE_NONE));
}

static void
test_declared(void **state)
{
	static struct language_set set;
	const struct {
		enum language declared, wanted;
		const char *text;
	} rows[] = {
		/* Clearly another one. */
		{ LANGUAGE_ENGLISH, LANGUAGE_GERMAN, sentences[1].text },
		{ LANGUAGE_GERMAN, LANGUAGE_GERMAN, sentences[1].text },
		{ LANGUAGE_NONE, LANGUAGE_GERMAN, sentences[1].text },
		/* Says nothing. */
		{ LANGUAGE_FINNISH, LANGUAGE_FINNISH, "Tidemark 2.0" },
		{ LANGUAGE_NONE, LANGUAGE_NONE, "Tidemark 2.0" },
		/* Nearly the same one. */
		{ LANGUAGE_DANISH, LANGUAGE_DANISH, sentences[9].text },
	};
	struct language_tally tally;
	struct words_scan scan;
	size_t i;

	(void)state;
	language_set_init(&set);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		memset(&tally, 0, sizeof(tally));
		words_scan_init(&scan, rows[i].text, strlen(rows[i].text));
		while (words_scan_next(&scan))
			language_add(&tally, &set, words_scan_hash(&scan));
		assert_int_equal(language_decide(&tally, rows[i].declared),
		    rows[i].wanted);
	}
	assert_int_equal(language_of_tag("de"), LANGUAGE_GERMAN);
	assert_int_equal(language_of_tag("de-AT"), LANGUAGE_GERMAN);
	assert_int_equal(language_of_tag("EN_us"), LANGUAGE_ENGLISH);
	assert_int_equal(language_of_tag("deu"), LANGUAGE_NONE);
	assert_int_equal(language_of_tag("d"), LANGUAGE_NONE);
	assert_int_equal(language_of_tag(""), LANGUAGE_NONE);
	assert_int_equal(language_of_tag("zh-Hant"), LANGUAGE_NONE);
	assert_int_equal(language_of_tag("\xc3\xa9n"), LANGUAGE_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_too_little),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_declared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
