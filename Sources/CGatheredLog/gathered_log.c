#include "gathered_log.h"

#include <string.h>

// More than SQLite's own file system writes by one call is of no use.
enum { ROOM = 1 << 16 };

// What stands between SQLite and the methods of its log's file.
struct gathering {
  // First, so that a file's methods lead here.
  sqlite3_io_methods methods;
  const sqlite3_io_methods *file;
  // What is not written yet, and where it belongs.
  sqlite3_int64 start;
  int count;
  char bytes[ROOM];
};

static struct gathering *of(sqlite3_file *log) { return (struct gathering *)log->pMethods; }

// Where it fails, what was gathered is forgotten: the transaction fails with it, and the next one writes
// its own frames there.
static int flush(sqlite3_file *log) {
  struct gathering *gathering = of(log);
  int count = gathering->count;
  gathering->count = 0;
  if (count == 0) return SQLITE_OK;
  return gathering->file->xWrite(log, gathering->bytes, count, gathering->start);
}

static int gathered_write(sqlite3_file *log, const void *bytes, int count, sqlite3_int64 start) {
  struct gathering *gathering = of(log);
  int follows = start == gathering->start + gathering->count;
  if (!follows || count > ROOM - gathering->count) {
    int code = flush(log);
    if (code != SQLITE_OK) return code;
    gathering->start = start;
  }
  if (count > ROOM) return gathering->file->xWrite(log, bytes, count, start);
  memcpy(gathering->bytes + gathering->count, bytes, (size_t)count);
  gathering->count += count;
  return SQLITE_OK;
}

static int gathered_read(sqlite3_file *log, void *bytes, int count, sqlite3_int64 start) {
  int code = flush(log);
  return code == SQLITE_OK ? of(log)->file->xRead(log, bytes, count, start) : code;
}

static int gathered_truncate(sqlite3_file *log, sqlite3_int64 size) {
  int code = flush(log);
  return code == SQLITE_OK ? of(log)->file->xTruncate(log, size) : code;
}

static int gathered_sync(sqlite3_file *log, int flags) {
  int code = flush(log);
  return code == SQLITE_OK ? of(log)->file->xSync(log, flags) : code;
}

static int gathered_size(sqlite3_file *log, sqlite3_int64 *size) {
  int code = flush(log);
  return code == SQLITE_OK ? of(log)->file->xFileSize(log, size) : code;
}

// What was never synced was never committed, and need not be written.
static int gathered_close(sqlite3_file *log) {
  struct gathering *gathering = of(log);
  int code = gathering->file->xClose(log);
  sqlite3_free(gathering);
  return code;
}

int usher_gather_log(sqlite3 *connection) {
  sqlite3_file *log = 0;
  int code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (code != SQLITE_OK) return code;
  if (!log || !log->pMethods) return SQLITE_MISUSE;
  struct gathering *gathering = (struct gathering *)sqlite3_malloc(sizeof *gathering);
  if (!gathering) return SQLITE_NOMEM;
  gathering->methods = *log->pMethods;
  gathering->file = log->pMethods;
  gathering->start = 0;
  gathering->count = 0;
  gathering->methods.xWrite = gathered_write;
  gathering->methods.xRead = gathered_read;
  gathering->methods.xTruncate = gathered_truncate;
  gathering->methods.xSync = gathered_sync;
  gathering->methods.xFileSize = gathered_size;
  gathering->methods.xClose = gathered_close;
  log->pMethods = &gathering->methods;
  return SQLITE_OK;
}
