"""Usher's wire in Python, with protobuf's own library and nothing else.

The rules are in Sources/Wire/Wire.docc/TheWire.md.
"""

import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ["usher/rpc/v1/frame.proto", "usher/rpc/v1/options.proto", "grpc/health/v1/health.proto"]
PATIENCE_SECONDS = 10


def import_schemas():
    """Has protoc write the messages' Python into a folder that lives as long as this process."""
    folder = tempfile.TemporaryDirectory(prefix="usher-interop-")
    schemas = [schema for schema in SCHEMAS if (ROOT / "Proto" / schema).exists()]
    subprocess.run(["protoc", f"-I{ROOT / 'Proto'}", "-I/usr/include",
                    f"--python_out={folder.name}", *schemas], check=True)
    sys.path.insert(0, folder.name)
    return folder


_schemas = import_schemas()
from grpc.health.v1 import health_pb2 as health  # noqa: E402
from usher.rpc.v1 import frame_pb2 as rpc  # noqa: E402
from usher.rpc.v1.frame_pb2 import Frame  # noqa: E402

CHECK = "/grpc.health.v1.Health/Check"
WATCH = "/grpc.health.v1.Health/Watch"


class Usherd:
    """A server on a port of its choice, which ends when its input does."""

    def __init__(self, program):
        self._data = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", "--loops", "1", "--data", self._data.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline() or sys.exit(f"{program} did not start"))

    def stop(self):
        """Ends the input, and returns the exit code."""
        try:
            self._process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._data.cleanup()
        return self._process.returncode


class Connection:
    """Frames over a socket."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send_bytes(self, data):
        self._socket.sendall(data)

    def send(self, *frames):
        self.send_bytes(b"".join(map(encode, frames)))

    def half_close(self):
        self._socket.shutdown(socket.SHUT_WR)

    def receive_raw(self):
        """The next frame; None where the server has closed."""
        header = self._receive_bytes(4)
        if not header:
            return None
        (length,) = struct.unpack(">I", header)
        return Frame.FromString(self._receive_bytes(length))

    def receive(self):
        """The next frame that is not SETTINGS."""
        frame = self.receive_raw()
        while frame and frame.kind == rpc.KIND_SETTINGS:
            frame = self.receive_raw()
        return frame

    def receive_rest(self):
        """Every frame until the server closes."""
        return list(iter(self.receive, None))

    def _receive_bytes(self, count):
        data = b""
        while len(data) < count:
            try:
                chunk = self._socket.recv(count - len(data))
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                if data:
                    raise EOFError("the server closed within a frame")
                return b""
            data += chunk
        return data


def encode(frame):
    data = frame.SerializeToString()
    return struct.pack(">I", len(data)) + data


def open_call(call, method=CHECK, request=None, **fields):
    """The one frame with which a call begins whose method takes one request."""
    message = request.SerializeToString() if request else fields.pop("message", b"")
    return Frame(kind=rpc.KIND_OPEN, call=call, method=method, message=message, last=True, **fields)
