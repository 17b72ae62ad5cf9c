/* Connects to the runner, and carries the bytes in one of several ways. */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shim.h"

/* For -async the transport is always tlsw_wrap_io, a byte at a time. */
static enum { BLOCKING, NONBLOCKING, MEMORY } way;

static tlsw_bio *incoming, *outgoing; /* of MEMORY */

bool choose_transport(const char *name) {
    static const char *const NAMES[] = {"blocking", "nonblocking", "memory"};
    if (name == NULL || *name == '\0')
        return true;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(NAMES[i], name) == 0) {
            way = i;
            return true;
        }
    return fail("TLSW_BOGO_TRANSPORT is blocking, nonblocking or memory, not %s", name);
}

/* ---- The connection to the runner ---- */

/* What may be sent at once is; a signal cannot come between. */
static ssize_t send_all(int fd, const uint8_t *data, size_t len) {
    for (size_t at = 0; at < len;) {
        const ssize_t sent = send(fd, data + at, len - at, MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
        at += (size_t)sent;
    }
    return (ssize_t)len;
}

/* Connects, and says which test's connection it is. Returns -1 if that fails. */
static int dial(const config *config) {
    struct sockaddr_in v4 = {0};
    struct sockaddr_in6 v6 = {0};
    v4.sin_family = AF_INET;
    v4.sin_port = htons((uint16_t)config->port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons((uint16_t)config->port);
    v6.sin6_addr = in6addr_loopback;
    const struct sockaddr *address = config->ipv6 ? (void *)&v6 : (void *)&v4;
    const socklen_t len = config->ipv6 ? sizeof v6 : sizeof v4;
    const int fd = socket(address->sa_family, SOCK_STREAM, 0), on = 1;
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        connect(fd, address, len) != 0) {
        perror("connecting to the runner");
        return -1;
    }
    uint8_t id[8];
    for (size_t i = 0; i < sizeof id; i++)
        id[i] = (uint8_t)(config->shim_id >> (8 * i));
    if (send_all(fd, id, sizeof id) < 0) {
        perror("telling the runner the test");
        return -1;
    }
    return fd;
}

/* ---- -async: callbacks that block but for as many bytes as they were granted ---- */

static tlsw_status io_read(void *data, uint8_t *buf, size_t len, size_t *done) {
    connection *connection = data;
    if (connection->may_read == 0)
        return TLSW_WANT_READ;
    if (len > connection->may_read)
        len = connection->may_read;
    const ssize_t got = recv(connection->fd, buf, len, 0);
    if (got <= 0)
        return got == 0 ? TLSW_CLOSED : TLSW_ERR_IO;
    connection->may_read -= (size_t)got;
    *done = (size_t)got;
    return TLSW_OK;
}

static tlsw_status io_write(void *data, const uint8_t *buf, size_t len, size_t *done) {
    connection *connection = data;
    if (connection->may_write == 0)
        return TLSW_WANT_WRITE;
    if (len > connection->may_write)
        len = connection->may_write;
    const ssize_t put = send(connection->fd, buf, len, MSG_NOSIGNAL);
    if (put <= 0)
        return TLSW_ERR_IO;
    connection->may_write -= (size_t)put;
    *done = (size_t)put;
    return TLSW_OK;
}

/* Grants what was missed: a byte, or the answer of a hook. */
static bool grant(tlsw_status status) {
    switch (status) {
    case TLSW_WANT_READ:
        current->may_read++;
        return true;
    case TLSW_WANT_WRITE:
        current->may_write++;
        return true;
    case TLSW_WANT_HOOK:
        if (current->name_hook_called && !current->name_hook_ready)
            current->name_hook_ready = true;
        else
            current->verify_hook_ready = true;
        return true;
    default:
        return false;
    }
}

/* ---- Memory ---- */

static void send_outgoing(void) {
    uint8_t data[8192];
    size_t len;
    while (tlsw_bio_read(outgoing, data, sizeof data, &len, NULL) == TLSW_OK)
        if (send_all(current->fd, data, len) < 0)
            return;
}

static bool again_in_memory(tlsw_status status) {
    send_outgoing();
    if (status != TLSW_WANT_READ)
        return false;
    uint8_t data[4096];
    const ssize_t got = recv(current->fd, data, sizeof data, 0);
    if (got > 0)
        return tlsw_bio_write(incoming, data, (size_t)got, NULL) == TLSW_OK;
    return tlsw_bio_write_eof(incoming, NULL) == TLSW_OK;
}

/* ---- Waiting ---- */

static bool again_when_ready(tlsw_status status) {
    struct pollfd ready = {current->fd, 0, 0};
    if (status != TLSW_WANT_READ && status != TLSW_WANT_WRITE)
        return false;
    ready.events = status == TLSW_WANT_READ ? POLLIN : POLLOUT;
    return poll(&ready, 1, -1) == 1; /* the runner ends what waits for too long */
}

bool again(tlsw_status status) {
    if (current->config->async)
        return grant(status);
    return way == MEMORY        ? again_in_memory(status)
           : way == NONBLOCKING ? again_when_ready(status)
                                : false;
}

/* ---- Opening and closing ---- */

static tlsw_status wrap(tlsw_ctx *ctx, connection *connection, tlsw_error *err) {
    const uint32_t role = connection->config->server ? TLSW_SERVER : TLSW_CLIENT;
    const char *host = connection->config->server ? NULL : connection->config->host_name;
    if (connection->config->async)
        return tlsw_wrap_io(ctx, io_read, io_write, connection, NULL, role, host,
                            &connection->conn, err);
    if (way == MEMORY) {
        tlsw_status status = tlsw_bio_new(&incoming, err);
        if (status == TLSW_OK)
            status = tlsw_bio_new(&outgoing, err);
        if (status != TLSW_OK)
            return status;
        return tlsw_wrap_bio(ctx, incoming, outgoing, role, host, &connection->conn, err);
    }
    if (way == NONBLOCKING)
        fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    return tlsw_wrap_fd(ctx, connection->fd, role, host, &connection->conn, err);
}

bool open_transport(tlsw_ctx *ctx, connection *connection) {
    tlsw_error err;
    if ((connection->fd = dial(connection->config)) < 0)
        return false;
    const tlsw_status status = wrap(ctx, connection, &err);
    if (status != TLSW_OK)
        say_status("making the connection", status, &err);
    return status == TLSW_OK;
}

void close_transport(connection *connection) {
    if (connection->fd < 0)
        return;
    if (outgoing != NULL)
        send_outgoing();
    tlsw_conn_free(connection->conn);
    tlsw_bio_free(incoming);
    tlsw_bio_free(outgoing);
    incoming = outgoing = NULL;
    /* What the runner has sent is read to its end, so that closing does not reset the connection
     * before the runner has read what was sent to it. */
    uint8_t rest[1024];
    fcntl(connection->fd, F_SETFL, 0);
    shutdown(connection->fd, SHUT_WR);
    while (recv(connection->fd, rest, sizeof rest, 0) > 0)
        ;
    close(connection->fd);
}
