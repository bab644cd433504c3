/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that are uploaded ahead: who may put one, where its bytes lie, and
 * when they go; and signed paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline_world.h"

#include "engine/engine_int.h"
#include "engine/sources.h"
#include "engine/writer.h"
#include "sys/clock.h"
#include "sys/sha256.h"

#define LATER 4102444800LL /* 2100 */
#define DAY_US 86400000000LL
#define BIG (SMALL_BLOB_BYTES_MAX + 1)

static int
objects_up(void **state)
{
	struct pipeline *w = mem_zalloc(sizeof(*w));
	struct err_note note;

	assert_non_null(w);
	world_init(w);
	assert_int_equal(world_open(w, &note), 0);
	world_login(w);
	world_base(w);
	*state = w;
	return 0;
}

static int
objects_down(void **state)
{
	world_fini(*state);
	mem_free(*state);
	return 0;
}

static void
reopen(struct pipeline *w)
{
	struct err_note note;

	world_stop(w);
	assert_int_equal(world_open(w, &note), 0);
	world_login(w);
}

struct ticket {
	char key[OBJECT_KEY_BYTES_MAX], query[OBJECT_URL_QUERY_SIZE];
	char expires[32], signature[65];
};

static void
ticket_split(struct ticket *t)
{
	int end = 0;

	assert_int_equal(sscanf(t->query,
			     "expires=%31[0-9]&signature=%64[0-9a-f]%n",
			     t->expires, t->signature, &end), 2);
	assert_int_equal(t->query[end], '\0');
	assert_int_equal(strlen(t->signature), 64);
}

static struct ticket
sign_until(struct pipeline *w, const char *name, int64_t expires_s)
{
	struct err_note note;
	struct ticket t;

	assert_int_equal(engine_object_sign(w->engine, w->account_id, name,
			     expires_s, t.key, t.query, &note), 0);
	ticket_split(&t);
	return t;
}

static int
check(struct pipeline *w, const struct ticket *t)
{
	int64_t account_id = 0;
	int err;

	err = engine_object_check(w->engine, t->key, t->expires,
	    t->signature, &account_id);
	assert_int_equal(account_id, err == 0 ? w->account_id : 0);
	return err;
}

/* ---- signatures --------------------------------------------------------- */

static void
test_keys(void **state)
{
	struct pipeline *w = *state;
	static const struct {
		const char *name, *kept;
	} rows[] = {
	    {"report.pdf", "report.pdf"},
	    {"a/b\\c d?.txt", "c_d_.txt"},
	    {"C:\\x\\..\\r\xc3\xa9sum\xc3\xa9 (1).pdf", "r_sum___1_.pdf"},
	    {"../../etc/passwd", "passwd"},
	    {"\xe6\xbd\xae\xe6\xb1\x90.md", "__.md"},
	    {"%2e%2e&=#", "_2e_2e___"},
	};
	char prefix[32], name[UPLOAD_NAME_BYTES_MAX + 2];
	struct ticket one, two;
	struct err_note note;
	size_t i, len;

	len = (size_t)snprintf(prefix, sizeof(prefix), "%d-",
	    (int)w->account_id);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		one = sign_until(w, rows[i].name, LATER);
		assert_memory_equal(one.key, prefix, len);
		assert_int_equal(strspn(one.key + len, "0123456789abcdef"),
		    32);
		assert_int_equal(one.key[len + 32], '-');
		assert_string_equal(one.key + len + 33, rows[i].kept);
		assert_int_equal(check(w, &one), 0);
	}
	/* Not the same twice. */
	one = sign_until(w, "a.pdf", LATER);
	two = sign_until(w, "a.pdf", LATER);
	assert_string_not_equal(one.key, two.key);
	/* Of a long name the end, which has the extension. */
	memset(name, 'n', sizeof(name));
	(void)snprintf(name + UPLOAD_NAME_BYTES_MAX - 4, 5, ".pdf");
	one = sign_until(w, name, LATER);
	assert_int_equal(strlen(one.key), len + 33 + 128);
	assert_string_equal(one.key + strlen(one.key) - 6, "nn.pdf");
	memset(name, 'n', sizeof(name));
	name[UPLOAD_NAME_BYTES_MAX + 1] = '\0';
	assert_int_equal(engine_object_sign(w->engine, w->account_id, name,
			     LATER, one.key, one.query, &note), ERR_TOO_BIG);
	assert_int_equal(engine_object_sign(w->engine, w->account_id, "",
			     LATER, one.key, one.query, &note), ERR_INVALID);
	assert_int_equal(engine_object_sign(w->engine, w->account_id, "\xff",
			     LATER, one.key, one.query, &note), ERR_INVALID);
	assert_int_equal(engine_object_sign(w->engine, w->account_id, "a", 0,
			     one.key, one.query, &note), ERR_INVALID);
}

