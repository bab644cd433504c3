# SPDX-License-Identifier: Apache-2.0
"""Static models of random numbers: as large as real ones, and as fast.

A folder gets model.safetensors (a row of float32 for each token) and
tokenizer.json (WordPiece).  The rows of frequent words are short, as they are
in real models, so that a text's vector is that of what it is about.
"""
import array
import json
import os
import random
import re
import struct

CONSONANTS = "bcdfghklmnprstvz"
VOWELS = "aeio"


def made_word(number):
    """The word of a number, as search_bench has it."""
    word = ""
    while True:
        word += CONSONANTS[number & 15] + VOWELS[number >> 4 & 3]
        number >>= 6
        if number == 0:
            return word


def made_words(count):
    return [made_word(number) for number in range(count)]


def frequent_words(texts, count):
    """Letters, their continuations and the most frequent words of texts."""
    counts = {}
    for text in texts:
        for word in re.findall(r"[a-z]+", text.lower()):
            counts[word] = counts.get(word, 0) + 1
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,-_()/'\"<>[]|="
    tokens = [letter for letter in letters]
    tokens += ["##" + letter for letter in letters]
    known = set(tokens)
    tokens += [word for word in sorted(counts, key=lambda w: (-counts[w], w))
               if word not in known]
    return tokens[:count]


def write_table(path, rows, dimensions):
    size = rows * dimensions * 4
    header = json.dumps({"embeddings": {
        "dtype": "F32", "shape": [rows, dimensions],
        "data_offsets": [0, size]}})
    header = header.ljust(-(-len(header) // 8) * 8).encode()
    chance = random.Random(20261122)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for row in range(rows):
            # By its rank, as in "A Simple but Tough-to-Beat Baseline for
            # Sentence Embeddings" (Arora et al., 2017).
            scale = 1e-3 / (1e-3 + 0.1 / (row + 1))
            values = [scale * (number - 127.5) / 127.5
                      for number in range(256)]
            array.array("f", map(values.__getitem__, chance.randbytes(
                dimensions))).tofile(file)


def write_model(folder, words, dimensions):
    """words: the most frequent first."""
    tokens = words + ["[UNK]"]
    os.makedirs(folder, exist_ok=True)
    write_table(os.path.join(folder, "model.safetensors"), len(tokens),
                dimensions)
    with open(os.path.join(folder, "tokenizer.json"), "w",
              encoding="utf-8") as file:
        json.dump({
            "version": "1.0", "added_tokens": [],
            "normalizer": {"type": "BertNormalizer", "lowercase": True},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": None,
            "model": {"type": "WordPiece", "unk_token": "[UNK]",
                      "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100,
                      "vocab": {word: number
                                for number, word in enumerate(tokens)}}},
                  file)
