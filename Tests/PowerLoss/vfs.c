#include <string.h>

#include "disk.h"

static struct handle *of(sqlite3_file *file) { return (struct handle *)file; }

static usher_disk *lock(sqlite3_file *file) {
  usher_disk *disk = of(file)->file->disk;
  pthread_mutex_lock(&disk->lock);
  return disk;
}

static int done(usher_disk *disk, int code) {
  pthread_mutex_unlock(&disk->lock);
  return code;
}

// Files

static int io_unlock(sqlite3_file *base, int level) {
  usher_disk *disk = lock(base);
  struct handle *handle = of(base);
  if (handle->level > level) {
    if (handle->level == SQLITE_LOCK_EXCLUSIVE) handle->file->is_exclusive = 0;
    if (handle->level >= SQLITE_LOCK_RESERVED) handle->file->is_reserved = 0;
    if (level == SQLITE_LOCK_NONE) handle->file->shared--;
    handle->level = level;
  }
  return done(disk, SQLITE_OK);
}

static int io_lock(sqlite3_file *base, int level) {
  usher_disk *disk = lock(base);
  struct handle *handle = of(base);
  struct file *file = handle->file;
  if (handle->level >= level) return done(disk, SQLITE_OK);
  if (level == SQLITE_LOCK_SHARED) {
    if (file->is_exclusive) return done(disk, SQLITE_BUSY);
    file->shared++;
  } else {
    int reserved_by_other = file->is_reserved && handle->level < SQLITE_LOCK_RESERVED;
    int is_alone = level != SQLITE_LOCK_EXCLUSIVE || file->shared == 1;
    if (reserved_by_other || !is_alone) return done(disk, SQLITE_BUSY);
    file->is_reserved = 1;
    if (level == SQLITE_LOCK_EXCLUSIVE) file->is_exclusive = 1;
  }
  handle->level = level;
  return done(disk, SQLITE_OK);
}

static int io_check_reserved(sqlite3_file *base, int *out) {
  usher_disk *disk = lock(base);
  *out = of(base)->file->is_reserved;
  return done(disk, SQLITE_OK);
}

static int io_close(sqlite3_file *base) {
  io_unlock(base, SQLITE_LOCK_NONE);
  disk_shm_unmap(base, 0);
  usher_disk *disk = lock(base);
  if (!of(base)->file->path) disk_drop_file(of(base)->file);
  return done(disk, SQLITE_OK);
}

static int io_read(sqlite3_file *base, void *bytes, int size, sqlite3_int64 offset) {
  usher_disk *disk = lock(base);
  if (disk->is_dead) return done(disk, SQLITE_IOERR_READ);
  struct image *image = &of(base)->file->now;
  int64_t there = image->size > offset ? image->size - offset : 0;
  if (there > size) there = size;
  if (there > 0) memcpy(bytes, image->bytes + offset, (size_t)there);
  if (there == size) return done(disk, SQLITE_OK);
  memset((char *)bytes + there, 0, (size_t)(size - there));
  return done(disk, SQLITE_IOERR_SHORT_READ);
}

static int io_write(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset) {
  usher_disk *disk = lock(base);
  return done(disk, disk_write(of(base)->file, bytes, size, offset));
}

static int io_truncate(sqlite3_file *base, sqlite3_int64 size) {
  usher_disk *disk = lock(base);
  return done(disk, disk_truncate(of(base)->file, size));
}

static int io_sync(sqlite3_file *base, int flags) {
  (void)flags;
  usher_disk *disk = lock(base);
  int code = disk_sync(of(base)->file);
  if (code == SQLITE_OK && of(base)->syncs_directory) disk_sync_directory(disk);
  if (code == SQLITE_OK) of(base)->syncs_directory = 0;
  return done(disk, code);
}

static int io_size(sqlite3_file *base, sqlite3_int64 *out) {
  usher_disk *disk = lock(base);
  *out = of(base)->file->now.size;
  return done(disk, disk->is_dead ? SQLITE_IOERR_FSTAT : SQLITE_OK);
}

static int io_control(sqlite3_file *base, int operation, void *argument) {
  (void)base, (void)operation, (void)argument;
  return SQLITE_NOTFOUND;
}

static int io_sector(sqlite3_file *base) { return (void)base, 4096; }

// As SQLite takes it of a disk under Linux.
static int io_traits(sqlite3_file *base) { return (void)base, SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

const struct sqlite3_io_methods disk_io = {
    .iVersion = 2,
    .xClose = io_close,
    .xRead = io_read,
    .xWrite = io_write,
    .xTruncate = io_truncate,
    .xSync = io_sync,
    .xFileSize = io_size,
    .xLock = io_lock,
    .xUnlock = io_unlock,
    .xCheckReservedLock = io_check_reserved,
    .xFileControl = io_control,
    .xSectorSize = io_sector,
    .xDeviceCharacteristics = io_traits,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

// The disk

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *base, int flags,
                    int *out_flags) {
  usher_disk *disk = vfs->pAppData;
  struct handle *handle = of(base);
  memset(handle, 0, sizeof *handle);
  pthread_mutex_lock(&disk->lock);
  handle->file = disk->is_dead ? NULL : disk_file(disk, path, flags & SQLITE_OPEN_CREATE);
  if (!handle->file) return done(disk, SQLITE_CANTOPEN);
  base->pMethods = &disk_io;
  handle->syncs_directory = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  if (out_flags) *out_flags = flags;
  return done(disk, SQLITE_OK);
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int is_durable) {
  usher_disk *disk = vfs->pAppData;
  pthread_mutex_lock(&disk->lock);
  struct file *file = disk_file(disk, path, 0);
  if (!file) return done(disk, SQLITE_IOERR_DELETE_NOENT);
  return done(disk, disk_delete(file, is_durable));
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out) {
  (void)flags;
  usher_disk *disk = vfs->pAppData;
  pthread_mutex_lock(&disk->lock);
  *out = disk_file(disk, path, 0) != NULL;
  return done(disk, disk->is_dead ? SQLITE_IOERR_ACCESS : SQLITE_OK);
}

static int vfs_path(sqlite3_vfs *vfs, const char *path, int size, char *out) {
  (void)vfs;
  if (strlen(path) >= (size_t)size) return SQLITE_CANTOPEN;
  strcpy(out, path);
  return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int size, char *out) {
  (void)vfs;
  // The same every time, so that a seed repeats a run.
  memset(out, 7, (size_t)size);
  return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) { return (void)vfs, microseconds; }

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *out) {
  (void)vfs;
  *out = 0;
  return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int size, char *out) {
  return (void)vfs, (void)size, (void)out, 0;
}

void disk_set_up_vfs(usher_disk *disk) {
  disk->vfs = (sqlite3_vfs){
      .iVersion = 2,
      .szOsFile = sizeof(struct handle),
      .mxPathname = 512,
      .zName = disk->name,
      .pAppData = disk,
      .xOpen = vfs_open,
      .xDelete = vfs_delete,
      .xAccess = vfs_access,
      .xFullPathname = vfs_path,
      .xRandomness = vfs_random,
      .xSleep = vfs_sleep,
      .xGetLastError = vfs_error,
      .xCurrentTimeInt64 = vfs_time,
  };
}
