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

// Makes the write-ahead log's index large enough for `pages` more than the log's file has. SQLite makes
// it grow only after a commit's pages are durable: where that fails it says no to a batch that the next
// process would find in the log. Only while the connection may write.
static inline int usher_sqlite_grow_index(sqlite3 *connection, int pages) {
  // A region tells where 4096 pages are; the first one holds the index's header too, in place of 34.
  enum { REGION = 32768, PAGES = 4096, HEADER = 34, FRAME = 4096 + 24 };
  sqlite3_file *file = 0, *log = 0;
  sqlite3_int64 size = 0;
  int code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) {
    code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  }
  if (code != SQLITE_OK || !log || !log->pMethods || file->pMethods->iVersion < 2) return code;
  code = log->pMethods->xFileSize(log, &size);
  const int last = (int)((size / FRAME + pages + HEADER) / PAGES);
  for (int region = 0; region <= last && code == SQLITE_OK; region++) {
    void volatile *memory = 0;
    code = file->pMethods->xShmMap(file, region, REGION, 1, &memory);
  }
  return code;
}

// Writes the write-ahead log over itself and syncs it, in the connection's transaction. A sync that
// failed may have left some of it in the system's memory alone, and another sync would not tell.
static inline int usher_sqlite_rewrite_log(sqlite3 *connection) {
  enum { STEP = 1 << 16 };
  sqlite3_file *log = 0;
  sqlite3_int64 size = 0;
  int code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (code != SQLITE_OK || !log || !log->pMethods) return code;
  code = log->pMethods->xFileSize(log, &size);
  if (code != SQLITE_OK || size == 0) return code;
  char *bytes = (char *)sqlite3_malloc(STEP);
  if (!bytes) return SQLITE_NOMEM;
  for (sqlite3_int64 done = 0; done < size && code == SQLITE_OK; done += STEP) {
    int part = size - done < STEP ? (int)(size - done) : STEP;
    code = log->pMethods->xRead(log, bytes, part, done);
    if (code == SQLITE_OK) code = log->pMethods->xWrite(log, bytes, part, done);
  }
  sqlite3_free(bytes);
  return code == SQLITE_OK ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) : code;
}
