# SPDX-License-Identifier: Apache-2.0
"""What all benchmarks share: programs, a running server, the table."""
import http.client
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.path.join(
    ROOT, os.environ.get("TIDEMARK_BUILD", "build")))
BENCH = os.path.join(BUILD, "bench")
CORPUS = os.path.join(BENCH, "corpus")
TIDEMARK = os.path.join(BUILD, "tidemark")
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
TICKS = os.sysconf("SC_CLK_TCK")

# What is set for another server does not belong to these.
for name in list(os.environ):
    if name.startswith("TIDEMARK_"):
        del os.environ[name]


def say(text):
    print(text, file=sys.stderr, flush=True)


def program(name):
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if path is None:
        sys.exit("bench: %s is missing; see tools/install_deps" % name)
    return path


def fresh(name):
    """An empty folder of that name below build/bench."""
    path = os.path.join(BENCH, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def corpus_bytes():
    with os.scandir(CORPUS) as entries:
        return sum(entry.stat().st_size for entry in entries
                   if entry.name.endswith(".txt"))


def cpu_seconds(pid):
    """User and system time of a process so far, its threads included."""
    with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def proc_field(pid, file, name):
    with open("/proc/%d/%s" % (pid, file), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    return 0


def children(pid):
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        try:
            with open("/proc/%d/task/%s/children" % (pid, task),
                      encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
        except OSError:
            pass  # the thread has ended meanwhile
    return found


def stop(process):
    """Ends a process of ours, by its id, and waits for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Server:
    """A tidemark server on a free port with a data folder of its own."""

    def __init__(self, name="data", settings=(), build=BUILD):
        self.data = fresh(name)
        self.log = open(os.path.join(BENCH, name + ".log"), "wb")
        self.process = subprocess.Popen(
            [os.path.join(build, "tidemark"), "serve", "--listen", "127.0.0.1:0",
             "--data", self.data, *settings],
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        self.port = self.wait_ready()
        with open(os.path.join(self.data, "api-key"),
                  encoding="ascii") as file:
            self.key = file.read().strip()
        with open(os.path.join(self.data, "local-token"),
                  encoding="ascii") as file:
            self.token = file.read().strip()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)
        self.used = time.monotonic()

    def wait_ready(self):
        for line in self.process.stderr:
            self.log.write(line)
            if b"listening on http://" in line:
                port = int(line.rsplit(b":", 1)[1])
                # What it says later goes where nobody must read it.
                self.drain = subprocess.Popen(
                    ["cat"], stdin=self.process.stderr, stdout=self.log)
                return port
        sys.exit("bench: the server did not start, see %s" % self.log.name)

    def bytes_of(self, method, path, body=None):
        """The body of a good answer."""
        headers = {"Authorization": "Bearer " + self.key,
                   "X-Tidemark-Local": self.token}
        if body is not None:
            body = json.dumps(body)
            headers["Content-Type"] = "application/json"
        # The server does not keep a connection for one who is silent.
        if time.monotonic() - self.used > 5:
            self.connection.close()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read()
        self.used = time.monotonic()
        if response.status >= 300:
            sys.exit("bench: %s %s: %d %s" % (
                method, path, response.status, text.decode()))
        return text

    def call(self, method, path, body=None):
        return json.loads(self.bytes_of(method, path, body))

    def folder_job(self, base, path):
        """Starts indexing a folder; the job's object."""
        self.call("POST", "/tidemark/v1/bases", {"name": base})
        return self.call(
            "POST", "/tidemark/v1/bases/%s/jobs" % base,
            {"source": {"kind": "folder", "path": path}})["job"]

    def wait_job(self, job):
        """The job's object when it has ended, told by long polls."""
        final = ("completed", "completed_with_failures", "no_changes",
                 "failed", "cancelled")
        while job["state"] not in final:
            job = self.call("GET", "/tidemark/v1/jobs/%s?after=%d&wait=30" % (
                job["id"], job["revision"]))
        return job

    def close(self):
        self.connection.close()
        stop(self.process)
        self.drain.wait()
        self.log.close()


def median(values):
    return statistics.median(values)


def interleaved(contestants, runs):
    """Runs A B C, A B C, ...: what disturbs the machine disturbs all.
    contestants are (name, function giving a number); medians by name."""
    figures = {name: [] for name, _ in contestants}
    for turn in range(runs):
        for name, run in contestants:
            figures[name].append(run())
            say("  run %d of %d: %-28s %s" % (
                turn + 1, runs, name, round(figures[name][-1], 4)))
    return {name: median(values) for name, values in figures.items()}


def table(title, head, rows):
    """Prints rows of texts and numbers under a title."""
    lines = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    print("\n" + title)
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [line[i].rjust(widths[i]) for i in range(1, len(line))]
        print("  " + "  ".join(cells).rstrip())
    sys.stdout.flush()
