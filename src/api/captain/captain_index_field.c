/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the bodies of index requests are made of.  What is needed but has an
 * older name, or can be given in another way, is not marked as needed here:
 * who reads it says so.
 */
#include "api/captain/captain_index.h"
#include "base/limits.h"
#include "engine/import.h"
#include "http/value.h"

#define URI_CHARS_MAX (S3_BUCKET_BYTES_MAX + S3_KEY_BYTES_MAX + 8)
#define WORD_CHARS_MAX 255

static const char *const processing_words[] = {"basic", "advanced", "auto",
    NULL};
static const char *const jurisdiction_words[] = {"default", "eu", "fedramp",
    "us", NULL};
static const char *const mode_words[] = {"transcript", "audio", "video",
    NULL};
static const char *const missing_words[] = {"fail", "audio", "video", NULL};

/* clang-format off */
#define TEXT(field_name, low, high)                                           \
	{.name = (field_name), .type = CAPTAIN_TEXT, .min = (low), .max = (high)}
#define NEEDED(field_name, low, high)                                         \
	{.name = (field_name), .type = CAPTAIN_TEXT, .is_required = true,     \
	    .min = (low), .max = (high)}
#define WORD(field_name, list)                                                \
	{.name = (field_name), .type = CAPTAIN_TEXT, .words = (list)}
#define TYPE(field_name, field_type)                                          \
	{.name = (field_name), .type = (field_type)}
#define URLS(most)                                                            \
	TEXT("url", 1, WEB_URL_BYTES_MAX),                                    \
	{.name = "urls", .type = CAPTAIN_TEXTS, .min = 1, .max = (most)}
#define FILE_URI NEEDED("file_uri", 1, URI_CHARS_MAX)
#define DIRECTORY NEEDED("directory_path", 0, URI_CHARS_MAX)
#define BUCKET NEEDED("bucket_name", 1, S3_BUCKET_BYTES_MAX)
#define SECRET(field_name) NEEDED(field_name, 1, S3_SECRET_BYTES_MAX)
#define END {.name = NULL}

static const struct captain_field common[] = {
	WORD("processing_type", processing_words),
	{.name = "max_files", .type = CAPTAIN_INT, .min = 1, .max = HTTP_VALUE_EXACT},
	TYPE("skip_existing", CAPTAIN_BOOL),
	TYPE("overwrite_existing", CAPTAIN_BOOL),
	TYPE("custom_metadata", CAPTAIN_OBJECT),
	TYPE("mask_pii", CAPTAIN_BOOL),
	TEXT("transcription_language", 0, WORD_CHARS_MAX),
	TYPE("parsing_script", CAPTAIN_TEXT),
	END,
};

static const struct captain_field fields_none[] = {END};
static const struct captain_field secrets_none[] = {END};
static const struct captain_field fields_file[] = {END};

static const struct captain_field fields_text[] = {
	{.name = "content", .type = CAPTAIN_TEXT, .is_required = true},
	TEXT("filename", 1, UPLOAD_NAME_BYTES_MAX),
	END,
};
static const struct captain_field fields_url[] = {URLS(LINKS_MAX), END};
static const struct captain_field fields_youtube[] = {
	URLS(CAPTAIN_VIDEOS_MAX),
	WORD("mode", mode_words),
	WORD("on_missing_transcript", missing_words),
	TYPE("languages", CAPTAIN_TEXTS),
	END,
};

#define S3_FIELDS                                                             \
	BUCKET, TEXT("bucket_region", 1, S3_REGION_BYTES_MAX)
static const struct captain_field fields_s3[] = {S3_FIELDS, END};
static const struct captain_field fields_s3_file[] = {S3_FIELDS, FILE_URI, END};
static const struct captain_field fields_s3_directory[] = {S3_FIELDS,
	DIRECTORY, END};
static const struct captain_field secrets_s3[] = {
	TEXT("aws_access_key_id", 1, S3_SECRET_BYTES_MAX),
	TEXT("aws_secret_access_key", 1, S3_SECRET_BYTES_MAX),
	TYPE("auth", CAPTAIN_OBJECT),
	END,
};

#define R2_FIELDS                                                             \
	BUCKET, NEEDED("account_id", 1, WORD_CHARS_MAX),                      \
	WORD("jurisdiction", jurisdiction_words)
static const struct captain_field fields_r2[] = {R2_FIELDS, END};
static const struct captain_field fields_r2_file[] = {R2_FIELDS, FILE_URI, END};
static const struct captain_field fields_r2_directory[] = {R2_FIELDS,
	DIRECTORY, END};
static const struct captain_field secrets_r2[] = {
	SECRET("access_key_id"), SECRET("secret_access_key"), END,
};

static const struct captain_field fields_gcs[] = {BUCKET, END};
static const struct captain_field fields_gcs_file[] = {BUCKET, FILE_URI, END};
static const struct captain_field fields_gcs_directory[] = {BUCKET, DIRECTORY,
	END};
static const struct captain_field secrets_gcs[] = {
	NEEDED("service_account_json", 1, SEAL_BYTES_MAX), END,
};

#define AZURE_FIELDS                                                          \
	NEEDED("container_name", 1, WORD_CHARS_MAX),                          \
	NEEDED("account_name", 1, WORD_CHARS_MAX)
static const struct captain_field fields_azure[] = {AZURE_FIELDS, END};
static const struct captain_field fields_azure_file[] = {AZURE_FIELDS,
	FILE_URI, END};
static const struct captain_field fields_azure_directory[] = {AZURE_FIELDS,
	DIRECTORY, END};
static const struct captain_field secrets_azure[] = {SECRET("account_key"),
	END};
/* clang-format on */

static const struct {
	const struct captain_field *fields, *secrets;
} kinds[CAPTAIN_INDEX_COUNT] = {
#define CAPTAIN_INDEX(name, path, job_type, start, own, open, flags)          \
	[CAPTAIN_INDEX_##name] = {.fields = fields_##own,                     \
	    .secrets = secrets_##open},
#include "api/captain/captain_index_tbl.h"
};

const struct captain_field *
captain_index_common(void)
{
	return common;
}

const struct captain_field *
captain_index_fields(enum captain_index_kind kind)
{
	return kinds[kind].fields;
}

const struct captain_field *
captain_index_secrets(enum captain_index_kind kind)
{
	return kinds[kind].secrets;
}
