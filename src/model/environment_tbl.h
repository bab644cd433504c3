/* SPDX-License-Identifier: Apache-2.0 */
/*
 * environment_tbl: the environments of an organization.  The text is stored:
 * it is never changed.
 */
/* clang-format off */
/*          name         text */
ENVIRONMENT(PRODUCTION,  "production")
ENVIRONMENT(STAGING,     "staging")
ENVIRONMENT(DEVELOPMENT, "development")
/* clang-format on */
#undef ENVIRONMENT
