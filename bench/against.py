# SPDX-License-Identifier: Apache-2.0
"""Indexing by this build and by another, which BENCH_AGAINST names.

Both index the corpus, and BENCH_COPIES (5) copies of it, into empty bases; runs
take turns.  Told are the seconds from the request to the end of the job, the
processor time of the server and its children until then, and until the server
has nothing left to do: what is merged later costs as well.
"""
import os
import shutil
import sys
import time

from common import (BENCH, BUILD, CORPUS, RUNS, Server, children,
                    cpu_seconds, median, say, table)
from copies import make_copies

COPIES = int(os.environ.get("BENCH_COPIES", "5"))
FIGURES = ("seconds", "CPU s", "CPU s, merged")
QUIET = 3  # seconds with less than a hundredth of their processor time


def cpu_of_all(server):
    total = cpu_seconds(server.pid)
    for pid in children(server.pid):
        try:
            total += cpu_seconds(pid)
        except OSError:
            pass  # it has ended: its time is its parent's
    return total


def quieten(server):
    quiet, before = 0, cpu_of_all(server)
    while quiet < QUIET:
        time.sleep(1)
        now = cpu_of_all(server)
        quiet = quiet + 1 if now - before < 0.01 else 0
        before = now
    return before


def index(build, folder, documents):
    """(seconds, CPU seconds, CPU seconds with what comes later)."""
    server = Server("against-data", build=build)
    try:
        begin, idle = time.monotonic(), cpu_of_all(server)
        job = server.wait_job(server.folder_job("corpus", folder))
        taken, used = time.monotonic() - begin, cpu_of_all(server) - idle
        merged = quieten(server) - idle
    finally:
        server.close()
    if job["counts"]["completed"] != documents:
        sys.exit("bench: not all was indexed: %s" % job["counts"])
    return taken, used, merged


def compare(builds, folder, documents):
    runs = {name: [] for name, _ in builds}
    for turn in range(RUNS + 1):
        for name, build in builds:
            figures = index(build, folder, documents)
            say("  run %d of %d: %-6s %s" % (turn, RUNS, name, " ".join(
                "%.2f" % figure for figure in figures)))
            if turn > 0:  # the first one has read the files
                runs[name].append(figures)
    return [[figures[i] for figures in runs[name]] for i in range(3)
            for name, _ in builds]


def rows_of(documents, size, got):
    for i, what in enumerate(FIGURES):
        new, old = got[2 * i], got[2 * i + 1]
        ratio = median([a / b for a, b in zip(new, old)])
        yield (documents, what, "%.2f" % median(new), "%.2f" % median(old),
               "%.3f" % ratio,
               "%.1f" % (size / median(new)) if i == 0 else "")


def run():
    other = os.environ.get("BENCH_AGAINST")
    if other is None:
        sys.exit("bench: BENCH_AGAINST names the folder of another build")
    builds = (("this", BUILD), ("other", os.path.abspath(other)))
    folders = [(2000, CORPUS)]
    if COPIES > 0:
        folders.append((2000 * COPIES, make_copies("against", COPIES)))
    rows, targets = [], []
    for documents, folder in folders:
        size = sum(os.path.getsize(os.path.join(at, name))
                   for at, _, names in os.walk(folder) for name in names)
        got = compare(builds, folder, documents)
        more = list(rows_of(documents, size / 1e6, got))
        rows += more
        targets += [("indexing %d documents, %s" % (documents, row[1]),
                     row[2], row[3], float(row[4]), "<=", 1)
                    for row in more]
    for name in ("against", "against-data"):
        shutil.rmtree(os.path.join(BENCH, name), ignore_errors=True)
    table("Indexing, medians of %d runs; ratios of pairs" % RUNS,
          ("documents", "", "this", "other", "ratio", "MB/s"), rows)
    return targets
