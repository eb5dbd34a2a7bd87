// Answers Health/Check late, as late as was drawn beforehand, stalls when it is told to, and writes
// down what it did.
//
//   slow SEED LOG [STALL]...   a STALL is MILLISECONDS:deaf or MILLISECONDS:mute, after the first call
//
// It prints its port, and ends when its input does. A stall begins so long after the first call. Each
// request carries its number, as the service it asks about; the number and SEED alone decide how long
// its answer takes from when it came, by the kernel's stamp. While it stalls nothing is answered; deaf
// it does not even read, mute it reads on, and what falls due waits. What came while it was deaf counts
// as come when it was read.
//
// In the LOG, all in nanoseconds of CLOCK_MONOTONIC:
//   stall START END IS-DEAF
//   call NUMBER DELAY CAME ANSWERED
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { KIND_OPEN = 1, KIND_PING = 6 };
enum { IN_MAX = 1 << 20, STALLS_MAX = 16, BURST = 16 };
static const int64_t SECOND = 1000000000, MILLISECOND = 1000000, STALL_LENGTH = 3 * SECOND / 2;

typedef struct {
  int fd;
  size_t in_count;
  uint8_t in[IN_MAX];
} Connection;

typedef struct {
  uint64_t number;
  uint32_t id;
  int64_t delay, came, answered;
  Connection *from;
} Call;

typedef struct {
  int64_t after, start, end;
  bool is_deaf;
} Stall;

static int poller, listener;
static uint64_t seed;
static Stall stalls[STALLS_MAX];
static size_t stall_count, stall_next;
static Call *calls;
static size_t call_count, call_room;
static size_t *waiting;  // A heap of places in `calls`, by when they fall due.
static size_t waiting_count;
static int64_t first_came, last_deaf;

