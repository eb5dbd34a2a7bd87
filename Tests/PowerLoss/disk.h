// What a disk is made of. Everything here is reached under the disk's lock.
#ifndef USHER_DISK_H
#define USHER_DISK_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>

#include "power_loss.h"

enum { SHM_LOCKS = SQLITE_SHM_NLOCK, SHM_REGIONS_MAX = 256 };

struct image {
  unsigned char *bytes;
  int64_t size, room;
};

// Something done to a file that no sync has made durable: a write, or a truncation where `bytes` is
// NULL.
struct change {
  struct change *next;
  int64_t offset, size;
  unsigned char *bytes;
};

struct file {
  struct file *next;
  usher_disk *disk;
  char *path;  // NULL for a temporary one
  struct image now, durable;
  int exists_now, exists_durable;
  struct change *first, **end;

  int shared, is_reserved, is_exclusive;
  int shm_users;
  void *regions[SHM_REGIONS_MAX];
  int shm_shared[SHM_LOCKS], shm_exclusive[SHM_LOCKS];
};

struct usher_disk {
  sqlite3_vfs vfs;
  char *name;
  pthread_mutex_t lock;
  struct file *files;
  long steps, fails_at;
  enum usher_disk_fault fault;
  int has_failed, is_dead;
  int64_t limit;
};

// The changes of files, each SQLite's code for how it went.
int disk_write(struct file *file, const void *bytes, int64_t size, int64_t offset);
int disk_truncate(struct file *file, int64_t size);
int disk_sync(struct file *file);
int disk_delete(struct file *file, int is_durable);

// Which files there are is durable from now on.
void disk_sync_directory(usher_disk *disk);

// The file at a path; made where it is not there, if it may be.
struct file *disk_file(usher_disk *disk, const char *path, int may_make);
void disk_drop_file(struct file *file);

// What SQLite does with files.
void disk_set_up_vfs(usher_disk *disk);
// Where several connections meet in memory.
extern const struct sqlite3_io_methods disk_io;
int disk_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out);
int disk_shm_lock(sqlite3_file *file, int first, int count, int flags);
void disk_shm_barrier(sqlite3_file *file);
int disk_shm_unmap(sqlite3_file *file, int is_deleted);

// One connection's view of a file.
struct handle {
  sqlite3_file base;
  struct file *file;
  int level;
  int uses_shm;
  // As under Linux, the first sync of a journal's file is one of its directory too.
  int syncs_directory;
  unsigned shm_shared, shm_exclusive;
};

#endif
