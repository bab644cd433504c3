/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page is: top, <meta> with the policy, head, <style>, body, <script> with
 * the data, <script>, end.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "api/cognee/cognee_page.h"
#include "base/buf.h"
#include "sys/sha256.h"

/* 32 bytes are 44 characters and a zero. */
#define HASH_TEXT_SIZE 45u

static void
hash_format(const char *text, char out[HASH_TEXT_SIZE])
{
	uint8_t hash[SHA256_SIZE];

	sha256_of(text, strlen(text), hash);
	(void)EVP_EncodeBlock((unsigned char *)out, hash, SHA256_SIZE);
}

/* What may stand in a <meta>, too. */
static void
policy_format(char out[COGNEE_POLICY_SIZE])
{
	char script[HASH_TEXT_SIZE], style[HASH_TEXT_SIZE];

	hash_format(cognee_page_script, script);
	hash_format(cognee_page_style, style);
	(void)snprintf(out, COGNEE_POLICY_SIZE,
	    "default-src 'none'; script-src 'sha256-%s'; "
	    "style-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
	    script, style);
}

void
cognee_page_policy(char out[COGNEE_POLICY_SIZE])
{
	size_t len;

	policy_format(out);
	len = strlen(out);
	/* Of a graph that strangers' texts made: an origin of its own, from
	 * which nothing of this server can be asked for. */
	(void)snprintf(out + len, COGNEE_POLICY_SIZE - len,
	    "; frame-ancestors 'none'; sandbox allow-scripts");
}

/*
 * In JSON these characters stand in strings alone, where \u does as well.  A
 * "<" could end the element or begin a comment in it; U+2028 and U+2029 end a
 * line in older scripts.
 */
static void
put_inert(struct buf *out, const char *json, size_t len)
{
	size_t from = 0, at;
	const char *as;
	size_t width;

	for (at = 0; at < len; at += width) {
		as = NULL;
		width = 1;
		if (json[at] == '<')
			as = "\\u003c";
		else if (json[at] == '>')
			as = "\\u003e";
		else if (json[at] == '&')
			as = "\\u0026";
		else if (len - at >= 3 && memcmp(json + at, "\xE2\x80", 2)
		    == 0 && ((unsigned char)json[at + 2] & 0xFE) == 0xA8) {
			as = (unsigned char)json[at + 2] == 0xA8
			    ? "\\u2028" : "\\u2029";
			width = 3;
		}
		if (as == NULL)
			continue;
		(void)buf_put(out, json + from, at - from);
		(void)buf_puts(out, as);
		from = at + width;
	}
	(void)buf_put(out, json + from, len - from);
}

int
cognee_write_page(struct buf *out, const char *json, size_t len)
{
	char policy[COGNEE_POLICY_SIZE];

	policy_format(policy);
	(void)buf_puts(out, cognee_page_top);
	(void)buf_printf(out,
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n",
	    policy);
	(void)buf_puts(out, cognee_page_head);
	(void)buf_puts(out, "<style>");
	(void)buf_puts(out, cognee_page_style);
	(void)buf_puts(out, "</style>\n");
	(void)buf_puts(out, cognee_page_body);
	(void)buf_puts(out, "<script id=\"data\" type=\"application/json\">");
	put_inert(out, json, len);
	(void)buf_puts(out, "</script>\n<script>");
	(void)buf_puts(out, cognee_page_script);
	(void)buf_puts(out, "</script>\n");
	return buf_puts(out, cognee_page_end);
}
