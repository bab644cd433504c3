# SPDX-License-Identifier: Apache-2.0
"""Full text against Xapian: the ten best, by processor time.

Both have the same documents and the same queries, all words of which are
looked for, stem English by the same algorithm, and score by BM25 with the same
k1 and b.  Each is one process with its index in warm memory and one thread;
rounds over all queries take turns.  What a query costs is the median of its
rounds.
"""
import os
import shutil
import subprocess

from common import BENCH, RUNS, fresh, median, say, table
from index_corpus import made_collections, real_collections

SIZES = tuple(int(size) for size in os.environ.get(
    "BENCH_INDEX", "5000 100000").split())
PROGRAMS = ("index_bench", "xapian_bench")
WARM = 2  # rounds that do not count


class Contestant:
    def __init__(self, name, collection):
        self.folder = fresh(name + "-data")
        self.process = subprocess.Popen(
            [os.path.join(BENCH, name), self.folder, collection.documents,
             collection.queries],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        words = self.answer().split()
        if len(words) != 3 or int(words[1]) != collection.count:
            raise SystemExit("bench: %s: %s" % (name, words))
        self.seconds = float(words[2])
        self.rounds = []

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("bench: a program has ended")
        return line.decode("ascii")

    def ask(self, what):
        self.process.stdin.write(what + b"\n")
        self.process.stdin.flush()
        return self.answer().split()

    def round(self, counts):
        times = [float(word) for word in self.ask(b"round")]
        if counts:
            self.rounds.append(times)

    def times(self):
        """Of each query, the median of its rounds."""
        return [median(times) for times in zip(*self.rounds)]

    def hits(self):
        return [set(word.split(",")) for word in self.ask(b"hits")]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        shutil.rmtree(self.folder)


def share_same(ours, theirs):
    """How many of the hits of the one are hits of the other."""
    same = sum(len(a & b) for a, b in zip(ours, theirs))
    return same / max(1, sum(len(b) for b in theirs))


def spread(times):
    ordered = sorted(times)
    return (sum(ordered) / len(ordered), ordered[len(ordered) // 2],
            ordered[len(ordered) * 99 // 100])


def compare(collection):
    say("index: %s documents" % collection.name)
    pair = [Contestant(name, collection) for name in PROGRAMS]
    for turn in range(WARM + 2 * RUNS):
        for one in pair:
            one.round(turn >= WARM)
    times = [one.times() for one in pair]
    hits = [one.hits() for one in pair]
    built = [one.seconds for one in pair]
    for one in pair:
        one.close()
    rows, at = [], 0
    for kind, count in collection.kinds:
        part = slice(at, at + count)
        at += count
        ours, theirs = (spread(one[part]) for one in times)
        rows.append((collection, kind, count, ours, theirs,
                     share_same(hits[0][part], hits[1][part])))
    return rows, (collection, built)


def row_text(row):
    collection, kind, count, ours, theirs, same = row
    return ((collection.name, kind, count) +
            tuple("%.0f / %.0f" % pair for pair in zip(ours, theirs)) +
            ("%.2f" % (ours[0] / theirs[0]), "%.2f" % same))


def collections(folder):
    yield from made_collections(folder, SIZES)
    yield from real_collections(folder)


def run():
    folder = fresh("index")
    rows, builds = [], []
    for collection in collections(folder):
        more, build = compare(collection)
        rows += more
        builds.append(build)
    shutil.rmtree(folder)
    table("Documents for the ten best", ("", "documents", "words each",
                                         "times a text is used"),
          [(one.name, one.count, "%.0f" % (one.words / one.count),
            "%.2f" % getattr(one, "passes", 1)) for one, _ in builds])
    table("The ten best, us of processor time, tidemark / Xapian, median of "
          "%d rounds" % (2 * RUNS),
          ("", "queries", "", "mean", "p50", "p99", "ratio", "same hits"),
          [row_text(row) for row in rows])
    table("Making it, s of processor time", ("", "tidemark", "Xapian"),
          [(one.name, "%.1f" % built[0], "%.1f" % built[1])
           for one, built in builds])
    return [("top 10 of %s, %s" % (one.name, kind), "%.0f us" % ours[0],
             "%.0f us" % theirs[0], ours[0] / theirs[0], "<=", 1)
            for one, kind, _, ours, theirs, _ in rows
            if one.name.isdigit()]
