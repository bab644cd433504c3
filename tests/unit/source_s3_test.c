/* SPDX-License-Identifier: Apache-2.0 */
/* Listings of buckets, and all that a service may say instead of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "s3_world.h"

/* ---- listings ------------------------------------------------------------ */

static void
test_pages(void **state)
{
	static const struct step steps[] = {
	    {.target = "/b/?" LIST,
		.has = "Authorization: AWS4-HMAC-SHA256 Credential=KEYIDKEYID/",
		.status = "200 OK",
		.answer = RESULT
		"<IsTruncated>true</IsTruncated>"
		"<NextContinuationToken>a/+=</NextContinuationToken>"
		"<Contents><Key>docs/</Key><Size>0</Size></Contents>"
		"<Contents><Key>docs/a+b.txt</Key><Size>12</Size>"
		"<LastModified>2009-10-12T17:50:30.000Z</LastModified>"
		"<ETag>&quot;abc&quot;</ETag></Contents>" RESULT_END},
	    {.target = "/b/?continuation-token=a%2F%2B%3D&" LIST,
		.has = "/us-east-1/s3/aws4_request",
		.status = "200 OK",
		.answer = RESULT
		"<Contents><Key>d%C3%B6%23%3F%25%2B</Key><Size>0</Size>"
		"</Contents>"
		"<Contents><Key>x/</Key><Size>1</Size></Contents>"
		"<Contents><Key>//y</Key><Size>1</Size></Contents>"
		"<IsTruncated>false</IsTruncated>" RESULT_END},
	};
	struct s3_world *world = *state;

	world_connect(world);
	world_expect(world, steps, COUNT(steps));
	assert_int_equal(world_list(world, NULL), 0);
	world_check(world);
	assert_string_equal(buf_text(&world->seen),
	    "s3://b/docs/a%20b.txt|docs/a b.txt|12|1255369830000000|abc|"
	    "NONE|\n"
	    "s3://b/d%C3%B6%23%3F%25%2B|d\xc3\xb6#?%+|0|0||NONE|\n"
	    "s3://b/x/|x/|1|0||NONE|\n"
	    "s3://b///y|//y|1|0||NONE|\n");
	assert_int_equal(world->wait_count, 0);
}

#define OBJECT(key) "<Contents><Key>" key "</Key><Size>1</Size></Contents>"

/* What is below a prefix, and how it is called. */
static void
test_prefixes(void **state)
{
	static const struct {
		const char *prefix, *target;
		bool is_whole;
		const char *seen;
	} rows[] = {
	    {"", "/b/?" LIST, false,
		"ab/c=ab/c\na/=a/\na/b/c=a/b/c\na=a\na/b=a/b\n"},
	    {"a", "/b/?" LIST "&prefix=a", false,
		"ab/c=ab/c\na/=a/\na/b/c=a/b/c\na=a\na/b=a/b\n"},
	    {"a", "/b/?" LIST "&prefix=a", true,
		"a/=a/\na/b/c=b/c\na=a\na/b=b\n"},
	    {"a/", "/b/?" LIST "&prefix=a%2F", false,
		"a/=a/\na/b/c=b/c\na/b=b\n"},
	    {"a/", "/b/?" LIST "&prefix=a%2F", true,
		"a/=a/\na/b/c=b/c\na/b=b\n"},
	    {"a/b", "/b/?" LIST "&prefix=a%2Fb", false,
		"a/b/c=b/c\na/b=b\n"},
	    {"a/b", "/b/?" LIST "&prefix=a%2Fb", true, "a/b/c=c\na/b=b\n"},
	    {"a/b/c", "/b/?" LIST "&prefix=a%2Fb%2Fc", true, "a/b/c=c\n"},
	    {"\xc3\xa4 +", "/b/?" LIST "&prefix=%C3%A4%20%2B", true, ""},
	};
	struct s3_world *world = *state;
	struct step step = {.status = "200 OK",
	    .answer = RESULT OBJECT("ab/c") OBJECT("a/") OBJECT("a/b/c")
		OBJECT("a") OBJECT("a/b") RESULT_END};
	struct buf names;
	char *line, *rest;
	size_t i;

	buf_init(&names, 4096);
	for (i = 0; i < COUNT(rows); i++) {
		world->config.prefix = rows[i].prefix;
		world->config.is_prefix_whole = rows[i].is_whole;
		world_connect(world);
		step.target = rows[i].target;
		world_expect(world, &step, 1);
		assert_int_equal(world_list(world, NULL), 0);
		world_check(world);
		buf_clear(&names);
		rest = (char *)(uintptr_t)buf_text(&world->seen);
		while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
			(void)buf_printf(&names, "%.*s=%.*s\n",
			    (int)(strchr(line, '|') - line - 7), line + 7,
			    (int)strcspn(strchr(line, '|') + 1, "|"),
			    strchr(line, '|') + 1);
		assert_string_equal(buf_text(&names), rows[i].seen);
	}
	buf_fini(&names);
}

