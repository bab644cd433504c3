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
#define QUERY_BASES_MAX 16u /* that one query goes over */
/* Segments that one query looks at for its operators, and their texts. */
#define QUERY_LOOKS_MAX 50000u
#define QUERY_LOOK_BYTES_MAX (256 * MIB)
#define HTTP_PIPES_MAX 64u  /* answers that wait for other services */
#define HTTP_SOCKETS_MAX 128u /* WebSockets at once */
#define HTTP_SOCKET_TEXT_BYTES_MAX (4 * MIB) /* of one text on one */

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
#define VECTOR_MEMORY_DEFAULT (1 * GIB) /* for those that are in memory */
#define VECTOR_MEMORY_MAX (1024 * GIB)

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
/* Of a service that the operator named. */
#define NET_KEY_BYTES_MAX 4096u
#define NET_MODEL_BYTES_MAX 256u

/* Buckets that documents come from. */
#define S3_BUCKET_BYTES_MAX 255u
#define S3_REGION_BYTES_MAX 63u
#define S3_ACCOUNT_BYTES_MAX 63u  /* whose buckets, a part of a host's name */
#define S3_JURISDICTION_BYTES_MAX 16u
#define S3_KEY_BYTES_MAX 1024u	  /* of an object, as S3 has it */
#define S3_SECRET_BYTES_MAX 4096u /* of a key id, a secret, a token */
#define S3_PAGE_OBJECTS 1000u	  /* what is asked for at once */
#define S3_PAGE_BYTES_MAX (16 * MIB)
#define S3_PAGES_MAX 100000u /* of one listing */
#define S3_XML_DEPTH_MAX 8u
#define S3_XML_TEXT_BYTES_MAX (16 * KIB) /* of one element */
#define S3_TOKEN_BYTES_MAX 2048u /* that a listing goes on with */
#define S3_REASON_BYTES_MAX (64 * KIB) /* of the body of a refusal */
#define S3_TRIES_MAX 5u	   /* of one request that gets nowhere */
#define S3_RESUMES_MAX 100u /* of one download that gets on */
#define S3_PROGRESS_BYTES (1 * MIB) /* of new bytes is getting on */
#define S3_BACKOFF_MS 200u /* at first; twice as long each time */
#define S3_BACKOFF_MS_MAX 20000u
#define S3_RETRY_AFTER_SECONDS_MAX 60u /* longer is the caller's to wait */
#define S3_SLOWEST_BYTES_PER_SECOND (16 * KIB) /* of a download */
#define REMOTE_TAG_BYTES_MAX 127u /* of what tells contents apart */

/* Secrets at rest. */
#define SEAL_BYTES_MAX (64 * KIB)

/* Pages of the web. */
#define WEB_PAGES_MAX 5500u	 /* of one crawl */
#define WEB_URL_BYTES_MAX 2048u	 /* longer ones are left out */
#define WEB_SEGMENTS_MAX 64u	 /* of a path; deeper is a trap */
#define WEB_REPEATS_MAX 4u	 /* of one name in a path; more is a trap */
#define WEB_VARIANTS_MAX 1000u	 /* queries of one path */
#define WEB_DEPTH_MAX 200u	 /* links from the first page */
#define WEB_HOSTS_MAX 256u	 /* of one crawl */
#define WEB_REDIRECTS_MAX 10u	 /* on the way to one page */
#define WEB_QUEUE_FACTOR 20u	 /* addresses known to pages allowed */
#define WEB_QUEUE_BYTES_MAX (64 * MIB)
#define WEB_LINK_MS 600000u /* for one document that was named */
#define WEB_HTML_BYTES_MAX (16 * MIB) /* of a page with links in it */
#define WEB_LINKS_MAX 20000u	 /* of one page */
#define WEB_TAGS_MAX 64u	 /* that are left out of pages */
#define WEB_TAG_BYTES_MAX 32u	 /* of one of their names */
#define WEB_ROBOTS_BYTES_MAX (500 * KIB)
#define WEB_ROBOTS_REDIRECTS_MAX 5u
#define WEB_DELAY_MS_MAX 30000u	 /* what Crawl-delay is taken for */
#define WEB_RETRY_MS_MAX 60000u	 /* what is waited for after Retry-After */
#define WEB_ATTEMPTS_MAX 3u	 /* to fetch one page */
#define WEB_FAILURES_MAX 10u	 /* in a row; then the host is given up */
#define WEB_SITEMAPS_MAX 1000u	 /* files of one crawl */
#define WEB_SITEMAP_DEPTH_MAX 3u /* an index of indices of pages */
#define WEB_SITEMAP_BYTES_MAX (50 * MIB) /* of one, unpacked */
#define WEB_SITEMAP_URLS_MAX 50000u	 /* of one */

