# SPDX-License-Identifier: Apache-2.0
"""Cleaning, chunking, tagging and embedding on one core, by text_bench over
the corpus as one text."""
import os
import re
import subprocess

from common import BENCH, RUNS, say, table
from copies import corpus_texts


def run():
    say("text: one core, best of %d rounds" % RUNS)
    path = os.path.join(BENCH, "all.txt")
    with open(path, "wb") as file:
        for _, text in corpus_texts():
            file.write(text + b"\n\n")
    done = subprocess.run([os.path.join(BENCH, "text_bench"), path,
                           str(RUNS)], stdout=subprocess.PIPE, check=True)
    os.unlink(path)
    rows = re.findall(r"^(.+?) +([\d.]+) MB/s +([\d.]+) ns/byte$",
                      done.stdout.decode(), re.M)
    table("One core, best of %d rounds" % RUNS,
          ("", "MB/s", "ns/byte"), rows)
    speed = {name: float(mb) for name, mb, _ in rows}["clean + chunk"]
    return [("cleaning and chunking, MB/s on one core", "%.0f MB/s" % speed,
             "", speed, ">=", 150)]