static void
test_patterns(void **state)
{
	static const char *const include[] = {"*.md", "/keep", "!old.md"};
	static const char *const exclude[] = {"drafts/", "secret.*"};
	struct s3_world *world = *state;
	const struct step step = {.target = "/b/?" LIST,
	    .status = "200 OK",
	    .answer = RESULT OBJECT("a.md") OBJECT("a.txt") OBJECT("x/b.md")
		OBJECT("keep/c.txt") OBJECT("keep/d/e.txt")
		OBJECT("keep/drafts/f.md") OBJECT("drafts/g.md")
		OBJECT("x//drafts//h.md") OBJECT("x/drafts")
		OBJECT("keep/drafts") OBJECT("old.md") OBJECT("keep/old.md")
		OBJECT("secret.md") OBJECT("/i.md") RESULT_END};

	world->config.include = include;
	world->config.include_count = COUNT(include);
	world->config.exclude = exclude;
	world->config.exclude_count = COUNT(exclude);
	world_connect(world);
	world_expect(world, &step, 1);
	assert_int_equal(world_list(world, NULL), 0);
	world_check(world);
	assert_string_equal(buf_text(&world->seen),
	    "s3://b/a.md|a.md|1|0||NONE|\n"
	    "s3://b/x/b.md|x/b.md|1|0||NONE|\n"
	    "s3://b/keep/c.txt|keep/c.txt|1|0||NONE|\n"
	    "s3://b/keep/d/e.txt|keep/d/e.txt|1|0||NONE|\n"
	    "s3://b/keep/drafts|keep/drafts|1|0||NONE|\n"
	    "s3://b//i.md|/i.md|1|0||NONE|\n");
}

/* Keys that no document can have. */
static void
test_trouble(void **state)
{
	struct s3_world *world = *state;
	struct step step = {.target = "/b/?" LIST, .status = "200 OK"};
	struct buf answer;
	const char *text;
	size_t i;

	buf_init(&answer, MIB);
	(void)buf_puts(&answer, RESULT OBJECT("bad%FFx") OBJECT("zero%00x"));
	(void)buf_puts(&answer, "<Contents><Key>");
	for (i = 0; i < S3_KEY_BYTES_MAX; i++)
		(void)buf_putc(&answer, 'k');
	(void)buf_puts(&answer, "</Key></Contents><Contents><Key>");
	for (i = 0; i < S3_KEY_BYTES_MAX + 1; i++)
		(void)buf_putc(&answer, 'l');
	(void)buf_puts(&answer, "</Key></Contents><Contents><Key>");
	for (i = 0; i < FOLDER_DEPTH_MAX; i++)
		(void)buf_puts(&answer, "m/");
	(void)buf_puts(&answer, "n</Key></Contents><Contents><Key>");
	for (i = 0; i < FOLDER_DEPTH_MAX + 1; i++)
		(void)buf_puts(&answer, "o/");
	(void)buf_puts(&answer, "p</Key></Contents>" RESULT_END);
	step.answer = buf_text(&answer);
	world_connect(world);
	world_expect(world, &step, 1);
	assert_int_equal(world_list(world, NULL), 0);
	world_check(world);
	text = buf_text(&world->seen);
	assert_non_null(strstr(text,
	    "s3://b/bad%FFx|bad%FFx|1|0||FETCH_FAILED|"
	    "its key is not UTF-8\n"));
	assert_non_null(strstr(text,
	    "s3://b/zero%00x|zero%00x|1|0||FETCH_FAILED|"
	    "its key holds a zero byte\n"));
	assert_non_null(strstr(text, "k|0|0||NONE|\n"));
	/* The hash of 1,025 times "l". */
	assert_non_null(strstr(text, "llll#"));
	assert_non_null(strstr(text,
	    "l|0|0||FETCH_FAILED|its key is longer than S3 allows\n"));
	assert_non_null(strstr(text, "m/n|0|0||NONE|\n"));
	assert_non_null(strstr(text,
	    "o/p|0|0||EXTRACTION_LIMIT|it lies too many folders deep\n"));
	buf_fini(&answer);
}

