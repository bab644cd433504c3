/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "http/router.h"
#include "http/uri.h"

#define ID "0B1F4A52-7f0e-4c67-9c0e-3f1d8a5e6b21"
#define ID_LOWER "0b1f4a52-7f0e-4c67-9c0e-3f1d8a5e6b21"

static int
handler(struct http_request *request, struct http_reply *reply)
{
	(void)request;
	(void)reply;
	return 0;
}

static const struct http_route first_routes[] = {
    {HTTP_GET, "/v1/sets", handler, 0},
    {HTTP_GET, "/v1/sets/{}", handler, 0},
    {HTTP_GET, "/v1/sets/{uuid}", handler, 0},
    {HTTP_GET, "/v1/sets/status", handler, 0},
    {HTTP_POST, "/v1/sets/{uuid}", handler, 0},
    {HTTP_GET, "/v1/sets/{uuid}/batches/{}/state", handler, 0},
    {HTTP_GET, "/v1", handler, HTTP_SLASH_TOO},
};
static const struct http_route second_routes[] = {
    {HTTP_GET, "/v1/{uuid}/find", handler, 0},
    {HTTP_GET, "/v1/other", handler, 0},
};
static const char *const first_prefixes[] = {"/v1/sets", "/v1", NULL};
static const char *const second_prefixes[] = {"/v1/other", "/api", NULL};
static const char *const nobody_prefixes[] = {"/", NULL};

static const struct http_dialect nobody = {
    .name = "nobody", .prefixes = nobody_prefixes};
static const struct http_dialect first = {.name = "first",
    .prefixes = first_prefixes,
    .routes = first_routes,
    .route_count = sizeof(first_routes) / sizeof(*first_routes)};
static const struct http_dialect second = {.name = "second",
    .prefixes = second_prefixes,
    .routes = second_routes,
    .route_count = sizeof(second_routes) / sizeof(*second_routes),
    .flags = HTTP_SLASH};
static const struct http_dialect *const dialects[] = {
    &nobody, &first, &second};

static struct router *router;
static struct router_match match;
static struct uri uri;
static char text[1024];

static int
find(unsigned method, const char *path)
{
	memcpy(text, path, strlen(path) + 1);
	assert_int_equal(uri_parse(text, &uri), 0);
	return router_find(router, method, &uri, path, strlen(path), &match);
}

static int
setup(void **state)
{
	(void)state;
	return router_new(dialects, 3, &router, NULL);
}

static int
teardown(void **state)
{
	(void)state;
	router_free(router);
	return 0;
}

static void
test_exact_first(void **state)
{
	(void)state;
	assert_int_equal(find(HTTP_GET, "/v1/sets"), 0);
	assert_ptr_equal(match.route, &first_routes[0]);
	assert_int_equal(find(HTTP_GET, "/v1/sets/status"), 0);
	assert_ptr_equal(match.route, &first_routes[3]);
	assert_int_equal(find(HTTP_GET, "/v1/sets/" ID), 0);
	assert_ptr_equal(match.route, &first_routes[2]);
	assert_string_equal(match.params[0].text, ID_LOWER);
	assert_int_equal(match.params[0].uuid.bytes[0], 0x0B);
	assert_int_equal(find(HTTP_GET, "/v1/sets/a%20b"), 0);
	assert_ptr_equal(match.route, &first_routes[1]);
	assert_string_equal(match.params[0].text, "a b");
	assert_int_equal(find(HTTP_GET,
	    "/v1/sets/" ID "/batches/20261122/state"), 0);
	assert_int_equal(match.param_count, 2);
	assert_string_equal(match.params[1].text, "20261122");
	assert_true(match.index > 0 && match.index < router_size(router));
	assert_ptr_equal(router_route(router, match.index), match.route);
}

static void
test_unknown(void **state)
{
	(void)state;
	assert_int_equal(find(HTTP_GET, "/v1/sets/" ID "/nothing"),
	    ERR_NOT_FOUND);
	assert_ptr_equal(match.dialect, &first);
	assert_null(match.route);
	assert_int_equal(match.index, 0);
	assert_int_equal(find(HTTP_GET, "/v1/others"), ERR_NOT_FOUND);
	assert_ptr_equal(match.dialect, &first);
	assert_int_equal(find(HTTP_GET, "/v1/other/x"), ERR_NOT_FOUND);
	assert_ptr_equal(match.dialect, &second);
	assert_int_equal(find(HTTP_GET, "/apis"), ERR_NOT_FOUND);
	assert_ptr_equal(match.dialect, &nobody);
	assert_int_equal(find(HTTP_GET, "/v1/sets//batches/1/state"),
	    ERR_NOT_FOUND);
	assert_int_equal(find(HTTP_GET, "/v1/sets/no-uuid/batches/1/state"),
	    ERR_NOT_FOUND);
	assert_int_equal(find(HTTP_GET,
	    "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"), ERR_NOT_FOUND);
}

static void
test_method(void **state)
{
	(void)state;
	assert_int_equal(find(HTTP_DELETE, "/v1/sets/" ID), ERR_UNSUPPORTED);
	assert_int_equal(match.allowed, HTTP_GET | HTTP_POST);
	assert_ptr_equal(match.dialect, &first);
	assert_int_equal(find(HTTP_POST, "/v1/sets/" ID), 0);
	assert_ptr_equal(match.route, &first_routes[4]);
	assert_int_equal(find(0, "/v1/sets"), ERR_UNSUPPORTED);
}

static void
test_slash(void **state)
{
	(void)state;
	assert_int_equal(find(HTTP_GET, "/v1/other/"), 0);
	assert_ptr_equal(match.route, &second_routes[1]);
	assert_int_equal(find(HTTP_GET, "/v1/sets/"), ERR_NOT_FOUND);
	/* One route may be of another mind than its dialect. */
	assert_int_equal(find(HTTP_GET, "/v1/"), 0);
	assert_ptr_equal(match.dialect, &first);
	assert_int_equal(find(HTTP_GET, "/v1"), 0);
}

static void
test_bad_tables(void **state)
{
	static const struct http_route twice[] = {
	    {HTTP_GET, "/a", handler, 0}, {HTTP_GET, "/a", handler, 0}};
	static const char *const bad[] = {"a", "/a//b", "/a/{id}", "/a/",
	    "/{}/{}/{}/{}/{}"};
	struct http_dialect dialect = {.name = "bad",
	    .prefixes = nobody_prefixes, .routes = twice, .route_count = 2};
	const struct http_dialect *const one[] = {&dialect};
	struct http_route route = {HTTP_GET, "", handler, 0};
	struct router *bad_router;
	struct err_note note;

	(void)state;
	assert_int_equal(router_new(one, 1, &bad_router, &note), ERR_INVALID);
	dialect.routes = &route;
	dialect.route_count = 1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		route.pattern = bad[i];
		assert_int_equal(router_new(one, 1, &bad_router, &note),
		    ERR_INVALID);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_exact_first),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_method),
	    cmocka_unit_test(test_slash),
	    cmocka_unit_test(test_bad_tables),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
