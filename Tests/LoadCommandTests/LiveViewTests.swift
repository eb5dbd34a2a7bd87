@testable import LoadCommand
@testable import Rehearsal
import Scenarios
import Testing

@Suite("How a run is shown where no terminal is")
struct LiveViewTests {
  private static let silence = Results.Mark(moment: 6_000_000_000, text: "the server is silent")
  private static let answer = Results.Mark(moment: 71_000_000_000, text: "the server answers again")

  /// What is said when half seconds go by in which the server was silent and answered again.
  private func said(isQuiet: Bool) throws -> [(seconds: Double, lines: [String])] {
    let desk = try Desk()
    let view = LiveView(of: .onsale, seed: 1, on: desk.console, isQuiet: isQuiet)
    var before = 0
    return stride(from: 0, to: 80, by: 0.5).map { seconds in
      let known = [Self.silence, Self.answer].filter { Double($0.moment) / 1e9 <= seconds }
      view.show(.playing(glance(seconds, known)))
      defer { before = desk.remarks.count }
      return (seconds, Array(desk.remarks.dropFirst(before)))
    }
  }

  private func glance(_ seconds: Double, _ silences: [Results.Mark]) -> Glance {
    let sale = Glance.Sale(
      waiting: 0,
      inside: 0,
      admitted: 0,
      held: 0,
      sold: 0,
      seats: 600,
      judgements: [],
      silences: silences
    )
    return Glance(seconds: seconds, results: Results(), sale: sale) {
      Rehearsed(.onsale, seed: 1, loops: 1, results: Results(), seconds: seconds, ending: .underWay)
    }
  }

  @Test("A server that is silent, and one that answers again, are told at once, with one line each")
  func silences() throws {
    let told = try said(isQuiet: false).flatMap { seconds, lines in
      lines.filter { $0.contains("server") }.map { "\(seconds): \($0)" }
    }
    #expect(told == ["6.0: 00:06  the server is silent", "71.0: 01:11  the server answers again"])
  }

  @Test("Otherwise there is a line every five seconds, and none where it is to be quiet")
  func lines() throws {
    let told = try said(isQuiet: false).filter { $0.lines.contains { $0.contains(" of 600 sold") } }
    #expect(told.map(\.seconds) == Array(stride(from: 0, to: 80, by: 5)))
    #expect(try said(isQuiet: true).allSatisfy { $0.lines.isEmpty })
  }
}