/* A service that puts passages in order. */
#define RERANK_DOCUMENTS_MAX 100u /* of one question */
#define RERANK_TEXT_BYTES_MAX (8 * KIB) /* that is shown of each */
#define RERANK_BODY_BYTES_MAX (6 * MIB)
#define RERANK_ANSWER_BYTES_MAX (4 * MIB)
#define RERANK_TIMEOUT_MS 20000u

/* A service that turns texts into vectors. */
#define EMBED_TEXTS 32u /* in one request: some services take no more */
#define EMBED_TEXTS_MAX 256u
#define EMBED_TOKENS 16384u /* in one request, estimated */
#define EMBED_TOKENS_MAX 1000000u
#define EMBED_TOKEN_BYTES 3u /* English has 4 for each, others fewer */
#define EMBED_CONCURRENCY 4u
#define EMBED_CONCURRENCY_MAX 64u
#define EMBED_AWAITED_MAX 16u /* requests that somebody waits for, at once */
#define EMBED_BODY_BYTES_MAX (64 * MIB)
#define EMBED_NUMBER_BYTES_MAX 32u /* of an answer, with what is around it */
#define EMBED_TIMEOUT_MS 60000u
#define EMBED_AWAITED_MS 3000u /* of an answer that somebody waits for */
#define EMBED_PAUSE_SECONDS_MAX 60 /* after failures... */
#define EMBED_AWAITED_PAUSE_US_MAX 5000000 /* ...for who waits */
#define EMBED_RETRY_SECONDS_MAX 3600u /* what Retry-After is taken for */

/* Webhooks: where accounts are told of jobs that ended. */
#define WEBHOOKS_MAX 20u /* of an account */
#define WEBHOOK_URL_BYTES_MAX 2048u
#define WEBHOOK_BASES_MAX 100u /* that one is told of, when not of all */
#define WEBHOOK_BODY_BYTES_MAX (32 * KIB) /* of what is sent */
#define WEBHOOK_ANSWER_BYTES_MAX (64 * KIB) /* read of an answer */
#define WEBHOOK_CONNECT_MS 5000u
#define WEBHOOK_TOTAL_MS 15000u
#define WEBHOOK_STALL_MS 10000u
#define EVENT_KEPT_DAYS 30u

/* Users, their sessions and keys. */
#define EMAIL_BYTES_MAX 254u
#define PASSWORD_BYTES_MIN 8u
#define PASSWORD_BYTES_MAX 200u
#define USERS_MAX 100000u
#define USER_KEYS_MAX 10u /* that one makes for programs */
#define SESSION_SECONDS 3600
#define KEY_SESSION_SECONDS (7 * 24 * 3600) /* one that a key began */
#define SESSIONS_ENDED_MAX 100000u /* whose tokens are not expired yet */
#define JWT_BYTES_MAX (2 * KIB)
#define GROUPS_OWNED_MAX 1000u /* tenants and roles of one account */
#define GROUPS_OF_USER_MAX 256u /* that one is in: each is looked at */
#define GROUP_USERS_MAX 10000u
#define BASE_GRANTS_MAX 1000u /* users and groups that have one's rights */
#define PRINCIPAL_GRANTS_MAX 10000u /* bases that one has rights on */
#define GRANT_BASES_MAX 1000u /* in one request for that */
#define LOGIN_BODY_BYTES_MAX (64 * KIB)
#define PASSWORDS_AT_ONCE 2u /* that are hashed; 64 MiB each */
#define PASSWORDS_WAITING 4u /* for those; more are told to come again */

/* What clients keep of conversations, and what was asked. */
#define MEMOS_MAX 10000u /* of an account; then the oldest go */
#define MEMOS_LOOKED_MAX 1000u /* the newest, of one search in them */
#define MEMO_SESSION_BYTES_MAX 255u
#define MEMO_KIND_BYTES_MAX 64u
#define MEMO_TEXT_BYTES_MAX (64 * KIB)
#define MEMO_BODY_BYTES_MAX (256 * KIB)
#define ASKED_MAX 1000u /* questions and answers of an account, likewise */
#define ASKED_BYTES_MAX (4 * KIB)

/* A chat model, and the pairs of question and answer that it makes. */
#define CHAT_PROMPT_BYTES_MAX (1 * MIB)
#define CHAT_ANSWER_BYTES_MAX (4 * MIB) /* as JSON */
#define CHAT_TIMEOUT_MS 120000u
#define CHAT_LINE_BYTES_MAX (256 * KIB) /* of a streamed answer */
#define QA_PAIRS_MAX 100u /* of one text */
#define QA_TEXT_BYTES_MAX (64 * KIB)
#define QA_LANGUAGE_BYTES_MAX 64u
#define QA_QUESTION_BYTES_MAX (4 * KIB)
#define QA_ANSWER_BYTES_MAX SEGMENT_BYTES_MAX

#endif
