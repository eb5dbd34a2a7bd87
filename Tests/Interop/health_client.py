"""Calls a server's health service from another language, and does what a client should not.

    /usr/bin/python3 Tests/Interop/health_client.py USHERD [FLAGS OF unittest]

Written from the wire's rules alone (Sources/Wire/Wire.docc/TheWire.md): it shares no code with the
server.
"""

import sys
import unittest

from wire import CHECK, WATCH, Connection, Frame, Usherd, encode, health, open_call, rpc

OK, INVALID_ARGUMENT, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED = 0, 3, 4, 8
UNIMPLEMENTED, INTERNAL = 12, 13
MEBIBYTE = 1 << 20
SERVING = health.HealthCheckResponse(status=health.HealthCheckResponse.SERVING)


class HealthClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Usherd(sys.argv[1])

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == 0, f"the server ended with {code}"

    def setUp(self):
        self.connection = Connection(self.server.port)
        self.addCleanup(self.connection.__exit__)

    # What is expected of the server

    def assert_serving(self, call):
        frame = self.connection.receive()
        self.assertEqual((frame.kind, frame.call, frame.status), (rpc.KIND_CLOSE, call, OK))
        self.assertEqual(health.HealthCheckResponse.FromString(frame.message), SERVING)

    def assert_ended(self, call, status):
        frame = self.connection.receive()
        self.assertEqual((frame.kind, frame.call, frame.status), (rpc.KIND_CLOSE, call, status))

    def assert_goes_on(self, call):
        """The connection has survived: a further call on it succeeds."""
        self.connection.send(open_call(call))
        self.assert_serving(call)

    def assert_fault(self, highest_call=0):
        """GOAWAY with a reason is the last frame, then the server closes."""
        *_, last = self.connection.receive_rest() or [None]
        self.assertIsNotNone(last, "closed without GOAWAY")
        self.assertEqual((last.kind, last.call), (rpc.KIND_GOAWAY, highest_call))
        self.assertNotEqual(last.status, OK)
        self.assertNotEqual(last.reason, "")

    def open_watch(self, call, **fields):
        """A call that stays open: Watch, after its first message."""
        self.connection.send(open_call(call, method=WATCH, **fields))
        frame = self.connection.receive()
        self.assertEqual((frame.kind, frame.call), (rpc.KIND_MESSAGE, call))
        self.assertEqual(health.HealthCheckResponse.FromString(frame.message), SERVING)

    # Calls

    def test_check(self):
        self.connection.send(open_call(1, request=health.HealthCheckRequest(service="")))
        self.assert_serving(1)

    def test_check_one_byte_at_a_time(self):
        for byte in encode(open_call(1)):
            self.connection.send_bytes(bytes([byte]))
        self.assert_serving(1)

    def test_many_calls_in_one_write(self):
        calls = range(1, 101)
        self.connection.send(*map(open_call, calls))
        ended = [self.connection.receive() for _ in calls]
        self.assertEqual(sorted(frame.call for frame in ended), list(calls))
        self.assertEqual({(f.kind, f.status, f.message) for f in ended},
                         {(rpc.KIND_CLOSE, OK, SERVING.SerializeToString())})

    def test_ids_may_skip_and_be_large(self):
        for call in (7, 300, (1 << 32) - 1):
            self.assert_goes_on(call)

    def test_unknown_method(self):
        methods = ["/grpc.health.v1.Health/Nothing", "/a.B/C", "nonsense", ""]
        for call, method in enumerate(methods, 1):
            self.connection.send(open_call(call, method=method))
            self.assert_ended(call, UNIMPLEMENTED)
        self.assert_goes_on(9)

    def test_request_that_does_not_parse(self):
        for call, message in enumerate([b"\x0a", b"\xff\xff\xff", b"\x0a\x05ab"], 1):
            self.connection.send(open_call(call, message=message))
            self.assert_ended(call, INVALID_ARGUMENT)
        self.assert_goes_on(9)

    def test_watch_and_cancel(self):
        self.open_watch(1)
        self.connection.send(Frame(kind=rpc.KIND_CANCEL, call=1), open_call(2))
        frame = self.connection.receive()
        while frame.call == 1:  # what was under way
            frame = self.connection.receive()
        self.assertEqual((frame.kind, frame.call, frame.status), (rpc.KIND_CLOSE, 2, OK))

    def test_deadline_ends_a_call(self):
        self.open_watch(1, timeout_ms=100)
        self.assert_ended(1, DEADLINE_EXCEEDED)
        self.assert_goes_on(2)

    def test_message_on_a_call_that_takes_none(self):
        self.open_watch(1)
        self.connection.send(Frame(kind=rpc.KIND_MESSAGE, call=1))
        self.assert_ended(1, INTERNAL)
        self.assert_goes_on(2)

    # The connection

    def test_settings_come_first(self):
        frame = self.connection.receive_raw()
        self.assertEqual(frame.kind, rpc.KIND_SETTINGS)
        self.assertEqual(frame.settings.frame_bytes_max, MEBIBYTE)
        self.assertGreaterEqual(frame.settings.open_calls_max, 100)

    def test_ping(self):
        self.connection.send(Frame(kind=rpc.KIND_PING, nonce=(1 << 64) - 1))
        frame = self.connection.receive()
        self.assertEqual((frame.kind, frame.nonce), (rpc.KIND_PONG, (1 << 64) - 1))

    def test_pinging_too_fast(self):
        interval = self.connection.receive_raw().settings.ping_interval_ms_min
        self.assertGreater(interval, 0)
        self.connection.send(*[Frame(kind=rpc.KIND_PING, nonce=n) for n in range(5)])
        self.assert_fault()

    def test_half_close_lets_open_calls_finish(self):
        self.connection.send(open_call(1))
        self.connection.half_close()
        self.assert_serving(1)
        self.assertNotIn(rpc.KIND_CLOSE, [frame.kind for frame in self.connection.receive_rest()])

    def test_unknown_kinds_and_fields_are_ignored(self):
        unknown_field = b"\xfa\xff\x03\x01x"
        frame = open_call(1).SerializeToString() + unknown_field
        self.connection.send(Frame(kind=99, call=1))
        self.connection.send_bytes(len(frame).to_bytes(4, "big") + frame)
        self.assert_serving(1)

    def test_frames_for_an_ended_call_are_ignored(self):
        self.assert_goes_on(1)
        self.connection.send(*[Frame(kind=kind, call=1, credit=1) for kind in
                               (rpc.KIND_MESSAGE, rpc.KIND_CANCEL, rpc.KIND_CREDIT, rpc.KIND_END)])
        self.assert_goes_on(2)

    # Faults

    def test_frame_that_cannot_be_read(self):
        self.connection.send_bytes(b"\x00\x00\x00\x04\xff\xff\xff\xff")
        self.assert_fault()

    def test_frame_over_the_limit(self):
        self.connection.send_bytes((MEBIBYTE + 1).to_bytes(4, "big"))
        self.assert_fault()

    def test_another_protocol(self):
        self.connection.send_bytes(b"GET / HTTP/1.1\r\nHost: usher\r\n\r\n")
        self.assert_fault()

    def test_id_that_does_not_rise(self):
        for second in (5, 4, 0):
            with self.subTest(second=second), Connection(self.server.port) as self.connection:
                self.assert_goes_on(5)
                self.connection.send(open_call(second))
                self.assert_fault(highest_call=5)

    def test_frame_for_a_call_that_was_never_opened(self):
        self.assert_goes_on(1)
        self.connection.send(Frame(kind=rpc.KIND_CANCEL, call=2))
        self.assert_fault(highest_call=1)

    def test_kinds_that_only_a_server_sends(self):
        for kind in (rpc.KIND_CLOSE, rpc.KIND_SETTINGS):
            with self.subTest(kind=kind), Connection(self.server.port) as self.connection:
                self.assert_goes_on(1)
                self.connection.send(Frame(kind=kind, call=1))
                self.assert_fault(highest_call=1)

    def test_too_much_credit(self):
        self.open_watch(1)
        self.connection.send(Frame(kind=rpc.KIND_CREDIT, call=1, credit=1 << 31))
        self.assert_fault(highest_call=1)

    def test_over_budget_ends_the_call(self):
        frame = open_call(1)
        for _ in range(20_000):
            frame.metadata.add()
        self.connection.send(frame)
        self.assert_ended(1, RESOURCE_EXHAUSTED)
        self.assert_goes_on(2)

    def test_over_budget_without_an_id(self):
        frame = Frame(kind=rpc.KIND_OPEN, method=CHECK)
        for _ in range(20_000):
            frame.metadata.add()
        self.connection.send(frame)
        self.assert_fault()


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
