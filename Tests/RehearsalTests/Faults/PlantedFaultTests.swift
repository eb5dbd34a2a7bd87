import Audit
import Rehearsal
import Testing

@Suite("What a rehearsal says of a server")
struct PlantedFaultTests {
  @Test("One that does right is found right, on facts of every kind", arguments: [1, 2, 3])
  func nothing(seed: UInt64) throws {
    let judgements = try #require(try Theatre().rehearse(.small, seed: seed).judgements)
    for judgement in judgements {
      #expect(judgement.isKept, "\(judgement.name): \(judgement.cases)")
      #expect(judgement.facts > 0, "\(judgement.name) rests on nothing")
    }
    let names = Check.allCases.map(\.rawValue) + Promise.allCases.map(\.rawValue)
    #expect(Set(judgements.map(\.name)) == Set(names))
    #expect(judgements.count == names.count)
  }

  @Test("One that does wrong breaks the promise that is about it", arguments: Fault.all)
  func fault(fault: Fault) throws {
    let rehearsed = try Theatre(fault.tampering()).rehearse(fault.scenario)
    let judgements = try #require(rehearsed.judgements)
    let broken = judgements.filter { !$0.isKept }
    let names = Set(broken.map(\.name))
    #expect(fault.breaks.isSubset(of: names), "kept: \(fault.breaks.subtracting(names))")
    #expect(names.isSubset(of: fault.breaks.union(fault.mayBreak)), "\(broken)")
    let told = broken.flatMap(\.cases).map(\.sentence)
    #expect(told.contains { $0.contains(fault.says) }, "\(told)")
  }

  @Test("Every promise has a fault that breaks it")
  func allPromises() {
    let names = Check.allCases.map(\.rawValue) + Promise.allCases.map(\.rawValue)
    let broken = Fault.all.reduce(into: Set()) { $0.formUnion($1.breaks) }
    #expect(broken == Set(names))
  }
}
