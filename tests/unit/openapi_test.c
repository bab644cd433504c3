/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dialect's routes and its description name the same operations.  Of the
 * YAML only the two columns are read in which paths and methods stand; that
 * the files are what they should be otherwise is the flow tests' business.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/captain/captain.h"
#include "api/captain/captain_view.h"
#include "api/cognee/cognee.h"
#include "api/dify/dify.h"
#include "api/digitalocean/digitalocean.h"
#include "api/native/native.h"
#include "http/http_int.h"
#include "http/openapi.h"
#include "model/item_code.h"
#include "web/web.h"

#define OPERATIONS_MAX 256u
#define OPERATION_SIZE 256u

struct operations {
	char text[OPERATIONS_MAX][OPERATION_SIZE]; /* "GET /a/{}" */
	size_t count;
};

static const struct {
	enum http_method method;
	const char *name, *key;
} methods[] = {
    {HTTP_GET, "GET", "    get:"},
    {HTTP_POST, "POST", "    post:"},
    {HTTP_PUT, "PUT", "    put:"},
    {HTTP_PATCH, "PATCH", "    patch:"},
    {HTTP_DELETE, "DELETE", "    delete:"},
};

/* Placeholders lose their names, a slash at the end is left out. */
static void
operations_add(struct operations *operations, const char *method,
    const char *path, size_t len)
{
	char *text;
	size_t at, i;

	assert_true(operations->count < OPERATIONS_MAX);
	assert_true(strlen(method) + 1 + len < OPERATION_SIZE);
	text = operations->text[operations->count++];
	at = (size_t)snprintf(text, OPERATION_SIZE, "%s ", method);
	for (i = 0; i < len; i++) {
		text[at++] = path[i];
		if (path[i] == '{')
			i += strcspn(path + i, "}") - 1;
	}
	while (text[at - 1] == '/')
		at--;
	text[at] = '\0';
}

static void
operations_of_routes(struct operations *operations,
    const struct http_dialect *dialect)
{
	const struct http_route *route;

	for (size_t i = 0; i < dialect->route_count; i++) {
		route = &dialect->routes[i];
		for (size_t j = 0; j < sizeof(methods) / sizeof(*methods); j++)
			if (methods[j].method == route->method)
				operations_add(operations, methods[j].name,
				    route->pattern, strlen(route->pattern));
	}
}

/* Within "paths:", "  /path:" is a path and "    get:" one of its methods. */
static void
operations_of_file(struct operations *operations,
    const struct openapi_file *file)
{
	const char *line, *path = NULL;
	size_t len, path_len = 0;

	line = strstr(file->text, "\npaths:\n");
	assert_non_null(line);
	line += strlen("\npaths:\n");
	for (; *line == ' ' || *line == '\n'; line += len + 1) {
		len = strcspn(line, "\n");
		if (strncmp(line, "  /", 3) == 0) {
			assert_int_equal(line[len - 1], ':');
			path = line + 2;
			path_len = len - 3;
		}
		for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
			if (strlen(methods[i].key) == len &&
			    strncmp(line, methods[i].key, len) == 0) {
				assert_non_null(path);
				operations_add(operations, methods[i].name,
				    path, path_len);
			}
	}
}

static size_t
missing(const struct operations *from, const struct operations *in,
    const char *name, const char *where)
{
	size_t count = 0, j;

	for (size_t i = 0; i < from->count; i++) {
		for (j = 0; j < in->count; j++)
			if (strcmp(from->text[i], in->text[j]) == 0)
				break;
		if (j < in->count)
			continue;
		print_error("%s: %s is not in %s\n", name, from->text[i],
		    where);
		count++;
	}
	return count;
}

/* also: another dialect that the file describes, or NULL. */
static void
assert_same(const struct http_dialect *dialect,
    const struct http_dialect *also, const char *name)
{
	static struct operations routes, described;
	const struct openapi_file *file = openapi_find(name);
	size_t count;

	assert_non_null(file);
	routes.count = described.count = 0;
	operations_of_routes(&routes, dialect);
	if (also != NULL)
		operations_of_routes(&routes, also);
	assert_int_equal(routes.count, dialect->route_count +
	    (also != NULL ? also->route_count : 0));
	operations_of_file(&described, file);
	count = missing(&routes, &described, name, "the file");
	count += missing(&described, &routes, name, "the table");
	assert_int_equal(count, 0);
	assert_int_equal(routes.count, described.count);
}

static void
test_captain(void **state)
{
	(void)state;
	assert_same(&captain_dialect, NULL, "captain.yaml");
}

static void
test_cognee(void **state)
{
	(void)state;
	assert_same(&cognee_dialect, NULL, "cognee.yaml");
}

static void
test_dify(void **state)
{
	(void)state;
	assert_same(&dify_dialect, NULL, "dify.yaml");
}

static void
test_digitalocean(void **state)
{
	(void)state;
	assert_same(&digitalocean_dialect, NULL, "digitalocean.yaml");
}

static void
test_native(void **state)
{
	(void)state;
	assert_same(&native_dialect, NULL, "native.yaml");
}

/* What belongs to no dialect, and the pages for browsers. */
static void
test_server(void **state)
{
	(void)state;
	assert_same(&http_self, &web_dialect, "server.yaml");
}

/* Three dialects tell the model's codes: each is a row of a list, but for the
 * one that Captain has a word of its own for. */
static void
test_codes(void **state)
{
	static const char *const names[] = {"captain.yaml",
	    "digitalocean.yaml", "native.yaml"};
	char row[64];
	int code;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (code = ITEM_CODE_NONE + 1; code < ITEM_CODE_COUNT;
		    code++) {
			if (i == 0 && code == ITEM_CODE_UNCHANGED)
				continue;
			(void)snprintf(row, sizeof(row), "        - %s\n",
			    i == 0 ? captain_code_name((enum item_code)code)
				   : item_code_name((enum item_code)code));
			if (strstr(openapi_find(names[i])->text, row) == NULL)
				fail_msg("%s has no code%s", names[i], row);
		}
}

/* The build's table: sorted, whole, and nothing is found that is not there. */
static void
test_files(void **state)
{
	const struct openapi_file *file = openapi_files;
	size_t count = 0;

	(void)state;
	for (; file->name != NULL; file++, count++) {
		assert_int_equal(strlen(file->text), file->len);
		assert_int_equal(file->text[file->len - 1], '\n');
		assert_non_null(strstr(file->text, "\nopenapi: 3.1.0\n"));
		assert_ptr_equal(openapi_find(file->name), file);
		if (count > 0)
			assert_true(strcmp(file[-1].name, file->name) < 0);
	}
	assert_true(count >= 6);
	assert_null(openapi_find("none.yaml"));
	assert_null(openapi_find(""));
	assert_null(openapi_find("captain"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_captain),
	    cmocka_unit_test(test_cognee),
	    cmocka_unit_test(test_dify),
	    cmocka_unit_test(test_digitalocean),
	    cmocka_unit_test(test_native),
	    cmocka_unit_test(test_server),
	    cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
