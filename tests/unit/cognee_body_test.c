/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies and forms of Cognee's clients, and what is said of bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_form.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "http/http_int.h"

static const char *const words[] = {"CHUNKS", "SUMMARIES", "CODE", NULL};

static const struct cognee_field fields[] = {
    {.name = "search_type", .type = COGNEE_TEXT, .words = words},
    {.name = "query", .type = COGNEE_TEXT, .is_required = true},
    {.name = "top_k", .type = COGNEE_INT},
    {.name = "only_context", .type = COGNEE_BOOL},
    {.name = "dataset_ids", .type = COGNEE_UUIDS},
    {.name = "dataset_id", .type = COGNEE_UUID},
    {.name = "node_name", .type = COGNEE_TEXTS},
    {.name = "ratio", .type = COGNEE_REAL},
    {.name = "rest", .type = COGNEE_OBJECT},
};
#define COUNT (sizeof(fields) / sizeof(fields[0]))

static json_t *
parse(const char *text)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(json);
	return json;
}

/* What is answered to text; "" when it is good. */
static void
check(const char *text, const struct cognee_field *table, size_t count,
    char *out, size_t size)
{
	json_t *json = text == NULL ? NULL : parse(text);
	struct reply reply;
	int bad;

	reply_init(&reply);
	bad = cognee_check(&reply.pub, json, table, count);
	assert_int_equal(reply.pub.status, 400);
	(void)snprintf(out, size, "%s",
	    bad ? buf_text(&reply.pub.body) : "");
	assert_int_equal(reply.pub.body.err, 0);
	json_decref(json_loads(buf_text(&reply.pub.body), 0, NULL));
	reply_fini(&reply);
	json_decref(json);
}

static void
assert_check(const char *text, const char *expected)
{
	char out[8192];

	check(text, fields, COUNT, out, sizeof(out));
	assert_string_equal(out, expected);
}

static void
test_good(void **state)
{
	(void)state;
	assert_check("{\"query\":\"\"}", "");
	assert_check("{\"query\":\"x\",\"searchType\":\"CHUNKS\",\"topK\":"
	    "\"5\","
	    "\"onlyContext\":\"yes\",\"datasetIds\":[],\"ratio\":1,"
	    "\"rest\":{},\"unknown\":[1]}", "");
	assert_check("{\"query\":\"x\",\"search_type\":null,\"top_k\":3.0,"
		     "\"only_context\":1,\"dataset_ids\":"
		     "[\"11111111222243338444555555555555\"],\"dataset_id\":"
		     "\"{11111111-2222-4333-8444-555555555555}\","
		     "\"node_name\":[\"a\"]}", "");
}