static bool
answer_in_circles(struct peer *peer, int fd, const char *path,
    const char *request)
{
	struct s3_world *world = peer->arg;
	char body[256];

	(void)path;
	(void)request;
	/* 0 1 2 3 4 2 3 4 2 3 4 ... */
	world->step++;
	(void)snprintf(body, sizeof(body),
	    RESULT "<IsTruncated>true</IsTruncated><NextContinuationToken>t%zu"
		   "</NextContinuationToken>" RESULT_END,
	    world->step < 5 ? world->step : 2 + (world->step - 2) % 3);
	return peer_answer(fd, "200 OK", "", body);
}

static int
circle_setup(void **state)
{
	return world_setup_with(state, answer_in_circles);
}

static void
test_circles(void **state)
{
	struct s3_world *world = *state;
	struct err_note note;

	world_connect(world);
	assert_int_equal(world_list(world, &note), ERR_UPSTREAM);
	assert_string_equal(note.text,
	    "the listing of bucket \"b\" goes in circles");
	assert_true(peer_requests(&world->peer) < 16);
}

static void
test_same_token(void **state)
{
	static const struct step steps[] = {
	    {.target = "/b/?" LIST,
		.status = "200 OK",
		.answer = RESULT
		"<IsTruncated>true</IsTruncated><NextContinuationToken>t"
		"</NextContinuationToken>" RESULT_END},
	    {.target = "/b/?continuation-token=t&" LIST,
		.status = "200 OK",
		.answer = RESULT
		"<IsTruncated>true</IsTruncated><NextContinuationToken>t"
		"</NextContinuationToken>" RESULT_END},
	};
	struct s3_world *world = *state;

	world_connect(world);
	world_expect(world, steps, COUNT(steps));
	assert_int_equal(world_list(world, NULL), ERR_UPSTREAM);
	world_check(world);
}

/* ---- refusals ------------------------------------------------------------ */

#define REFUSED(code, message)                                                \
	"<Error><Code>" code "</Code><Message>" message "</Message></Error>"

