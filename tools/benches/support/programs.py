"""The programs of the benches of sales: built, started on their cores, told what to do."""

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCHES = Path(__file__).parent.parent
BUILT = Path(".build/bench/sales")
SERVER_CORE, DRIVER_CORE = 0, 1


def run(*command, **options):
    done = subprocess.run(command, text=True, **options)
    if done.returncode:
        sys.exit(f"bench: {command[0]} failed: {done.stderr or ''}")
    return done.stdout


def build(peer, player):
    """Builds everything in release, the peer from C, and answers where Swift put its part."""
    BUILT.mkdir(parents=True, exist_ok=True)
    run("gcc", "-O2", "-o", BUILT / peer.stem, peer, "-lsqlite3")
    run("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", BUILT / "driver",
        BENCHES / "rpc" / "driver.c")
    release = ["swift", "build", "-c", "release"]
    for product in ("usherd", player):
        run(*release, "--quiet", "--product", product)
    return Path(run(*release, "--show-bin-path", stdout=subprocess.PIPE).strip())


def on_core(core):
    return lambda: os.sched_setaffinity(0, {core})


class Folder:
    """A folder of the bench's own, on the disk where the project is, gone at the end."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="bench-", dir=BUILT)).resolve()
        atexit.register(shutil.rmtree, self.path, ignore_errors=True)


class Usherd:
    """A server on its core. It says its port when it is ready, and ends when its input does."""

    def __init__(self, swift_bin, data, store=None):
        self.data = data
        command = [swift_bin / "usherd", "--data", data, "--listen", "127.0.0.1:0", "--loops", "1"]
        if store:
            command += ["--store", store]
        start = time.monotonic()
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            preexec_fn=on_core(SERVER_CORE))
        atexit.register(self._process.kill)
        self.port = self._process.stdout.readline().strip()
        self.ready_seconds = time.monotonic() - start
        if not self.port:
            self._errors.seek(0)
            sys.exit(f"bench: usherd did not start: {self._errors.read()}")

    def cpu_seconds(self):
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def own_bytes(self):
        """Memory that is the process's own: without the pages of its program and libraries."""
        rollup = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text()
        fields = dict(line.split()[:2] for line in rollup.splitlines())
        return int(fields["Anonymous:"]) << 10

    def stop(self):
        self._process.communicate()


class Player:
    """The Swift program that plays the callers: a line in is an order, a line out is its result."""

    def __init__(self, swift_bin, program, server, *words):
        self._server = server
        self._process = subprocess.Popen(
            [swift_bin / program, f"127.0.0.1:{server.port}", server.data, *map(str, words)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=on_core(DRIVER_CORE))
        atexit.register(self._process.kill)
        self.first = self._result()

    def _result(self):
        said = self._process.stdout.readline()
        return json.loads(said or sys.exit("bench: the callers gave up"))

    def order(self, *words):
        cpu, start = self._server.cpu_seconds(), time.monotonic()
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        result = self._result()
        result["server_cpu"] = (self._server.cpu_seconds() - cpu) / (time.monotonic() - start)
        return result

    def stop(self):
        self._process.communicate()


def call_in_turn(server, seconds, opening=None):
    """64 connections with one call in flight each: Health/Check, or what `opening` holds."""
    command = [BUILT / "driver", server.port, "64", "1", str(seconds), "1"]
    if opening:
        command.append(opening)
    cpu, start = server.cpu_seconds(), time.monotonic()
    sample = json.loads(run(*command, stdout=subprocess.PIPE, preexec_fn=on_core(DRIVER_CORE)))
    sample["server_cpu"] = (server.cpu_seconds() - cpu) / (time.monotonic() - start)
    return sample


def opening(folder, method, metadata, message=b""):
    """A file of what follows the id in the OPEN frame of a call."""
    def field(number, content):
        content = content if isinstance(content, bytes) else content.encode()
        length, size = b"", len(content)
        while size >= 0x80:
            length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
        return bytes([number << 3 | 2]) + length + bytes([size]) + content

    path = folder.path / "opening"
    entries = (field(5, field(1, key) + field(2, value)) for key, value in metadata.items())
    body = b"".join(field(number, content) for number, content in message)
    path.write_bytes(field(3, method) + b"".join(entries) + field(6, body) + bytes([7 << 3, 1]))
    return path


def sqlite_peer(folder, program, batch, seconds):
    said = run(BUILT / program, folder.path / "peer.db", str(batch), str(seconds),
               stdout=subprocess.PIPE, preexec_fn=on_core(SERVER_CORE))
    for path in folder.path.glob("peer.db*"):
        path.unlink()
    return float(said.split()[0])


class Postgres:
    """A private PostgreSQL server, which writes to the disk as a real one does."""

    SETTINGS = ("max_connections=100", "shared_buffers=512MB", "max_wal_size=4GB")

    def __init__(self):
        script = ("source tools/lib/common.sh; source tools/lib/postgres.sh; "
                  f"trap stop_postgres EXIT; start_postgres {' '.join(self.SETTINGS)}; "
                  'printf "%s\\n" "$USHER_TEST_POSTGRES"; read -r _ || true')
        # Common.sh goes to the project's root from where the script stands that it is read by.
        self._process = subprocess.Popen(["bash", "-c", script], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        atexit.register(self.stop)
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            sys.exit("bench: the PostgreSQL server did not start")
        self._socket = self.url.partition("host=")[2]

    def stop(self):
        self._process.communicate()

    def prepare(self, script):
        """Makes the peer's tables, in a database of its own."""
        run("psql", *self._psql(), "-qc", "CREATE DATABASE peer")
        run("psql", *self._psql("peer"), "-qf", script)
        run("psql", *self._psql("peer"), "-qc", "VACUUM ANALYZE")

    def transactions(self, script, clients, seconds):
        """Transactions of the peer a second."""
        said = run("pgbench", "-n", "-f", script, "-c", str(clients), "-j", "2",
                   "-T", str(max(1, round(seconds))), "-h", self._socket, "-U", "usher", "peer",
                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return float(re.search(r"tps = ([\d.]+)", said)[1])

    def _psql(self, database="postgres"):
        return ["-h", self._socket, "-U", "usher", "-d", database]


def cpu_model():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(line.split(": ")[1] for line in lines if line.startswith("model name"))