__attribute__((noreturn)) static void fail(const char *what) {
  fprintf(stderr, "slow: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * SECOND + t.tv_nsec;
}

// Half of the answers take 20 ms or more, one in 100 150 ms, one in 1,000 400 ms; none over 900 ms.
static int64_t delay_of(uint64_t number) {
  static const double at[] = {0, 0.30103, 2, 3, 4}, ms[] = {8, 20, 150, 400, 900};
  uint64_t z = seed + (number + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  double rarity = -log10(1 - (double)((z ^ (z >> 31)) >> 11) * 0x1p-53);
  for (size_t i = 1; i < sizeof at / sizeof *at; i++) {
    if (rarity >= at[i]) continue;
    double part = (rarity - at[i - 1]) / (at[i] - at[i - 1]);
    return (int64_t)(ms[i - 1] * pow(ms[i] / ms[i - 1], part) * (double)MILLISECOND);
  }
  return 900 * MILLISECOND;
}

// MARK: What waits for its moment

static int64_t due(size_t place) { return calls[waiting[place]].came + calls[waiting[place]].delay; }

static void swap(size_t a, size_t b) {
  size_t kept = waiting[a];
  waiting[a] = waiting[b];
  waiting[b] = kept;
}

static void let_wait(size_t call) {
  size_t place = waiting_count++;
  waiting[place] = call;
  for (; place > 0 && due(place) < due((place - 1) / 2); place = (place - 1) / 2)
    swap(place, (place - 1) / 2);
}

static Call *take_first(void) {
  Call *first = &calls[waiting[0]];
  waiting[0] = waiting[--waiting_count];
  for (size_t place = 0;;) {
    size_t least = place;
    for (size_t child = 2 * place + 1; child <= 2 * place + 2; child++)
      if (child < waiting_count && due(child) < due(least)) least = child;
    if (least == place) return first;
    swap(place, least);
    place = least;
  }
}

// MARK: Frames

static uint64_t varint(const uint8_t **at, const uint8_t *end) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && *at < end; shift += 7) {
    uint8_t byte = *(*at)++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail("a broken number");
}

static uint8_t *put_varint(uint8_t *at, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = (uint8_t)(value | 0x80);
  *at++ = (uint8_t)value;
  return at;
}

static void send_frame(Connection *c, uint8_t *frame, const uint8_t *end) {
  uint32_t length = htonl((uint32_t)(end - frame - 4));
  memcpy(frame, &length, 4);
  // A client that left does not get it.
  if (send(c->fd, frame, (size_t)(end - frame), MSG_NOSIGNAL) < 0 && errno != EPIPE &&
      errno != ECONNRESET)
    fail("send");
}

static void answer(Call *call) {
  uint8_t frame[32], *end = frame + 4;
  *end++ = 0x08, *end++ = 3, *end++ = 0x10;  // CLOSE
  end = put_varint(end, call->id);
  *end++ = 0x32, *end++ = 2, *end++ = 0x08, *end++ = 1;  // SERVING
  send_frame(call->from, frame, end);
  // The loopback device has brought it to the client's socket by now.
  call->answered = now();
}

static void greet(Connection *c) {
  // SETTINGS: frames of 1 MiB, 100,000 open calls, a PING each 5 s.
  uint8_t frame[] = {0, 0, 0, 0, 0x08, 10, 0x62, 11, 0x08, 0x80, 0x80, 0x40, 0x10, 0xa0, 0x8d, 0x06,
                     0x18, 0x88, 0x27};
  send_frame(c, frame, frame + sizeof frame);
}

static void open_call(Connection *c, uint32_t id, const uint8_t *message, size_t count,
                      int64_t came) {
  if (call_count == call_room) {
    call_room = call_room ? 2 * call_room : 1 << 16;
    calls = realloc(calls, call_room * sizeof *calls);
    waiting = realloc(waiting, call_room * sizeof *waiting);
    if (!calls || !waiting) fail("memory");
  }
  uint64_t number = 0;
  // The request's only field is a string of digits.
  for (size_t i = 2; i < count; i++) number = 10 * number + (uint64_t)(message[i] - '0');
  if (!first_came) first_came = came;
  calls[call_count] = (Call){number, id, delay_of(number), came, 0, c};
  let_wait(call_count++);
}

static void take_frame(Connection *c, const uint8_t *at, const uint8_t *end, int64_t came) {
  uint64_t kind = 0, id = 0, nonce = 0;
  const uint8_t *message = NULL;
  size_t message_count = 0;
  while (at < end) {
    uint64_t tag = varint(&at, end), value = varint(&at, end);
    if (tag == (6 << 3 | 2)) message = at, message_count = value;
    if ((tag & 7) == 2) at += value;
    if (tag == 1 << 3) kind = value;
    if (tag == 2 << 3) id = value;
    if (tag == 11 << 3) nonce = value;
  }
  if (at != end) fail("a frame that ends early");
  if (kind == KIND_OPEN) open_call(c, (uint32_t)id, message, message_count, came);
  if (kind == KIND_PING) {
    uint8_t frame[32] = {0, 0, 0, 0, 0x08, 7, 0x58};
    send_frame(c, frame, put_varint(frame + 7, nonce));
  }
}

// When the bytes came that were read now: by the kernel, which counts from 1970.
static int64_t stamp_of(struct msghdr *message, int64_t read) {
  struct timespec since_1970, t;
  clock_gettime(CLOCK_REALTIME, &since_1970);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    memcpy(&t, CMSG_DATA(c), sizeof t);
    int64_t ago = (since_1970.tv_sec - t.tv_sec) * SECOND + since_1970.tv_nsec - t.tv_nsec;
    return read - ago < last_deaf ? read : read - ago;
  }
  fail("the kernel does not say when bytes came");
}

static void receive(Connection *c) {
  char control[CMSG_SPACE(sizeof(struct timespec))];
  struct iovec room = {c->in + c->in_count, sizeof c->in - c->in_count};
  struct msghdr header = {.msg_iov = &room, .msg_iovlen = 1, .msg_control = control,
                          .msg_controllen = sizeof control};
  ssize_t count = recvmsg(c->fd, &header, MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    // Calls may still wait to be answered there: the connection is forgotten, and not given back.
    epoll_ctl(poller, EPOLL_CTL_DEL, c->fd, NULL);
    shutdown(c->fd, SHUT_RDWR);
    return;
  }
  int64_t came = stamp_of(&header, now());
  const uint8_t *at = c->in, *end = c->in + c->in_count + count;
  while (end - at >= 4) {
    uint32_t length;
    memcpy(&length, at, 4);
    length = ntohl(length);
    if (end - at < 4 + (ptrdiff_t)length) break;
    take_frame(c, at + 4, at + 4 + length, came);
    at += 4 + length;
  }
  c->in_count = (size_t)(end - at);
  memmove(c->in, at, c->in_count);
}

