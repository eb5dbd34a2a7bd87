@testable import RPCCore
import Testing
import Wire

@Suite("Time") struct MomentTests {
  @Test("Moments stop at the end of time instead of passing it")
  func saturates() {
    let late = Moment(nanoseconds: .max - 5)
    #expect(late + .nanoseconds(5) == Moment(nanoseconds: .max))
    #expect(late + .nanoseconds(6) == Moment(nanoseconds: .max))
    #expect(Moment(nanoseconds: 0) + .seconds(Int64.max) == Moment(nanoseconds: .max))
    #expect(Moment(nanoseconds: 7) - Moment(nanoseconds: 9) == .nanoseconds(-2))
    #expect(Moment(nanoseconds: 7) < Moment(nanoseconds: 9))
  }

  @Test("Durations are counted in nanoseconds as far as 64 bits go")
  func nanoseconds() {
    #expect(Duration.milliseconds(1_500).wholeNanoseconds == 1_500_000_000)
    #expect(Duration.milliseconds(-1_500).wholeNanoseconds == -1_500_000_000)
    #expect(Duration(secondsComponent: 0, attosecondsComponent: 999_999_999).wholeNanoseconds == 0)
    #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
    #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
    #expect(Duration.nanoseconds(Int64.max).wholeNanoseconds == .max)
  }

  @Test("A call's time travels in whole milliseconds, at least one and at most what fits")
  func timeoutMs() {
    #expect(CallOptions().timeoutMs == 0)
    #expect(CallOptions(timeout: .zero).timeoutMs == 1)
    #expect(CallOptions(timeout: .microseconds(1)).timeoutMs == 1)
    #expect(CallOptions(timeout: .seconds(-4)).timeoutMs == 1)
    #expect(CallOptions(timeout: .microseconds(2_999)).timeoutMs == 2)
    #expect(CallOptions(timeout: .seconds(1 << 40)).timeoutMs == .max)
  }
}

@Suite("Pings") struct PingTests {
  private static func at(_ milliseconds: Int64) -> Moment {
    Moment(nanoseconds: milliseconds * 1_000_000)
  }

  @Test("Early pings are counted, and one in time forgives them")
  func pingGuard() {
    var pings = PingGuard(interval: .seconds(5), earlyMax: 3)
    #expect(pings.received(at: Self.at(0)) == .answer)
    #expect(pings.received(at: Self.at(4_999)) == .answer)
    #expect(pings.received(at: Self.at(9_998)) == .answer)
    #expect(pings.received(at: Self.at(14_998)) == .answer, "in time")
    #expect(pings.received(at: Self.at(15_000)) == .answer)
    #expect(pings.received(at: Self.at(15_001)) == .answer)
    #expect(pings.received(at: Self.at(15_002)) == .tooMany)
  }

  @Test("A silent peer is asked once, and is dead if it stays silent")
  func keepAlive() {
    var keepAlive = KeepAlive(interval: .seconds(30), timeout: .seconds(10), now: Self.at(0))
    #expect(keepAlive.nextLook == Self.at(30_000))
    #expect(keepAlive.woke(at: Self.at(29_999)) == .wait)
    #expect(keepAlive.woke(at: Self.at(30_000)) == .ping)
    #expect(keepAlive.nextLook == Self.at(40_000))
    #expect(keepAlive.woke(at: Self.at(39_999)) == .wait)
    keepAlive.heard(at: Self.at(39_999))
    #expect(keepAlive.nextLook == Self.at(69_999))
    #expect(keepAlive.woke(at: Self.at(69_999)) == .ping)
    #expect(keepAlive.woke(at: Self.at(79_999)) == .dead)
  }
}

@Suite("The one alarm of a connection") struct SessionTimingTests {
  private static func at(_ seconds: Int64) -> Moment {
    Moment(nanoseconds: seconds * 1_000_000_000)
  }

  @Test("The alarm moves only to ring sooner")
  func alarm() {
    var timing = SessionTiming(limits: .defaults, openedAt: Self.at(0))
    #expect(timing.nextAlarm(hasCalls: false) == Self.at(10))
    #expect(timing.isSooner(Self.at(10)) == false)
    #expect(timing.isSooner(Self.at(11)) == false)
    #expect(timing.isSooner(Self.at(9)) == true)
    #expect(timing.isSooner(Self.at(10)) == false)
  }

  @Test("The alarm is set to the soonest of all that may run out")
  func soonest() {
    var timing = SessionTiming(limits: .defaults, openedAt: Self.at(0))
    #expect(timing.lookedAt(at: Self.at(1), frames: 1, isMidFrame: false) == nil)
    #expect(timing.nextAlarm(hasCalls: false) == Self.at(600))
    #expect(timing.nextAlarm(hasCalls: true) == Self.at(60))
    timing.heard(at: Self.at(5))
    #expect(timing.nextAlarm(hasCalls: true) == Self.at(65))
    #expect(timing.lookedAt(at: Self.at(20), frames: 1, isMidFrame: true) == Self.at(50))
    #expect(timing.nextAlarm(hasCalls: true) == Self.at(50))
    #expect(timing.beganOutput(at: Self.at(10)) == Self.at(40))
    #expect(timing.nextAlarm(hasCalls: true) == Self.at(40))
    #expect(timing.expects(Self.at(33)) == Self.at(33))
    #expect(timing.expects(Self.at(35)) == Self.at(33))
    #expect(timing.nextAlarm(hasCalls: true) == Self.at(33))
  }

  @Test("A frame's time counts from its own first byte")
  func frames() {
    var timing = SessionTiming(limits: .defaults, openedAt: Self.at(0))
    #expect(timing.lookedAt(at: Self.at(1), frames: 0, isMidFrame: true) == Self.at(31))
    #expect(timing.lookedAt(at: Self.at(5), frames: 0, isMidFrame: true) == Self.at(31))
    #expect(timing.lookedAt(at: Self.at(8), frames: 1, isMidFrame: true) == Self.at(38))
    #expect(timing.check(now: Self.at(37), hasCalls: true) == .goOn)
    #expect(timing.check(now: Self.at(38), hasCalls: true) != .goOn)
  }

  @Test("A deadline is due at its moment, and its grace after that")
  func deadlines() {
    var timing = SessionTiming(limits: .defaults, openedAt: Self.at(0))
    #expect(timing.check(deadline: nil, isExpired: false, now: Self.at(99)) == .none)
    #expect(timing.check(deadline: Self.at(20), isExpired: false, now: Self.at(19)) == .none)
    #expect(timing.check(deadline: Self.at(20), isExpired: false, now: Self.at(20)) == .expired)
    #expect(timing.check(deadline: Self.at(20), isExpired: true, now: Self.at(24)) == .none)
    #expect(timing.check(deadline: Self.at(20), isExpired: true, now: Self.at(25)) == .graceOver)
  }
}
