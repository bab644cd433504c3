/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits: every maximum has a name, and its home is here.
 *
 * Floor 0.  Reaching one is ERR_TOO_BIG (or the item code that fits), never
 * silent truncation.  Sizes in bytes unless the name says otherwise.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define KIB 1024ULL
#define MIB (1024ULL * 1024)
#define GIB (1024ULL * 1024 * 1024)

/* Names and words. */
#define NAME_BYTES_MAX 255u	   /* of a base, a file, a label */
#define UPLOAD_NAME_BYTES_MAX 1000u /* a path as the client has it */
#define URI_BYTES_MAX 4096u	   /* of a document's address */
#define DESCRIPTION_BYTES_MAX 4000u
#define METADATA_BYTES_MAX (64 * KIB) /* of one document, as JSON */

/* Requests. */
#define HTTP_CONNECTIONS_MAX 1024u
#define HTTP_HEADER_BYTES_MAX (16 * KIB)
#define HTTP_JSON_BYTES_MAX (16 * MIB) /* of a request's JSON body */
#define HTTP_JSON_DEPTH_MAX 64u
#define HTTP_WAIT_SECONDS_MAX 60u /* of a long poll */
#define UPLOAD_BYTES_MAX (4 * GIB)	/* of one request */
#define UPLOAD_FILES_MAX 10000u	/* in one request */
#define PAGE_LIMIT_DEFAULT 50u
#define PAGE_LIMIT_MAX 1000u
#define QUERY_BYTES_MAX (32 * KIB)
#define QUERY_LIMIT_MAX 1000u

/* Documents and what is made of them. */
#define FILE_BYTES_MAX (4 * GIB)
#define TEXT_BYTES_MAX (4 * GIB)    /* extracted from one document */
#define BLOCK_BYTES_MAX (256 * KIB) /* longer blocks are cut in pieces */
/* Documents inside of documents: members of archives, attachments. */
#define MEMBERS_MAX 100000u	     /* below one outermost document */
#define MEMBERS_BYTES_MAX (16 * GIB) /* of all of them */
#define MEMBER_DEPTH_MAX 5u	     /* an archive in an archive is 2 deep */
#define UNPACK_RATIO_MAX 200u /* what a file unpacks to, to its own bytes */
#define UNPACK_FREE_BYTES (256 * MIB) /* up to here any ratio is fine */
#define UNPACK_BYTES_MAX (16 * GIB)
#define XML_DEPTH_MAX 1024u /* libxml2 limits it only for trees */
#define SECTION_DEPTH_MAX 6u
#define SECTION_BYTES_MAX 1024u /* of a whole section path */
#define SEGMENTS_MAX 16000000u	/* of one document */
#define SEGMENT_BYTES_MAX (16 * KIB)
#define WHOLE_BYTES_MAX (4 * MIB) /* of a document that is one segment */
#define PLAIN_BYTES_MAX (64 * MIB) /* of a text that is cut as plain text */
#define CHILDREN_MAX 32768u	/* of one segment */
#define ANSWER_BYTES_MAX (64 * KIB)
#define KEYPHRASES_MAX 10u
#define SUMMARY_BYTES_MAX 500u
#define DIMENSIONS_MAX 4096u

/* The engine. */
#define JOBS_LIVE_MAX 65536u
#define WORKERS_MAX 64u
#define ATTEMPTS_MAX 5u	     /* of one item after transient errors */
#define INTERRUPTIONS_MAX 20u /* times a dying server may take it along */
#define FOLDER_DEPTH_MAX 128u
#define FOLDER_PATHS_MAX 10000u
#define PATTERNS_MAX 1000u

/* Requests that the server makes of others. */
#define NET_URL_BYTES_MAX 8192u
#define NET_HOSTS_MAX 256u   /* names that a policy lets through */
#define NET_HEADERS_MAX 32u  /* of one request */
#define NET_WANTED_MAX 16u   /* headers of an answer that are kept */
#define NET_HEADER_BYTES_MAX (8 * KIB) /* of one of them */
#define NET_HEAD_BYTES_MAX (64 * KIB)  /* of an answer before its body */
#define NET_BODY_BYTES_MAX (16 * MIB)  /* the default, as the next three */
#define NET_CONNECT_MS 10000u
#define NET_TOTAL_MS 60000u
#define NET_STALL_MS 30000u
#define NET_RETRY_SECONDS_MAX 86400u /* what Retry-After is taken for */

/* A chat model, and the pairs of question and answer that it makes. */
#define CHAT_KEY_BYTES_MAX 4096u
#define CHAT_MODEL_BYTES_MAX 256u
#define CHAT_PROMPT_BYTES_MAX (1 * MIB)
#define CHAT_ANSWER_BYTES_MAX (4 * MIB) /* as JSON */
#define CHAT_TIMEOUT_MS 120000u
#define QA_PAIRS_MAX 100u /* of one text */
#define QA_TEXT_BYTES_MAX (64 * KIB)
#define QA_LANGUAGE_BYTES_MAX 64u
#define QA_QUESTION_BYTES_MAX (4 * KIB)
#define QA_ANSWER_BYTES_MAX SEGMENT_BYTES_MAX

#endif
