extension Migration {
  /// Gates and their lines. Seats that were taken before are counted, and those held under no gate have
  /// no ticket. Receipts begin here too: events that were logged before have no seal.
  static let gates = Migration(number: 2, statements: holds + tallies + lines + receipts)

  private static let holds = [
    """
    ALTER TABLE reservations ADD COLUMN
      ticket_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
    """,
    "CREATE INDEX concerts_by_gate ON concerts (gate)",
  ]

  private static let tallies = [
    """
    CREATE TABLE seat_tallies (
      date_id uuid, held bigint NOT NULL, sold bigint NOT NULL, PRIMARY KEY (date_id)
    )
    """,
    """
    INSERT INTO seat_tallies (date_id, held, sold)
    SELECT date_id, count(*) FILTER (WHERE until_ms <> 0), count(*) FILTER (WHERE until_ms = 0)
    FROM taken_seats GROUP BY date_id
    """,
  ]

  /// Indexes hold living tickets alone: those that have ended are found by their ids. The condition
  /// of the second is spelled as ``TableShape/Filter/queueSQL`` is.
  private static let lines = [
    """
    CREATE TABLE gates (
      name text COLLATE "C", house bigint NOT NULL, inside_max bigint NOT NULL, rate_count
      bigint NOT NULL, rate_ms bigint NOT NULL, claim_ms bigint NOT NULL, grace_ms bigint NOT
      NULL, session_ms bigint NOT NULL, session_max_ms bigint NOT NULL, stops_when_sold_out
      bigint NOT NULL, limited_to_stock bigint NOT NULL, priority_percent bigint NOT NULL,
      ask_min_ms bigint NOT NULL, ask_max_ms bigint NOT NULL, adaptive_floor bigint NOT NULL,
      adaptive_ceiling bigint NOT NULL, adaptive_target_ms bigint NOT NULL, mode bigint NOT
      NULL, revision bigint NOT NULL, epoch bigint NOT NULL, opens_ms bigint NOT NULL,
      opened_ms bigint NOT NULL, commitment bytea NOT NULL, seed bytea NOT NULL, message text COLLATE "C" NOT NULL,
      rate_reason text COLLATE "C" NOT NULL, changed_ms bigint NOT NULL, changed_by text
      COLLATE "C" NOT NULL, changed_reason text COLLATE "C" NOT NULL, PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE lines (
      gate text COLLATE "C", last_number bigint NOT NULL, waiting_regular bigint NOT NULL,
      waiting_priority bigint NOT NULL, admitted bigint NOT NULL, active bigint NOT NULL,
      holding bigint NOT NULL, admissions bigint NOT NULL, first_kept bigint NOT NULL,
      missed_total bigint NOT NULL, done_total bigint NOT NULL, expired_total bigint NOT NULL,
      left_total bigint NOT NULL, contested bigint NOT NULL, given bigint NOT NULL,
      gathered_digest bytea NOT NULL, drawn_regular uuid NOT NULL, drawn_priority uuid NOT
      NULL, PRIMARY KEY (gate)
    )
    """,
    """
    CREATE TABLE tickets (
      id uuid, gate text COLLATE "C" NOT NULL, number bigint NOT NULL, user_id uuid NOT NULL,
      priority bigint NOT NULL, gathered bigint NOT NULL, state bigint NOT NULL, queue bigint
      NOT NULL, place bigint NOT NULL, returns bigint NOT NULL, admission bigint NOT NULL,
      session_ends_ms bigint NOT NULL, session_max_ms bigint NOT NULL, holds bytea NOT NULL,
      entered_ms bigint NOT NULL, updated_ms bigint NOT NULL, epoch bigint NOT NULL,
      log_offset bigint NOT NULL, PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE admissions (
      gate text COLLATE "C", number bigint, at_ms bigint NOT NULL, PRIMARY KEY (gate, number)
    )
    """,
    "CREATE INDEX gates_of_house ON gates (house)",
    "CREATE INDEX tickets_by_user ON tickets (user_id, gate) WHERE queue IN (1, 2, 3, 4, 5)",
    "CREATE INDEX tickets_queued ON tickets (gate, queue, place) WHERE queue + 0 IN (1, 2, 3, 4, 5)",
  ]

  private static let receipts = [
    "ALTER TABLE head ADD COLUMN hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')",
    """
    CREATE TABLE receipt_keys (
      number bigint, secret bytea NOT NULL, created_ms bigint NOT NULL, PRIMARY KEY (number)
    )
    """,
    """
    CREATE TABLE seals (
      last_offset bigint, first_offset bigint NOT NULL, hash_before bytea NOT NULL,
      signature bytea NOT NULL, public_key bytea NOT NULL, PRIMARY KEY (last_offset)
    )
    """,
  ]
}
