# SPDX-License-Identifier: Apache-2.0
"""Status pages: CPU of the server per request, idle, beside nginx returning
the very same bytes; and how long answers take while the server indexes."""
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

from common import (BENCH, CORPUS, RUNS, Server, children, cpu_seconds, fresh,
                    interleaved, median, program, say, stop, table)
from copies import make_copies

SECONDS = 2
COPIES = 10  # of the corpus, for the job that runs while pages are asked
RETURN_BYTES_MAX = 3900  # nginx takes no longer word in its settings
PAGES = (("native", "self"), ("Dify", "dify"),
         ("DigitalOcean", "digitalocean"), ("Captain", "captain"),
         ("Cognee", "cognee"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """Two workers that answer each path with given bytes from memory: a
    `return` where the bytes fit in one, else a file in tmpfs that stays open.
    """

    def __init__(self, pages):
        self.folder = fresh("nginx")
        # Shared memory is tmpfs; elsewhere the page cache does as well.
        self.files = os.path.join(
            "/dev/shm" if os.path.isdir("/dev/shm") else self.folder,
            "tidemark-bench-%d" % os.getpid())
        os.makedirs(self.files)
        self.port = free_port()
        places = [self.place(number, body)
                  for number, body in enumerate(pages)]
        settings = os.path.join(self.folder, "nginx.conf")
        with open(settings, "wb") as file:
            file.write(self.settings(b"".join(places)))
        self.process = subprocess.Popen(
            [program("nginx"), "-p", self.folder, "-c", settings,
             "-e", os.path.join(self.folder, "error.log")])
        for _ in range(100):
            if len(children(self.process.pid)) == 2:
                break
            time.sleep(0.05)
        self.pids = children(self.process.pid)
        if len(self.pids) != 2:
            self.close()
            sys.exit("bench: nginx did not start")

    def settings(self, places):
        return b"""daemon off; master_process on; worker_processes 2;
pid %s/nginx.pid;
events { worker_connections 256; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_requests 100000000; default_type application/json;
  open_file_cache max=100; open_file_cache_valid 1h;
  types { }
  client_body_temp_path %s/t; proxy_temp_path %s/t; fastcgi_temp_path %s/t;
  uwsgi_temp_path %s/t; scgi_temp_path %s/t;
  geo $dollar { default "$"; }
  server {
    listen 127.0.0.1:%d;
%s  }
}
""" % ((self.folder.encode(),) * 6 + (self.port, places))

    def place(self, number, body):
        if len(body) > RETURN_BYTES_MAX:
            with open(os.path.join(self.files, str(number)), "wb") as file:
                file.write(body)
            return b"    location = /%d { root %s; }\n" % (
                number, self.files.encode())
        text = body.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
        text = text.replace(b"$", b"${dollar}")
        return b"    location = /%d { return 200 '%s'; }\n" % (number, text)

    def cpu(self):
        return sum(cpu_seconds(pid) for pid in self.pids)

    def close(self):
        stop(self.process)
        shutil.rmtree(self.files, ignore_errors=True)


def load(port, path, key):
    """How many requests are answered when they come without a pause."""
    done = subprocess.run(
        [program("wrk"), "-t1", "-c16", "-d%ds" % SECONDS,
         "-H", "Authorization: Bearer " + key,
         "http://127.0.0.1:%d%s" % (port, path)],
        stdout=subprocess.PIPE, check=True)
    text = done.stdout.decode()
    if "Non-2xx" in text or "Socket errors" in text:
        sys.exit("bench: not all was answered:\n" + text)
    return int(re.search(r"(\d+) requests in", text).group(1))


def small_job(server):
    server.call("POST", "/tidemark/v1/bases", {"name": "small"})
    job = server.call("POST", "/tidemark/v1/bases/small/documents", {
        "documents": [{"name": "tides.txt",
                       "text": "Spring tides come twice in a month."}]})
    return server.wait_job(job["job"])


def get(server, path):
    return server.bytes_of("GET", path)


def idle(server, large, small):
    rows = []
    for name, link in PAGES:
        for job, what in ((small, "1 document"), (large, "2,000")):
            path = job["links"][link]
            rows.append((name, what, path, get(server, path)))
    nginx = Nginx([row[3] for row in rows])
    try:
        shown = [idle_row(server, nginx, number, row)
                 for number, row in enumerate(rows)]
    finally:
        nginx.close()
    table("Status pages, idle: CPU of the server per request in "
          "microseconds, median of %d runs of %d s" % (RUNS, SECONDS),
          ("", "job", "bytes", "tidemark", "nginx", "ratio"),
          [(name, what, size, "%.1f" % mine, "%.1f%s" % (
              other, "" if size <= RETURN_BYTES_MAX else " (file)"),
            "%.2f" % (mine / other))
           for name, what, size, mine, other in shown])
    return [("%s page, idle, job of %s" % (name, what), "%.1f us" % mine,
             "%.1f us" % other, mine / other, "<=", 1.25)
            for name, what, size, mine, other in shown]


def idle_row(server, nginx, number, row):
    name, what, path, body = row
    if get_nginx(nginx, number) != body:
        sys.exit("bench: nginx returns other bytes for " + path)

    def ours():
        begin = cpu_seconds(server.pid)
        requests = load(server.port, path, server.key)
        return (cpu_seconds(server.pid) - begin) / requests * 1e6

    def theirs():
        begin = nginx.cpu()
        requests = load(nginx.port, "/%d" % number, server.key)
        return (nginx.cpu() - begin) / requests * 1e6

    cpu = interleaved([("%s, %s" % (name, what), ours),
                       ("nginx", theirs)], RUNS)
    mine, other = list(cpu.values())
    return name, what, len(body), mine, other


def get_nginx(nginx, number):
    with urllib.request.urlopen("http://127.0.0.1:%d/%d" % (
            nginx.port, number)) as response:
        return response.read()


def asked_pages(server, nginx, job, large, small):
    """(name, job, port, requests a second, path) of what is asked."""
    rows = [(name, "%d,000" % (2 * COPIES), server.port, 50,
             job["links"][link]) for name, link in PAGES if name != "Dify"]
    rows.insert(1, ("Dify", "1 document", server.port, 50,
                    small["links"]["dify"]))
    rows.append(("Dify", "2,000", server.port, 2, large["links"]["dify"]))
    rows.append(("nginx", "", nginx.port, 50, "/0"))
    return rows


def busy_round(server, nginx, folder, turn, large, small):
    """What is asked, and for each: requests, median, 99 of 100, slowest
    (microseconds), answers that were not 200."""
    job = server.folder_job("many-%d" % turn, folder)
    rows = asked_pages(server, nginx, job, large, small)
    command = [os.path.join(BENCH, "rate_client"), server.key]
    for _, _, port, rate, path in rows:
        command += [str(port), str(rate), path]
    client = subprocess.Popen(command, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    try:
        server.wait_job(job)
        text = client.communicate()[0].decode()
    finally:
        stop(client)
    figures = [[int(n) for n in line.split()] for line in text.splitlines()]
    if len(figures) != len(rows) or any(figure[4] for figure in figures):
        sys.exit("bench: not every page was answered:\n" + text)
    say("  run %d of %d: p99 in ms: %s" % (turn + 1, RUNS, ", ".join(
        "%s %.1f" % (row[0], figure[2] / 1e3)
        for row, figure in zip(rows, figures))))
    return rows, figures


def busy(server, large, small):
    """Latency of answers while a large job runs at full speed.  What nginx
    needs beside it is what the machine itself adds."""
    folder = make_copies("many-status", COPIES)
    nginx = Nginx([get(server, large["links"]["self"])])
    try:
        rounds = [busy_round(server, nginx, folder, turn, large, small)
                  for turn in range(RUNS)]
    finally:
        nginx.close()
        shutil.rmtree(folder, ignore_errors=True)
    rows = rounds[0][0]
    shown, summary = [], []
    for number, (name, what, _, rate, _) in enumerate(rows):
        count, middle, late, worst, _ = [
            median(values) for values in zip(
                *(figures[number] for _, figures in rounds))]
        shown.append((name, what, rate, "%.0f" % count,
                      "%.2f" % (middle / 1e3), "%.2f" % (late / 1e3),
                      "%.2f" % (worst / 1e3)))
        summary.append((name, what, late / 1e3))
    table("Status pages while indexing: milliseconds from when a request "
          "was due, median of %d runs" % RUNS,
          ("", "job", "per second", "requests", "p50", "p99", "max"), shown)
    peer = summary.pop()[2]
    return [("%s page, indexing, job of %s, p99" % (name, what),
             "%.2f ms" % late, "%.2f ms" % peer, late, "<", 10)
            for name, what, late in summary]


def run(parts=("idle", "busy")):
    server = Server("status-data")
    rows = []
    try:
        say("status pages: indexing the corpus")
        large = server.wait_job(server.folder_job("corpus", CORPUS))
        small = small_job(server)
        if "idle" in parts:
            rows += idle(server, large, small)
        if "busy" in parts:
            rows += busy(server, large, small)
    finally:
        server.close()
        shutil.rmtree(server.data, ignore_errors=True)
    return rows
