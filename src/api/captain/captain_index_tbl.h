/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captain_index_tbl: what can be indexed, each kind by a route of its own.
 *
 * CAPTAIN_INDEX(name, path, job_type, start, fields, secrets, flags):
 * path: after ".../index/".  job_type: of its jobs.  start: makes the job
 * (captain_index.h).  fields, secrets: the lists of what its body has beside
 * what all bodies have (captain_index_field.c).  flags: of the route, beside
 * its method.
 *
 * CAPTAIN_ABSENT(name, words): of those that cannot be read from here, what to
 * do instead.  The job fails with that sentence.
 */
/* clang-format off */
#ifdef CAPTAIN_INDEX
/*            name           path               job_type                 start   fields       secrets  flags */
CAPTAIN_INDEX(TEXT,          "text",            "index_text",            text,   text,        none,    0)
CAPTAIN_INDEX(FILE,          "file",            "index_file",            file,   file,        none,    HTTP_UPLOAD)
CAPTAIN_INDEX(URL,           "url",             "index_url",             url,    url,         none,    0)
CAPTAIN_INDEX(S3,            "s3",              "index_s3",              s3,     s3,          s3,      0)
CAPTAIN_INDEX(S3_FILE,       "s3/file",         "index_s3_file",         s3,     s3_file,     s3,      0)
CAPTAIN_INDEX(S3_DIRECTORY,  "s3/directory",    "index_s3_directory",    s3,     s3_directory, s3,     0)
CAPTAIN_INDEX(R2,            "r2",              "index_r2",              r2,     r2,          r2,      0)
CAPTAIN_INDEX(R2_FILE,       "r2/file",         "index_r2_file",         r2,     r2_file,     r2,      0)
CAPTAIN_INDEX(R2_DIRECTORY,  "r2/directory",    "index_r2_directory",    r2,     r2_directory, r2,     0)
CAPTAIN_INDEX(GCS,           "gcs",             "index_gcs",             absent, gcs,         gcs,     0)
CAPTAIN_INDEX(GCS_FILE,      "gcs/file",        "index_gcs_file",        absent, gcs_file,    gcs,     0)
CAPTAIN_INDEX(GCS_DIRECTORY, "gcs/directory",   "index_gcs_directory",   absent, gcs_directory, gcs,   0)
CAPTAIN_INDEX(AZURE,         "azure",           "index_azure",           absent, azure,       azure,   0)
CAPTAIN_INDEX(AZURE_FILE,    "azure/file",      "index_azure_file",      absent, azure_file,  azure,   0)
CAPTAIN_INDEX(AZURE_DIRECTORY, "azure/directory", "index_azure_directory", absent, azure_directory, azure, 0)
CAPTAIN_INDEX(YOUTUBE,       "youtube",         "index_youtube",         absent, youtube,     none,    0)
CAPTAIN_INDEX(DROPBOX,       "dropbox",         "index_dropbox",         absent, none,        none,    0)
CAPTAIN_INDEX(SUPABASE,      "supabase",        "index_supabase",        absent, none,        none,    0)
CAPTAIN_INDEX(BACKBLAZE,     "backblaze",       "index_backblaze",       absent, none,        none,    0)
CAPTAIN_INDEX(SHAREPOINT,    "sharepoint",      "index_sharepoint",      absent, none,        none,    0)
CAPTAIN_INDEX(ONEDRIVE,      "onedrive",        "index_onedrive",        absent, none,        none,    0)
CAPTAIN_INDEX(GDRIVE,        "gdrive",          "index_gdrive",          absent, none,        none,    0)
#undef CAPTAIN_INDEX
#endif

#ifdef CAPTAIN_ABSENT
#define COPY(place) place " cannot be read from here: put the files into an S3 bucket for index/s3, or send them with index/file"
/*             name             words */
CAPTAIN_ABSENT(GCS,             COPY("Google Cloud Storage"))
CAPTAIN_ABSENT(GCS_FILE,        COPY("Google Cloud Storage"))
CAPTAIN_ABSENT(GCS_DIRECTORY,   COPY("Google Cloud Storage"))
CAPTAIN_ABSENT(AZURE,           COPY("Azure Blob Storage"))
CAPTAIN_ABSENT(AZURE_FILE,      COPY("Azure Blob Storage"))
CAPTAIN_ABSENT(AZURE_DIRECTORY, COPY("Azure Blob Storage"))
CAPTAIN_ABSENT(YOUTUBE,         "YouTube cannot be read from here: send a transcript with index/text")
CAPTAIN_ABSENT(DROPBOX,         COPY("Dropbox"))
CAPTAIN_ABSENT(SUPABASE,        COPY("Supabase"))
CAPTAIN_ABSENT(BACKBLAZE,       COPY("Backblaze"))
CAPTAIN_ABSENT(SHAREPOINT,      COPY("SharePoint"))
CAPTAIN_ABSENT(ONEDRIVE,        COPY("OneDrive"))
CAPTAIN_ABSENT(GDRIVE,          COPY("Google Drive"))
#undef COPY
#undef CAPTAIN_ABSENT
#endif
/* clang-format on */
