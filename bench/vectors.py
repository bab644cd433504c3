# SPDX-License-Identifier: Apache-2.0
"""The nearest of 10^4, 10^5 and 10^6 segments of 384 dimensions, in memory and
through the store, by vectors_bench."""
import os
import re
import shutil
import subprocess

from common import BENCH, fresh, say, table

SIZES = (10000, 100000, 1000000)
NAMES = ("first", "memory", "vectors p50", "vectors p99", "hybrid p50",
         "hybrid p99", "vectors CPU p50", "vectors CPU p99", "scan CPU")


def measure(segments):
    folder = fresh("vectors")
    done = subprocess.run(
        [os.path.join(BENCH, "vectors_bench"), folder, str(segments)],
        stdout=subprocess.PIPE, check=True)
    shutil.rmtree(folder)
    return dict(re.findall(r"^(.+) ([\d.]+) (?:ms|MB)$",
                           done.stdout.decode(), re.M))


def run():
    say("vectors: %s segments" % ", ".join(str(n) for n in SIZES))
    got = [measure(n) for n in SIZES]
    table("The best 100 of so many segments, ms (memory: MB)",
          ("",) + tuple(str(n) for n in SIZES),
          [(name,) + tuple(g[name] for g in got) for name in NAMES])
    last = got[-1]
    p99, memory = float(last["hybrid p99"]), float(last["memory"])
    return [("hybrid query p99 over 10^6 segments", "%.1f ms" % p99, "", p99,
             "<=", 10),
            ("memory for their vectors", "%.0f MB" % memory, "", memory, "<=",
             1000)]
