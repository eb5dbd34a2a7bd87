// Fewer and larger writes to SQLite's write-ahead log.
#ifndef USHER_GATHERED_LOG_H
#define USHER_GATHERED_LOG_H

#include <sqlite3.h>

// From now on the frames that a connection writes to its log reach the file many at a time, and all of
// them before the log is synced. SQLite itself writes each frame by two calls to the system, which
// cost more than all that a batch asks of it.
//
// The connection has to be in WAL mode, be the only one that writes, and sync at every commit: nobody
// looks for frames in the file before they were synced. Answers a code of SQLite's.
int usher_gather_log(sqlite3 *connection);

#endif
