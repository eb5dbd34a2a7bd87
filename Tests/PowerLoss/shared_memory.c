#include <stdlib.h>

#include "disk.h"

// The write-ahead log's index, which connections share. It lasts while anyone uses it.

static struct handle *of(sqlite3_file *file) { return (struct handle *)file; }

int disk_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **out) {
  struct handle *handle = of(base);
  struct file *file = handle->file;
  int code = SQLITE_OK;
  *out = NULL;
  if (region >= SHM_REGIONS_MAX) return SQLITE_IOERR_SHMSIZE;
  pthread_mutex_lock(&file->disk->lock);
  if (!handle->uses_shm) file->shm_users++;
  handle->uses_shm = 1;
  if (file->disk->is_dead) code = SQLITE_IOERR_SHMMAP;
  if (code == SQLITE_OK && !file->regions[region] && extend) {
    file->regions[region] = calloc(1, (size_t)size);
    if (!file->regions[region]) code = SQLITE_IOERR_NOMEM;
  }
  if (code == SQLITE_OK) *out = file->regions[region];
  pthread_mutex_unlock(&file->disk->lock);
  return code;
}

static void unlock_slot(struct handle *handle, int slot) {
  unsigned bit = 1u << slot;
  if (handle->shm_shared & bit) handle->file->shm_shared[slot]--;
  if (handle->shm_exclusive & bit) handle->file->shm_exclusive[slot] = 0;
  handle->shm_shared &= ~bit;
  handle->shm_exclusive &= ~bit;
}

// Whether a slot is free for this kind of lock.
static int is_free(const struct handle *handle, int slot, int is_exclusive) {
  const struct file *file = handle->file;
  unsigned bit = 1u << slot;
  if (handle->shm_exclusive & bit) return 1;
  if (file->shm_exclusive[slot]) return 0;
  int others = file->shm_shared[slot] - ((handle->shm_shared & bit) != 0);
  return !is_exclusive || others == 0;
}

static void lock_slot(struct handle *handle, int slot, int is_exclusive) {
  unsigned bit = 1u << slot;
  if (is_exclusive) {
    handle->file->shm_exclusive[slot] = 1;
    handle->shm_exclusive |= bit;
  } else if (!(handle->shm_shared & bit)) {
    handle->file->shm_shared[slot]++;
    handle->shm_shared |= bit;
  }
}

int disk_shm_lock(sqlite3_file *base, int first, int count, int flags) {
  struct handle *handle = of(base);
  int is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  int code = SQLITE_OK;
  pthread_mutex_lock(&handle->file->disk->lock);
  for (int slot = first; slot < first + count && flags & SQLITE_SHM_LOCK; slot++) {
    if (!is_free(handle, slot, is_exclusive)) code = SQLITE_BUSY;
  }
  for (int slot = first; slot < first + count && code == SQLITE_OK; slot++) {
    if (flags & SQLITE_SHM_LOCK) {
      lock_slot(handle, slot, is_exclusive);
    } else {
      unlock_slot(handle, slot);
    }
  }
  pthread_mutex_unlock(&handle->file->disk->lock);
  return code;
}

void disk_shm_barrier(sqlite3_file *base) {
  (void)base;
  __sync_synchronize();
}

int disk_shm_unmap(sqlite3_file *base, int is_deleted) {
  (void)is_deleted;
  struct handle *handle = of(base);
  struct file *file = handle->file;
  pthread_mutex_lock(&file->disk->lock);
  if (handle->uses_shm) {
    for (int slot = 0; slot < SHM_LOCKS; slot++) unlock_slot(handle, slot);
    handle->uses_shm = 0;
    file->shm_users--;
    for (int region = 0; region < SHM_REGIONS_MAX && file->shm_users == 0; region++) {
      free(file->regions[region]);
      file->regions[region] = NULL;
    }
  }
  pthread_mutex_unlock(&file->disk->lock);
  return SQLITE_OK;
}
