// Preloaded into a server: counts its allocations and the heap bytes that live, into a shared file.
//
//   MALLOC_COUNT_FILE=FILE LD_PRELOAD=malloc_count.so SERVER
//
// The file is two 64-bit numbers, allocations and live bytes, to be read at any time: the server
// needs no signal and does no work for it. A live byte counts as the allocator rounds it up, with
// the 8 bytes that glibc keeps in front, so that the sum is what mallinfo2 calls uordblks, plus
// blocks that are mapped on their own.
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// glibc's own names for what is replaced here.
void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

typedef struct { uint64_t allocations, live_bytes; } Counts;
static Counts before_start, *counts = &before_start;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("MALLOC_COUNT_FILE");
  int file = path ? open(path, O_RDWR | O_CREAT, 0600) : -1;
  if (file < 0 || ftruncate(file, sizeof *counts)) abort();
  Counts *shared = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) abort();
  close(file);
  *shared = before_start;
  counts = shared;
}

static uint64_t size_of(void *block) { return block ? malloc_usable_size(block) + 8 : 0; }

static void *counted(void *block) {
  __atomic_fetch_add(&counts->allocations, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&counts->live_bytes, size_of(block), __ATOMIC_RELAXED);
  return block;
}

static void forget(uint64_t size) {
  __atomic_fetch_sub(&counts->live_bytes, size, __ATOMIC_RELAXED);
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }
void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}

void *realloc(void *old, size_t size) {
  uint64_t old_size = size_of(old);
  void *block = __libc_realloc(old, size);
  if (block || size == 0) forget(old_size);
  return counted(block);
}

void free(void *block) {
  forget(size_of(block));
  __libc_free(block);
}
