/// How people behave: which part of them does what, and within which bounds.
public struct CrowdPlan: Sendable, Hashable {
  /// Those who watch their place instead of asking for it again and again.
  public var watchShare = Share.percent(50)
  /// Those who are let in and never come.
  public var noShowShare = Share.percent(10)
  /// Those who wait only so long.
  public var impatientShare = Share.percent(20)
  /// How long the impatient wait.
  public var patience = Duration.seconds(20)...Duration.seconds(50)
  /// Whether those who wait leave once every seat is sold, none merely held.
  public var leaveWhenSoldOut = true
  /// How long someone looks around before choosing.
  public var browse = Duration.milliseconds(100)...Duration.milliseconds(500)
  /// How long choosing takes, each time.
  public var choose = Duration.milliseconds(100)...Duration.milliseconds(500)
  /// How long it takes to pay what is held.
  public var pay = Duration.milliseconds(200)...Duration.milliseconds(600)
  /// Those who lose their tab and enter again from another.
  public var lostTabShare = Share.percent(3)
  /// How long after entering the tab is lost, where it is while waiting.
  public var lostTabAfter = Duration.seconds(1)...Duration.seconds(10)
  /// Those whose connection breaks and is made again.
  public var reconnectShare = Share.percent(3)
  /// How long after entering the connection breaks.
  public var reconnectAfter = Duration.seconds(1)...Duration.seconds(10)
  /// Those who pay twice under the same idempotency key.
  public var doubleSubmitSameKeyShare = Share.percent(2)
  /// Those who pay twice, under another key the second time.
  public var doubleSubmitNewKeyShare = Share.percent(1)
  /// Those who hold seats and never pay.
  public var lapseShare = Share.percent(5)
  /// How hard all want the same seats: the k-th best is wanted as `1 / k^exponent`. 0: all are alike.
  public var goodSeatExponent = 1.0
  /// Those who let the server choose.
  public var bestAvailableShare = Share.percent(30)
  /// How many seats one person wants.
  public var seatsEach = 1...2
  /// How often someone tries to hold seats that others were quicker to take.
  public var triesMax = 5
  /// Those who give back a seat that they paid.
  public var refundShare = Share.none
  /// Those who come in the priority lane.
  public var priorityShare = Share.none

  /// The crowd of the usual rehearsal.
  public init() {}
}
