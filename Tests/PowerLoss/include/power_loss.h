// A disk in memory for SQLite, which can lose power, fail and be full.
//
// It keeps two images of every file: what readers see, and what is durable. A write reaches the second
// with the next sync of its file. Beyond that a disk promises nothing, and when power is lost this one
// keeps as little as it may.
#ifndef USHER_POWER_LOSS_H
#define USHER_POWER_LOSS_H

#include <stdint.h>

typedef struct usher_disk usher_disk;

// What happens at a step. A step is a write, a truncation, a sync or a deletion.
enum usher_disk_fault {
  // Power goes: this step and everything after it fails.
  USHER_DISK_LOSES_POWER,
  // The first sync from there on fails, and what it should have made durable never will be, though
  // readers still see it: so it is with Linux.
  USHER_DISK_FAILS_A_SYNC,
};

// What is left of the writes that were not synced.
enum usher_disk_rest {
  USHER_DISK_KEEPS_NOTHING,
  // Any of them, in whole or in sectors.
  USHER_DISK_KEEPS_SOME,
};

// An empty disk, which SQLite knows by this name. NULL where there is no memory.
usher_disk *usher_disk_new(const char *name);

// Takes it away. No connection may be open on it.
void usher_disk_free(usher_disk *disk);

// Plans a fault so many steps from now.
void usher_disk_plan(usher_disk *disk, enum usher_disk_fault fault, long steps);

// Whether the fault that was planned has come.
int usher_disk_has_failed(usher_disk *disk);

// How many steps there were.
long usher_disk_steps(usher_disk *disk);

// Power comes back: files are what was durable, and a rest. No connection may be open on it.
void usher_disk_recover(usher_disk *disk, enum usher_disk_rest rest, uint64_t seed);

// Takes no more bytes than these for all its files; below zero, as many as come.
void usher_disk_limit(usher_disk *disk, int64_t bytes);

// How many bytes a file has; below zero where there is none.
int64_t usher_disk_size(usher_disk *disk, const char *path);

#endif