static const struct {
	const char *status, *body;
	int err;
	const char *words;
} refusals[] = {
    {"403 Forbidden", REFUSED("AccessDenied", "Access Denied"), ERR_FORBIDDEN,
	"bucket \"b\": AccessDenied: Access Denied (HTTP 403)"},
    {"403 Forbidden", REFUSED("SignatureDoesNotMatch", "No."), ERR_FORBIDDEN,
	"bucket \"b\": SignatureDoesNotMatch: No. (HTTP 403)"},
    {"403 Forbidden", "<html>go away</html>", ERR_FORBIDDEN,
	"bucket \"b\": the S3 service answers with HTTP 403"},
    {"401 Unauthorized", "", ERR_FORBIDDEN,
	"bucket \"b\": the S3 service answers with HTTP 401"},
    {"404 Not Found", REFUSED("NoSuchBucket", ""), ERR_NOT_FOUND,
	"bucket \"b\": NoSuchBucket (HTTP 404)"},
    {"400 Bad Request", REFUSED("ExpiredToken", "Old."), ERR_FORBIDDEN,
	"bucket \"b\": ExpiredToken: Old. (HTTP 400)"},
    {"400 Bad Request", REFUSED("InvalidArgument", "x\ny"), ERR_INVALID,
	"bucket \"b\": InvalidArgument: x y (HTTP 400)"},
    {"501 Not Implemented", "", ERR_UNSUPPORTED,
	"bucket \"b\": the S3 service answers with HTTP 501"},
    {"412 Precondition Failed", "", ERR_INVALID,
	"bucket \"b\": the S3 service answers with HTTP 412"},
    {"302 Found", "", ERR_INVALID,
	"bucket \"b\": the S3 service answers with HTTP 302"},
    /* What it says may hold what we said; it is not told on. */
    {"403 Forbidden", REFUSED("InvalidAccessKeyId", "no YIDKEYID here"),
	ERR_FORBIDDEN, "bucket \"b\": InvalidAccessKeyId (HTTP 403)"},
    {"403 Forbidden", REFUSED("AccessDenied", "secretse"), ERR_FORBIDDEN,
	"bucket \"b\": AccessDenied (HTTP 403)"},
    {"403 Forbidden", REFUSED("AccessDenied", "IDKEYID"), ERR_FORBIDDEN,
	"bucket \"b\": AccessDenied: IDKEYID (HTTP 403)"},
    /* Transient. */
    {"503 Slow Down", REFUSED("SlowDown", "Please."), ERR_BUSY,
	"bucket \"b\": SlowDown: Please. (HTTP 503)"},
    {"429 Too Many Requests", "", ERR_BUSY,
	"bucket \"b\": the S3 service answers with HTTP 429"},
    {"500 Internal Server Error", "", ERR_UPSTREAM,
	"bucket \"b\": the S3 service answers with HTTP 500"},
    {"400 Bad Request", REFUSED("RequestTimeout", ""), ERR_TIMEOUT,
	"bucket \"b\": RequestTimeout (HTTP 400)"},
    {"200 OK", "<html>Sign in</html>", ERR_UPSTREAM,
	"what it answers is not a listing of S3"},
    {"200 OK", REFUSED("InternalError", ""), ERR_UPSTREAM,
	"what it answers is not a listing of S3"},
};

static void
test_refusals(void **state)
{
	struct s3_world *world = *state;
	struct step steps[S3_TRIES_MAX];
	struct err_note note;
	size_t i, j, tries;

	world_connect(world);
	for (i = 0; i < COUNT(refusals); i++) {
		tries = err_class(refusals[i].err) == ERR_CLASS_TRANSIENT ?
		    S3_TRIES_MAX :
		    1;
		for (j = 0; j < tries; j++)
			steps[j] = (struct step){.target = "/b/?" LIST,
			    .status = refusals[i].status,
			    .answer = refusals[i].body};
		world_expect(world, steps, tries);
		note.text[0] = '\0';
		assert_int_equal(world_list(world, &note), refusals[i].err);
		assert_string_equal(note.text, refusals[i].words);
		world_check(world);
		assert_int_equal(world->wait_count, tries - 1);
		assert_string_equal(buf_text(&world->seen), "");
	}
}

