"""What the load tool costs, and whether what it measures is true.

calls: usher-load and the RPC bench's driver.c call Health/Check on core 1 without pause, in turn, of
the C server of that bench on core 0. What counts is the median of the rounds' ratios of calls per
second of processor time that the whole process took, its start included.

truth: slow.c answers 4,000 calls a second late, by a long-tailed distribution, in one run steadily
and in another with two stalls of 1.5 s; truth.py says how the truth of each call is known. An error
is of what usher-load reports in its record, the greater of both runs, and counts by the median of the
rounds. What callers in a closed loop report of the same server stands beside it. Both programs go
before all others on their cores, where that is allowed, and the cores are kept from sleeping.

waiters: usher-load poll has 100,000 people wait, half of them watching, on usherd as it ships.

That the audit finds what a server does wrong, load.audit.faults, is not measured here but tested:
Tests/RehearsalTests plants faults.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path += [str(HERE.parent / "support"), str(HERE.parent / "rpc")]
import measure  # noqa: E402
import programs  # noqa: E402
from record import Ran, at_share, calls_of, count, rehearse  # noqa: E402
from truth import Awake, SlowServer, Truth, value_at  # noqa: E402

METHOD = "grpc.health.v1.Health/Check"
CONNECTIONS, DEPTHS, CALLS_GOAL = 64, (1, 16), 0.6
RATE, TRUTH_SECONDS, SEED = 4_000, 30, 7
STALLS = ((8, "deaf"), (18, "mute"))
STALL_MIN = 1
SHARES = {"p50": 0.5, "p99": 0.99, "p999": 0.999, "max": 1}
ERROR_MAX = 0.01
WAITERS, WAITER_BYTES_MAX = 100_000, 4_096
# A few are let in meanwhile, and some of them are gone before the last has come.
WAITERS_AT_ONCE_MIN = 0.999
ROW = "{:<28} {:>10} {:>10} {:>10} {:>10}"


def arguments():
    parser = argparse.ArgumentParser(prog="tools/bench load", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (3)")
    parser.add_argument("--seconds", type=float, default=5,
                        help="the length of a measurement of calls (5)")
    parser.add_argument("--only", choices=("calls", "truth", "waiters"), help="one part alone")
    return parser.parse_args()


def bar(name, value, sign, goal):
    holds = {">=": value >= goal, "<=": value <= goal}[sign]
    shown = f"{value:.0f}" if goal > 1 else f"{value:.2f}" if sign == ">=" else f"{value:.4f}"
    return f"bar load.{name} {shown} {sign}{goal} {'ok' if holds else 'short'}"


def build():
    """Builds everything in release. Answers the RPC bench's programs, and where Swift's are."""
    rpc = measure.build(with_usher=False)
    programs.BUILT.mkdir(parents=True, exist_ok=True)
    programs.run("gcc", *measure.CFLAGS, "-o", programs.BUILT / "slow", HERE / "slow.c", "-lm")
    release = ["swift", "build", "-c", "release"]
    for product in ("usherd", "usher-load"):
        programs.run(*release, "--quiet", "--product", product)
    shown = programs.run(*release, "--show-bin-path", stdout=subprocess.PIPE)
    return rpc, Path(shown.strip())


def call_by_driver(rpc, port, depth, seconds):
    ran = Ran([rpc.driver, port, CONNECTIONS, depth, seconds])
    if ran.code:
        sys.exit("bench: the driver gave up")
    said = json.loads(ran.output)
    return {"rate": said["rate"], "per_core": said["calls"] / ran.cpu_seconds, "p50": said["p50"],
            "share": ran.cpu_seconds / ran.seconds}


def call_by_usher_load(swift_bin, folder, port, depth, seconds):
    ran, record = rehearse(
        swift_bin, folder, f"127.0.0.1:{port}", "call", METHOD, "--connections", CONNECTIONS,
        "--callers", CONNECTIONS * depth, "--warm-up", "0s",
        "--time-limit", f"{seconds * 1e3:.0f}ms")
    response = calls_of(record)["response"]
    calls = count(response)
    return {"rate": calls / record["facts"]["seconds"], "per_core": calls / ran.cpu_seconds,
            "p50": at_share(response, 0.5) / 1e3, "share": ran.cpu_seconds / ran.seconds}


def measure_calls(rpc, swift_bin, asked):
    folder = programs.Folder()
    server = measure.Server("peer", [rpc.peer], rpc)
    server.start()
    samples = {(depth, name): [] for depth in DEPTHS for name in ("driver", "usher-load")}
    for _ in range(asked.rounds):
        for depth in DEPTHS:
            samples[depth, "driver"].append(
                call_by_driver(rpc, server.port, depth, asked.seconds))
            samples[depth, "usher-load"].append(
                call_by_usher_load(swift_bin, folder, server.port, depth, asked.seconds))
    server.stop()
    print(ROW.format("", "calls/s", "a core", "p50 us", "of a core"))
    for (depth, name), runs in samples.items():
        middle = {key: median(run[key] for run in runs) for key in runs[0]}
        print(ROW.format(f"{name}, depth {depth}", f"{middle['rate']:,.0f}",
                         f"{middle['per_core']:,.0f}", f"{middle['p50']:,.0f}",
                         f"{middle['share']:.0%}"))
    bars = []
    for depth in DEPTHS:
        ratios = [own["per_core"] / peer["per_core"] for own, peer in
                  zip(samples[depth, "usher-load"], samples[depth, "driver"])]
        print(f"depth {depth}, by round: " + " ".join(f"{ratio:.2f}" for ratio in ratios))
        bars.append(bar(f"call.depth{depth}", median(ratios), ">=", CALLS_GOAL))
    return bars


def call_slow_server(swift_bin, folder, stalls, *how):
    """Calls that carry their numbers. Returns the record, and the server's stalls and calls."""
    server = SlowServer(folder, SEED, stalls)
    _, record = rehearse(swift_bin, folder, server.address, "call", METHOD, "--request",
                         '{"service": "{{n}}"}', "--warm-up", "0s", *how, at_once=True)
    stalls_seen, calls = server.stop()
    if len(stalls_seen) != len(stalls):
        sys.exit("bench: the server did not stall as it was to")
    return record, stalls_seen, calls


