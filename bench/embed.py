# SPDX-License-Identifier: Apache-2.0
"""How fast models in folders turn text into vectors.

A static model of 30,000 tokens and 256 dimensions, made of the corpus' most
frequent words and random numbers, over the corpus itself, on one core.  Then
what `tidemark model check` says of an encoder of random numbers, of the shape
of MiniLM with six layers, and of the folders in BENCH_MODELS.
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


def check_rows(name, found):
    """Of a static model one, of an encoder one for each kind of number."""
    if found["kind"] == "static":
        return [(name, found["dimensions"], found["numbers"],
                 "%.1f" % found["megabytes_per_second"], "-", "-", "-")]
    return [(name, found["dimensions"], numbers, "-",
             "%.0f" % found[numbers]["tokens_per_second"],
             "%.1f" % found[numbers]["gflops"],
             "%.2f" % (found[numbers]["gflops"] /
                       found[numbers]["matrix_gflops"]))
            for numbers in ("float32", "int8")]


def static_run():
    """MB of the corpus a second."""
    folder = fresh("model")
    text = os.path.join(folder, "text")
    texts = [piece for _, piece in corpus_texts()]
    with open(text, "wb") as file:
        file.write(b"\n\n".join(texts))
    make_model.write_static(folder, make_model.frequent_words(
        (piece.decode("utf-8", "replace") for piece in texts), TOKENS - 1),
        DIMENSIONS)
    say("embed: one core, best of %d rounds" % RUNS)
    speed = static_speed(folder, text)
    shutil.rmtree(folder)
    return speed


def run():
    speed = static_run()
    folder = fresh("model")
    make_model.write_encoder(folder, make_model.made_words(TOKENS))
    rows = check_rows("encoder made here", checked(folder))
    shutil.rmtree(folder)
    for path in MODELS:
        rows += check_rows(os.path.basename(path), checked(path))
    table("Embedding the corpus on one core, best of %d rounds" % RUNS,
          ("", "MB/s"),
          [("static, %d tokens, %d dimensions" % (TOKENS, DIMENSIONS),
            "%.1f" % speed)])
    table("Models by `tidemark model check`, over words that are made up",
          ("", "dimensions", "numbers", "MB/s", "tokens/s", "Gop/s",
           "of a matrix product's"), rows)
    return [("static embedding, MB/s on one core", "%.0f MB/s" % speed, "",
             speed, ">=", 50)]
