// Calls Health/Check without pause, and checks every reply.
//
//   driver PORT CONNECTIONS DEPTH SECONDS [FIRST-ID [FILE]]  keeps DEPTH calls in flight on each
//   driver PORT CONNECTIONS hold                             one call on each, then waits for stdin's end
//
// A FILE holds another call: what follows the id in its OPEN. Of its replies it is checked that they
// are OK and have a message.
//
// One thread and one epoll. A connection's replies are read at once, and the calls that follow them
// go out in one write. The result is one line of JSON on stdout.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { KIND_OPEN = 1, KIND_CLOSE = 3, KIND_SETTINGS = 10 };
enum { WINDOW = 1024, FRAME_MAX = 1024, IN_MAX = 32 << 10, DEPTH_MAX = 256 };

// Ids rise to this, far from where they would wrap; then the connection is replaced.
static const uint32_t ID_MAX = UINT32_MAX - WINDOW;
static const uint64_t SECOND = 1000000000, WARM_UP = SECOND / 5;
static const int PATIENCE_MS = 5000;

typedef struct {
  uint32_t id;  // 0: none
  uint64_t sent;
} Call;

typedef struct {
  int fd;
  uint32_t next_id;
  uint32_t open;  // calls in flight
  size_t in_count, out_count;
  uint8_t in[IN_MAX], out[DEPTH_MAX * FRAME_MAX];
  Call calls[WINDOW];  // by id, modulo
} Connection;

static struct sockaddr_in server = {.sin_family = AF_INET};
static int poller;
static uint32_t first_id = 1;
static uint64_t replies, replies_in_window, window_start, window_end;

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("driver: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  exit(1);
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

// Latencies in nanoseconds, in buckets that are at most 1/32 of their value wide.
enum { STEPS_LOG2 = 5, STEPS = 1 << STEPS_LOG2 };
static uint64_t histogram[64 * STEPS];

static void record(uint64_t ns) {
  if (ns < STEPS) ns = STEPS;
  int shift = 63 - __builtin_clzll(ns) - STEPS_LOG2;
  histogram[(size_t)(shift + 1) * STEPS + ((ns >> shift) & (STEPS - 1))]++;
}

static double percentile_us(double share) {
  uint64_t wanted = (uint64_t)((double)replies_in_window * share), seen = 0;
  for (size_t i = STEPS; i < sizeof histogram / sizeof *histogram; i++) {
    seen += histogram[i];
    if (seen > wanted) {
      size_t shift = i / STEPS - 1, step = i % STEPS;
      return (double)((2 * (STEPS + step) + 1) << shift) / 2e3;  // the bucket's middle
    }
  }
  return 0;
}

// What follows the id in an OPEN; that of Health/Check has an empty request.
static const uint8_t check[] = "\x1a\x1c/grpc.health.v1.Health/Check\x38\x01";
static uint8_t other[FRAME_MAX - 16];
static const uint8_t *tail = check;
static size_t tail_count = sizeof check - 1;

static void read_call(const char *path) {
  FILE *file = fopen(path, "rb");
  tail_count = file ? fread(other, 1, sizeof other, file) : 0;
  if (tail_count == 0 || !feof(file)) fail("%s holds no call of less than %zu bytes", path, sizeof other);
  fclose(file);
  tail = other;
}

// Puts an OPEN behind what is to be sent.
static void call(Connection *c, uint64_t at) {
  Call *slot = &c->calls[c->next_id % WINDOW];
  if (slot->id) fail("call %u has waited for %d others", slot->id, WINDOW);
  *slot = (Call){.id = c->next_id, .sent = at};

  uint8_t *frame = c->out + c->out_count, *end = frame + 4;
  *end++ = 0x08, *end++ = KIND_OPEN, *end++ = 0x10;
  uint32_t id = c->next_id++;
  for (; id >= 0x80; id >>= 7) *end++ = (uint8_t)(id | 0x80);
  *end++ = (uint8_t)id;
  memcpy(end, tail, tail_count);
  end += tail_count;
  uint32_t length = htonl((uint32_t)(end - frame - 4));
  memcpy(frame, &length, 4);
  c->out_count = (size_t)(end - c->out);
  c->open++;
}

// A connection has a few kilobytes in flight at most, which every socket takes.
static void send_all(Connection *c) {
  if (c->out_count && send(c->fd, c->out, c->out_count, MSG_NOSIGNAL) != (ssize_t)c->out_count)
    fail("send: %s", strerror(errno));
  c->out_count = 0;
}

static void connect_to_server(Connection *c) {
  int on = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (void *)&server, sizeof server))
    fail("connect: %s", strerror(errno));
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event interest = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &interest);
  c->next_id = first_id;
}

static uint64_t varint(const uint8_t **at, const uint8_t *end) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && *at < end; shift += 7) {
    uint8_t byte = *(*at)++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail("a reply with a broken number");
}

