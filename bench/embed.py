# SPDX-License-Identifier: Apache-2.0
"""How fast models in folders turn text into vectors.

A static model of 30,000 tokens and 256 dimensions, made of the corpus' most
frequent words and random numbers, over the corpus itself, on one core.  Then
what `tidemark model check` says of it, and of the folders in BENCH_MODELS.
"""
import json
import os
import re
import shutil
import subprocess

import make_model
from common import BENCH, RUNS, TIDEMARK, fresh, say, table
from copies import corpus_texts

TOKENS, DIMENSIONS = 30000, 256
MODELS = os.environ.get("BENCH_MODELS", "").split()


def static_speed(folder, text):
    done = subprocess.run(
        [os.path.join(BENCH, "embed_bench"), folder, text, str(RUNS)],
        stdout=subprocess.PIPE, check=True)
    return float(re.search(r"([\d.]+) MB/s", done.stdout.decode()).group(1))


def checked(folder):
    """What the program itself says of a model."""
    done = subprocess.run([TIDEMARK, "model", "check", "--json", folder],
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def check_row(name, found):
    return (name, found["kind"], found["dimensions"]) + tuple(
        "%.1f" % found[key] if key in found else "-"
        for key in ("megabytes_per_second",))


def run():
    folder = fresh("model")
    text = os.path.join(folder, "text")
    texts = [piece for _, piece in corpus_texts()]
    with open(text, "wb") as file:
        file.write(b"\n\n".join(texts))
    make_model.write_model(folder, make_model.frequent_words(
        (piece.decode("utf-8", "replace") for piece in texts), TOKENS - 1),
        DIMENSIONS)
    say("embed: one core, best of %d rounds" % RUNS)
    speed = static_speed(folder, text)
    table("Embedding on one core, best of %d rounds" % RUNS,
          ("", "MB of text a second"),
          [("static, %d tokens, %d dimensions" % (TOKENS, DIMENSIONS),
            "%.1f" % speed)])
    table("The same by `tidemark model check`, over words that are made up",
          ("", "kind", "dimensions", "MB/s"),
          [check_row("made here", checked(folder))] +
          [check_row(os.path.basename(path), checked(path))
           for path in MODELS])
    shutil.rmtree(folder)
    return [("static embedding, MB/s on one core", "%.0f MB/s" % speed, "",
             speed, ">", 50)]
