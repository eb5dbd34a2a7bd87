"""The programs of the RPC bench: built, started on their cores, driven, looked at from outside."""

import atexit
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
BUILT = Path(".build/bench/rpc")
CFLAGS = ["-O2", "-Wall", "-Wextra", "-Werror"]
SERVER_CORE, DRIVER_CORE = 0, 1
SETTLE_SECONDS = 0.3


class Programs:
    """Where the built programs are. Without Usher, its place is taken by the peer."""

    def __init__(self, usher_bin):
        self.peer = BUILT / "rpc_floor"
        self.driver = BUILT / "driver"
        self.malloc_count = BUILT / "malloc_count.so"
        self._usher_bin = usher_bin

    def usher(self, handler):
        if not self._usher_bin:
            return [self.peer]
        return [self._usher_bin / "rpc-bench-server", "--listen", "127.0.0.1:0",
                "--loops", "1", "--handler", handler.replace("_", "-")]


def build(with_usher):
    BUILT.mkdir(parents=True, exist_ok=True)
    schemas = ["usher/rpc/v1/frame.proto", "grpc/health/v1/health.proto"]
    if Path("Proto/usher/rpc/v1/options.proto").exists():
        # An option of ours extends the descriptor's own schema, whose C Debian does not bring.
        schemas += ["usher/rpc/v1/options.proto", "google/protobuf/descriptor.proto"]
    run("protoc-c", "-IProto", "-I/usr/include", f"--c_out={BUILT}", *schemas)
    generated = [BUILT / schema.replace(".proto", ".pb-c.c") for schema in schemas]
    run("gcc", "-O2", f"-I{BUILT}", "-o", BUILT / "rpc_floor", HERE / "rpc_floor.c", *generated,
        "-lprotobuf-c")
    run("gcc", *CFLAGS, "-o", BUILT / "driver", HERE / "driver.c")
    run("gcc", *CFLAGS, "-fno-builtin", "-shared", "-fPIC", "-o", BUILT / "malloc_count.so",
        HERE / "malloc_count.c")
    if not with_usher:
        return Programs(usher_bin=None)
    release = ["swift", "build", "-c", "release"]
    run(*release, "--quiet", "--product", "rpc-bench-server")
    usher_bin = subprocess.check_output([*release, "--show-bin-path"], text=True).strip()
    return Programs(Path(usher_bin))


def run(*command):
    if subprocess.run(command).returncode:
        sys.exit(f"bench: {command[0]} failed")


class Server:
    """One server on its core. The peer takes a port and is ended; Usher says its port, and ends
    when its input does."""

    def __init__(self, name, command, programs):
        self.name = name
        self._command = command
        self._programs = programs
        self._is_peer = len(command) == 1
        self._counts = BUILT / f"{name}.counts"

    def start(self, counting=False):
        environment = dict(os.environ)
        if counting:
            environment |= {"LD_PRELOAD": str(self._programs.malloc_count.resolve()),
                            "MALLOC_COUNT_FILE": str(self._counts)}
        self.port = free_port() if self._is_peer else None
        self._process = subprocess.Popen(
            [*self._command, str(self.port)] if self._is_peer else self._command,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}))
        atexit.register(self._process.kill)
        if self._is_peer:
            wait_until_listening(self.port)
        else:
            said = self._process.stdout.readline()
            self.port = int(said or sys.exit(f"bench: {self.name} did not start"))

    def stop(self):
        if self._is_peer:
            self._process.terminate()
        self._process.communicate()

    def driver(self, *arguments, **pipes):
        return subprocess.Popen(
            [self._programs.driver, str(self.port), *map(str, arguments)],
            stdout=subprocess.PIPE, text=True, **pipes,
            preexec_fn=lambda: os.sched_setaffinity(0, {DRIVER_CORE}))

    def drive(self, connections, depth, seconds):
        """Calls without pause; rates and latencies are the driver's, CPU time is the server's."""
        cpu, start = self.cpu_seconds(), time.monotonic()
        driver = self.driver(connections, depth, seconds)
        output, _ = driver.communicate()
        cpu, elapsed = self.cpu_seconds() - cpu, time.monotonic() - start
        if driver.returncode:
            sys.exit(f"bench: the driver gave up on {self.name} at depth {depth}")
        sample = json.loads(output)
        sample["cpu_per_million"] = cpu / sample["calls"] * 1e6
        sample["server_cpu"] = cpu / elapsed
        return sample

    def cpu_seconds(self):
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def allocations(self):
        return struct.unpack("QQ", self._counts.read_bytes())[0]

    def heap_bytes(self):
        return struct.unpack("QQ", self._counts.read_bytes())[1]

    def resident_bytes(self):
        """Memory that is the process's own: without the pages of its program and libraries."""
        rollup = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text()
        fields = dict(line.split()[:2] for line in rollup.splitlines())
        return int(fields["Anonymous:"]) << 10


def mallocs_per_call(server, connections):
    """Allocations of a warm server per call, and over how many calls they were counted."""
    server.start(counting=True)
    server.drive(connections, 16, 0.5)
    before = server.allocations()
    calls = 0
    while calls < 200_000:
        calls += server.drive(connections, 16, 1)["calls"]
    allocations = server.allocations() - before
    server.stop()
    return allocations / calls, calls


def idle_memory(server, connections):
    """Heap and resident bytes that each of many connections holds which have made one call."""
    server.start(counting=True)
    server.drive(64, 1, 0.5)
    time.sleep(SETTLE_SECONDS)
    heap, resident = server.heap_bytes(), server.resident_bytes()
    driver = server.driver(connections, "hold", stdin=subprocess.PIPE)
    if driver.stdout.readline() != "held\n":
        sys.exit(f"bench: {server.name} did not take {connections} connections")
    time.sleep(SETTLE_SECONDS)
    heap, resident = server.heap_bytes() - heap, server.resident_bytes() - resident
    driver.communicate()
    server.stop()
    return heap / connections, resident / connections


def raise_file_limit(wanted):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted:
        sys.exit(f"bench: {wanted:,} open files are needed, and {hard:,} allowed; raise ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_listening(port):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"bench: nothing listens on port {port}")


def cpu_model():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(line.split(": ")[1] for line in lines if line.startswith("model name"))