/* The pauses grow, and Retry-After makes them longer, not shorter. */
static void
test_pauses(void **state)
{
	static const struct step busy[] = {
	    {.target = "/b/?" LIST, .status = "503 Busy"},
	    {.target = "/b/?" LIST,
		.status = "503 Busy",
		.headers = "Retry-After: 60\r\n"},
	    {.target = "/b/?" LIST,
		.status = "503 Busy",
		.headers = "Retry-After: 0\r\n"},
	    {.target = "/b/?" LIST,
		.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"},
	    {.target = "/b/?" LIST,
		.status = "200 OK",
		.answer = RESULT RESULT_END},
	};
	static const struct step too_long = {.target = "/b/?" LIST,
	    .status = "503 Busy",
	    .headers = "Retry-After: 61\r\n"};
	struct s3_world *world = *state;

	world_connect(world);
	world_expect(world, busy, COUNT(busy));
	assert_int_equal(world_list(world, NULL), 0);
	world_check(world);
	assert_int_equal(world->wait_count, 4);
	assert_in_range(world->waits[0], 100000, 200000);
	assert_int_equal(world->waits[1], 60000000);
	assert_in_range(world->waits[2], 400000, 800000);
	assert_in_range(world->waits[3], 800000, 1600000);
	world_expect(world, &too_long, 1);
	assert_int_equal(world_list(world, NULL), ERR_BUSY);
	world_check(world);
	assert_int_equal(world->wait_count, 0);
}

/* ---- regions ------------------------------------------------------------- */

#define MALFORMED                                                             \
	"<Error><Code>AuthorizationHeaderMalformed</Code>"                    \
	"<Region>eu-west-1</Region></Error>"

static void
test_region_learned(void **state)
{
	static const struct step steps[] = {
	    {.target = "/b/?" LIST,
		.has = "/us-east-1/s3/aws4_request",
		.status = "400 Bad Request",
		.answer = MALFORMED},
	    {.target = "/b/?" LIST,
		.has = "/eu-west-1/s3/aws4_request",
		.status = "200 OK",
		.answer = RESULT RESULT_END},
	    /* It is remembered. */
	    {.target = "/b/?" LIST,
		.has = "/eu-west-1/s3/aws4_request",
		.status = "301 Moved",
		.headers = "x-amz-bucket-region: eu-west-2\r\n"
			   "Location: http://169.254.169.254/\r\n"},
	};
	struct s3_world *world = *state;
	struct err_note note;

	world_connect(world);
	world_expect(world, steps, COUNT(steps));
	assert_int_equal(world_list(world, NULL), 0);
	/* But only once. */
	assert_int_equal(world_list(world, &note), ERR_INVALID);
	assert_string_equal(note.text,
	    "bucket \"b\" is in the region \"eu-west-2\", not in "
	    "\"eu-west-1\"");
	world_check(world);
	assert_int_equal(world->wait_count, 0);
}

/* Endpoint and region are both given: then it is not ours to know better. */
static void
test_region_told(void **state)
{
	static const struct step step = {.target = "/b/?" LIST,
	    .has = "/us-west-9/s3/aws4_request",
	    .status = "400 Bad Request",
	    .answer = MALFORMED};
	struct s3_world *world = *state;
	struct err_note note;

	world->config.region = "us-west-9";
	world_connect(world);
	world_expect(world, &step, 1);
	assert_int_equal(world_list(world, &note), ERR_INVALID);
	assert_string_equal(note.text,
	    "bucket \"b\" is in the region \"eu-west-1\", not in "
	    "\"us-west-9\"");
	world_check(world);
}

/* The provider's address follows the region that it names. */
static void
test_region_moved(void **state)
{
	static const char body[] = "<Error><Code>PermanentRedirect</Code>"
				   "<Endpoint>evil.example</Endpoint></Error>";
	struct s3_world *world = *state;
	const struct s3_ask ask = {.head = {.region = "eu-south-2"}};

	world->config.provider = S3_PROVIDER_AWS;
	world->config.endpoint = NULL;
	world->config.region = "eu-north-1";
	world->config.bucket = "papers";
	world_connect(world);
	assert_string_equal(buf_text(&world->client->origin),
	    "https://papers.s3.eu-north-1.amazonaws.com");
	assert_int_equal(s3_refusal(world->client, 301, &ask, body,
			     strlen(body), NULL),
	    0);
	assert_string_equal(buf_text(&world->client->origin),
	    "https://papers.s3.eu-south-2.amazonaws.com");
	assert_string_equal(world->client->host,
	    "papers.s3.eu-south-2.amazonaws.com");
	assert_string_equal(world->client->region, "eu-south-2");
	assert_int_equal(s3_refusal(world->client, 301, &ask, body,
			     strlen(body), NULL),
	    ERR_INVALID);
}

/* ---- where a bucket is --------------------------------------------------- */

static void
test_places(void **state)
{
	static const struct {
		enum s3_provider provider;
		enum s3_style style;
		const char *endpoint, *region, *bucket, *origin, *path;
	} rows[] = {
	    {S3_PROVIDER_AWS, S3_STYLE_AUTO, NULL, "eu-central-1", "abc",
		"https://abc.s3.eu-central-1.amazonaws.com", ""},
	    {S3_PROVIDER_AWS, S3_STYLE_AUTO, NULL, "", "a.b",
		"https://s3.us-east-1.amazonaws.com", "/a.b"},
	    {S3_PROVIDER_AWS, S3_STYLE_PATH, NULL, "cn-north-1", "abc",
		"https://s3.cn-north-1.amazonaws.com.cn", "/abc"},
	    {S3_PROVIDER_SPACES, S3_STYLE_AUTO, "", "fra1", "abc",
		"https://abc.fra1.digitaloceanspaces.com", ""},
	    {S3_PROVIDER_AWS, S3_STYLE_AUTO, "http://Host.Example:80/x/", "",
		"A_b", "http://host.example", "/x/A_b"},
	    {S3_PROVIDER_OTHER, S3_STYLE_AUTO, "https://h:443", "", "b",
		"https://h", "/b"},
	    {S3_PROVIDER_OTHER, S3_STYLE_HOST, "https://h:9000/p", "", "a.b",
		"https://a.b.h:9000", "/p"},
	    {S3_PROVIDER_OTHER, S3_STYLE_AUTO, "http://[::1]:9000//", "", "b",
		"http://[::1]:9000", "/b"},
	};
	struct s3_world *world = *state;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		world->config.provider = rows[i].provider;
		world->config.style = rows[i].style;
		world->config.endpoint = rows[i].endpoint;
		world->config.region = rows[i].region;
		world->config.bucket = rows[i].bucket;
		world_connect(world);
		assert_string_equal(buf_text(&world->client->origin),
		    rows[i].origin);
		assert_string_equal(buf_text(&world->client->path),
		    rows[i].path);
	}
}

