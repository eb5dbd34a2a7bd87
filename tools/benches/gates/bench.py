"""What a fair line costs: to enter it, to ask after one's place, to be told, and to start with it.

The server is usherd as it ships, on core 0; the people are on core 1, one Swift program with 256
callers through the client library, each entry for another person and under an idempotency key of its
own. The peers: sqlite_enters.c on core 0, which writes the same rows and indexes in batches of 64 and
does nothing else; on PostgreSQL a transaction that makes 200 entries; and Redis, where it is
installed, with one script that makes an entry. Whatever is compared takes turns in the same run, and
what counts is the median of the rounds' ratios.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "support"))
import programs  # noqa: E402

LEAVERS = 0.01
POSTGRES_BATCH = 200


def arguments():
    parser = argparse.ArgumentParser(prog="tools/bench gates", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (3)")
    parser.add_argument("--seconds", type=float, default=4, help="the length of a measurement (4)")
    parser.add_argument("--waiting", type=int, default=1_000_000, help="the long line (1000000)")
    parser.add_argument("--watchers", type=int, default=100_000,
                        help="who watches, or asks again and again (100000)")
    parser.add_argument("--only", choices=("enter", "line", "watch", "polls", "postgres"),
                        help="one part alone")
    return parser.parse_args()


def bar(name, value, sign, goal):
    holds = {">=": value >= goal, "<=": value <= goal}[sign]
    return f"bar gates.{name} {value:.2f} {sign}{goal} {'ok' if holds else 'short'}"


def ratio(own, peer):
    return median(one / other for one, other in zip(own, peer))


def print_entries(name, runs):
    middle = {key: median(run[key] for run in runs) for key in runs[0]}
    print(f"{name}: {middle['rate']:,.0f}/s, p50 {middle['p50'] / 1e3:.1f} ms, "
          f"p99 {middle['p99'] / 1e3:.1f} ms, server {middle['server_cpu']:.0%}, "
          f"driver {middle['driver_cpu']:.0%}")


class Redis:
    """A private Redis, or none."""

    def __init__(self, folder, fsync):
        self._process = None
        if not shutil.which("redis-server"):
            return
        self._socket = folder.path / f"redis-{fsync}.sock"
        self._process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self._socket, "--dir", folder.path,
             "--appendonly", "yes", "--appendfsync", fsync, "--appenddirname", f"aof-{fsync}",
             "--save", ""],
            stdout=subprocess.DEVNULL, preexec_fn=programs.on_core(programs.SERVER_CORE))
        while not self._socket.exists():
            time.sleep(0.02)
        self._script = self._run("script", "load", (HERE / "redis_join.lua").read_text()).strip()

    def _run(self, *words):
        return programs.run("redis-cli", "-s", self._socket, *words, stdout=subprocess.PIPE)

    def joins(self):
        """Entries a second, 16 sent at once on each of 64 connections; None without Redis."""
        if not self._process:
            return None
        said = programs.run(
            "redis-benchmark", "-s", self._socket, "-c", "64", "-P", "16", "-n", "200000",
            "-r", "100000000", "-q", "evalsha", self._script, "2", "line", "number",
            "__rand_int__", stdout=subprocess.PIPE,
            preexec_fn=programs.on_core(programs.DRIVER_CORE))
        return float(re.findall(r"([\d.]+) requests per second", said)[-1])

    def stop(self):
        if self._process:
            self._process.terminate()
            self._process.wait()


def measure_enter(swift_bin, asked):
    folder = programs.Folder()
    server = programs.Usherd(swift_bin, folder.path / "data")
    crowd = programs.Player(swift_bin, "gates-bench", server)
    entries, peers = [], []
    for _ in range(asked.rounds):
        crowd.order("crowd", int(40_000 * (asked.seconds + 1)))
        peers.append(programs.sqlite_peer(folder, "sqlite_enters", 64, asked.seconds))
        entries.append(crowd.order("enter", asked.seconds))
    print(f"SQLite, batches of 64: {median(peers):,.0f}/s")
    print_entries("Enter", entries)
    for fsync in ("always", "everysec"):
        redis = Redis(folder, fsync)
        joins = redis.joins()
        redis.stop()
        print(f"Redis, appendfsync {fsync}: " + (f"{joins:,.0f}/s" if joins else "not installed"))
    rates = [sample["rate"] for sample in entries]
    bars = [bar("enter_vs_batches", ratio(rates, peers), ">=", 0.5)]
    half = median(rates) / 2
    crowd.order("crowd", int(half * (asked.seconds + 2)) + 20_000)
    told = crowd.order("handover", asked.seconds, half)
    print(f"a place freed to the next one told, beside {half:,.0f} entries a second: "
          f"{told['count']} times, p50 {told['p50'] / 1e3:.1f} ms, p99 {told['p99'] / 1e3:.1f} ms")
    bars.append(bar("handover_p99_ms", told["p99"] / 1e3, "<=", 20))
    crowd.stop()
    server.stop()
    return bars


def measure_line(swift_bin, asked):
    """A line of a million: asking after a place in it, and starting with it."""
    folder = programs.Folder()
    data = folder.path / "data"
    server = programs.Usherd(swift_bin, data)
    crowd = programs.Player(swift_bin, "gates-bench", server)
    crowd.order("crowd", asked.waiting)
    filled = crowd.order("fill", asked.waiting, int(asked.waiting * LEAVERS))
    place = crowd.order("token")
    crowd.stop()
    opening = programs.opening(
        folder, "/usher.v1.GateService/Check",
        {"authorization": f"Bearer {place['key']}", "usher-user": place["user"],
         "usher-token": place["token"]}, [])
    asks, checks = [], []
    for _ in range(asked.rounds):
        asks.append(programs.call_in_turn(server, asked.seconds, opening))
        checks.append(programs.call_in_turn(server, asked.seconds))
    for name, runs in (("Check", asks), ("Health/Check", checks)):
        middle = {key: median(run[key] for run in runs) for key in runs[0]}
        print(f"{name}, {asked.waiting:,} waiting: {middle['rate']:,.0f}/s, "
              f"p50 {middle['p50']:,.0f} us, server {middle['server_cpu']:.0%}")
    server.stop()
    server = programs.Usherd(swift_bin, data)
    ready, after = server.ready_seconds, server.own_bytes()
    server.stop()
    empty = programs.Usherd(swift_bin, folder.path / "empty")
    bytes_each = (after - empty.own_bytes()) / asked.waiting
    empty.stop()
    print(f"{asked.waiting:,} took their places in {filled['seconds']:.1f} s, {filled['left']:,} left; "
          f"after a start {bytes_each:.1f} bytes each in memory, ready in {ready:.2f} s")
    return [
        bar("check_vs_health", ratio([s["rate"] for s in asks], [s["rate"] for s in checks]),
            ">=", 0.7),
        bar("start_s", ready, "<=", 5),
        bar("bytes_per_waiter", bytes_each, "<=", 64),
    ]


def measure_watch(swift_bin, asked):
    folder = programs.Folder()
    server = programs.Usherd(swift_bin, folder.path / "data")
    crowd = programs.Player(swift_bin, "gates-bench", server)
    crowd.order("crowd", asked.watchers)
    idle = server.own_bytes()
    crowd.order("watch", asked.watchers, 1_000)
    held = (server.own_bytes() - idle) / asked.watchers
    told = crowd.order("count", 4 * asked.seconds)
    each = told["bytes"] / asked.watchers / told["seconds"] * 60
    print(f"{asked.watchers:,} watch a line that moves 1,000 a second: server {told['server_cpu']:.0%} "
          f"of a core, {told['messages'] / told['seconds']:,.0f} messages a second, {each:,.0f} bytes "
          f"a watcher and minute, {held:,.0f} bytes of memory a watcher")
    crowd.stop()
    server.stop()
    return []


def measure_polls(swift_bin, asked):
    """What those cost who ask as often as they are told to: all of it is answered from memory."""
    folder = programs.Folder()
    server = programs.Usherd(swift_bin, folder.path / "data")
    crowd = programs.Player(swift_bin, "gates-bench", server)
    crowd.order("crowd", asked.watchers)
    crowd.order("poll", asked.watchers)
    told = crowd.order("count", max(30, 4 * asked.seconds))
    rate = told["messages"] / told["seconds"]
    # One person a second is admitted; what else is in the log would come of the asking.
    print(f"{asked.watchers:,} ask after their place: {rate:,.0f} a second, each every "
          f"{asked.watchers / rate:.1f} s; server {told['server_cpu']:.0%} of a core; "
          f"{told['events'] / told['seconds']:.1f} events a second in the log")
    crowd.stop()
    server.stop()
    return []


def measure_postgres(swift_bin, asked):
    folder = programs.Folder()
    postgres = programs.Postgres()
    postgres.prepare(HERE / "pg_batched_enter.sql")
    server = programs.Usherd(swift_bin, folder.path / "data", postgres.url)
    crowd = programs.Player(swift_bin, "gates-bench", server)
    entries, peers = [], []
    for _ in range(asked.rounds):
        crowd.order("crowd", int(40_000 * (asked.seconds + 1)))
        peers.append(POSTGRES_BATCH * postgres.transactions(
            HERE / "pg_batched_enter.pgbench", 1, asked.seconds))
        entries.append(crowd.order("enter", asked.seconds))
    print(f"PostgreSQL, batches of {POSTGRES_BATCH}: {median(peers):,.0f}/s")
    print_entries("Enter", entries)
    crowd.stop()
    server.stop()
    postgres.stop()
    return [bar("postgres.enter_vs_batches",
                ratio([sample["rate"] for sample in entries], peers), ">=", 0.5)]


def main():
    asked = arguments()
    swift_bin = programs.build(HERE / "sqlite_enters.c", "gates-bench")
    print(f"gates: {programs.cpu_model()}, {os.cpu_count()} cores; {asked.rounds} rounds of "
          f"{asked.seconds:g} s each; medians")
    parts = {"enter": measure_enter, "line": measure_line, "watch": measure_watch,
             "polls": measure_polls, "postgres": measure_postgres}
    bars = []
    try:
        for name, measure in parts.items():
            if asked.only in (None, name):
                bars += measure(swift_bin, asked)
    finally:
        # What was measured before something went wrong is still told.
        print("\n".join(bars), flush=True)


if __name__ == "__main__":
    sys.exit(main())