static void
refuse(struct pipeline *w, const char *key, const char *expires,
    const char *signature)
{
	int64_t account_id = 77;

	assert_int_equal(engine_object_check(w->engine, key, expires,
			     signature, &account_id), ERR_UNAUTHORIZED);
	assert_int_equal(account_id, 77);
}

static void
test_forged(void **state)
{
	struct pipeline *w = *state;
	struct ticket t = sign_until(w, "a.pdf", LATER), other;
	char text[OBJECT_KEY_BYTES_MAX + 8], *c;
	size_t i;

	assert_int_equal(check(w, &t), 0);
	/* Each digit of the signature counts. */
	for (i = 0; i < 64; i++) {
		other = t;
		c = &other.signature[i];
		*c = *c == '0' ? '1' : '0';
		refuse(w, t.key, t.expires, other.signature);
	}
	refuse(w, t.key, t.expires, "");
	refuse(w, t.key, t.expires, NULL);
	refuse(w, t.key, NULL, t.signature);
	(void)snprintf(text, sizeof(text), "%s0", t.signature);
	refuse(w, t.key, t.expires, text);
	(void)snprintf(text, sizeof(text), "%.63s", t.signature);
	refuse(w, t.key, t.expires, text);
	for (i = 0; i < 64; i++)
		text[i] = t.signature[i] >= 'a'
		    ? (char)(t.signature[i] - 32) : t.signature[i];
	text[64] = '\0';
	if (strcmp(text, t.signature) != 0)
		refuse(w, t.key, t.expires, text);
	/* Another key, another account's, a longer one. */
	other = sign_until(w, "a.pdf", LATER);
	refuse(w, other.key, t.expires, t.signature);
	(void)snprintf(text, sizeof(text), "1%s", t.key);
	refuse(w, text, t.expires, t.signature);
	(void)snprintf(text, sizeof(text), "%sx", t.key);
	refuse(w, text, t.expires, t.signature);
	refuse(w, "", t.expires, t.signature);
	/* Another moment, and what is no number. */
	refuse(w, t.key, "4102444801", t.signature);
	refuse(w, t.key, "04102444800", t.signature);
	refuse(w, t.key, "+4102444800", t.signature);
	refuse(w, t.key, " 4102444800", t.signature);
	refuse(w, t.key, "4102444800 ", t.signature);
	refuse(w, t.key, "4102444800.0", t.signature);
	refuse(w, t.key, "-1", t.signature);
	refuse(w, t.key, "0", t.signature);
	refuse(w, t.key, "", t.signature);
	refuse(w, t.key, "99999999999999999999999999", t.signature);
}

static void
test_long_ones(void **state)
{
	struct pipeline *w = *state;
	struct ticket t = sign_until(w, "a.pdf", LATER);
	static char path[URI_BYTES_MAX + 2];

	memset(path, 'p', sizeof(path) - 1);
	refuse(w, path, t.expires, t.signature);
	assert_int_equal(engine_path_sign(w->engine, path, LATER, t.query),
	    ERR_TOO_BIG);
	path[URI_BYTES_MAX] = '\0';
	assert_int_equal(engine_path_sign(w->engine, path, LATER, t.query),
	    0);
	ticket_split(&t);
	assert_int_equal(engine_path_check(w->engine, path, t.expires,
			     t.signature), 0);
}

static void
test_expiry(void **state)
{
	struct pipeline *w = *state;
	int64_t now_s = clock_wall_us() / 1000000;
	struct ticket past = sign_until(w, "a.pdf", now_s);
	struct ticket soon = sign_until(w, "a.pdf", now_s + 86400);

	assert_int_equal(check(w, &past), ERR_UNAUTHORIZED);
	assert_int_equal(check(w, &soon), 0);
	clock_wall_shift_us(DAY_US + 1000000);
	assert_int_equal(check(w, &soon), ERR_UNAUTHORIZED);
}

static void
test_paths(void **state)
{
	struct pipeline *w = *state;
	struct ticket t, object;

	assert_int_equal(engine_path_sign(w->engine, "/reports/1", LATER,
			     t.query), 0);
	ticket_split(&t);
	assert_string_equal(t.expires, "4102444800");
	assert_int_equal(engine_path_check(w->engine, "/reports/1", t.expires,
			     t.signature), 0);
	assert_int_equal(engine_path_check(w->engine, "/reports/2", t.expires,
			     t.signature), ERR_UNAUTHORIZED);
	assert_int_equal(engine_path_check(w->engine, "/reports/1", NULL,
			     NULL), ERR_UNAUTHORIZED);
	/* What may be read may not be put, nor the other way round. */
	object = sign_until(w, "a.pdf", LATER);
	assert_int_equal(engine_path_check(w->engine, object.key,
			     object.expires, object.signature),
	    ERR_UNAUTHORIZED);
	assert_int_equal(engine_path_sign(w->engine, object.key, LATER,
			     t.query), 0);
	ticket_split(&t);
	refuse(w, object.key, t.expires, t.signature);
}

