"""What selling seats costs, against what does it in the plainest way on the same store.

The server is usherd as it ships, on core 0, with 80,000 dates of 50 seats each (what a date has where
nobody says more, and what the peer's table has). Its callers are on core 1: one Swift program with
256 users who each hold one seat after the other, through the client library, with their own tokens
and an idempotency key per hold, over 12 connections. No seat is asked for twice, so that every call
counted is a seat held.

The peers: sqlite_holds.c on core 0, which does a hold's four statements and nothing else, one by one
and in batches of 64; and for PostgreSQL pgbench with a transaction per hold that locks the seat's
row, at the best number of clients, on the server that usherd uses. Whatever is compared takes turns
in the same run, and what counts is the median of the rounds' ratios.
"""

import argparse
import os
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "support"))
import programs  # noqa: E402

DATES, SEATS_PER_DATE = 80_000, 50
CALLERS = 10_000
MILLION_DATES, GUESTS = 20_000, 100_000
CLIENTS = (8, 16, 32)
ROW = "{:<26} {:>12} {:>9} {:>9} {:>9} {:>8} {:>8}"
HEADINGS = ("", "a second", "p50 ms", "p99 ms", "max ms", "server", "driver")


def arguments():
    parser = argparse.ArgumentParser(prog="tools/bench booking", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (3)")
    parser.add_argument("--seconds", type=float, default=5, help="the length of a measurement (5)")
    parser.add_argument("--store", choices=("sqlite", "postgres", "all"), default="all",
                        help="which store is measured (all)")
    return parser.parse_args()


def bar(name, value, sign, goal):
    holds = {">=": value >= goal, "<=": value <= goal, "=": value == goal}[sign]
    shown = f"{value:.2f}" if isinstance(value, float) else value
    return f"bar booking.{name} {shown} {sign}{goal} {'ok' if holds else 'short'}"


def print_sales(name, runs):
    middle = {key: median(run[key] for run in runs) for key in runs[0]}
    print(ROW.format(name, f"{middle['rate']:,.0f}",
                     *(f"{middle[key] / 1e3:,.1f}" for key in ("p50", "p99", "max")),
                     f"{middle['server_cpu']:.0%}", f"{middle['driver_cpu']:.0%}"))
    if middle["server_cpu"] < 0.9 < middle["driver_cpu"]:
        print("  the driver was the limit")


def print_peer(name, rates):
    print(ROW.format(name, f"{median(rates):,.0f}", *[""] * 5))


def ratio(own, peer):
    return median(one / other for one, other in zip(own, peer))


def rush(buyers, store):
    """Every user asks for the same seat at the same time."""
    result = buyers.order("rush")
    outcomes = result["outcomes"]
    spread = result["last"] - result["first"]
    print(f"{store}: {CALLERS:,} callers for one seat: {outcomes}, the first answer after "
          f"{result['first']:.3f} s, the last after {result['last']:.3f} s")
    return [
        bar(f"{store}.one_seat.won", outcomes.get("won", 0), "=", 1),
        bar(f"{store}.one_seat.taken", outcomes.get("SEAT_TAKEN", 0), "=", CALLERS - 1),
        bar(f"{store}.one_seat.overloaded", outcomes.get("OVERLOADED", 0), "=", 0),
        bar(f"{store}.one_seat.spread_s", spread, "<=", 1),
    ]


def measure_sqlite(swift_bin, asked):
    folder = programs.Folder()
    server = programs.Usherd(swift_bin, folder.path / "data")
    buyers = programs.Player(swift_bin, "booking-bench", server, DATES, SEATS_PER_DATE, CALLERS)
    single, batches, holds, journeys, alone = [], [], [], [], []
    for _ in range(asked.rounds):
        single.append(programs.sqlite_peer(folder, "sqlite_holds", 1, asked.seconds))
        holds.append(buyers.order("holds", asked.seconds))
        batches.append(programs.sqlite_peer(folder, "sqlite_holds", 64, asked.seconds))
        journeys.append(buyers.order("journeys", asked.seconds))
        alone.append(buyers.order("alone", asked.seconds, folder.path / "appended"))
    rates = [sample["rate"] for sample in holds]
    print(ROW.format(*HEADINGS))
    print_peer("SQLite, one by one", single)
    print_peer("SQLite, batches of 64", batches)
    print_sales("usherd, holds", holds)
    print_sales("usherd, whole journeys", journeys)
    bars = [bar("sqlite.holds_vs_one_by_one", ratio(rates, single), ">=", 4),
            bar("sqlite.holds_vs_batches", ratio(rates, batches), ">=", 0.6)]
    bars += rush(buyers, "sqlite")
    p50 = {part: median(sample[part]["p50"] for sample in alone)
           for part in ("hold", "fsync", "check")}
    print("one caller alone, p50: a hold {hold:,.0f} us; fdatasync of 4 KiB {fsync:,.0f} us, "
          "Health/Check {check:,.0f} us".format(**p50))
    bars.append(bar("sqlite.alone_p50", median(
        sample["hold"]["p50"] / (sample["fsync"]["p50"] + sample["check"]["p50"])
        for sample in alone), "<=", 2))
    bars.append(measure_reads(server, buyers, folder, asked))
    buyers.stop()
    server.stop()
    return bars


def measure_reads(server, buyers, folder, asked):
    hall = buyers.first
    opening = programs.opening(folder, "/usher.v1.ConcertService/ListSeats",
                               {"authorization": f"Bearer {hall['token']}"},
                               [(1, hall["date"])])
    lists, checks = [], []
    for _ in range(asked.rounds):
        lists.append(programs.call_in_turn(server, asked.seconds, opening))
        checks.append(programs.call_in_turn(server, asked.seconds))
    for name, runs in (("ListSeats, 50 seats", lists), ("Health/Check", checks)):
        middle = {key: median(sample[key] for sample in runs) for key in runs[0]}
        print(f"{name}: {middle['rate']:,.0f}/s, p50 {middle['p50']:,.0f} us, "
              f"p99 {middle['p99']:,.0f} us, server {middle['server_cpu']:.0%}, "
              f"driver {middle['driver_cpu']:.0%}")
    return bar("list_seats_vs_check",
               ratio([s["rate"] for s in lists], [s["rate"] for s in checks]), ">=", 0.7)


def measure_million(swift_bin):
    """A database with a million seats, half of them taken: the time to the first answer."""
    folder = programs.Folder()
    data = folder.path / "data"

    def own_bytes_after_start():
        server = programs.Usherd(swift_bin, data)
        memory, seconds = server.own_bytes(), server.ready_seconds
        server.stop()
        return memory, seconds

    programs.Usherd(swift_bin, data).stop()
    empty, _ = own_bytes_after_start()
    server = programs.Usherd(swift_bin, data)
    buyers = programs.Player(swift_bin, "booking-bench", server, MILLION_DATES, SEATS_PER_DATE, 256)
    taken = buyers.order("fill", MILLION_DATES // 2)["taken"]
    buyers.stop()
    server.stop()
    filled, seconds = own_bytes_after_start()
    server = programs.Usherd(swift_bin, data)
    buyers = programs.Player(swift_bin, "booking-bench", server, 1, SEATS_PER_DATE, 1)
    buyers.order("users", GUESTS)
    buyers.stop()
    server.stop()
    crowded, _ = own_bytes_after_start()
    seats = MILLION_DATES * SEATS_PER_DATE
    print(f"{seats:,} seats, {taken:,} taken (half of those paid): ready after {seconds:.2f} s; "
          f"{(filled - empty) / seats:.1f} bytes a seat in memory, "
          f"{(crowded - filled) / GUESTS:.1f} a user ({GUESTS:,} users)")
    return [bar("million_seats_s", seconds, "<=", 5)]


def measure_postgres(swift_bin, asked):
    folder = programs.Folder()
    postgres = programs.Postgres()
    postgres.prepare(HERE / "pg_row_locks.sql")
    server = programs.Usherd(swift_bin, folder.path / "data", postgres.url)
    buyers = programs.Player(swift_bin, "booking-bench", server, DATES, SEATS_PER_DATE, CALLERS)
    locks, holds, journeys = {clients: [] for clients in CLIENTS}, [], []
    for _ in range(asked.rounds):
        for clients in CLIENTS:
            locks[clients].append(postgres.transactions(
                HERE / "pg_row_locks.pgbench", clients, asked.seconds))
        holds.append(buyers.order("holds", asked.seconds))
        journeys.append(buyers.order("journeys", asked.seconds))
    print(ROW.format(*HEADINGS))
    for clients in CLIENTS:
        print_peer(f"row locks, {clients} clients", locks[clients])
    print_sales("usherd, holds", holds)
    print_sales("usherd, whole journeys", journeys)
    best = max(locks.values(), key=median)
    bars = [bar("postgres.holds_vs_row_locks",
                ratio([sample["rate"] for sample in holds], best), ">=", 4)]
    bars += rush(buyers, "postgres")
    buyers.stop()
    server.stop()
    postgres.stop()
    return bars


def main():
    asked = arguments()
    swift_bin = programs.build(HERE / "sqlite_holds.c", "booking-bench")
    print(f"booking: {programs.cpu_model()}, {os.cpu_count()} cores; {asked.rounds} rounds of "
          f"{asked.seconds:g} s each; medians")
    bars = []
    try:
        if asked.store in ("sqlite", "all"):
            bars += measure_sqlite(swift_bin, asked)
        if asked.store in ("postgres", "all"):
            bars += measure_postgres(swift_bin, asked)
        if asked.store in ("sqlite", "all"):
            bars += measure_million(swift_bin)
    finally:
        # What was measured before something went wrong is still told.
        print("\n".join(bars), flush=True)


if __name__ == "__main__":
    sys.exit(main())
