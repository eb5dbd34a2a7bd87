// What glibc declares only for _GNU_SOURCE, and its Swift module therefore does not show.
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

int pipe2(int ends[2], int flags);
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int pthread_setname_np(pthread_t thread, const char *name);

// Lets the system wake this thread when its timers say, instead of gathering wake-ups. prctl takes any
// number of arguments, which Swift cannot call.
static inline void keep_timers_exact(void) { prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }
