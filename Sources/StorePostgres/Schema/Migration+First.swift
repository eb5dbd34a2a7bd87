extension Migration {
  /// Everything that the store began with.
  ///
  /// Texts are ordered by their bytes, whatever the database's language is. The head says which
  /// schema it belongs to, so that an instance of an older one finds out when it locks it.
  static let first = Migration(
    number: 1,
    statements: [head, log] + people + catalogue + sales + [repeats, repeatsByTime] + access
  )

  private static let head = """
    CREATE TABLE head (
      one boolean PRIMARY KEY DEFAULT true CHECK (one),
      schema bigint NOT NULL, epoch bigint NOT NULL, log_offset bigint NOT NULL,
      batch bigint NOT NULL, time_ms bigint NOT NULL
    ) WITH (fillfactor = 10)
    """

  private static let log = """
    CREATE TABLE log (log_offset bigint PRIMARY KEY, event bytea NOT NULL)
    """

  private static let people = [
    """
    CREATE TABLE users (
      id uuid PRIMARY KEY, name text COLLATE "C" NOT NULL, created_ms bigint NOT NULL,
      updated_ms bigint NOT NULL, deleted_ms bigint NOT NULL
    )
    """,
    "CREATE TABLE wallets (user_id uuid PRIMARY KEY, balance bigint NOT NULL)",
    """
    CREATE TABLE entries (
      user_id uuid, id uuid, kind bigint NOT NULL, amount bigint NOT NULL,
      balance bigint NOT NULL, description text COLLATE "C" NOT NULL, reference uuid NOT NULL,
      at_ms bigint NOT NULL, PRIMARY KEY (user_id, id)
    )
    """,
  ]

  private static let catalogue = [
    """
    CREATE TABLE concerts (
      id uuid PRIMARY KEY, name text COLLATE "C" NOT NULL, place text COLLATE "C" NOT NULL,
      running_minutes bigint NOT NULL, gate text COLLATE "C" NOT NULL, hold_ms bigint NOT NULL,
      seats_per_user_max bigint NOT NULL, cancel_until_ms bigint NOT NULL,
      created_ms bigint NOT NULL, updated_ms bigint NOT NULL, deleted_ms bigint NOT NULL
    )
    """,
    """
    CREATE TABLE dates (
      id uuid PRIMARY KEY, concert_id uuid NOT NULL, opens_ms bigint NOT NULL,
      closes_ms bigint NOT NULL, booking_starts_ms bigint NOT NULL,
      booking_ends_ms bigint NOT NULL, prices bytea NOT NULL, created_ms bigint NOT NULL,
      updated_ms bigint NOT NULL, deleted_ms bigint NOT NULL
    )
    """,
    "CREATE INDEX dates_of_concert ON dates (concert_id)",
  ]

  private static let sales = [
    """
    CREATE TABLE taken_seats (
      date_id uuid, number bigint, user_id uuid NOT NULL, reservation_id uuid NOT NULL,
      until_ms bigint NOT NULL, PRIMARY KEY (date_id, number)
    ) WITH (fillfactor = 80)
    """,
    """
    CREATE TABLE reservations (
      user_id uuid, id uuid, hold_id uuid NOT NULL, concert_id uuid NOT NULL,
      date_id uuid NOT NULL, seat bigint NOT NULL, price bigint NOT NULL, state bigint NOT NULL,
      created_ms bigint NOT NULL, expires_ms bigint NOT NULL, updated_ms bigint NOT NULL,
      payment_id uuid NOT NULL, PRIMARY KEY (user_id, id)
    )
    """,
    // Those that count against a user's limit, and those that will lapse.
    """
    CREATE INDEX reservations_living ON reservations (user_id, date_id) WHERE state IN (1, 2)
    """,
    """
    CREATE INDEX reservations_pending ON reservations (expires_ms, user_id, id) WHERE state = 1
    """,
    """
    CREATE TABLE payments (
      user_id uuid, id uuid, total bigint NOT NULL, paid_ms bigint NOT NULL,
      updated_ms bigint NOT NULL, PRIMARY KEY (user_id, id)
    )
    """,
    """
    CREATE TABLE payment_lines (
      user_id uuid, payment_id uuid, reservation_id uuid, concert_id uuid NOT NULL,
      concert_name text COLLATE "C" NOT NULL, date_id uuid NOT NULL, opens_ms bigint NOT NULL,
      closes_ms bigint NOT NULL, seat bigint NOT NULL, amount bigint NOT NULL,
      state bigint NOT NULL, PRIMARY KEY (user_id, payment_id, reservation_id)
    )
    """,
  ]

  private static let repeats = """
    CREATE TABLE repeats (
      key text COLLATE "C", caller uuid, method text COLLATE "C", digest bytea NOT NULL,
      made bytea NOT NULL, created_ms bigint NOT NULL, PRIMARY KEY (key, caller, method)
    )
    """

  private static let repeatsByTime = "CREATE INDEX repeats_by_time ON repeats (created_ms)"

  private static let access = [
    """
    CREATE TABLE app_keys (
      id uuid PRIMARY KEY, name text COLLATE "C" NOT NULL, role bigint NOT NULL,
      digest bytea NOT NULL, created_ms bigint NOT NULL, revoked_ms bigint NOT NULL
    )
    """,
    """
    CREATE TABLE signing_keys (
      id uuid PRIMARY KEY, secret bytea NOT NULL, created_ms bigint NOT NULL,
      signs_from_ms bigint NOT NULL
    )
    """,
    "INSERT INTO head (schema, epoch, log_offset, batch, time_ms) VALUES (1, 1, 0, 0, 0)",
  ]
}
