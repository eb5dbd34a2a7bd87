// What glibc declares only for _GNU_SOURCE, and its Swift module therefore does not show.
#include <pthread.h>
#include <sys/socket.h>

int pipe2(int ends[2], int flags);
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int pthread_setname_np(pthread_t thread, const char *name);
