# SPDX-License-Identifier: Apache-2.0
"""Creating documents: how many small texts are taken a second, one in each
request, each durable when it is answered; and status pages meanwhile."""
import os
import shutil
import subprocess
import time

from common import BENCH, RUNS, Server, fresh, median, say, table

DOCUMENTS = 2000
MANY = 20000  # with the pages
CONNECTIONS = 16
POLLERS, RATE = 200, 5  # a thousand pages a second


def client(*words):
    done = subprocess.run(
        [os.path.join(BENCH, "create_client"), *map(str, words)],
        stdout=subprocess.PIPE, check=True)
    return [int(word) for word in done.stdout.split()]


def native_base(server, name):
    server.call("POST", "/tidemark/v1/bases", {"name": name})
    return "/tidemark/v1/bases/%s/documents" % name


def dify_base(server, name):
    dataset = server.call("POST", "/v1/datasets", {
        "name": name, "indexing_technique": "high_quality"})
    return "/v1/datasets/%s/document/create-by-text" % dataset["id"]


FORMS = {"native": native_base, "dify": dify_base}


def indexed(server, name, count):
    """Seconds until all of them have ended."""
    begin = time.monotonic()
    while True:
        live = [line for line in server.bytes_of("GET", "/metrics").decode()
                .splitlines() if line.startswith("tidemark_jobs_live")]
        if live and live[0].split()[1] == "0":
            return time.monotonic() - begin
        time.sleep(0.02)


def post(server, form, name, count, pollers):
    """Documents a second, the posts' figures, the pages' figures, seconds
    until the last one was found."""
    path = FORMS[form](server, name)
    figures = client("post", server.port, server.key, path, form, count,
                     CONNECTIONS, pollers, RATE)
    rest = indexed(server, name, count)
    if figures[3] != count or figures[4] or figures[10]:
        raise SystemExit("bench: not all was answered: %s" % figures)
    return count / (figures[5] / 1e9), figures[:5], figures[6:], rest


def insert(group):
    folder = fresh("create-insert")
    spent = client("insert", os.path.join(folder, "a.db"), DOCUMENTS, group)
    shutil.rmtree(folder, ignore_errors=True)
    return DOCUMENTS / (spent[0] / 1e9)


def alone(server):
    contestants = [
        ("native", lambda turn: post(server, "native", "n%d" % turn,
                                     DOCUMENTS, 0)[0]),
        ("dify", lambda turn: post(server, "dify", "d%d" % turn, DOCUMENTS,
                                   0)[0]),
        ("INSERT, a commit each", lambda turn: insert(1)),
        ("INSERT, %d in a commit" % CONNECTIONS,
         lambda turn: insert(CONNECTIONS))]
    rates = {name: [] for name, _ in contestants}
    for turn in range(RUNS):
        for name, run in contestants:
            rates[name].append(run(turn))
            say("  run %d of %d: %-24s %.0f a second" % (
                turn + 1, RUNS, name, rates[name][-1]))
    middles = {name: median(values) for name, values in rates.items()}
    floor = middles["INSERT, a commit each"]
    table("Creating documents: %d texts by %d connections, median of %d runs"
          % (DOCUMENTS, CONNECTIONS, RUNS),
          ("", "a second", "to one commit each"),
          [(name, "%.0f" % rate, "%.2f" % (rate / floor))
           for name, rate in middles.items()])
    return [("documents created a second, %s" % name, "%.0f" % middles[name],
             "%.0f" % floor, middles[name], ">=", 1500)
            for name in FORMS]


def polled(server):
    rows, summary = [], []
    for form in FORMS:
        rounds = []
        for turn in range(RUNS):
            rounds.append(post(server, form, "p-%s%d" % (form, turn), MANY,
                               POLLERS))
            say("  run %d of %d: %-8s %.0f a second, page p99 %.1f ms" % (
                turn + 1, RUNS, form, rounds[-1][0],
                rounds[-1][2][1] / 1e3))
        rate = median([one[0] for one in rounds])
        posts = [median(values) / 1e3 for values in zip(
            *(one[1] for one in rounds))]
        pages = [median(values) / 1e3 for values in zip(
            *(one[2] for one in rounds))]
        rest = median([one[3] for one in rounds])
        rows.append((form, "%.0f" % rate, "%.1f" % posts[0],
                     "%.1f" % posts[1], "%.0f" % (pages[3] * 1e3),
                     "%.2f" % pages[0], "%.1f" % pages[1],
                     "%.1f" % pages[2], "%.2f" % rest))
        summary.append(("%s page, %d pollers while documents are created, "
                        "p99" % (form, POLLERS), "%.2f ms" % pages[1], None,
                        pages[1], "<", 20))
    table("The same with status pages: %d texts; %d pollers ask %d times a "
          "second for the last 1,000 jobs (ms)" % (MANY, POLLERS, RATE),
          ("", "a second", "post p50", "p99", "pages", "page p50", "p99",
           "max", "s until all are found"), rows)
    return summary


def run():
    server = Server("create-data")
    try:
        say("creating documents")
        return alone(server) + polled(server)
    finally:
        server.close()
        shutil.rmtree(server.data, ignore_errors=True)