/* A signature outlives the server, and not its secret. */
static void
test_restart(void **state)
{
	struct pipeline *w = *state;
	struct ticket t = sign_until(w, "a.pdf", LATER);
	char path[128];

	reopen(w);
	assert_int_equal(check(w, &t), 0);
	(void)snprintf(path, sizeof(path), "%s/secret-key", w->data);
	assert_int_equal(unlink(path), 0);
	reopen(w);
	assert_int_equal(check(w, &t), ERR_UNAUTHORIZED);
}

/* ---- content ------------------------------------------------------------ */

static int
put_try(struct pipeline *w, const char *key, const void *bytes, size_t len)
{
	struct upload *upload = NULL;
	struct err_note note;
	int err;

	assert_int_equal(engine_upload_open(w->engine, JOB_KIND_UPLOAD,
			     "dir/a.pdf", NULL, &upload, &note), 0);
	assert_int_equal(engine_upload_write(upload, bytes, len), 0);
	assert_int_equal(engine_upload_finish(upload, &note), 0);
	err = engine_object_put(w->engine, w->account_id, key, upload, &note);
	engine_upload_free(upload);
	return err;
}

struct got {
	uint8_t hash[HASH_SIZE];
	uint64_t bytes;
	int64_t created_us;
	char name[64];
};

static int
got_object(void *arg, const struct object *object)
{
	struct got *got = arg;

	memcpy(got->hash, object->hash, HASH_SIZE);
	got->bytes = object->bytes;
	got->created_us = object->created_us;
	(void)snprintf(got->name, sizeof(got->name), "%s", object->name);
	return 0;
}

static bool
has_object(struct pipeline *w, const char *key, struct got *got)
{
	int err = store_object_get(w->reader, w->account_id, key, got_object,
	    got);

	assert_true(err == 0 || err == ERR_NOT_FOUND);
	return err == 0;
}

static bool
has_blob(struct pipeline *w, const uint8_t hash[HASH_SIZE])
{
	struct err_note note;
	int fd;

	fd = engine_blob_open(w->engine, w->reader, hash, &note);
	if (fd >= 0)
		(void)close(fd);
	else
		assert_int_equal(fd, ERR_NOT_FOUND);
	return fd >= 0;
}

static void
expect_content(struct pipeline *w, const char *key, const void *bytes,
    size_t len)
{
	uint8_t hash[HASH_SIZE], stored[HASH_SIZE];
	struct err_note note;
	uint64_t size = 0;
	struct got got;
	int fd;

	assert_true(has_object(w, key, &got));
	sha256_of(bytes, len, hash);
	assert_memory_equal(got.hash, hash, HASH_SIZE);
	assert_int_equal(got.bytes, len);
	assert_string_equal(got.name, "dir/a.pdf");
	fd = engine_blob_open(w->engine, w->reader, hash, &note);
	assert_true(fd >= 0);
	assert_int_equal(sha256_of_fd(fd, stored, &size), 0);
	(void)close(fd);
	assert_int_equal(size, len);
	assert_memory_equal(stored, hash, HASH_SIZE);
}

static void
test_put(void **state)
{
	struct pipeline *w = *state;
	struct ticket small = sign_until(w, "a.pdf", LATER);
	struct ticket big = sign_until(w, "b.pdf", LATER);
	struct ticket none = sign_until(w, "c.pdf", LATER);
	static char bytes[BIG];
	struct got got;

	memset(bytes, 'b', sizeof(bytes));
	assert_false(has_object(w, small.key, &got));
	assert_int_equal(put_try(w, small.key, "ebb", 3), 0);
	assert_int_equal(put_try(w, big.key, bytes, BIG), 0);
	assert_int_equal(put_try(w, none.key, "", 0), 0);
	expect_content(w, small.key, "ebb", 3);
	expect_content(w, big.key, bytes, BIG);
	expect_content(w, none.key, "", 0);
	/* The newest bytes of a key count, and all is there afterwards. */
	assert_int_equal(put_try(w, small.key, "flow", 4), 0);
	reopen(w);
	expect_content(w, small.key, "flow", 4);
	expect_content(w, big.key, bytes, BIG);
}

