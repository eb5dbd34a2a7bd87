// Entries a second on SQLite with nothing around it: the rows of an entry as usherd has them, with their
// indexes, BATCH entries a transaction, WAL, synchronous=FULL.
// sqlite_enters FILE BATCH SECONDS
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static sqlite3 *db;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void check(int result) {
  if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE) return;
  fprintf(stderr, "%s\n", sqlite3_errmsg(db));
  exit(1);
}

static void run(const char *sql) { check(sqlite3_exec(db, sql, 0, 0, 0)); }

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  check(sqlite3_prepare_v2(db, sql, -1, &statement, 0));
  return statement;
}

static void step(sqlite3_stmt *statement) {
  check(sqlite3_step(statement));
  check(sqlite3_reset(statement));
}

static void put(uint8_t *bytes, uint64_t number) {
  for (int place = 0; place < 8; place++) bytes[place] = number >> (56 - 8 * place);
}

int main(int argc, char **words) {
  if (argc < 4) return fprintf(stderr, "sqlite_enters FILE BATCH SECONDS\n"), 2;
  int batch = atoi(words[2]);
  double seconds = atof(words[3]);
  char side[4096];
  unlink(words[1]);
  snprintf(side, sizeof side, "%s-wal", words[1]);
  unlink(side);
  check(sqlite3_open(words[1], &db));
  run("PRAGMA journal_mode=WAL");
  run("PRAGMA synchronous=FULL");
  run("PRAGMA wal_autocheckpoint=4000");
  run("PRAGMA cache_size=-262144");
  run("CREATE TABLE lines (gate TEXT PRIMARY KEY, last INT, waiting INT) WITHOUT ROWID");
  run("INSERT INTO lines VALUES ('line', 0, 0)");
  run("CREATE TABLE tickets (id BLOB PRIMARY KEY, gate TEXT, number INT, user BLOB, priority INT,"
      " gathered INT, state INT, queue INT, place INT, returns INT, admission INT, session INT,"
      " most INT, holds BLOB, entered INT, updated INT, epoch INT, offset INT) WITHOUT ROWID");
  run("CREATE INDEX by_user ON tickets (user, gate) WHERE queue IN (1, 2, 3, 4, 5)");
  run("CREATE INDEX queued ON tickets (gate, queue, place) WHERE queue IN (1, 2, 3, 4, 5)");
  run("CREATE TABLE repeats (key TEXT, caller BLOB, method TEXT, digest BLOB, made BLOB, created INT,"
      " PRIMARY KEY (key, caller, method)) WITHOUT ROWID");
  run("CREATE INDEX by_age ON repeats (created)");
  run("CREATE TABLE log (offset INTEGER PRIMARY KEY, body BLOB)");
  sqlite3_stmt *look = prepare(
      "SELECT id FROM tickets WHERE user = ? AND gate = 'line' AND queue IN (1, 2, 3, 4, 5)");
  sqlite3_stmt *repeat = prepare("INSERT INTO repeats VALUES (?, ?, ?, ?, ?, ?)");
  sqlite3_stmt *ticket = prepare("INSERT INTO tickets VALUES"
                                 " (?1, 'line', ?2, ?3, 0, 0, 1, 1, ?2, 0, 0, 0, 0, x'', ?4, ?4, 1, ?2)");
  sqlite3_stmt *log = prepare("INSERT INTO log VALUES (?, ?)");
  sqlite3_stmt *line = prepare("UPDATE lines SET last = ?1, waiting = ?1");
  uint8_t id[16], user[16], digest[32] = {1}, body[110] = {1};
  uint64_t random = 88172645463325252ull;
  int64_t count = 0;
  double start = now(), end = start + seconds;
  while (now() < end) {
    run("BEGIN IMMEDIATE");
    for (int i = 0; i < batch; i++) {
      count++;
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      int64_t at = 1700000000000 + count / 40;
      // Ids rise with time, and so do people's, who were registered one after the other.
      put(id, (uint64_t)count << 16 | 0x7000);
      put(id + 8, random);
      put(user, (uint64_t)count << 16 | 0x7000);
      put(user + 8, ~random);
      char key[37];
      snprintf(key, sizeof key, "%08x-%04x-7000-8000-%012llx", (unsigned)(at >> 16),
               (unsigned)(at & 0xFFFF), (unsigned long long)(count & 0xFFFFFFFFFFFF));
      sqlite3_bind_blob(look, 1, user, 16, SQLITE_STATIC);
      step(look);
      sqlite3_bind_text(repeat, 1, key, 36, SQLITE_STATIC);
      sqlite3_bind_blob(repeat, 2, user, 16, SQLITE_STATIC);
      sqlite3_bind_text(repeat, 3, "/usher.v1.GateService/Enter", -1, SQLITE_STATIC);
      sqlite3_bind_blob(repeat, 4, digest, 32, SQLITE_STATIC);
      sqlite3_bind_blob(repeat, 5, id, 16, SQLITE_STATIC);
      sqlite3_bind_int64(repeat, 6, at);
      step(repeat);
      sqlite3_bind_blob(ticket, 1, id, 16, SQLITE_STATIC);
      sqlite3_bind_int64(ticket, 2, count);
      sqlite3_bind_blob(ticket, 3, user, 16, SQLITE_STATIC);
      sqlite3_bind_int64(ticket, 4, at);
      step(ticket);
      sqlite3_bind_int64(log, 1, count);
      sqlite3_bind_blob(log, 2, body, sizeof body, SQLITE_STATIC);
      step(log);
    }
    sqlite3_bind_int64(line, 1, count);
    step(line);
    run("COMMIT");
  }
  printf("%.0f entries a second in batches of %d\n", count / (now() - start), batch);
}
