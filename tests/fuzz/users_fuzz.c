/* SPDX-License-Identifier: Apache-2.0 */
/*
 * users_fuzz: what strangers send to become somebody: an address, cookies,
 * forms, tokens, a body.
 *
 * The first byte of an input says which of them the rest is.
 */
#include <string.h>

#include "api/cognee/cognee_body.h"
#include "api/cognee/cognee_form.h"
#include "base/assert.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "engine/users.h"
#include "http/http_int.h"
#include "sys/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken stays as it is when it is taken again. */
static void
try_email(const char *text)
{
	char clean[EMAIL_BYTES_MAX + 1], again[EMAIL_BYTES_MAX + 1];
	struct err_note note = {""};

	if (email_clean(text, clean, &note) < 0) {
		ASSERT(note.text[0] != '\0');
		return;
	}
	ASSERT(strlen(clean) == strlen(text));
	ASSERT(utf8_is_valid(clean, strlen(clean)));
	ASSERT(strpbrk(clean, " \t\r\n\"<>(),;:\\[]") == NULL);
	ASSERT(email_clean(clean, again, &note) == 0);
	ASSERT(strcmp(clean, again) == 0);
}

static void
try_cookie(const char *text)
{
	const char *value;
	size_t len = 0;

	value = cookie_find(text, "auth_token", &len);
	ASSERT(value == NULL || (value > text &&
	    value + len <= text + strlen(text) &&
	    memchr(value, ';', len) == NULL));
}

static void
try_form(const char *type, const char *body, size_t len)
{
	struct cognee_form_field fields[] = {{.name = "username"},
	    {.name = "password"}};
	size_t i;
	int err;

	buf_init(&fields[0].value, 64);
	buf_init(&fields[1].value, 64);
	err = cognee_form_read(type, body, len, fields, 2);
	for (i = 0; i < 2; i++) {
		ASSERT(err < 0 || fields[i].value.len <= 64);
		ASSERT(err < 0 || strlen(buf_text(&fields[i].value)) ==
			fields[i].value.len);
		buf_fini(&fields[i].value);
	}
}

/* Nobody has the key. */
static void
try_token(const char *text, size_t len)
{
	static const uint8_t key[JWT_KEY_SIZE] = {1, 2, 3};
	struct jwt jwt;

	ASSERT(jwt_read(key, "a", text, len, 1, &jwt) == ERR_UNAUTHORIZED);
}

static void
try_body(const char *text, size_t len, bool has_secret)
{
	static const struct cognee_field fields[] = {
	    {.name = "dataset_ids", .type = COGNEE_UUIDS},
	    {.name = "top_k", .type = COGNEE_INT, .is_required = true},
	    {.name = "only_context", .type = COGNEE_BOOL},
	    {.name = "node_name", .type = COGNEE_TEXTS},
	    {.name = "ratio", .type = COGNEE_REAL},
	    {.name = "password", .type = COGNEE_SECRET},
	};
	struct reply reply;
	json_t *json, *said;

	json = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
	    NULL);
	if (json == NULL)
		return;
	reply_init(&reply);
	(void)cognee_check(&reply.pub, json, fields, has_secret ? 6 : 5);
	/* Whatever came, the answer is JSON of a bounded size. */
	said = json_loadb(reply.pub.body.data, reply.pub.body.len, 0, NULL);
	ASSERT(json_is_object(said) && reply.pub.body.len < 512 * KIB);
	ASSERT(!has_secret || json_is_null(json_object_get(said, "body")));
	json_decref(said);
	json_decref(json);
	reply_fini(&reply);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	size_t len;

	if (size == 0)
		return 0;
	len = size - 1;
	text = mem_strndup((const char *)data + 1, len);
	ASSERT(text != NULL);
	switch (data[0] % 7) {
	case 0:
		try_email(text);
		break;
	case 1:
		try_cookie(text);
		break;
	case 2:
		try_form("application/x-www-form-urlencoded",
		    (const char *)data + 1, len);
		break;
	case 3:
		try_form("multipart/form-data; boundary=b",
		    (const char *)data + 1, len);
		break;
	case 4:
		try_token((const char *)data + 1, len);
		break;
	default:
		try_body((const char *)data + 1, len, data[0] % 7 == 5);
		break;
	}
	mem_free(text);
	return 0;
}