static void
test_bad_configs(void **state)
{
	static const struct {
		struct s3_config config;
		const char *words;
	} rows[] = {
	    {{.provider = S3_PROVIDER_OTHER, .bucket = "b"},
		"the address of the S3 service is missing"},
	    {{.provider = S3_PROVIDER_SPACES, .bucket = "b"},
		"the bucket's region is missing"},
	    {{.region = "a.evil.example/", .bucket = "b"},
		"this is no region's name"},
	    {{.bucket = ""}, "this is no bucket's name"},
	    {{.bucket = "a/b"}, "this is no bucket's name"},
	    {{.bucket = "a@b"}, "this is no bucket's name"},
	    {{.bucket = ".."}, "this is no bucket's name"},
	    {{.bucket = "A", .style = S3_STYLE_HOST},
		"this bucket's name cannot be a part of a host's"},
	    {{.bucket = "b", .endpoint = "ftp://h"},
		"the address of the S3 service is not "
		"https://HOST[:PORT][/PATH]"},
	    {{.bucket = "b", .endpoint = "http://u:p@h"},
		"the address of the S3 service is not "
		"https://HOST[:PORT][/PATH]"},
	    {{.bucket = "b", .endpoint = "http://h/?x"},
		"the address of the S3 service is not "
		"https://HOST[:PORT][/PATH]"},
	    {{.bucket = "b", .key_id = "k"},
		"a key's name and its secret go together"},
	    {{.bucket = "b", .secret = "s"},
		"a key's name and its secret go together"},
	    {{.bucket = "b", .session_token = "t"},
		"a session token goes with a key"},
	    {{.bucket = "b", .key_id = "k\r\nX: y", .secret = "s"},
		"the key is not one of an S3 service"},
	    {{.bucket = "b",
		 .key_id = "k",
		 .secret = "s",
		 .session_token = "a\nb"},
		"the key is not one of an S3 service"},
	    {{.bucket = "b", .policy = {.uses_env_proxy = true}},
		"whom a proxy connects to cannot be restricted here"},
	};
	struct s3_client *client = NULL;
	struct err_note note;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(
		    s3_client_new(&rows[i].config, &client, &note),
		    ERR_INVALID);
		assert_string_equal(note.text, rows[i].words);
		assert_null(client);
	}
}

