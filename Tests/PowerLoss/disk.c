#include "disk.h"

#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

static int image_resize(struct image *image, int64_t size) {
  if (size > image->room) {
    int64_t room = size * 2 + 4096;
    unsigned char *bytes = realloc(image->bytes, (size_t)room);
    if (!bytes) return SQLITE_IOERR_NOMEM;
    image->bytes = bytes;
    image->room = room;
  }
  if (size > image->size) memset(image->bytes + image->size, 0, (size_t)(size - image->size));
  image->size = size;
  return SQLITE_OK;
}

static int image_write(struct image *image, const void *bytes, int64_t size, int64_t offset) {
  if (offset + size > image->size) {
    int code = image_resize(image, offset + size);
    if (code != SQLITE_OK) return code;
  }
  memcpy(image->bytes + offset, bytes, (size_t)size);
  return SQLITE_OK;
}

static int note_change(struct file *file, const void *bytes, int64_t size, int64_t offset) {
  struct change *change = calloc(1, sizeof *change);
  if (!change) return SQLITE_IOERR_NOMEM;
  change->offset = offset;
  change->size = size;
  if (bytes) {
    change->bytes = malloc((size_t)size + 1);
    if (!change->bytes) return free(change), SQLITE_IOERR_NOMEM;
    memcpy(change->bytes, bytes, (size_t)size);
  }
  *file->end = change;
  file->end = &change->next;
  return SQLITE_OK;
}

static void forget_changes(struct file *file) {
  for (struct change *change = file->first, *next; change; change = next) {
    next = change->next;
    free(change->bytes);
    free(change);
  }
  file->first = NULL;
  file->end = &file->first;
}

// Counts a step. Whether the fault that was planned is to come with it.
static int step(usher_disk *disk) {
  disk->steps++;
  return disk->fails_at && disk->steps >= disk->fails_at && !disk->has_failed;
}

static int loses_power(usher_disk *disk) {
  if (!step(disk) || disk->fault != USHER_DISK_LOSES_POWER) return 0;
  disk->has_failed = disk->is_dead = 1;
  return 1;
}

static int has_room(usher_disk *disk, struct file *file, int64_t size) {
  if (disk->limit < 0 || size <= file->now.size) return 1;
  int64_t used = size - file->now.size;
  for (struct file *each = disk->files; each; each = each->next) used += each->now.size;
  return used <= disk->limit;
}

int disk_write(struct file *file, const void *bytes, int64_t size, int64_t offset) {
  if (file->disk->is_dead) return SQLITE_IOERR_WRITE;
  if (!has_room(file->disk, file, offset + size)) return SQLITE_FULL;
  // The write that power is lost in may have reached the disk, or half of it.
  int is_last = loses_power(file->disk);
  int code = note_change(file, bytes, size, offset);
  if (code == SQLITE_OK) code = image_write(&file->now, bytes, size, offset);
  return is_last ? SQLITE_IOERR_WRITE : code;
}

int disk_truncate(struct file *file, int64_t size) {
  if (file->disk->is_dead) return SQLITE_IOERR_TRUNCATE;
  int is_last = loses_power(file->disk);
  int code = note_change(file, NULL, 0, size);
  if (code == SQLITE_OK) code = image_resize(&file->now, size);
  return is_last ? SQLITE_IOERR_TRUNCATE : code;
}

static void apply(struct image *image, const struct change *change) {
  if (!change->bytes) {
    image_resize(image, change->offset);
  } else {
    image_write(image, change->bytes, change->size, change->offset);
  }
}

int disk_sync(struct file *file) {
  usher_disk *disk = file->disk;
  if (disk->is_dead) return SQLITE_IOERR_FSYNC;
  if (step(disk)) {
    disk->has_failed = 1;
    disk->is_dead = disk->fault == USHER_DISK_LOSES_POWER;
    if (!disk->is_dead) forget_changes(file);
    return SQLITE_IOERR_FSYNC;
  }
  for (struct change *change = file->first; change; change = change->next) {
    apply(&file->durable, change);
  }
  forget_changes(file);
  return SQLITE_OK;
}

void disk_sync_directory(usher_disk *disk) {
  for (struct file *file = disk->files; file; file = file->next) {
    file->exists_durable = file->exists_now;
    if (file->exists_now) continue;
    file->durable.size = 0;
    forget_changes(file);
  }
}

int disk_delete(struct file *file, int is_durable) {
  if (file->disk->is_dead) return SQLITE_IOERR_DELETE;
  if (loses_power(file->disk)) return SQLITE_IOERR_DELETE;
  file->exists_now = 0;
  file->now.size = 0;
  int code = note_change(file, NULL, 0, 0);
  if (code == SQLITE_OK && is_durable) disk_sync_directory(file->disk);
  return code;
}

