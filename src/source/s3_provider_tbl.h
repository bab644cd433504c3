/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3_provider_tbl: who keeps buckets, and where each region of theirs is.
 *
 * begin, the region's name and end make the address; OTHER has none: its
 * address is given.  region: the one that is asked for when none is given.
 */
/* clang-format off */
/*          name    text      begin           end                        region */
S3_PROVIDER(AWS,    "aws",    "https://s3.",  ".amazonaws.com",          "us-east-1")
S3_PROVIDER(SPACES, "spaces", "https://",     ".digitaloceanspaces.com", NULL)
S3_PROVIDER(OTHER,  "other",  NULL,           NULL,                      "us-east-1")
/* clang-format on */
#undef S3_PROVIDER
