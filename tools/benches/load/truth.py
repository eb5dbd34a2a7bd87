"""A server whose answers are late as was drawn beforehand, and what of its calls is true.

The truth of a call is what a client would have seen that sent it at its planned moment and took the
answer when it came. Calls come at a constant rate and each carries its number, so that one's planned
moment is its number over the rate after the first's. The first's is known by the least late of all:
to tens of microseconds, which count in stalls alone, against more than a second.

- Outside a stall the truth is the delay, which seed and number decided before the call was made, and
  by how much the server by its own clock answered later than was due.
- What was planned while the server was deaf could be read when it heard again, and its delay begins
  there; what fell due in any stall was answered at its end. Both by the stalls as they really were.

Nothing in it depends on when the client sent: what it was late, and what it measured wrong, are
errors. When a call came is known by the kernel's stamp, so that the server's own slowness is none.
"""

import atexit
import os
import subprocess
import sys
from math import ceil

import programs
from record import at_once_on_core

SECOND = 1e9


class Awake:
    """Keeps both cores from sleeping, with work that gives way to any other. A core of a virtual
    machine takes a tenth of a millisecond to wake, and whoever waits there is not what is measured."""

    def __enter__(self):
        self._spinners = [
            subprocess.Popen([sys.executable, "-c", "while True: pass"], preexec_fn=idly_on_core(core))
            for core in (programs.SERVER_CORE, programs.DRIVER_CORE)]
        for spinner in self._spinners:
            atexit.register(spinner.kill)

    def __exit__(self, *_):
        for spinner in self._spinners:
            spinner.kill()
            spinner.wait()


def idly_on_core(core):
    def prepare():
        os.sched_setaffinity(0, {core})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    return prepare


class SlowServer:
    """slow.c on the servers' core. It says its port, and leaves its log when its input ends."""

    def __init__(self, folder, seed, stalls):
        self._log = folder.path / "slow.log"
        self._process = subprocess.Popen(
            [programs.BUILT / "slow", str(seed), self._log,
             *(f"{round(after * 1e3)}:{kind}" for after, kind in stalls)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=at_once_on_core(programs.SERVER_CORE))
        atexit.register(self._process.kill)
        self.address = f"127.0.0.1:{int(self._process.stdout.readline())}"

    def stop(self):
        """Ends it. Returns its stalls, and its calls by number."""
        self._process.communicate()
        stalls, calls = [], {}
        for line in self._log.read_text().splitlines():
            kind, *numbers = line.split()
            numbers = tuple(map(int, numbers))
            if kind == "stall":
                stalls.append(numbers)
            else:
                calls[numbers[0]] = numbers[1:]
        return stalls, calls


class Truth:
    """What is true of each call of a run at a constant rate, how late it came where nobody was deaf,
    and by how much the server answered it later than it meant to: nanoseconds, sorted."""

    def __init__(self, stalls, calls, rate):
        if sorted(calls) != list(range(len(calls))):
            sys.exit("bench: the calls' numbers have gaps")
        self._stalls = stalls
        start = min(came - number * SECOND / rate for number, (_, came, _) in calls.items())
        self.values, self.lateness, self.slips = [], [], []
        for number, (delay, came, answered) in calls.items():
            planned = start + number * SECOND / rate
            was_due = self._answerable(came + delay)
            due = self._answerable(self._readable(planned) + delay)
            self.slips.append(answered - was_due)
            self.values.append(due + self.slips[-1] - planned)
            if self._readable(planned) == planned:
                self.lateness.append(came - planned)
        for each in (self.values, self.lateness, self.slips):
            each.sort()
        self.stall_seconds = max(((end - start) / SECOND for start, end, _ in stalls), default=0)

    def _readable(self, moment):
        return next((end for start, end, is_deaf in self._stalls
                     if is_deaf and start <= moment < end), moment)

    def _answerable(self, moment):
        return next((end for start, end, _ in self._stalls if start <= moment < end), moment)

    @property
    def mean_seconds(self):
        return sum(self.values) / len(self.values) / SECOND

    def at_share(self, share):
        return value_at(self.values, share)


def value_at(values, share):
    return values[max(0, ceil(share * len(values)) - 1)]
