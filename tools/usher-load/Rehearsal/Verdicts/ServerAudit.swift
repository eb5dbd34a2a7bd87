internal import Audit
internal import RPCCore
internal import UsherAPI

/// Asks the server for all its tables and its whole log, and judges every promise by them and by what
/// the crowd was told.
struct ServerAudit {
  let desk: Desk
  let facts: Facts
  /// What a subscriber heard while the crowd was there.
  let heard: SaleLog

  func judgements() async throws -> [Judgement] {
    var auditor = Auditor()
    var acknowledged = Acknowledged(facts)
    do {
      let export = desk.operators.export(
        ExportRequest(),
        options: desk.streaming(try desk.asOperator(), for: Desk.readingPatience)
      )
      for try await chunk in export { try auditor.take(chunk) }
      let end = auditor.exportOffset ?? 0
      let options = desk.streaming(try desk.asApp(atLeast: end), for: Desk.readingPatience)
      for try await event in desk.events.subscribe(SubscribeRequest(), options: options) {
        guard event.offset <= end else { break }
        auditor.take(event)
        acknowledged.take(event)
      }
      let verdicts = try auditor.verdicts()
      return verdicts.map { Judgement($0) } + acknowledged.judgements + [eventsMissed]
    } catch let failure as AuditFailure {
      throw RehearsalFailure("the server cannot be audited: \(failure)")
    }
  }

  private var eventsMissed: Judgement {
    var cases = heard.gaps.map { Judgement.Case(sentence: $0, offset: nil) }
    var broken = heard.gapsTotal
    if heard.lastOffset < facts.offsetMost {
      broken += 1
      let sentence =
        "an answer named offset \(facts.offsetMost), and no event came after \(heard.lastOffset)"
      cases.append(Judgement.Case(sentence: sentence, offset: facts.offsetMost))
    }
    return Judgement(.eventsMissed, facts: heard.events, broken: broken, cases: cases)
  }
}