static void
test_not_theirs(void **state)
{
	struct pipeline *w = *state;
	struct ticket t = sign_until(w, "a.pdf", LATER);
	char key[OBJECT_KEY_BYTES_MAX + 1];

	(void)snprintf(key, sizeof(key), "1%s", t.key);
	assert_int_equal(put_try(w, key, "ebb", 3), ERR_INVALID);
	assert_int_equal(put_try(w, "a.pdf", "ebb", 3), ERR_INVALID);
	assert_int_equal(put_try(w, "", "ebb", 3), ERR_INVALID);
	assert_int_equal(put_try(w, "99999999999999999999-a", "ebb", 3),
	    ERR_INVALID);
	memset(key, 'x', sizeof(key));
	memcpy(key, "1-", 2);
	key[OBJECT_KEY_BYTES_MAX] = '\0';
	assert_int_equal(put_try(w, key, "ebb", 3), ERR_INVALID);
}

/* ---- collecting --------------------------------------------------------- */

struct naming {
	int64_t base_id;
	const char *key;
	struct uuid base;
};

static int
name_apply(struct write_tx *tx, void *arg, struct err_note *note)
{
	struct naming *naming = arg;
	struct source source = {.kind = SOURCE_UPLOAD, .name = "a.pdf",
	    .settings = "{}"};
	struct base_ref base;
	char config[OBJECT_KEY_BYTES_MAX + 32];
	int64_t id;
	int err;

	(void)note;
	err = base_ref_find(tx_store(tx), 0, &naming->base, &base);
	if (err < 0)
		return err;
	(void)snprintf(config, sizeof(config), "{\"key\": \"%s\"}",
	    naming->key);
	source.uuid = (struct uuid){{1}};
	source.base_id = base.id;
	source.config = config;
	return store_source_add(tx_store(tx), &source, &id);
}

/* A source of the base that names the key. */
static void
name_object(struct pipeline *w, const char *key)
{
	struct naming naming = {.key = key, .base = w->base};
	struct err_note note;

	assert_int_equal(writer_do(w->engine->writer, name_apply, &naming,
			     &note), 0);
}

static void
until_gone(struct pipeline *w, const char *key, const uint8_t hash[HASH_SIZE])
{
	struct got got;
	int i;

	for (i = 0; i < WORLD_WAITS; i++) {
		if (!has_object(w, key, &got) && !has_blob(w, hash))
			return;
		world_rest(w);
	}
	fail_msg("an object that nobody named is still there");
}

static void
test_collect(void **state)
{
	struct pipeline *w = *state;
	struct ticket lost = sign_until(w, "a.pdf", LATER);
	struct ticket named = sign_until(w, "b.pdf", LATER);
	struct ticket large = sign_until(w, "c.pdf", LATER);
	struct ticket fresh = sign_until(w, "d.pdf", LATER);
	struct got lost_got, got, large_got;
	static char bytes[BIG];
	struct err_note note;

	memset(bytes, 'c', sizeof(bytes));
	assert_int_equal(put_try(w, lost.key, "nobody's", 8), 0);
	assert_int_equal(put_try(w, named.key, "a source's", 10), 0);
	assert_int_equal(put_try(w, large.key, bytes, BIG), 0);
	name_object(w, named.key);
	assert_true(has_object(w, lost.key, &lost_got));
	assert_true(has_object(w, large.key, &large_got));
	clock_wall_shift_us(DAY_US + 1000000);
	/* Replaced within a day: that is when it came. */
	assert_int_equal(put_try(w, fresh.key, "just now", 8), 0);
	assert_int_equal(engine_start(w->engine, &note), 0);
	until_gone(w, lost.key, lost_got.hash);
	expect_content(w, named.key, "a source's", 10);
	expect_content(w, fresh.key, "just now", 8);
	assert_false(has_object(w, large.key, &got));
	/* Its blob is a file, and goes with the next start. */
	assert_true(has_blob(w, large_got.hash));
	world_stop(w);
	world_start(w);
	assert_false(has_blob(w, large_got.hash));
	expect_content(w, named.key, "a source's", 10);
}

/* A start must not collect what was put a moment before. */
static void
test_kept(void **state)
{
	struct pipeline *w = *state;
	struct ticket t = sign_until(w, "a.pdf", LATER);
	static char bytes[BIG];
	struct err_note note;

	memset(bytes, 'k', sizeof(bytes));
	assert_int_equal(put_try(w, t.key, bytes, BIG), 0);
	reopen(w);
	assert_int_equal(engine_start(w->engine, &note), 0);
	expect_content(w, t.key, bytes, BIG);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, objects_up, objects_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_keys),
	    TEST(test_forged),
	    TEST(test_long_ones),
	    TEST(test_paths),
	    TEST(test_restart),
	    TEST(test_put),
	    TEST(test_not_theirs),
	    TEST(test_kept),
	    /* These set the clock ahead. */
	    TEST(test_expiry),
	    TEST(test_collect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