static void accept_one(void) {
  int on = 1;
  Connection *c = malloc(sizeof *c);
  if (!c) fail("memory");
  c->in_count = 0;
  c->fd = accept(listener, NULL, NULL);
  if (c->fd < 0) fail("accept");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event interest = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &interest)) fail("epoll");
  greet(c);
}

// MARK: Time

static void sleep_until(int64_t moment) {
  struct timespec t = {moment / SECOND, moment % SECOND};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL)) {}
}

// Begins and ends stalls, answers what is due, and returns when to come back at the latest.
static int64_t act(void) {
  Stall *stall = stall_next < stall_count && first_came ? &stalls[stall_next] : NULL;
  int64_t moment = now();
  if (stall && !stall->start && moment >= first_came + stall->after) {
    stall->start = moment;
    if (stall->is_deaf) sleep_until(moment + STALL_LENGTH);
  }
  if (stall && stall->start) {
    moment = now();
    if (moment < stall->start + STALL_LENGTH) return stall->start + STALL_LENGTH;
    stall->end = moment;
    if (stall->is_deaf) last_deaf = moment;
    stall_next++;
    // What came while it was deaf is read before anything else.
    if (stall->is_deaf) return 0;
  }
  // Not all that a stall held back in one go: calls of one connection that wait to be read together get
  // the stamp of the last, and would seem to have come later than they did.
  for (int answered = 0; waiting_count && due(0) <= (moment = now()); answered++) {
    if (answered == BURST) return 0;
    answer(take_first());
  }
  int64_t next = waiting_count ? due(0) : moment + SECOND;
  if (stall && !stall->start && first_came + stall->after < next) next = first_came + stall->after;
  return next;
}

static bool serve(int64_t until) {
  struct epoll_event events[256];
  int64_t time = until - now();
  if (time < 0) time = 0;
  struct timespec t = {time / SECOND, time % SECOND};
  int count = epoll_pwait2(poller, events, 256, &t, NULL);
  if (count < 0 && errno != EINTR) fail("epoll");
  for (int i = 0; i < count; i++) {
    if (events[i].data.ptr == &stdin) return false;
    if (events[i].data.ptr == &listener) accept_one();
    else receive(events[i].data.ptr);
  }
  return true;
}

static void write_log(const char *path) {
  FILE *file = fopen(path, "w");
  if (!file) fail(path);
  for (size_t i = 0; i < stall_count; i++)
    if (stalls[i].end)
      fprintf(file, "stall %ld %ld %d\n", stalls[i].start, stalls[i].end, stalls[i].is_deaf);
  for (size_t i = 0; i < call_count; i++)
    if (calls[i].answered)
      fprintf(file, "call %lu %ld %ld %ld\n", calls[i].number, calls[i].delay, calls[i].came,
              calls[i].answered);
  if (fclose(file)) fail(path);
}

static void add(int fd, void *data) {
  struct epoll_event interest = {.events = EPOLLIN, .data.ptr = data};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &interest)) fail("epoll");
}

int main(int argc, char **argv) {
  if (argc < 3 || argc - 3 > STALLS_MAX) fail("SEED LOG [STALL]...");
  seed = strtoul(argv[1], NULL, 10);
  for (; stall_count < (size_t)argc - 3; stall_count++) {
    char *kind;
    int64_t after = strtol(argv[3 + stall_count], &kind, 10) * MILLISECOND;
    stalls[stall_count] = (Stall){.after = after, .is_deaf = !strcmp(kind, ":deaf")};
  }
  // Else the system may gather this thread's wake-ups over 50 microseconds.
  prctl(PR_SET_TIMERSLACK, 1);
  poller = epoll_create1(0);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int on = 1;
  // Connections have it from their listener. The kernel begins to stamp some time after it is asked to.
  setsockopt(listener, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  if (bind(listener, (void *)&address, size) || listen(listener, 1024) ||
      getsockname(listener, (void *)&address, &size))
    fail("listen");
  add(listener, &listener);
  add(STDIN_FILENO, &stdin);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  while (serve(act())) {}
  write_log(argv[2]);
}
