"""usher-load as it is run by its bench, and the record that it leaves."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from math import ceil

import programs


def at_once_on_core(core):
    """For a program that is to go before all others there, where that is allowed."""
    def prepare():
        os.sched_setaffinity(0, {core})
        with suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    return prepare


class Ran:
    """A program that ran on the callers' core: what it said, and what processor time it took."""

    def __init__(self, command, at_once=False):
        start = time.monotonic()
        on_core = at_once_on_core if at_once else programs.on_core
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True,
                                   preexec_fn=on_core(programs.DRIVER_CORE))
        self.output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.code = process.returncode
        self.seconds = time.monotonic() - start
        self.cpu_seconds = usage.ru_utime + usage.ru_stime


def rehearse(swift_bin, folder, address, *words, at_once=False):
    """Runs usher-load. Returns how it ran, and its record; the caller says whether that will do."""
    path = folder.path / "record.json"
    path.unlink(missing_ok=True)
    ran = Ran([swift_bin / "usher-load", *words, "--connect", address, "--result", path, "--quiet"],
              at_once)
    if not path.exists():
        sys.exit(f"bench: usher-load left no record: {ran.output}")
    return ran, json.loads(path.read_text())


def calls_of(record):
    """The only step of a run that calls one method. None of its calls may have failed."""
    step = record["steps"][0]
    if step["failures"]:
        sys.exit(f"bench: calls failed: {step['failures']}")
    return step


def count(histogram):
    return sum(times for _, times in histogram["buckets"])


def at_share(histogram, share):
    """The value at a rank, as usher-load's own histogram tells it: the middle of its bucket."""
    rank, seen = ceil(share * count(histogram)), 0
    for number, times in sorted(histogram["buckets"]):
        seen += times
        if seen >= rank:
            middle = bucket_middle(number, histogram["digit_bits"])
            return min(max(middle, histogram["min"]), histogram["max"])
    return histogram["max"]


def bucket_middle(number, digit_bits):
    if number < 1 << digit_bits:
        return number
    half = 1 << (digit_bits - 1)
    octave, step = divmod(number - half, half)
    return ((half + step) << octave) + ((1 << octave) - 1) // 2

