/* A TCP connection before a deadline. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "chain.h"

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t left_ms(int64_t deadline) {
    const int64_t left = deadline - now_ms();
    return left > 0 ? left : 0;
}

int net_wait(int fd, short events, int64_t deadline) {
    struct pollfd waiting;
    waiting.fd = fd;
    waiting.events = events;
    for (;;) {
        const int64_t left = left_ms(deadline);
        const int ready = poll(&waiting, 1, (int)left);
        if (ready >= 0 || errno != EINTR)
            return ready;
    }
}

/* Returns a socket or -1 with errno. */
static int connect_to(const struct addrinfo *address, int64_t deadline) {
    int error = 0;
    socklen_t size = sizeof error;
    const int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd < 0)
        return -1;
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        error = errno;
    else if (connect(fd, address->ai_addr, address->ai_addrlen) < 0 && errno != EINPROGRESS && errno != EINTR)
        error = errno;
    else {
        const int ready = net_wait(fd, POLLOUT, deadline);
        if (ready == 0)
            error = ETIMEDOUT;
        else if (ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
            error = errno;
    }
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

int net_connect(const struct options *options, int64_t deadline) {
    struct addrinfo hints, *found = NULL;
    char port[8];
    int fd = -1, untried = 0;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    snprintf(port, sizeof port, "%u", options->port);
    const int failed = getaddrinfo(options->host, port, &hints, &found);
    if (failed) {
        complain("%s: %s", options->host, failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
        return -1;
    }
    for (const struct addrinfo *a = found; a; a = a->ai_next)
        untried++;
    /* An address that swallows packets must leave time for the next ones. */
    for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next, untried--)
        fd = connect_to(a, now_ms() + left_ms(deadline) / untried);
    if (fd < 0)
        complain("cannot connect to %s port %s: %s", options->host, port, strerror(errno));
    freeaddrinfo(found);
    return fd;
}
