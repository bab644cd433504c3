# SPDX-License-Identifier: Apache-2.0
"""The whole pipeline, from files to found documents that survive a crash.

Everybody indexes the same folder into an empty index.  Tidemark by the server
is timed from the request to the answer that says the job has ended; the
others, and Tidemark without a server, from the start of the program to its
end.
"""
import os
import shutil
import subprocess
import sys
import time

from common import (BENCH, CORPUS, RUNS, TIDEMARK, Server, corpus_bytes,
                    fresh, interleaved, program, say, table)

DOCUMENTS = 2000
TARGETS = (("omindex", 5), ("recollindex", 5), ("bare FTS5 insert", 0.4))


def timed(command, **more):
    begin = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **more)
    taken = time.monotonic() - begin
    if done.returncode != 0:
        sys.exit("bench: %s failed:\n%s" % (
            command[0], done.stdout.decode("utf-8", "replace")[-2000:]))
    return taken, done.stdout.decode("utf-8", "replace")


def by_server(settings=()):
    server = Server("serve-data", settings)
    try:
        begin = time.monotonic()
        job = server.wait_job(server.folder_job("corpus", CORPUS))
        taken = time.monotonic() - begin
    finally:
        server.close()
    if job["counts"]["completed"] != DOCUMENTS:
        sys.exit("bench: not all was indexed: %s" % job["counts"])
    return taken


def in_process():
    data = fresh("index-data")
    return timed([TIDEMARK, "index", "--data", data, "--base", "corpus",
                  CORPUS])[0]


def omindex():
    database = os.path.join(fresh("omindex"), "db")
    taken, text = timed([program("omindex"), "--verbose", "--db", database,
                         "--url", "/", CORPUS])
    if text.count(" added") < DOCUMENTS:
        say("  omindex added only %d documents" % text.count(" added"))
    return taken


def recollindex():
    config = fresh("recoll")
    with open(os.path.join(config, "recoll.conf"), "w",
              encoding="utf-8") as file:
        file.write("topdirs = %s\nskippedPaths =\nskippedNames =\n"
                   "noaspell = 1\nloglevel = 2\n" % CORPUS)
    # A home of its own: nothing of the user's is read or written.
    return timed([program("recollindex"), "-c", config],
                 env=dict(os.environ, HOME=config, RECOLL_CONFDIR=config))[0]


def fts5():
    folder = fresh("fts5")
    return timed([os.path.join(BENCH, "fts5_bench"),
                  os.path.join(folder, "db"), CORPUS])[0]


def run():
    size = corpus_bytes() / 1e6
    say("pipeline: %d documents, %.1f MB" % (DOCUMENTS, size))
    taken = interleaved([
        ("tidemark serve", by_server),
        ("tidemark index --data", in_process),
        ("omindex", omindex),
        ("recollindex", recollindex),
        ("bare FTS5 insert", fts5),
    ], RUNS)
    ours = taken["tidemark serve"]
    table("Whole pipeline, %d documents, %.1f MB, median of %d runs" % (
        DOCUMENTS, size, RUNS),
          ("", "seconds", "MB/s", "serve is times"),
          [(name, "%.2f" % one, "%.2f" % (size / one), "%.2f" % (one / ours))
           for name, one in taken.items()])
    for name in ("serve-data", "index-data", "omindex", "recoll", "fts5"):
        shutil.rmtree(os.path.join(BENCH, name), ignore_errors=True)
    return [("pipeline against " + name, "%.1f MB/s" % (size / ours),
             "%.2f MB/s" % (size / taken[name]), taken[name] / ours, ">=",
             least) for name, least in TARGETS]
