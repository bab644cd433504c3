/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cognee_permissions: what the routes below /api/v1/permissions share.
 *
 * Floor 6.  What is told: who owns a dataset or may share it is told what there
 * is of it.  A dataset that the caller may not share, and one that is not
 * there, get the same answer; so do a tenant or role that the caller is not in
 * and one that is not there.  That there is a user of some id is told: nobody
 * can share with somebody without it, and ids cannot be guessed.
 */
#ifndef API_COGNEE_COGNEE_PERMISSIONS_H
#define API_COGNEE_COGNEE_PERMISSIONS_H

#include "store/store_grant.h"

struct http_reply;
struct http_request;
struct uuid;

/* {"detail":"message [name]"} with that status; returns 0, as handlers do. */
int cognee_api_error(struct http_reply *reply, int status,
    const char *message, const char *name);

/* The 404s for what is not there as far as the caller sees. */
int cognee_no_user(struct http_reply *reply);
int cognee_no_role(struct http_reply *reply);
int cognee_no_tenant(struct http_reply *reply, const struct uuid *tenant);
/* The same by kind. */
int cognee_no_group(struct http_reply *reply, enum group_kind kind,
    const struct uuid *uuid);
/* 403: it is not the caller's to manage. */
int cognee_not_manager(struct http_reply *reply);

/* A query parameter that is required: a UUID, and a text.  0; 1 when the reply
 * is written (400). */
int cognee_need_uuid(struct http_request *request, struct http_reply *reply,
    const char *name, struct uuid *ret_uuid);
int cognee_need_text(struct http_request *request, struct http_reply *reply,
    const char *name, const char **ret_text);
/* The right of the query parameter permission_name, read when it is absent
 * and otherwise is not 0.  0; 1 when the reply is written (400, 403). */
int cognee_need_right(struct http_request *request, struct http_reply *reply,
    unsigned otherwise, unsigned *ret_right);
/* "read" */
const char *cognee_right_name(unsigned right);

#endif