static void
test_providers(void **state)
{
	enum s3_provider provider;
	unsigned i;

	(void)state;
	for (i = 0; i < S3_PROVIDER_COUNT; i++) {
		assert_int_equal(s3_provider_parse(s3_provider_name(
					     (enum s3_provider)i),
				     &provider),
		    0);
		assert_int_equal(provider, i);
	}
	assert_int_equal(s3_provider_parse("AWS", &provider), ERR_INVALID);
}

/* ---- requests ------------------------------------------------------------ */

/* The bucket is a part of the host's name, and that is what is signed. */
static void
test_host_style(void **state)
{
	struct s3_world *world = *state;
	char endpoint[64], host[64];
	const struct step step = {.target = "/?" LIST,
	    .has = host,
	    .status = "200 OK",
	    .answer = RESULT RESULT_END};

	(void)snprintf(endpoint, sizeof(endpoint), "http://LOCALHOST:%u",
	    world->peer.port);
	(void)snprintf(host, sizeof(host), "\r\nHost: b.localhost:%u\r\n",
	    world->peer.port);
	world->config.endpoint = endpoint;
	world->config.style = S3_STYLE_HOST;
	world_connect(world);
	world_expect(world, &step, 1);
	assert_int_equal(world_list(world, NULL), 0);
	world_check(world);
}

static void
test_keys(void **state)
{
	static const struct step open = {.target = "/b/?" LIST,
	    .hasnt = "uthorization",
	    .status = "200 OK",
	    .answer = RESULT RESULT_END};
	static const struct step token = {.target = "/b/?" LIST,
	    .has = "\r\nx-amz-security-token: TOKEN/+=\r\n",
	    .status = "200 OK",
	    .answer = RESULT RESULT_END};
	struct s3_world *world = *state;

	world->config.session_token = "TOKEN/+=";
	world_connect(world);
	world_expect(world, &token, 1);
	assert_int_equal(world_list(world, NULL), 0);
	world_check(world);
	assert_true(peer_heard(&world->peer,
	    "SignedHeaders=host;x-amz-content-sha256;x-amz-date;"
	    "x-amz-security-token,Signature="));
	assert_false(peer_heard(&world->peer, "secretsecret"));
	world->config.session_token = NULL;
	world->config.key_id = world->config.secret = NULL;
	world_connect(world);
	world_expect(world, &open, 1);
	assert_int_equal(world_list(world, NULL), 0);
	world_check(world);
}

/* Nobody's own network is to be looked into, unless that is allowed. */
static void
test_policy(void **state)
{
	struct s3_world *world = *state;
	struct err_note note;

	world->config.policy.allows_any = false;
	world_connect(world);
	assert_int_equal(world_list(world, &note), ERR_FORBIDDEN);
	assert_int_equal(peer_requests(&world->peer), 0);
	assert_non_null(strstr(note.text, "a loopback address"));
}

/* ---- ends ---------------------------------------------------------------- */

static atomic_bool stop;

static int
stop_now(void *arg, const struct remote_entry *entry)
{
	(void)entry;
	(*(int *)arg)++;
	atomic_store(&stop, true);
	return 0;
}