struct file *disk_file(usher_disk *disk, const char *path, int may_make) {
  for (struct file *file = disk->files; file && path; file = file->next) {
    if (!file->path || strcmp(file->path, path) != 0) continue;
    if (!file->exists_now && !may_make) return NULL;
    file->exists_now = 1;
    return file;
  }
  struct file *file = may_make ? calloc(1, sizeof *file) : NULL;
  if (!file) return NULL;
  file->disk = disk;
  file->path = path ? strdup(path) : NULL;
  file->exists_now = 1;
  file->end = &file->first;
  file->next = disk->files;
  disk->files = file;
  return file;
}

void disk_drop_file(struct file *file) {
  struct file **link = &file->disk->files;
  while (*link != file) link = &(*link)->next;
  *link = file->next;
  forget_changes(file);
  free(file->now.bytes);
  free(file->durable.bytes);
  free(file->path);
  free(file);
}

usher_disk *usher_disk_new(const char *name) {
  usher_disk *disk = calloc(1, sizeof *disk);
  if (!disk) return NULL;
  disk->name = strdup(name);
  disk->limit = -1;
  pthread_mutex_init(&disk->lock, NULL);
  disk_set_up_vfs(disk);
  sqlite3_vfs_register(&disk->vfs, 0);
  return disk;
}

void usher_disk_free(usher_disk *disk) {
  sqlite3_vfs_unregister(&disk->vfs);
  while (disk->files) disk_drop_file(disk->files);
  pthread_mutex_destroy(&disk->lock);
  free(disk->name);
  free(disk);
}

void usher_disk_plan(usher_disk *disk, enum usher_disk_fault fault, long steps) {
  pthread_mutex_lock(&disk->lock);
  disk->fault = fault;
  disk->fails_at = disk->steps + steps;
  disk->has_failed = 0;
  pthread_mutex_unlock(&disk->lock);
}

int usher_disk_has_failed(usher_disk *disk) {
  pthread_mutex_lock(&disk->lock);
  int has_failed = disk->has_failed;
  pthread_mutex_unlock(&disk->lock);
  return has_failed;
}

long usher_disk_steps(usher_disk *disk) {
  pthread_mutex_lock(&disk->lock);
  long steps = disk->steps;
  pthread_mutex_unlock(&disk->lock);
  return steps;
}

void usher_disk_limit(usher_disk *disk, int64_t bytes) {
  pthread_mutex_lock(&disk->lock);
  disk->limit = bytes;
  pthread_mutex_unlock(&disk->lock);
}

int64_t usher_disk_size(usher_disk *disk, const char *path) {
  pthread_mutex_lock(&disk->lock);
  struct file *file = disk_file(disk, path, 0);
  int64_t size = file ? file->now.size : -1;
  pthread_mutex_unlock(&disk->lock);
  return size;
}

// SplitMix64, whose numbers a seed repeats.
static uint64_t draw(uint64_t *state) {
  uint64_t mixed = *state += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

// Keeps all of a change, nothing, or some of its sectors.
static void keep_some(struct image *image, const struct change *change, uint64_t *random) {
  uint64_t fate = draw(random) % 3;
  if (fate == 0) return;
  if (fate == 1 || !change->bytes) return apply(image, change);
  for (int64_t done = 0; done < change->size;) {
    int64_t part = SECTOR - (change->offset + done) % SECTOR;
    if (part > change->size - done) part = change->size - done;
    if (draw(random) & 1) {
      image_write(image, change->bytes + done, part, change->offset + done);
    }
    done += part;
  }
}

static void recover_file(struct file *file, enum usher_disk_rest rest, uint64_t *random) {
  if (rest == USHER_DISK_KEEPS_SOME) {
    for (struct change *change = file->first; change; change = change->next) {
      keep_some(&file->durable, change, random);
    }
    if (draw(random) & 1) file->exists_durable = file->exists_now;
  }
  forget_changes(file);
  if (!file->exists_durable) file->durable.size = 0;
  file->exists_now = file->exists_durable;
  file->now.size = 0;
  image_write(&file->now, file->durable.bytes, file->durable.size, 0);
}

void usher_disk_recover(usher_disk *disk, enum usher_disk_rest rest, uint64_t seed) {
  pthread_mutex_lock(&disk->lock);
  uint64_t random = seed;
  for (struct file *file = disk->files, *next; file; file = next) {
    next = file->next;
    if (file->path) {
      recover_file(file, rest, &random);
    } else {
      disk_drop_file(file);
    }
  }
  disk->fails_at = 0;
  disk->has_failed = disk->is_dead = 0;
  pthread_mutex_unlock(&disk->lock);
}
