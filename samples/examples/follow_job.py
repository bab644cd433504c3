#!/usr/bin/env python3
"""Follow the newest Tidemark job with long polls, and name what failed.

Needs nothing but Python's standard library.  The server is taken from
TIDEMARK_URL and the key from TIDEMARK_API_KEY.
"""

import json
import os
import sys
import urllib.error
import urllib.request

URL = os.environ.get("TIDEMARK_URL", "http://127.0.0.1:8420")
KEY = os.environ.get("TIDEMARK_API_KEY", "")
FINAL = {"completed", "completed_with_failures", "no_changes", "failed",
         "cancelled"}


def get(path):
    """One GET request; returns the parsed answer."""
    request = urllib.request.Request(
        URL + "/tidemark/v1" + path,
        headers={"Authorization": "Bearer " + KEY})
    with urllib.request.urlopen(request, timeout=90) as answer:
        return json.load(answer)


def follow(job):
    """Wait for each change of the job until it ends."""
    while True:
        counts = job["counts"]
        print("%-24s %5.1f %%  %d of %d completed, %d failed" % (
            job["state"], job["percent"], counts["completed"],
            counts["total"], counts["failed"]))
        if job["state"] in FINAL:
            return job
        # The server answers as soon as the job is newer than what we have,
        # and after 30 seconds at the latest.
        job = get("/jobs/%s?after=%d&wait=30" % (job["id"], job["revision"]))


def print_failures(job):
    """Page through the failed items."""
    cursor = ""
    while cursor is not None:
        page = get("/jobs/%s/items?state=failed%s" % (
            job["id"], "&cursor=" + cursor if cursor else ""))
        for item in page["items"]:
            error = item["error"]
            print("%s: %s (%s): %s" % (
                item["name"], error["code"], error["stage"],
                error["message"]))
        cursor = page["next_cursor"]


def main():
    try:
        jobs = get("/jobs?limit=1")["jobs"]
    except urllib.error.URLError as error:
        sys.exit("cannot reach %s: %s" % (URL, error))
    if not jobs:
        sys.exit("there are no jobs yet")
    job = follow(jobs[0])
    print_failures(job)
    sys.exit(0 if job["counts"]["failed"] == 0 else 1)


if __name__ == "__main__":
    main()
