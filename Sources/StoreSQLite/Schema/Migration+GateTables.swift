extension Migration {
  /// Gates and their lines. Seats that were taken before are counted, and those held under no gate have
  /// no ticket. Receipts begin here too: events that were logged before have no seal.
  ///
  /// Indexes hold living tickets alone: those that have ended are found by their ids.
  static let gateTables = """
    ALTER TABLE reservations ADD COLUMN
      ticket_id BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
    CREATE INDEX concerts_by_gate ON concerts (gate);

    CREATE TABLE seat_tallies (
      date_id BLOB NOT NULL,
      held INTEGER NOT NULL,
      sold INTEGER NOT NULL,
      PRIMARY KEY (date_id)
    ) STRICT, WITHOUT ROWID;

    INSERT INTO seat_tallies (date_id, held, sold)
      SELECT date_id, sum(until_ms <> 0), sum(until_ms = 0) FROM taken_seats GROUP BY date_id;

    CREATE TABLE gates (
      name TEXT NOT NULL,
      house INTEGER NOT NULL,
      inside_max INTEGER NOT NULL,
      rate_count INTEGER NOT NULL,
      rate_ms INTEGER NOT NULL,
      claim_ms INTEGER NOT NULL,
      grace_ms INTEGER NOT NULL,
      session_ms INTEGER NOT NULL,
      session_max_ms INTEGER NOT NULL,
      stops_when_sold_out INTEGER NOT NULL,
      limited_to_stock INTEGER NOT NULL,
      priority_percent INTEGER NOT NULL,
      ask_min_ms INTEGER NOT NULL,
      ask_max_ms INTEGER NOT NULL,
      adaptive_floor INTEGER NOT NULL,
      adaptive_ceiling INTEGER NOT NULL,
      adaptive_target_ms INTEGER NOT NULL,
      mode INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      opens_ms INTEGER NOT NULL,
      opened_ms INTEGER NOT NULL,
      commitment BLOB NOT NULL,
      seed BLOB NOT NULL,
      message TEXT NOT NULL,
      rate_reason TEXT NOT NULL,
      changed_ms INTEGER NOT NULL,
      changed_by TEXT NOT NULL,
      changed_reason TEXT NOT NULL,
      PRIMARY KEY (name)
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX gates_of_house ON gates (house);

    CREATE TABLE lines (
      gate TEXT NOT NULL,
      last_number INTEGER NOT NULL,
      waiting_regular INTEGER NOT NULL,
      waiting_priority INTEGER NOT NULL,
      admitted INTEGER NOT NULL,
      active INTEGER NOT NULL,
      holding INTEGER NOT NULL,
      admissions INTEGER NOT NULL,
      first_kept INTEGER NOT NULL,
      missed_total INTEGER NOT NULL,
      done_total INTEGER NOT NULL,
      expired_total INTEGER NOT NULL,
      left_total INTEGER NOT NULL,
      contested INTEGER NOT NULL,
      given INTEGER NOT NULL,
      gathered_digest BLOB NOT NULL,
      drawn_regular BLOB NOT NULL,
      drawn_priority BLOB NOT NULL,
      PRIMARY KEY (gate)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tickets (
      id BLOB NOT NULL,
      gate TEXT NOT NULL,
      number INTEGER NOT NULL,
      user_id BLOB NOT NULL,
      priority INTEGER NOT NULL,
      gathered INTEGER NOT NULL,
      state INTEGER NOT NULL,
      queue INTEGER NOT NULL,
      place INTEGER NOT NULL,
      returns INTEGER NOT NULL,
      admission INTEGER NOT NULL,
      session_ends_ms INTEGER NOT NULL,
      session_max_ms INTEGER NOT NULL,
      holds BLOB NOT NULL,
      entered_ms INTEGER NOT NULL,
      updated_ms INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      log_offset INTEGER NOT NULL,
      PRIMARY KEY (id)
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX tickets_by_user ON tickets (user_id, gate) WHERE queue IN (1, 2, 3, 4, 5);
    CREATE INDEX tickets_queued ON tickets (gate, queue, place) WHERE queue IN (1, 2, 3, 4, 5);

    CREATE TABLE admissions (
      gate TEXT NOT NULL,
      number INTEGER NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (gate, number)
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE head ADD COLUMN hash BLOB NOT NULL DEFAULT
      x'0000000000000000000000000000000000000000000000000000000000000000';

    CREATE TABLE receipt_keys (
      number INTEGER NOT NULL,
      secret BLOB NOT NULL,
      created_ms INTEGER NOT NULL,
      PRIMARY KEY (number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE seals (
      last_offset INTEGER PRIMARY KEY,
      first_offset INTEGER NOT NULL,
      hash_before BLOB NOT NULL,
      signature BLOB NOT NULL,
      public_key BLOB NOT NULL
    ) STRICT;
    """
}