static void
test_bad(void **state)
{
	(void)state;
	assert_check("{\"topK\":1}",
	    "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"query\"],"
	    "\"msg\":\"Field required\",\"input\":{\"topK\":1}}],"
	    "\"body\":{\"topK\":1}}");
	assert_check("{\"query\":null,\"top_k\":\"many\"}",
	    "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\","
	    "\"query\"],\"msg\":\"Input should be a valid string\","
	    "\"input\":null},{\"type\":\"int_parsing\",\"loc\":[\"body\","
	    "\"topK\"],\"msg\":\"Input should be a valid integer, unable to "
	    "parse string as an integer\",\"input\":\"many\"}],"
	    "\"body\":{\"query\":null,\"top_k\":\"many\"}}");
	assert_check("{\"query\":\"\",\"searchType\":\"chunks\"}",
	    "{\"detail\":[{\"type\":\"enum\",\"loc\":[\"body\","
	    "\"searchType\"],\"msg\":\"Input should be 'CHUNKS', 'SUMMARIES' "
	    "or 'CODE'\",\"input\":\"chunks\",\"ctx\":{\"expected\":"
	    "\"'CHUNKS', 'SUMMARIES' or 'CODE'\"}}],"
	    "\"body\":{\"query\":\"\",\"searchType\":\"chunks\"}}");
	assert_check("{\"query\":\"\",\"datasetIds\":[\"x\",1]}",
	    "{\"detail\":[{\"type\":\"uuid_parsing\",\"loc\":[\"body\","
	    "\"datasetIds\",0],\"msg\":\"Input should be a valid UUID, invalid "
	    "character: expected an optional prefix of `urn:uuid:` followed by "
	    "[0-9a-fA-F-], found `x` at 1\",\"input\":\"x\",\"ctx\":{\"error\":"
	    "\"invalid character: expected an optional prefix of `urn:uuid:` "
	    "followed by [0-9a-fA-F-], found `x` at 1\"}},{\"type\":"
	    "\"uuid_type\",\"loc\":[\"body\",\"datasetIds\",1],\"msg\":\"UUID "
	    "input should be a string, bytes or UUID object\",\"input\":1}],"
	    "\"body\":{\"query\":\"\",\"datasetIds\":[\"x\",1]}}");
	assert_check("[1]",
	    "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":"
	    "[\"body\"],\"msg\":\"Input should be a valid dictionary or object "
	    "to extract fields from\",\"input\":[1]}],\"body\":[1]}");
	assert_check(NULL,
	    "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"query\"],"
	    "\"msg\":\"Field required\",\"input\":null}],\"body\":null}");
}

/* Nothing that came with a secret comes back, and nothing that is long. */
static void
test_echo(void **state)
{
	static const struct cognee_field secrets[] = {
	    {.name = "password", .type = COGNEE_SECRET, .is_required = true},
	    {.name = "email", .type = COGNEE_TEXT, .is_required = true},
	};
	char out[8192], lengthy[20000];
	size_t i, at;

	(void)state;
	check("{\"password\":\"hush\",\"mail\":\"hush\"}", secrets, 2, out,
	    sizeof(out));
	assert_string_equal(out,
	    "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"email\"],"
	    "\"msg\":\"Field required\",\"input\":null}],\"body\":null}");
	check("{\"password\":[\"hush\"],\"email\":\"\"}", secrets, 2, out,
	    sizeof(out));
	assert_null(strstr(out, "hush"));
	at = (size_t)snprintf(lengthy, sizeof(lengthy), "{\"topK\":\"");
	memset(lengthy + at, 'x', 18000);
	(void)snprintf(lengthy + at + 18000, 16, "\"}");
	check(lengthy, fields, COUNT, out, sizeof(out));
	assert_true(strlen(out) < 600);
	/* However much is wrong, a bounded part is told. */
	at = (size_t)snprintf(lengthy, sizeof(lengthy), "{\"datasetIds\":[");
	for (i = 0; i < 4000; i++)
		at += (size_t)snprintf(lengthy + at, 8, "%s1",
		    i == 0 ? "" : ",");
	(void)snprintf(lengthy + at, 8, "]}");
	check(lengthy, fields, COUNT, out, sizeof(out));
	assert_true(strlen(out) < sizeof(out) - 1 ||
	    strstr(out, "[\"body\",\"datasetIds\",40]") == NULL);
}

static void
test_members(void **state)
{
	json_t *body = parse("{\"topK\":\"7\",\"top_k\":1,\"only_context\":"
			     "\"off\",\"query\":null,\"dataset_id\":"
			     "\"11111111-2222-4333-8444-555555555555\"}");
	char text[UUID_TEXT_SIZE], camel[8];
	struct uuid uuid;

	(void)state;
	assert_true(cognee_int(body, "top_k", 0) == 7);
	assert_false(cognee_bool(body, "only_context", true));
	assert_true(cognee_bool(body, "other", true));
	assert_string_equal(cognee_text(body, "query", "none"), "none");
	assert_true(cognee_real(body, "top_k", 0) > 6.9);
	assert_true(cognee_uuid(body, "dataset_id", &uuid));
	uuid_format(&uuid, text);
	assert_string_equal(text, "11111111-2222-4333-8444-555555555555");
	assert_false(cognee_uuid(body, "query", &uuid));
	assert_null(cognee_member(NULL, "query"));
	cognee_camel("a_bc_def_ghi", camel, sizeof(camel));
	assert_string_equal(camel, "aBcDefG");
	json_decref(body);
}

