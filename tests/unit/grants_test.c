/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants, roles, and rights on bases of others, over an engine without
 * threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "engine/grants.h"
#include "engine/users.h"
#include "engine_world.h"

#define PASSWORD "a password of tests"

static struct uuid
uuid_of(uint8_t n)
{
	uint8_t bytes[16];

	memset(bytes, n, sizeof(bytes));
	return uuid_random(bytes);
}

static struct user
add(struct world *w, const char *email)
{
	struct user_new new = {.email = email, .password = PASSWORD};
	struct err_note note = {""};
	struct user user;

	assert_int_equal(engine_user_add(w->engine, &new, &user, &note), 0);
	return user;
}

static struct uuid
base(struct world *w, const struct user *owner, const char *name)
{
	struct err_note note = {""};
	struct uuid uuid;

	assert_int_equal(engine_base_create(w->engine, owner->account_id,
			     name, NULL, NULL, &uuid, &note), 0);
	return uuid;
}

static int
change(struct world *w, const struct user *by, const struct uuid *principal,
    const struct uuid *bases, size_t count, unsigned rights, bool takes)
{
	struct grant_change grant = {.account_id = by->account_id,
	    .principal = *principal, .bases = bases, .count = count,
	    .rights = rights, .takes = takes};
	struct err_note note = {""};

	return engine_grant(w->engine, &grant, &note);
}

static int
give(struct world *w, const struct user *by, const struct uuid *principal,
    const struct uuid *uuid, unsigned rights)
{
	return change(w, by, principal, uuid, 1, rights, false);
}

static int
take(struct world *w, const struct user *by, const struct uuid *principal,
    const struct uuid *uuid, unsigned rights)
{
	return change(w, by, principal, uuid, 1, rights, true);
}

static unsigned
rights_of(struct world *w, const struct user *user, const struct uuid *uuid)
{
	struct granted granted;
	int err;

	err = store_granted_find(w->engine->store, user->account_id, uuid,
	    &granted);
	assert_true(err == 0 || err == ERR_NOT_FOUND);
	return err < 0 ? 0 : granted.rights;
}

static int
granted_seen(void *arg, const struct granted *granted)
{
	return buf_printf(arg, "%s:%u ", granted->name, granted->rights);
}

static void
expect_granted(struct world *w, const struct user *user, const char *wanted)
{
	struct buf seen;

	buf_init(&seen, KIB);
	assert_int_equal(store_granted_each(w->engine->store,
			     user->account_id, granted_seen, &seen), 0);
	assert_string_equal(buf_text(&seen), wanted);
	buf_fini(&seen);
}

static struct user_group
tenant(struct world *w, const struct user *owner, const char *name)
{
	struct err_note note = {""};
	struct user_group group;

	assert_int_equal(engine_tenant_create(w->engine, owner->account_id,
			     name, &group, &note), 0);
	return group;
}

static struct user_group
role(struct world *w, const struct user *owner, const char *name)
{
	struct user_group group, within;
	struct err_note note = {""};

	assert_int_equal(engine_role_create(w->engine, owner->account_id,
			     name, &group, &within, &note), 0);
	assert_int_equal(group.tenant_id, within.id);
	return group;
}

static struct group_change
about(const struct user *by, const struct user_group *group,
    const struct uuid *user)
{
	return (struct group_change){.account_id = by->account_id,
	    .kind = group->kind, .group = group->uuid, .user = *user};
}

static int
put(struct world *w, const struct user *by, const struct user_group *group,
    const struct uuid *user)
{
	struct group_change it = about(by, group, user);
	struct err_note note = {""};

	return engine_group_put(w->engine, &it, &note);
}

static int
out(struct world *w, const struct user *by, const struct user_group *group,
    const struct uuid *user)
{
	struct group_change it = about(by, group, user);
	struct err_note note = {""};

	return engine_group_take(w->engine, &it, &note);
}

static int
drop(struct world *w, const struct user *by, const struct user_group *group)
{
	struct group_change it = about(by, group, &by->uuid);
	struct err_note note = {""};

	return engine_group_delete(w->engine, &it, &note);
}

/* ---- rights of users ----------------------------------------------------- */

