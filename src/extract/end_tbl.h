/* SPDX-License-Identifier: Apache-2.0 */
/*
 * end_tbl: why a child of an extractor was ended, so that the next document
 * needs another.
 */
/*  reason     meaning */
END(CRASH,     "crash")	    /* it died, or broke the protocol */
END(TIMEOUT,   "timeout")   /* it took too long, or too much processor */
END(MEMORY,    "memory")    /* it needed more than it may have */
END(LIMIT,     "limit")	    /* its document gives too much */
END(CANCELLED, "cancelled") /* nobody wants its document any more */
END(ROUTINE,   "routine")   /* after many documents, or to have other limits */
#undef END
