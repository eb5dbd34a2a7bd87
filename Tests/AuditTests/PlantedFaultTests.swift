import Audit
import ServicesSupport
import Testing
import UsherAPI
import Wire

@Suite("What an audit finds")
struct PlantedFaultTests {
  @Test("A sale in which everything happened is found right, on facts of every kind")
  func nothing() throws {
    let verdicts = try Evidence(of: House.afterSale()).verdicts()
    for verdict in verdicts {
      #expect(verdict.isOk, "\(verdict.lines)")
      #expect(verdict.facts > 0, "\(verdict.check) looked at nothing")
    }
    #expect(verdicts.map(\.check) == Check.allCases)
  }

  @Test("A fault that is planted is found by the verdict that is made for it", arguments: Fault.all)
  func fault(fault: Fault) throws {
    var evidence = try Evidence(of: House.afterSale())
    try fault.plant(&evidence)
    let verdicts = try evidence.verdicts()
    let broken = Set(verdicts.filter { !$0.isOk }.map(\.check))
    #expect(broken == fault.found)
    for verdict in verdicts where !verdict.isOk {
      #expect(!verdict.cases.isEmpty)
      #expect(verdict.lines[0].contains(" broken of "))
      #expect(verdict.lines.count == verdict.cases.count + (verdict.casesTotal > 3 ? 2 : 1))
    }
    let told = verdicts.flatMap(\.lines).joined(separator: "\n")
    #expect(told.contains(fault.says), "\(told)")
  }

  @Test("A verdict tells its first three cases and how many more there are")
  func firstThree() throws {
    var evidence = try Evidence(of: House.afterSale())
    let count = evidence.events.count
    for index in evidence.events.indices { evidence.events[index].offset += UInt64(2 * index) }
    let gaps = try #require(try evidence.verdicts().first { $0.check == .logGaps })
    // Every event but the first comes too late, and the end is not the export's.
    #expect(gaps.casesTotal == UInt64(count))
    #expect(gaps.lines.count == 5)
    #expect(gaps.lines[0] == "audit log-gaps \(count) 0 broken of \(count) events")
    #expect(gaps.lines[1] == "  at offset 4: comes after offset 1")
    #expect(gaps.lines[4] == "  and \(count - 3) more")
  }

  @Test("An export that is not whole, or not of one state, is no evidence")
  func badExports() throws {
    let whole = try Evidence(of: House.afterSale())
    var lacking = whole
    lacking.chunks.removeAll { $0.table == "wallets" }
    #expect(throws: AuditFailure.self) { try lacking.verdicts() }
    var torn = whole
    torn.chunks[3].offset += 1
    #expect(throws: AuditFailure.self) { try torn.verdicts() }
    var unreadable = whole
    unreadable.chunks[0].rows[0] = [0xFF]
    #expect(throws: AuditFailure.self) { try unreadable.verdicts() }
  }
}