static void
test_rights(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@a.b"), bob = add(w, "bob@a.b");
	struct uuid one = base(w, &ann, "one"), two = base(w, &ann, "two");
	struct uuid own = base(w, &bob, "own"), nobody = uuid_of(7);
	struct uuid both[2], odd[2];

	assert_int_equal(rights_of(w, &ann, &one), RIGHT_ALL);
	assert_int_equal(rights_of(w, &bob, &one), 0);
	assert_int_equal(rights_of(w, &bob, &nobody), 0);
	assert_int_equal(give(w, &ann, &bob.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(rights_of(w, &bob, &one), RIGHT_READ);
	assert_int_equal(give(w, &ann, &bob.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(give(w, &ann, &bob.uuid, &one, RIGHT_DELETE), 0);
	assert_int_equal(rights_of(w, &bob, &one),
	    RIGHT_READ | RIGHT_DELETE);
	/* Neither own bases nor others' are among the shared ones. */
	expect_granted(w, &bob, "one:5 ");
	expect_granted(w, &ann, "");
	assert_int_equal(rights_of(w, &bob, &own), RIGHT_ALL);
	assert_int_equal(take(w, &ann, &bob.uuid, &one, RIGHT_WRITE), 0);
	assert_int_equal(take(w, &ann, &bob.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(rights_of(w, &bob, &one), RIGHT_DELETE);
	assert_int_equal(take(w, &ann, &bob.uuid, &one, RIGHT_DELETE), 0);
	expect_granted(w, &bob, "");
	/* All or none, and twice is once. */
	both[0] = one;
	both[1] = two;
	odd[0] = one;
	odd[1] = own;
	assert_int_equal(change(w, &ann, &bob.uuid, odd, 2, RIGHT_READ,
			     false), ERR_FORBIDDEN);
	expect_granted(w, &bob, "");
	assert_int_equal(change(w, &ann, &bob.uuid, both, 2, RIGHT_READ,
			     false), 0);
	both[1] = one;
	assert_int_equal(change(w, &ann, &bob.uuid, both, 2, RIGHT_WRITE,
			     false), 0);
	expect_granted(w, &bob, "one:3 two:1 ");
	assert_int_equal(change(w, &ann, &bob.uuid, both,
			     GRANT_BASES_MAX + 1, RIGHT_READ, false),
	    ERR_TOO_BIG);
	/* To nobody. */
	assert_int_equal(give(w, &ann, &nobody, &one, RIGHT_READ),
	    ERR_NOT_FOUND);
	assert_int_equal(take(w, &ann, &nobody, &one, RIGHT_READ),
	    ERR_NOT_FOUND);
	assert_int_equal(give(w, &bob, &nobody, &one, RIGHT_READ),
	    ERR_FORBIDDEN);
}

static void
test_shares_of_shares(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@a.b"), bob = add(w, "bob@a.b"),
	    cid = add(w, "cid@a.b");
	struct uuid one = base(w, &ann, "one"), nobody = uuid_of(7);

	assert_int_equal(give(w, &ann, &bob.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(give(w, &bob, &cid.uuid, &one, RIGHT_READ),
	    ERR_FORBIDDEN);
	assert_int_equal(take(w, &bob, &bob.uuid, &one, RIGHT_READ),
	    ERR_FORBIDDEN);
	assert_int_equal(give(w, &ann, &bob.uuid, &one, RIGHT_SHARE), 0);
	assert_int_equal(give(w, &bob, &cid.uuid, &one, RIGHT_READ), 0);
	/* Nobody gives what they have not. */
	assert_int_equal(give(w, &bob, &cid.uuid, &one, RIGHT_WRITE),
	    ERR_FORBIDDEN);
	assert_int_equal(give(w, &bob, &bob.uuid, &one, RIGHT_DELETE),
	    ERR_FORBIDDEN);
	assert_int_equal(give(w, &bob, &nobody, &one, RIGHT_WRITE),
	    ERR_FORBIDDEN);
	assert_int_equal(give(w, &bob, &cid.uuid, &one, RIGHT_SHARE), 0);
	assert_int_equal(rights_of(w, &cid, &one), RIGHT_READ | RIGHT_SHARE);
	/* The owner has all, come what may. */
	assert_int_equal(take(w, &cid, &ann.uuid, &one, RIGHT_READ),
	    ERR_CONFLICT);
	assert_int_equal(take(w, &ann, &ann.uuid, &one, RIGHT_SHARE),
	    ERR_CONFLICT);
	assert_int_equal(give(w, &cid, &ann.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(rights_of(w, &ann, &one), RIGHT_ALL);
	expect_granted(w, &ann, "");
	assert_int_equal(take(w, &cid, &bob.uuid, &one,
			     RIGHT_SHARE | RIGHT_READ), 0);
	assert_int_equal(rights_of(w, &bob, &one), 0);
	assert_int_equal(give(w, &bob, &cid.uuid, &one, RIGHT_READ),
	    ERR_FORBIDDEN);
}

/* ---- groups -------------------------------------------------------------- */

static void
test_groups(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@a.b"), bob = add(w, "bob@a.b"),
	    cid = add(w, "cid@a.b");
	struct uuid one = base(w, &ann, "one");
	struct user_group port = tenant(w, &ann, "port"), crew, other, seen;
	struct err_note note = {""};
	struct uuid nobody = uuid_of(7);

	assert_int_equal(engine_tenant_create(w->engine, ann.account_id,
			     "port", &other, &note), ERR_EXISTS);
	assert_int_equal(engine_tenant_create(w->engine, ann.account_id, "",
			     &other, &note), ERR_INVALID);
	/* A name of one owner's is no matter for another. */
	other = tenant(w, &cid, "port");
	crew = role(w, &ann, "crew");
	assert_int_equal(engine_role_create(w->engine, ann.account_id, "crew",
			     &seen, &seen, &note), ERR_EXISTS);
	assert_int_equal(engine_role_create(w->engine, bob.account_id, "x",
			     &seen, &seen, &note), ERR_NOT_FOUND);
	/* Strangers see nothing, and nobody is told of strangers' groups. */
	assert_int_equal(put(w, &bob, &port, &bob.uuid), ERR_NOT_FOUND);
	assert_int_equal(put(w, &ann, &other, &bob.uuid), ERR_NOT_FOUND);
	assert_int_equal(give(w, &ann, &other.uuid, &one, RIGHT_READ),
	    ERR_NOT_FOUND);
	assert_int_equal(put(w, &ann, &port, &nobody), ERR_INVALID);
	assert_int_equal(put(w, &ann, &crew, &bob.uuid), ERR_CONFLICT);
	assert_int_equal(put(w, &ann, &port, &bob.uuid), 0);
	assert_int_equal(put(w, &ann, &port, &bob.uuid), ERR_EXISTS);
	assert_int_equal(put(w, &ann, &crew, &bob.uuid), 0);
	/* One kind is not taken for the other. */
	crew.kind = GROUP_TENANT;
	assert_int_equal(drop(w, &ann, &crew), ERR_NOT_FOUND);
	crew.kind = GROUP_ROLE;
	/* Who is in it is not its owner. */
	assert_int_equal(put(w, &bob, &port, &cid.uuid), ERR_FORBIDDEN);
	assert_int_equal(drop(w, &bob, &crew), ERR_FORBIDDEN);
	assert_int_equal(out(w, &bob, &crew, &ann.uuid), ERR_FORBIDDEN);
	assert_int_equal(out(w, &bob, &crew, &nobody), ERR_FORBIDDEN);
	assert_int_equal(engine_tenant_select(w->engine, bob.account_id,
			     &port.uuid, &note), 0);
	assert_int_equal(engine_role_create(w->engine, bob.account_id, "x",
			     &seen, &seen, &note), ERR_FORBIDDEN);
	assert_int_equal(engine_tenant_select(w->engine, bob.account_id,
			     &other.uuid, &note), ERR_NOT_FOUND);
	assert_int_equal(engine_tenant_select(w->engine, bob.account_id,
			     &crew.uuid, &note), ERR_NOT_FOUND);
}

/* The union of all that somebody is in, and of the own. */
static void
test_unions(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@a.b"), bob = add(w, "bob@a.b");
	struct uuid one = base(w, &ann, "one");
	struct user_group port = tenant(w, &ann, "port"), crew, seen;
	struct err_note note = {""};

	crew = role(w, &ann, "crew");
	assert_int_equal(put(w, &ann, &port, &bob.uuid), 0);
	assert_int_equal(put(w, &ann, &crew, &bob.uuid), 0);
	assert_int_equal(engine_tenant_select(w->engine, bob.account_id,
			     &port.uuid, &note), 0);
	assert_int_equal(give(w, &ann, &port.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(give(w, &ann, &crew.uuid, &one, RIGHT_WRITE), 0);
	assert_int_equal(give(w, &ann, &bob.uuid, &one, RIGHT_DELETE), 0);
	assert_int_equal(rights_of(w, &bob, &one), 7);
	expect_granted(w, &bob, "one:7 ");
	assert_int_equal(out(w, &ann, &crew, &bob.uuid), 0);
	assert_int_equal(out(w, &ann, &crew, &bob.uuid), ERR_INVALID);
	expect_granted(w, &bob, "one:5 ");
	/* The owner stays; others may go, and from all roles with that. */
	assert_int_equal(put(w, &ann, &crew, &bob.uuid), 0);
	assert_int_equal(out(w, &ann, &port, &ann.uuid), ERR_CONFLICT);
	assert_int_equal(out(w, &bob, &port, &bob.uuid), 0);
	expect_granted(w, &bob, "one:4 ");
	assert_int_equal(store_tenant_get(w->engine->store, bob.account_id,
			     &seen), ERR_NOT_FOUND);
	assert_int_equal(put(w, &ann, &port, &bob.uuid), 0);
	expect_granted(w, &bob, "one:5 ");
	assert_int_equal(put(w, &ann, &crew, &bob.uuid), 0);
	expect_granted(w, &bob, "one:7 ");
	/* Gone with what it could do. */
	assert_int_equal(drop(w, &ann, &crew), 0);
	expect_granted(w, &bob, "one:5 ");
	crew = role(w, &ann, "crew");
	assert_int_equal(put(w, &ann, &crew, &bob.uuid), 0);
	expect_granted(w, &bob, "one:5 ");
	assert_int_equal(give(w, &ann, &crew.uuid, &one, RIGHT_WRITE), 0);
	assert_int_equal(drop(w, &ann, &port), 0);
	expect_granted(w, &bob, "one:4 ");
	assert_int_equal(store_group_find(w->engine->store, &crew.uuid,
			     &seen), ERR_NOT_FOUND);
	assert_int_equal(store_tenant_get(w->engine->store, ann.account_id,
			     &seen), ERR_NOT_FOUND);
}

/* A group that its sharer has left: what it has can be taken all the same. */
static void
test_left_behind(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@a.b"), bob = add(w, "bob@a.b");
	struct uuid one = base(w, &ann, "one");
	struct user_group port = tenant(w, &bob, "port");

	assert_int_equal(put(w, &bob, &port, &ann.uuid), 0);
	assert_int_equal(give(w, &ann, &port.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(out(w, &ann, &port, &ann.uuid), 0);
	assert_int_equal(rights_of(w, &bob, &one), RIGHT_READ);
	assert_int_equal(give(w, &ann, &port.uuid, &one, RIGHT_WRITE),
	    ERR_NOT_FOUND);
	assert_int_equal(take(w, &ann, &port.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(rights_of(w, &bob, &one), 0);
	assert_int_equal(take(w, &ann, &port.uuid, &one, RIGHT_READ),
	    ERR_NOT_FOUND);
}

/* ---- what goes with what ------------------------------------------------- */

static uint64_t
grants_on(struct world *w, const struct uuid *principal)
{
	uint64_t count = 99;

	assert_int_equal(store_grants_to(w->engine->store, principal, 100,
			     &count), 0);
	return count;
}

static void
test_deleted(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@a.b"), bob = add(w, "bob@a.b");
	struct uuid one = base(w, &ann, "one"), two = base(w, &ann, "two");
	struct user_group port = tenant(w, &bob, "port");
	struct err_note note = {""};
	struct account account;
	struct user_group seen;

	assert_int_equal(give(w, &ann, &bob.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(give(w, &ann, &bob.uuid, &two, RIGHT_READ), 0);
	assert_int_equal(put(w, &bob, &port, &ann.uuid), 0);
	assert_int_equal(give(w, &ann, &port.uuid, &two, RIGHT_WRITE), 0);
	assert_int_equal(engine_base_delete(w->engine, ann.account_id, &one,
			     &note), 0);
	expect_granted(w, &bob, "two:3 ");
	assert_int_equal(grants_on(w, &bob.uuid), 1);
	/* A base of the same name is another. */
	one = base(w, &ann, "one");
	assert_int_equal(rights_of(w, &bob, &one), 0);
	/* With bob his tenant goes, and nothing of his account is left. */
	assert_int_equal(engine_user_delete(w->engine, &bob.uuid, &note), 0);
	assert_int_equal(grants_on(w, &bob.uuid), 0);
	assert_int_equal(grants_on(w, &port.uuid), 0);
	assert_int_equal(store_group_find(w->engine->store, &port.uuid,
			     &seen), ERR_NOT_FOUND);
	assert_int_equal(store_account_find(w->engine->store, &bob.uuid,
			     &account), ERR_NOT_FOUND);
	assert_int_equal(give(w, &ann, &bob.uuid, &two, RIGHT_READ),
	    ERR_NOT_FOUND);
	expect_granted(w, &ann, "");
}

static void
test_limits(void **state)
{
	struct world *w = *state;
	struct user ann = add(w, "ann@a.b"), bob = add(w, "bob@a.b");
	struct uuid one = base(w, &ann, "one");
	struct err_note note = {""};
	struct user_group group;
	struct uuid who;
	char name[32];
	unsigned i;

	/* As many as a user may be in: the rest is refused. */
	for (i = 0; i < GROUPS_OF_USER_MAX; i++) {
		(void)snprintf(name, sizeof(name), "t%u", i);
		group = tenant(w, &ann, name);
		assert_int_equal(put(w, &ann, &group, &bob.uuid), 0);
	}
	assert_int_equal(engine_tenant_create(w->engine, ann.account_id,
			     "more", &group, &note), ERR_TOO_BIG);
	assert_int_equal(engine_tenant_create(w->engine, bob.account_id,
			     "more", &group, &note), ERR_TOO_BIG);
	assert_int_equal(out(w, &bob, &group, &bob.uuid), 0);
	assert_int_equal(give(w, &ann, &group.uuid, &one, RIGHT_READ), 0);
	assert_int_equal(rights_of(w, &bob, &one), 0);
	/* As many as one base may be shared with. */
	assert_int_equal(store_begin(w->engine->store, NULL), 0);
	for (i = 1; i < BASE_GRANTS_MAX; i++) {
		memset(&who, 0, sizeof(who));
		memcpy(who.bytes, &i, sizeof(i));
		assert_int_equal(store_grant_set(w->engine->store, 2, &who,
				     RIGHT_READ, 1), 0);
	}
	assert_int_equal(store_commit(w->engine->store, &note), 0);
	assert_int_equal(give(w, &ann, &bob.uuid, &one, RIGHT_READ),
	    ERR_TOO_BIG);
	assert_int_equal(give(w, &ann, &group.uuid, &one, RIGHT_WRITE), 0);
	assert_int_equal(take(w, &ann, &group.uuid, &one, 3), 0);
	assert_int_equal(give(w, &ann, &bob.uuid, &one, RIGHT_READ), 0);
}

/* What was given is there after a restart. */
static void
test_restart(void **state)
{
	struct world *w = *state;
	struct engine_config config = {.data_dir = w->dir,
	    .extractor = "none", .workers = 1, .file_bytes_max = 1000,
	    .api_key = "a key of tests"};
	struct user ann = add(w, "ann@a.b"), bob = add(w, "bob@a.b"), again;
	struct uuid one = base(w, &ann, "one");
	struct user_group port = tenant(w, &ann, "port");
	struct err_note note = {""};

	assert_int_equal(put(w, &ann, &port, &bob.uuid), 0);
	assert_int_equal(give(w, &ann, &port.uuid, &one, RIGHT_READ), 0);
	engine_close(w->engine);
	w->engine = NULL;
	assert_int_equal(engine_open(&config, &w->engine, &note), 0);
	expect_granted(w, &bob, "one:1 ");
	assert_int_equal(store_user_get(w->engine->store, &ann.uuid, &again),
	    0);
	assert_true(again.has_tenant);
	assert_true(uuid_is_equal(&again.tenant, &port.uuid));
	assert_int_equal(store_user_get(w->engine->store, &bob.uuid, &again),
	    0);
	assert_false(again.has_tenant);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_up, world_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_rights),
	    TEST(test_shares_of_shares),
	    TEST(test_groups),
	    TEST(test_unions),
	    TEST(test_left_behind),
	    TEST(test_deleted),
	    TEST(test_limits),
	    TEST(test_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
