/* SPDX-License-Identifier: Apache-2.0 */
/*
 * s3_fault_tbl: what a refusal of S3's means to us.
 *
 * FAULT: by the code in its body, which is looked for first.  STATUS: by the
 * HTTP status, from the first to the last of a row; the first row that fits
 * counts, and what no row has is an upstream error.
 */
/* clang-format off */
#ifdef FAULT
/*    S3's code                       our error */
FAULT("SlowDown",                     BUSY)
FAULT("ServiceUnavailable",           BUSY)
FAULT("TooManyRequests",              BUSY)
FAULT("RequestLimitExceeded",         BUSY)
FAULT("InternalError",                UPSTREAM)
FAULT("OperationAborted",             UPSTREAM)
FAULT("RequestTimeout",               TIMEOUT)
FAULT("NoSuchBucket",                 NOT_FOUND)
FAULT("NoSuchKey",                    NOT_FOUND)
FAULT("AccessDenied",                 FORBIDDEN)
FAULT("AllAccessDisabled",            FORBIDDEN)
FAULT("ExpiredToken",                 FORBIDDEN)
FAULT("InvalidAccessKeyId",           FORBIDDEN)
FAULT("InvalidObjectState",           FORBIDDEN)
FAULT("InvalidToken",                 FORBIDDEN)
FAULT("RequestTimeTooSkewed",         FORBIDDEN)
FAULT("SignatureDoesNotMatch",        FORBIDDEN)
FAULT("TokenRefreshRequired",         FORBIDDEN)
FAULT("PreconditionFailed",           CONFLICT)
FAULT("NotImplemented",               UNSUPPORTED)
#undef FAULT
#endif
#ifdef STATUS
/*     first last our error */
STATUS(300,  399, INVALID)
STATUS(401,  401, FORBIDDEN)
STATUS(403,  403, FORBIDDEN)
STATUS(404,  404, NOT_FOUND)
STATUS(405,  405, UNSUPPORTED)
STATUS(408,  408, TIMEOUT)
STATUS(412,  412, CONFLICT)
STATUS(425,  425, BUSY)
STATUS(429,  429, BUSY)
STATUS(400,  499, INVALID)
STATUS(501,  501, UNSUPPORTED)
STATUS(503,  503, BUSY)
#undef STATUS
#endif
/* clang-format on */