/* ---- forms -------------------------------------------------------------- */

static void
assert_form(const char *type, const char *body, int err, const char *name,
    const char *value)
{
	struct cognee_form_field wanted[] = {{.name = "username"},
	    {.name = "password"}};

	buf_init(&wanted[0].value, 32);
	buf_init(&wanted[1].value, 32);
	assert_int_equal(cognee_form_read(type, body, strlen(body), wanted,
			     2), err);
	if (err == 0) {
		assert_string_equal(buf_text(&wanted[0].value), name);
		assert_string_equal(buf_text(&wanted[1].value), value);
	}
	buf_fini(&wanted[0].value);
	buf_fini(&wanted[1].value);
}

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=b"

static void
test_forms(void **state)
{
	char lengthy[64];

	(void)state;
	assert_form(URLENCODED, "", 0, "", "");
	assert_form(URLENCODED, "username=a%40b&password=c+d", 0, "a@b",
	    "c d");
	assert_form(URLENCODED "; charset=utf-8",
	    "x&&=&password=p%26q&username=%C3%A4&username=z", 0, "\xC3\xA4",
	    "p&q");
	assert_form(URLENCODED, "password=100%", 0, "", "100%");
	assert_form(URLENCODED, "password=a%00b", ERR_SYNTAX, "", "");
	assert_form(URLENCODED, "password=%FF", ERR_SYNTAX, "", "");
	assert_form("application/json", "{}", ERR_SYNTAX, "", "");
	assert_form(NULL, "username=a", ERR_SYNTAX, "", "");
	memset(lengthy, 'x', sizeof(lengthy));
	memcpy(lengthy, "username=", 9);
	lengthy[63] = '\0';
	assert_form(URLENCODED, lengthy, ERR_TOO_BIG, "", "");
	assert_form(MULTIPART,
	    "--b\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\n"
	    "a@b\r\n--b\r\nContent-Disposition: form-data; name=\"password\"; "
	    "filename=\"f\"\r\n\r\nno\r\n--b\r\n"
	    "Content-Disposition: form-data; name=\"password\"\r\n\r\np q\r\n"
	    "--b--\r\n", 0, "a@b", "p q");
	assert_form(MULTIPART, "--b\r\n", ERR_SYNTAX, "", "");
	assert_form(MULTIPART, "username=a", ERR_SYNTAX, "", "");
	assert_form("multipart/form-data", "--b--\r\n", ERR_SYNTAX, "", "");
}

/* ---- cookies ------------------------------------------------------------ */

static void
assert_cookie(const char *header, const char *expected)
{
	size_t len = 0;
	const char *value = cookie_find(header, "auth_token", &len);

	if (expected == NULL) {
		assert_null(value);
		return;
	}
	assert_non_null(value);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(value, expected, len);
}

static void
test_cookies(void **state)
{
	(void)state;
	assert_cookie("auth_token=a.b.c", "a.b.c");
	assert_cookie("x=1; auth_token=a ; y=2", "a");
	assert_cookie("x=1;auth_token=\"a\"", "a");
	assert_cookie("auth_token=", "");
	assert_cookie("auth_token=\"", "\"");
	assert_cookie("auth_token=1; auth_token=2", "1");
	assert_cookie("", NULL);
	assert_cookie(";;; ;", NULL);
	assert_cookie("auth_token", NULL);
	assert_cookie("xauth_token=1; auth_tokens=2; Auth_Token=3", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_echo),
	    cmocka_unit_test(test_members),
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_cookies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
