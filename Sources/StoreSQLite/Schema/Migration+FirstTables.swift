extension Migration {
  /// Tables lie in the order of their keys and have no row numbers: what is looked up by key is found
  /// in one search, and what is read together lies together. The log is numbered by itself, and what
  /// users have lies as it was made. A batch adds to the ends of many users' rows: in the order of their
  /// keys it would fill and split a page for each, and of an index, where rows are short, a few.
  static let firstTables = """
    CREATE TABLE head (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      epoch INTEGER NOT NULL,
      log_offset INTEGER NOT NULL,
      batch INTEGER NOT NULL,
      time_ms INTEGER NOT NULL
    ) STRICT;
    INSERT INTO head (id, epoch, log_offset, batch, time_ms) VALUES (1, 1, 0, 0, 0);

    CREATE TABLE log (
      log_offset INTEGER PRIMARY KEY,
      body BLOB NOT NULL
    ) STRICT;

    CREATE TABLE users (
      id BLOB NOT NULL,
      name TEXT NOT NULL,
      created_ms INTEGER NOT NULL,
      updated_ms INTEGER NOT NULL,
      deleted_ms INTEGER NOT NULL,
      PRIMARY KEY (id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE wallets (
      user_id BLOB NOT NULL,
      balance INTEGER NOT NULL,
      PRIMARY KEY (user_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE entries (
      user_id BLOB NOT NULL,
      id BLOB NOT NULL,
      kind INTEGER NOT NULL,
      amount INTEGER NOT NULL,
      balance INTEGER NOT NULL,
      description TEXT NOT NULL,
      reference BLOB NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (user_id, id)
    ) STRICT;

    CREATE TABLE concerts (
      id BLOB NOT NULL,
      name TEXT NOT NULL,
      place TEXT NOT NULL,
      running_minutes INTEGER NOT NULL,
      gate TEXT NOT NULL,
      hold_ms INTEGER NOT NULL,
      seats_per_user_max INTEGER NOT NULL,
      cancel_until_ms INTEGER NOT NULL,
      created_ms INTEGER NOT NULL,
      updated_ms INTEGER NOT NULL,
      deleted_ms INTEGER NOT NULL,
      PRIMARY KEY (id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE dates (
      id BLOB NOT NULL,
      concert_id BLOB NOT NULL,
      opens_ms INTEGER NOT NULL,
      closes_ms INTEGER NOT NULL,
      booking_starts_ms INTEGER NOT NULL,
      booking_ends_ms INTEGER NOT NULL,
      prices BLOB NOT NULL,
      created_ms INTEGER NOT NULL,
      updated_ms INTEGER NOT NULL,
      deleted_ms INTEGER NOT NULL,
      PRIMARY KEY (id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX dates_by_concert ON dates (concert_id);

    CREATE TABLE taken_seats (
      date_id BLOB NOT NULL,
      number INTEGER NOT NULL,
      user_id BLOB NOT NULL,
      reservation_id BLOB NOT NULL,
      until_ms INTEGER NOT NULL,
      PRIMARY KEY (date_id, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE reservations (
      user_id BLOB NOT NULL,
      id BLOB NOT NULL,
      hold_id BLOB NOT NULL,
      concert_id BLOB NOT NULL,
      date_id BLOB NOT NULL,
      seat INTEGER NOT NULL,
      price INTEGER NOT NULL,
      state INTEGER NOT NULL,
      created_ms INTEGER NOT NULL,
      expires_ms INTEGER NOT NULL,
      updated_ms INTEGER NOT NULL,
      payment_id BLOB NOT NULL,
      PRIMARY KEY (user_id, id)
    ) STRICT;
    CREATE INDEX pending_reservations ON reservations (expires_ms) WHERE state = 1;

    CREATE TABLE payments (
      user_id BLOB NOT NULL,
      id BLOB NOT NULL,
      total INTEGER NOT NULL,
      paid_ms INTEGER NOT NULL,
      updated_ms INTEGER NOT NULL,
      PRIMARY KEY (user_id, id)
    ) STRICT;

    CREATE TABLE payment_lines (
      user_id BLOB NOT NULL,
      payment_id BLOB NOT NULL,
      reservation_id BLOB NOT NULL,
      concert_id BLOB NOT NULL,
      concert_name TEXT NOT NULL,
      date_id BLOB NOT NULL,
      opens_ms INTEGER NOT NULL,
      closes_ms INTEGER NOT NULL,
      seat INTEGER NOT NULL,
      amount INTEGER NOT NULL,
      state INTEGER NOT NULL,
      PRIMARY KEY (user_id, payment_id, reservation_id)
    ) STRICT;

    CREATE TABLE repeats (
      key TEXT NOT NULL,
      caller BLOB NOT NULL,
      method TEXT NOT NULL,
      digest BLOB NOT NULL,
      made BLOB NOT NULL,
      created_ms INTEGER NOT NULL,
      PRIMARY KEY (key, caller, method)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX repeats_by_age ON repeats (created_ms);

    CREATE TABLE app_keys (
      id BLOB NOT NULL,
      name TEXT NOT NULL,
      role INTEGER NOT NULL,
      digest BLOB NOT NULL,
      created_ms INTEGER NOT NULL,
      revoked_ms INTEGER NOT NULL,
      PRIMARY KEY (id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE signing_keys (
      id BLOB NOT NULL,
      secret BLOB NOT NULL,
      created_ms INTEGER NOT NULL,
      signs_from_ms INTEGER NOT NULL,
      PRIMARY KEY (id)
    ) STRICT, WITHOUT ROWID;
    """
}