def print_values(name, values):
    print(ROW.format(name, *(f"{value / 1e6:,.2f}" for value in values)))


def measure_truth_once(swift_bin, folder, stalls):
    """One run at a constant rate: the error of each share, and the truth."""
    record, stalls_seen, calls = call_slow_server(
        swift_bin, folder, stalls, "--arrive", f"{RATE}/s for {TRUTH_SECONDS}s",
        "--time-limit", f"{TRUTH_SECONDS + 10}s")
    response = calls_of(record)["response"]
    if not len(calls) == count(response) == RATE * TRUTH_SECONDS:
        sys.exit(f"bench: {len(calls):,} calls came, and {count(response):,} were measured")
    truth = Truth(stalls_seen, calls, RATE)
    if stalls and truth.stall_seconds < STALL_MIN:
        sys.exit("bench: the server's stalls were too short")
    measured = {name: at_share(response, share) for name, share in SHARES.items()}
    true = {name: truth.at_share(share) for name, share in SHARES.items()}
    name = "with stalls" if stalls else "steadily"
    print_values(f"{name}: truth, ms", true.values())
    print_values("  usher-load", measured.values())
    lateness = record["generator"]["lateness"]
    late = [(value_at(truth.lateness, share), at_share(lateness, share), value_at(truth.slips, share))
            for share in (0.5, 0.99)]
    print("  late by, p50 and p99 in us: calls {0:,.0f} {3:,.0f} (usher-load says {1:,.0f} {4:,.0f}), "
          "the C server {2:,.0f} {5:,.0f}".format(*(value / 1e3 for pair in late for value in pair)))
    return {share: abs(measured[share] / true[share] - 1) for share in SHARES}, truth


def measure_truth(_, swift_bin, asked):
    folder = programs.Folder()
    errors = {name: [] for name in SHARES}
    print(ROW.format("", *SHARES))
    with Awake():
        for _ in range(asked.rounds):
            steady, truth = measure_truth_once(swift_bin, folder, ())
            stalled, _ = measure_truth_once(swift_bin, folder, STALLS)
            for name in SHARES:
                # The largest of all is asked about where it comes of a stall.
                of_both = stalled[name], steady[name] if name != "max" else 0
                errors[name].append(max(of_both))
        # As many as make about as many calls a second as long as all is well.
        callers = round(RATE * truth.mean_seconds)
        record, _, calls = call_slow_server(
            swift_bin, folder, STALLS, "--callers", callers, "--time-limit", f"{TRUTH_SECONDS}s")
    response = calls_of(record)["response"]
    print_values(f"with stalls: {callers} in a loop",
                 [at_share(response, share) for share in SHARES.values()])
    print(f"  {len(calls):,} calls; what was not called while the server stalled is not seen")
    for name, of_rounds in errors.items():
        print(f"error of {name}, by round: " + " ".join(f"{error:.2%}" for error in of_rounds))
    return [bar(f"truth.{name}", median(of_rounds), "<=", ERROR_MAX)
            for name, of_rounds in errors.items()]


def measure_waiters(_, swift_bin, __):
    folder = programs.Folder()
    server = programs.Usherd(swift_bin, folder.path / "data")
    ran, record = rehearse(
        swift_bin, folder, f"127.0.0.1:{server.port}", "poll", "--data", folder.path / "data",
        "--people", WAITERS, "--set", "crowd.watch_share=50%", "--set", "sale.rate_count=1")
    server_cpu = server.cpu_seconds() / ran.seconds
    server.stop()
    generator = record["generator"]
    reached = {stage["name"]: stage["count"] for stage in record["people"]["funnel"]}
    waited = max(record["timeline"]["waiting"])
    print(f"{reached['entered']:,} of {WAITERS:,} entered, {waited:,} waited at once, half watching, "
          f"over {generator['connections']:,} connections; {ran.seconds:.0f} s; "
          f"{record['outcome']}: {record['sentence']}")
    print(f"{generator['bytes_per_person']:,} bytes a person, "
          f"lateness p99 {at_share(generator['lateness'], 0.99) / 1e6:.1f} ms, "
          f"usher-load {generator['processor_share']:.0%} of a core, server {server_cpu:.0%}")
    if reached["entered"] != WAITERS or waited < WAITERS_AT_ONCE_MIN * WAITERS:
        sys.exit("bench: they did not all wait at once")
    if record["outcome"] in ("failed", "broken", "interrupted"):
        sys.exit(f"bench: the rehearsal {record['outcome']}")
    return [bar("waiters.bytes", generator["bytes_per_person"], "<=", WAITER_BYTES_MAX)]


def main():
    asked = arguments()
    rpc, swift_bin = build()
    print(f"load: {programs.cpu_model()}, {os.cpu_count()} cores; {asked.rounds} rounds; medians")
    parts = {"calls": measure_calls, "truth": measure_truth, "waiters": measure_waiters}
    bars = []
    try:
        for name, part in parts.items():
            if asked.only in (None, name):
                bars += part(rpc, swift_bin, asked)
    finally:
        # What was measured before something went wrong is still told.
        print("\n".join(bars), flush=True)


if __name__ == "__main__":
    sys.exit(main())
