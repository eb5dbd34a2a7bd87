// SQLite, and what Swift cannot call because it takes any number of arguments.
#include <sqlite3.h>

// Whether a connection that is closed last leaves the write-ahead log as it is.
static inline int usher_sqlite_keep_log_on_close(sqlite3 *connection, int is_kept) {
  return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, is_kept, (int *)0);
}

// From now on SQLite does not count the memory that it uses, for which it would lock at every
// allocation. Only before its first connection.
static inline int usher_sqlite_count_no_memory(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
