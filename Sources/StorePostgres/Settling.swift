internal import Domain
internal import Glibc
internal import Ledger

/// Finds out what became of a commit whose answer was lost.
///
/// The old session is ended first, so that it cannot commit later. Then its transaction's status
/// says whether it did. A server that crashed may have given the same number to another's
/// transaction, and one that took over after a fail-over has its own, so a batch's last event must
/// stand in the log too.
struct Settling {
  let settings: PostgresSettings
  let session: SessionIdentity
  let transaction: Int64
  /// The batch's last event and its offset; nil where it logged nothing.
  let last: (offset: UInt64, event: [UInt8])?

  private enum Outcome {
    case committed, rolledBack, underWay, unknowable
  }

  /// Returns a new connection where the batch was committed, and throws what is known where not.
  func run(after reason: String) throws(StoreFailure) -> PostgresStore.Link {
    let deadline = PostgresConnection.now() + Int64(settings.limits.settleMilliseconds)
    var problem = reason
    repeat {
      do {
        let link = try PostgresStore.Link(settings)
        switch try outcome(on: link, by: deadline) {
        case .committed: return link
        case .rolledBack:
          throw StoreFailure.rolledBack(.conflict, "the connection was lost: \(reason)")
        case .unknowable:
          throw StoreFailure.outcomeUnknown("the server no longer knows of the batch: \(reason)")
        case .underWay: problem = "the server still has the batch under way"
        }
      } catch StoreFailure.unreachable(let message) {
        problem = message
      } catch let failure as StoreFailure {
        throw failure
      } catch let failure as ConnectionFailure {
        problem = failure.message
      } catch {
        problem = "\(error)"
      }
      usleep(20_000)
    } while PostgresConnection.now() < deadline
    throw .outcomeUnknown("\(reason); then: \(problem)")
  }

  private func outcome(on link: PostgresStore.Link, by deadline: Int64) throws -> Outcome {
    guard link.session.server == session.server else {
      return last == nil ? .unknowable : try isLogged(on: link) ? .committed : .rolledBack
    }
    try link.connection.run([
      Request(
        .endSession,
        Parameters {
          $0.integer(session.process)
          $0.text(session.start)
        }
      )
    ])
    while true {
      let answer = try link.connection.run([
        Request(.outcome, Parameters { $0.integer(transaction) })
      ])
      var columns = answer[0].columns(row: 0)
      switch try columns.text() {
      case "committed": return try isLogged(on: link) ? .committed : .rolledBack
      case "aborted": return .rolledBack
      case "in progress":
        guard PostgresConnection.now() < deadline else { return .underWay }
        usleep(5_000)
      default: return last == nil ? .unknowable : try isLogged(on: link) ? .committed : .rolledBack
      }
    }
  }

  /// Whether the batch's last event is in the log; also where it has none.
  private func isLogged(on link: PostgresStore.Link) throws -> Bool {
    guard let last else { return true }
    let results = try link.connection.run([
      Request(
        .isLogged,
        Parameters {
          $0.integer(Int64(bitPattern: last.offset))
          $0.bytes(last.event)
        }
      )
    ])
    var columns = results[0].columns(row: 0)
    return try columns.integer() == 1
  }
}
