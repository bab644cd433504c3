# SPDX-License-Identifier: Apache-2.0
"""Memory of the server while it indexes 1 GB of text, as 130,000 files and
as one: the most that was resident (VmHWM), of the server and of the largest
extractor."""
import os
import shutil
import sys
import threading
import time

from common import Server, children, proc_field, say, table
from copies import make_copies, make_one_file

COPIES = 65  # of 2,000 documents of 8 KB: 1 GB
ONE_FILE_BYTES = 10 ** 9


def extractor_peak(pid):
    """Kilobytes; 0 while the child is still a copy of the server."""
    with open("/proc/%d/comm" % pid, encoding="utf-8") as file:
        if file.read().strip() != "tidemark-extrac":
            return 0
    return proc_field(pid, "status", "VmHWM")


class Watch:
    """Looks at the server's children until told to stop: extractors are
    replaced now and then, so their peaks must be seen while they live."""

    def __init__(self, pid):
        self.pid = pid
        self.child_kb = 0
        self.most_children = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.wait(0.1):
            found = children(self.pid)
            self.most_children = max(self.most_children, len(found))
            for child in found:
                try:
                    peak = extractor_peak(child)
                except OSError:
                    continue  # it has ended meanwhile
                self.child_kb = max(self.child_kb, peak)

    def stop(self):
        self.over.set()
        self.thread.join()


def folder_bytes(path):
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            total += os.path.getsize(os.path.join(folder, name))
    return total


def measure(what, folder):
    size = folder_bytes(folder)
    server = Server("memory-data")
    watch = Watch(server.pid)
    try:
        say("memory: indexing %s" % what)
        empty = proc_field(server.pid, "status", "VmRSS")
        begin = time.monotonic()
        job = server.wait_job(server.folder_job("memory", folder))
        taken = time.monotonic() - begin
        peak = proc_field(server.pid, "status", "VmHWM")
        after = proc_field(server.pid, "status", "VmRSS")
        written = proc_field(server.pid, "io", "write_bytes")
        stored = folder_bytes(server.data)
    finally:
        watch.stop()
        server.close()
        shutil.rmtree(server.data, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    counts = job["counts"]
    if counts["completed"] != counts["total"]:
        sys.exit("bench: not all was indexed: %s" % counts)
    return (what, "%.0f" % (size / 1e6), "%.0f" % taken,
            "%.1f" % (size / taken / 1e6), "%.0f" % (empty / 1e3),
            "%.0f" % (peak / 1e3), "%.0f" % (after / 1e3),
            "%d of %.0f" % (watch.most_children, watch.child_kb / 1e3),
            "%.1f" % (written / 1e9), "%.1f" % (stored / 1e9), peak / 1e3)


def run():
    rows = [measure("130,000 files", make_copies("many-memory", COPIES)),
            measure("one file", make_one_file("one-memory",
                                              ONE_FILE_BYTES))]
    table("Memory while indexing 1 GB of text, in MB resident",
          ("", "MB", "seconds", "MB/s", "server at rest", "server's peak",
           "at the end", "extractors, largest", "GB written", "GB stored"),
          [row[:-1] for row in rows])
    return [("memory, 1 GB as " + row[0], row[5] + " MB", "", row[-1], "<",
             200) for row in rows]
