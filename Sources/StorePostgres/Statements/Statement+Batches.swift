internal import Domain
internal import Ledger

// The statements of a batch that concern no single table.

extension Statement {
  package static let begin = Statement("begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
  package static let commit = Statement("commit", "COMMIT")
  package static let rollBack = Statement("roll back", "ROLLBACK")

  package static let lockHead = Statement(
    "lock head",
    "SELECT schema, epoch, log_offset, batch, time_ms, hash FROM head FOR UPDATE"
  )

  /// A statement of its own, after the lock: the columns of the one that locks are read before it
  /// waits. With it, what it takes to find out what became of the batch, and when the first of the
  /// pending holds ends.
  package static let afterLock = Statement(
    "after lock",
    """
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
      pg_current_xact_id()::text::bigint,
      coalesce((
        SELECT expires_ms FROM reservations WHERE state = \(Reservation.State.pending.rawValue)
        ORDER BY expires_ms LIMIT 1
      ), \(Int64.max))
    """
  )

  package static let moveHead = Statement(
    "move head",
    "UPDATE head SET epoch = $1, log_offset = $2, batch = $3, time_ms = $4, hash = $5"
  )

  /// Appends events after an offset.
  package static let appendLog = Statement(
    "append log",
    """
    INSERT INTO log (log_offset, event)
    SELECT $1::bigint + place, event FROM unnest($2::bytea[]) WITH ORDINALITY AS new (event, place)
    """
  )

  package static let putSeal = Statement(
    "put seal",
    "INSERT INTO seals (\(Seal.columns)) VALUES ($1, $2, $3, $4, $5)"
  )

  package static let notify = Statement("notify", "SELECT pg_notify('\(channel)', $1::text)")
  package static let listen = Statement(once: "LISTEN \(channel)")
  private static let channel = "usher_commit"

  package static let forgetRepeats = Statement(
    "forget repeats",
    """
    DELETE FROM repeats WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM repeats WHERE created_ms < $1::bigint
      ORDER BY created_ms LIMIT $2::bigint
    ))
    """
  )

  /// Holds that are over at an instant, the first first.
  package static let due = Statement(
    "due",
    """
    SELECT user_id, id FROM reservations
    WHERE state = \(Reservation.State.pending.rawValue) AND expires_ms <= $1::bigint
    ORDER BY expires_ms, user_id, id LIMIT $2::bigint
    """
  )

  /// Gives milliseconds to the holds, their seats, and the tickets, that lived at an instant. A ticket
  /// that was never claimed has no session yet.
  package static let giveBack = Statement(
    "give back",
    """
    WITH living AS (
      UPDATE reservations
      SET expires_ms = \(later("expires_ms"))
      WHERE state = \(Reservation.State.pending.rawValue) AND expires_ms > $2::bigint
      RETURNING user_id, id, date_id, seat
    ), seats AS (
      UPDATE taken_seats
      SET until_ms = \(later("until_ms"))
      FROM living
      WHERE taken_seats.date_id = living.date_id AND taken_seats.number = living.seat
        AND taken_seats.reservation_id = living.id AND taken_seats.user_id = living.user_id
        AND taken_seats.until_ms <> 0
    ), moved AS (
      UPDATE tickets
      SET place = \(later("place")),
        session_ends_ms = \(laterUnlessNever("session_ends_ms")),
        session_max_ms = \(laterUnlessNever("session_max_ms"))
      WHERE queue = \(Ticket.Queue.Kind.timed.rawValue) AND place > $2::bigint\(livingTickets)
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM living)
    """
  )

  private static let livingTickets =
    Ticket.shape.queue?.filter.map { " AND \($0.queueSQL)" } ?? ""

  /// A sum that would leave the integers is their end.
  private static func later(_ column: String) -> String {
    "CASE WHEN \(column) > \(Int64.max) - $1::bigint THEN \(Int64.max) "
      + "ELSE \(column) + $1::bigint END"
  }

  private static func laterUnlessNever(_ column: String) -> String {
    "CASE WHEN \(column) = 0 THEN 0 ELSE \(later(column)) END"
  }

  package static let longStatement = Statement(once: "SET LOCAL statement_timeout = '60s'")

  // MARK: - Settling

  /// Ends the session with this process number and start, if it is still there.
  package static let endSession = Statement(
    once: """
      SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
      WHERE pid = $1::bigint AND backend_start::text = $2::text
      """
  )

  package static let outcome = Statement(
    once: "SELECT coalesce(pg_xact_status($1::bigint::text::xid8), 'forgotten')"
  )

  /// Which history the server stands in: another after a fail-over.
  package static let identity = Statement(
    once: """
      SELECT pg_backend_pid()::bigint,
        (SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()),
        system_identifier || ' ' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
      FROM pg_control_system()
      """
  )

  package static let isLogged = Statement(
    once: "SELECT count(*) FROM log WHERE log_offset = $1::bigint AND event = $2::bytea"
  )

  // MARK: - Readers'

  package static let beginReading = Statement(
    "begin reading",
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
  )
  package static let head = Statement(
    "head",
    "SELECT schema, epoch, log_offset, batch, time_ms, hash FROM head"
  )
  package static let log = Statement(
    "log",
    "SELECT event FROM log WHERE log_offset >= $1::bigint ORDER BY log_offset LIMIT $2::bigint"
  )
  package static let seal = Statement(
    "seal",
    "SELECT \(Seal.columns) FROM seals WHERE last_offset >= $1::bigint ORDER BY last_offset LIMIT 1"
  )
}
