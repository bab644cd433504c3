/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digitalocean_report: rows of a job's report, as CSV.  Floor 6, pure.
 */
#ifndef API_DIGITALOCEAN_DIGITALOCEAN_REPORT_H
#define API_DIGITALOCEAN_DIGITALOCEAN_REPORT_H

#include <stdint.h>

struct buf;
struct item_row;

void do_csv_head(struct buf *out);
/* source_uuid and source_name: "" when it came from none. */
void do_csv_item(struct buf *out, const struct item_row *row,
    const char *source_uuid, const char *source_name, uint64_t characters);

#endif