// Reads one frame: a CLOSE must end one of the open calls with OK and SERVING.
static void take_reply(Connection *c, const uint8_t *at, const uint8_t *end, uint64_t arrived) {
  uint64_t kind = 0, id = 0, status = 0;
  bool serving = false;
  while (at < end) {
    uint64_t tag = varint(&at, end), value = varint(&at, end);
    const uint8_t *bytes = at;
    if ((tag & 7) == 2) {
      if (value > (uint64_t)(end - at)) fail("a reply that ends early");
      at += value;
    } else if ((tag & 7) != 0) {
      fail("a reply with a field of tag %lu", (unsigned long)tag);
    }
    switch (tag) {
      case 1 << 3: kind = value; break;
      case 2 << 3: id = value; break;
      case 6 << 3 | 2:
        serving = tail == check ? value == 2 && bytes[0] == 0x08 && bytes[1] == 1 : value > 0;
        break;
      case 8 << 3: status = value; break;
    }
  }
  if (kind == KIND_SETTINGS) return;
  if (kind != KIND_CLOSE || status != 0 || !serving)
    fail("call %lu: frame of kind %lu, status %lu, %sserving", (unsigned long)id,
         (unsigned long)kind, (unsigned long)status, serving ? "" : "not ");
  Call *slot = &c->calls[id % WINDOW];
  if (id == 0 || slot->id != id) fail("a reply to call %lu, which is not open", (unsigned long)id);
  slot->id = 0;
  c->open--;
  replies++;
  if (arrived >= window_start && arrived < window_end) {
    replies_in_window++;
    record(arrived - slot->sent);
  }
}

// Takes the frames that have come, and returns when they came.
static uint64_t receive(Connection *c) {
  ssize_t count = recv(c->fd, c->in + c->in_count, sizeof c->in - c->in_count, 0);
  if (count <= 0) fail("the server left: %s", count ? strerror(errno) : "end of stream");
  uint64_t arrived = now();
  const uint8_t *at = c->in, *end = c->in + c->in_count + count;
  while (end - at >= 4) {
    uint32_t length;
    memcpy(&length, at, 4);
    length = ntohl(length);
    if (length > sizeof c->in - 4) fail("a frame of %u bytes", length);
    if (end - at < 4 + (ptrdiff_t)length) break;
    take_reply(c, at + 4, at + 4 + length, arrived);
    at += 4 + length;
  }
  c->in_count = (size_t)(end - at);
  memmove(c->in, at, c->in_count);
  return arrived;
}

// Fills up to `depth` calls in flight; on a new connection when the ids of this one have run out.
static void top_up(Connection *c, uint32_t depth, uint64_t at) {
  if (c->next_id >= ID_MAX && c->open == 0) {
    close(c->fd);
    connect_to_server(c);
  }
  while (c->open < depth && c->next_id < ID_MAX) call(c, at);
  send_all(c);
}

static void wait_for_replies(uint32_t depth) {
  struct epoll_event events[256];
  int count = epoll_wait(poller, events, 256, PATIENCE_MS);
  if (count <= 0) fail("no reply within %d ms", PATIENCE_MS);
  for (int i = 0; i < count; i++) {
    Connection *c = events[i].data.ptr;
    uint64_t at = receive(c);
    if (at < window_end) top_up(c, depth, at);
  }
}

static void measure(Connection *all, size_t count, uint32_t depth, uint64_t length) {
  window_start = now() + WARM_UP;
  window_end = window_start + length;
  for (size_t i = 0; i < count; i++) top_up(&all[i], depth, now());
  while (now() < window_start) wait_for_replies(depth);
  double cpu = cpu_seconds();
  while (now() < window_end) wait_for_replies(depth);
  cpu = cpu_seconds() - cpu;
  uint64_t last = replies;
  for (size_t i = 0; i < count; i++) last += all[i].open;
  while (replies < last) wait_for_replies(0);

  double seconds = (double)length / (double)SECOND;
  printf("{\"calls\": %lu, \"rate\": %.0f, \"driver_cpu\": %.3f, "
         "\"p50\": %.1f, \"p99\": %.1f, \"p99.9\": %.1f}\n",
         (unsigned long)replies, (double)replies_in_window / seconds, cpu / seconds,
         percentile_us(0.5), percentile_us(0.99), percentile_us(0.999));
}

static void hold(Connection *all, size_t count) {
  for (size_t i = 0; i < count; i++) top_up(&all[i], 1, now());
  while (replies < count) wait_for_replies(0);
  puts("held");
  fflush(stdout);
  while (getchar() != EOF) {}
}

int main(int argc, char **argv) {
  if (argc < 4) fail("PORT CONNECTIONS DEPTH SECONDS [FIRST-ID], or PORT CONNECTIONS hold");
  bool holds = !strcmp(argv[3], "hold");
  size_t count = strtoul(argv[2], NULL, 10);
  uint32_t depth = (uint32_t)strtoul(argv[3], NULL, 10);
  if (!count || (!holds && (argc < 5 || !depth || depth > DEPTH_MAX)))
    fail("at least 1 connection, and 1 to %d calls in flight on each", DEPTH_MAX);
  if (argc > 5) first_id = (uint32_t)strtoul(argv[5], NULL, 10);
  if (argc > 6) read_call(argv[6]);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));

  poller = epoll_create1(0);
  Connection *all = calloc(count, sizeof *all);
  if (!all) fail("no memory for %zu connections", count);
  for (size_t i = 0; i < count; i++) connect_to_server(&all[i]);
  if (holds) hold(all, count);
  else measure(all, count, depth, (uint64_t)(strtod(argv[4], NULL) * (double)SECOND));
}
