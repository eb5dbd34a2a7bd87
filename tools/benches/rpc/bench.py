"""What a call costs, against a C server that does the same and nothing else.

The peer is rpc_floor.c: one thread, epoll, the same frames, protobuf-c. It and Usher, with one
loop, answer Health/Check on core 0, in turn; driver.c calls from core 1 and checks each reply. What
counts is the median of the rounds' ratios: two rates of one round were measured seconds apart.
"""

import argparse
import os
import sys
from statistics import median

from measure import Server, build, cpu_model, idle_memory, mallocs_per_call, raise_file_limit

CONNECTIONS = 64
IDLE_CONNECTIONS = 10_000
RATIO_GOALS = {
    "at_once": {1: 0.85, 16: 0.80, 64: 0.80},
    "async": {1: 0.80, 16: 0.45, 64: 0.33},
}
MALLOCS_MAX = 4
IDLE_BYTES_MAX = 2048

COLUMNS = "{:<8} {:>5} {:>10} {:>9} {:>8} {:>8} {:>8} {:>7} {:>7} {:>6} {:>6}"
HEADINGS = ("server", "depth", "calls/s", "CPU-s/M", "p50 us", "p99 us", "p99.9 us",
            "server", "driver", "ratio", "of CPU")


def arguments():
    parser = argparse.ArgumentParser(prog="tools/bench rpc", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (5)")
    parser.add_argument("--seconds", type=float, default=2, help="the length of a measurement (2)")
    parser.add_argument("--self-check", action="store_true",
                        help="the peer against itself: every ratio should be about 1")
    return parser.parse_args()


def measure_rates(servers, rounds, seconds):
    """Samples by (server, depth), one a round; each round begins with another server."""
    samples = {(s.name, depth): [] for s in servers for depth in RATIO_GOALS["async"]}
    for turn in range(rounds):
        for depth in RATIO_GOALS["async"]:
            for i in range(len(servers)):
                server = servers[(turn + i) % len(servers)]
                samples[server.name, depth].append(server.drive(CONNECTIONS, depth, seconds))
    return samples


def ratios(samples, name, depth):
    """Usher's rate to the peer's, and the peer's CPU time per call to Usher's: 1 is par in both."""
    pairs = list(zip(samples[name, depth], samples["peer", depth]))
    return (median(own["rate"] / peer["rate"] for own, peer in pairs),
            median(peer["cpu_per_million"] / own["cpu_per_million"] for own, peer in pairs))


def print_rates(samples):
    print(COLUMNS.format(*HEADINGS))
    driver_bound = False
    for (name, depth), runs in samples.items():
        middle = {key: median(run[key] for run in runs) for key in runs[0]}
        driver_bound |= middle["server_cpu"] < 0.9 < middle["driver_cpu"]
        rate_ratio, cpu_ratio = ratios(samples, name, depth)
        print(COLUMNS.format(
            name, depth, f"{middle['rate']:,.0f}", f"{middle['cpu_per_million']:.3f}",
            *(f"{middle[p]:,.0f}" for p in ("p50", "p99", "p99.9")),
            f"{middle['server_cpu']:.0%}", f"{middle['driver_cpu']:.0%}",
            f"{rate_ratio:.2f}", f"{cpu_ratio:.2f}"))
    if driver_bound:
        print("the driver was the limit somewhere: there the ratio of CPU tells more")


def bar(name, value, sign, goal):
    holds = value >= goal if sign == ">=" else value <= goal
    shown = f"{value:.2f}" if goal < 100 else f"{value:.0f}"
    goal = f"{goal:.2f}" if isinstance(goal, float) else goal
    return f"bar rpc.{name} {shown} {sign}{goal} {'ok' if holds else 'short'}"


def main():
    asked = arguments()
    raise_file_limit(IDLE_CONNECTIONS + 100)
    programs = build(with_usher=not asked.self_check)
    peer = Server("peer", [programs.peer], programs)
    own = [Server(name, programs.usher(name), programs) for name in RATIO_GOALS]

    print(f"rpc: {cpu_model()}, {os.cpu_count()} cores; {CONNECTIONS} connections; "
          f"{asked.rounds} rounds of {asked.seconds:g} s each; medians")
    servers = [peer, *own]
    for server in servers:
        server.start()
    samples = measure_rates(servers, asked.rounds, asked.seconds)
    for server in servers:
        server.stop()
    print_rates(samples)

    bars = []
    for server in own:
        for depth, goal in RATIO_GOALS[server.name].items():
            ratio, _ = ratios(samples, server.name, depth)
            bars.append(bar(f"{server.name}.depth{depth}", ratio, ">=", goal))
    for server in own:
        mallocs, calls = mallocs_per_call(server, CONNECTIONS)
        print(f"{server.name}: {mallocs:.2f} mallocs a call over {calls:,} calls")
        bars.append(bar(f"mallocs.{server.name}", mallocs, "<=", MALLOCS_MAX))
    worst = 0
    for server in own:
        heap, resident = idle_memory(server, IDLE_CONNECTIONS)
        print(f"{server.name}: an idle connection holds {heap:,.0f} bytes of heap, "
              f"{resident:,.0f} resident, at {IDLE_CONNECTIONS:,}")
        worst = max(worst, heap, resident)
    bars.append(bar("idle_bytes", worst, "<=", IDLE_BYTES_MAX))
    print("\n".join(bars))


if __name__ == "__main__":
    sys.exit(main())
