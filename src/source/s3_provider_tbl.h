/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3_provider_tbl: who keeps buckets, and where each place of theirs is.
 *
 * begin, the place's name and end make the address; OTHER has none: its
 * address is given.  place: what is put in between, the REGION or the ACCOUNT
 * whose buckets they are.  region: the one that is asked for when none is
 * given.  scheme: of the addresses of documents.
 */
/* clang-format off */
/*          name    text      scheme begin          end                          place    region */
S3_PROVIDER(AWS,    "aws",    "s3",  "https://s3.", ".amazonaws.com",            REGION,  "us-east-1")
S3_PROVIDER(SPACES, "spaces", "s3",  "https://",    ".digitaloceanspaces.com",   REGION,  NULL)
S3_PROVIDER(OTHER,  "other",  "s3",  NULL,          NULL,                        REGION,  "us-east-1")
S3_PROVIDER(R2,     "r2",     "r2",  "https://",    ".r2.cloudflarestorage.com", ACCOUNT, "auto")
/* clang-format on */
#undef S3_PROVIDER
