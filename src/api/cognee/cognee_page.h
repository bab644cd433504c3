/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_page: the page that draws a graph, made of the files in page/.
 *
 * Floor 6, pure.  It is one file that needs nothing else: style, script and
 * data stand in it, so that it can be kept and opened without a server.  What
 * stands in the data is text, never markup: nothing in it can end the element
 * that it stands in, and the policy lets no script run but the page's own,
 * which is known by its hash.  The policy stands in the page as well, for
 * whoever opens it from a disk.
 */
#ifndef API_COGNEE_COGNEE_PAGE_H
#define API_COGNEE_COGNEE_PAGE_H

#include <stddef.h>

struct buf;

#define COGNEE_POLICY_SIZE 320u

/* For the header Content-Security-Policy. */
void cognee_page_policy(char out[COGNEE_POLICY_SIZE]);

/* Append the page around len bytes of JSON (of cognee_write_shown()).
 * ERR_NOMEM, ERR_TOO_BIG. */
int cognee_write_page(struct buf *out, const char *json, size_t len);

/* Of the build: tools/join_page makes them of the files. */
extern const char cognee_page_top[], cognee_page_head[];
extern const char cognee_page_style[], cognee_page_body[];
extern const char cognee_page_script[], cognee_page_end[];

#endif
