/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native_view: the model's things as the native API writes them.
 *
 * Floor 6, pure: struct in, JSON out.  Field names and their order are those
 * of docs/api/native.md.
 */
#ifndef API_NATIVE_NATIVE_VIEW_H
#define API_NATIVE_NATIVE_VIEW_H

#include <stdbool.h>

struct api_key;
struct audit_totals;
struct base;
struct buf;
struct child;
struct difference;
struct document;
struct item_row;
struct job;
struct job_pace;
struct jsonw;
struct result;
struct segment;
struct uuid;

/* job: that changes its model now; NULL: it is not told of. */
void native_view_base(struct jsonw *w, const struct base *base,
    const struct job *job);

/* pace may be NULL: nothing is known. */
void native_view_job(struct jsonw *w, const struct job *job,
    const struct job_pace *pace);

void native_view_item(struct jsonw *w, const struct item_row *row);

/* What a document's own row does not say of it. */
struct native_document_more {
	bool has_members;
	bool shows_item; /* in full, where there is one */
	const struct item_row *item; /* its newest; NULL: none, or not asked */
};
void native_view_document(struct jsonw *w, const struct document *document,
    const struct native_document_more *more);

/* Without its end, jsonw_object_end(): more may follow. */
void native_view_segment(struct jsonw *w, const struct uuid *document,
    const struct segment *segment);
void native_view_child(struct jsonw *w, const struct uuid *segment,
    const struct child *child);

void native_view_key(struct jsonw *w, const struct api_key *key);
void native_view_result(struct jsonw *w, const struct result *result);
void native_view_totals(struct jsonw *w, const struct audit_totals *totals);
void native_view_difference(struct jsonw *w,
    const struct difference *difference);

/* The report's first line, and an item's. */
void native_view_csv_head(struct buf *out);
void native_view_csv_item(struct buf *out, const struct item_row *row);

#endif