static int
refuse(void *arg, const struct remote_entry *entry)
{
	(void)entry;
	(*(int *)arg)++;
	return ERR_STORAGE_FULL;
}

static void
test_stop(void **state)
{
	static const struct step step = {.target = "/b/?" LIST,
	    .status = "200 OK",
	    .answer = RESULT OBJECT("a") OBJECT("b") RESULT_END};
	struct s3_world *world = *state;
	int count = 0;

	world_connect(world);
	world_expect(world, &step, 1);
	atomic_store(&stop, false);
	assert_int_equal(
	    s3_list(world->client, &stop, stop_now, &count, NULL),
	    ERR_CANCELLED);
	assert_int_equal(count, 1);
	world_check(world);
	world_expect(world, &step, 1);
	assert_int_equal(
	    s3_list(world->client, NULL, refuse, &count, NULL),
	    ERR_STORAGE_FULL);
	assert_int_equal(count, 2);
	world_check(world);
	/* Before anything is asked. */
	world_expect(world, NULL, 0);
	assert_int_equal(
	    s3_list(world->client, &stop, stop_now, &count, NULL),
	    ERR_CANCELLED);
	world_check(world);
}

static bool
stop_and_refuse(struct peer *peer, int fd, const char *path,
    const char *request)
{
	(void)peer;
	(void)path;
	(void)request;
	atomic_store(&stop, true);
	return peer_answer(fd, "503 Busy", "Retry-After: 60\r\n", "");
}

static int
stop_setup(void **state)
{
	return world_setup_with(state, stop_and_refuse);
}

/* The minute that is to be waited is not. */
static void
test_stop_while_waiting(void **state)
{
	struct s3_world *world = *state;
	int count = 0, err;

	world->config.wait = NULL;
	world_connect(world);
	atomic_store(&stop, false);
	err = s3_list(world->client, &stop, stop_now, &count, NULL);
	assert_int_equal(err, ERR_CANCELLED);
	assert_int_equal(peer_requests(&world->peer), 1);
}

static void
test_memory(void **state)
{
	static const struct step step = {.target = "/b/?" LIST "&prefix=a",
	    .status = "200 OK",
	    .answer = RESULT OBJECT("a") OBJECT("ab") RESULT_END};
	static const char *const patterns[] = {"*"};
	struct s3_world *world = *state;
	struct s3_client *client;
	unsigned long nth;
	int err = ERR_NOMEM;

	world->config.prefix = "a";
	world->config.include = patterns;
	world->config.include_count = 1;
	buf_fini(&world->seen);
	buf_init(&world->seen, MIB);
	assert_int_equal(buf_reserve(&world->seen, 4096), 0);
	for (nth = 1; err < 0; nth++) {
		assert_true(nth < 200);
		world_expect(world, &step, 1);
		client = NULL;
		mem_fail_at(nth);
		err = s3_client_new(&world->config, &client, NULL);
		if (err == 0)
			err = s3_list(client, NULL, world_note_entry, world,
			    NULL);
		mem_fail_at(0);
		if (err < 0)
			assert_int_equal(err, ERR_NOMEM);
		s3_client_free(client);
	}
	world_check(world);
	assert_true(nth > 20);
}

#define TEST(name)                                                            \
	cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pages),
		TEST(test_prefixes),
		TEST(test_patterns),
		TEST(test_trouble),
		cmocka_unit_test_setup_teardown(test_circles, circle_setup,
		    world_teardown),
		TEST(test_same_token),
		TEST(test_refusals),
		TEST(test_pauses),
		TEST(test_region_learned),
		TEST(test_region_told),
		TEST(test_region_moved),
		TEST(test_places),
		cmocka_unit_test(test_bad_configs),
		cmocka_unit_test(test_providers),
		TEST(test_host_style),
		TEST(test_keys),
		TEST(test_policy),
		TEST(test_stop),
		cmocka_unit_test_setup_teardown(test_stop_while_waiting,
		    stop_setup, world_teardown),
		TEST(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
