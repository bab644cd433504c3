# SPDX-License-Identifier: Apache-2.0
"""What a query costs over 10^4 to 10^6 segments, by search_bench.

As a table, and as build/bench/cost-curve.svg, of which docs/guide has a copy.
Each size is a store of its own; the largest needs 3 GB while it is there.
"""
import os
import re
import shutil
import subprocess

import make_model
import plot
from common import BENCH, BUILD, fresh, say, table

SIZES = tuple(int(size) for size in os.environ.get(
    "BENCH_CURVE", "10000 30000 100000 300000 1000000").split())
QUERIES = int(os.environ.get("BENCH_QUERIES", "1000"))
WORDS, DIMENSIONS = 30000, 384  # as search_bench has them
WAYS = ("words", "vectors", "hybrid")
ROWS = tuple("%s %s" % (way, what) for way in WAYS
             for what in ("p50", "p99", "CPU"))
PLOT = os.path.join(BENCH, "cost-curve.svg")
P99_MS, MEMORY_MB = 10, 1000


def measure(model, segments):
    say("curve: %d segments" % segments)
    folder = fresh("curve")
    done = subprocess.run(
        [os.path.join(BENCH, "search_bench"),
         os.path.join(BUILD, "tidemark-extract"), model, folder,
         str(segments), str(QUERIES)], stdout=subprocess.PIPE, check=True)
    shutil.rmtree(folder)
    return {name: float(value) for name, value in re.findall(
        r"^(.+?) ([\d.]+) \w+$", done.stdout.decode(), re.M)}


def draw(got):
    lines = [("%s, %s" % (way, what), colour, what == "p99",
              [(size, figures["%s %s" % (way, what)])
               for size, figures in zip(SIZES, got)])
             for colour, way in enumerate(WAYS) for what in ("p50", "p99")]
    with open(PLOT, "w", encoding="utf-8") as file:
        file.write(plot.Plot(
            "Time of a query for the best 10", "segments of 384 dimensions",
            "milliseconds", lines, (P99_MS, "target of hybrid, p99")).svg())


def run():
    model = fresh("curve-model")
    make_model.write_static(model, make_model.made_words(WORDS), DIMENSIONS)
    got = [measure(model, size) for size in SIZES]
    shutil.rmtree(model)
    table("A query for the best 10, ms, %d queries each" % QUERIES,
          ("",) + tuple("{:,}".format(size) for size in SIZES),
          [(name,) + tuple("%.2f" % figures[name] for figures in got)
           for name in ROWS])
    table("What it needs",
          ("",) + tuple("{:,}".format(size) for size in SIZES),
          [(words,) + tuple("%.1f" % figures[name] for figures in got)
           for words, name in (
               ("memory for vectors, MB", "memory"),
               ("first query after a start, ms", "first"),
               ("filled, s", "filled in"), ("merged, s", "merged in"))])
    draw(got)
    say("curve: %s" % PLOT)
    p99, memory = got[-1]["hybrid p99"], got[-1]["memory"]
    over = "{:,} segments".format(SIZES[-1])
    return [("hybrid query p99 over " + over, "%.1f ms" % p99, "", p99, "<",
             P99_MS),
            ("memory for their vectors", "%.0f MB" % memory, "", memory, "<",
             MEMORY_MB)]
