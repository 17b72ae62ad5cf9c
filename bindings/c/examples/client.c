/* The smallest useful client: connects, sends "GET /", prints what comes back.
 *
 *     client HOST PORT [CAFILE]
 *
 * Without CAFILE the system's roots are trusted. */
#define _POSIX_C_SOURCE 200809L

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlswrap.h>

static int connect_to(const char *host, const char *port) {
    struct addrinfo hints, *found = NULL;
    int fd = -1;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

/* Like write(2), a write may take less than it was given. */
static tlsw_status write_all(tlsw_conn *conn, const char *text, tlsw_error *err) {
    size_t left = strlen(text), n = 0;
    while (left > 0) {
        const tlsw_status status = tlsw_conn_write(conn, (const uint8_t *)text, left, &n, err);
        if (status != TLSW_OK)
            return status;
        text += n;
        left -= n;
    }
    return TLSW_OK;
}

/* The first write shakes hands, and so verifies the server before anything is sent to it. */
static tlsw_status talk(tlsw_conn *conn, const char *host, tlsw_error *err) {
    char request[512];
    uint8_t answer[4096];
    size_t n = 0;
    snprintf(request, sizeof request, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", host);
    tlsw_status status = write_all(conn, request, err);
    while (status == TLSW_OK) {
        status = tlsw_conn_read(conn, answer, sizeof answer, &n, err);
        if (status == TLSW_OK)
            fwrite(answer, 1, n, stdout);
    }
    if (status != TLSW_CLOSED)
        return status;
    return tlsw_conn_shutdown(conn, TLSW_SHUT_WRITE, err);
}

int main(int argc, char **argv) {
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: client HOST PORT [CAFILE]\n");
        return 2;
    }
    tlsw_ctx *ctx = NULL;
    tlsw_conn *conn = NULL;
    tlsw_error err;
    const int fd = connect_to(argv[1], argv[2]);
    if (fd < 0) {
        fprintf(stderr, "client: cannot connect to %s port %s\n", argv[1], argv[2]);
        return 1;
    }
    tlsw_status status = tlsw_ctx_new(TLSW_CLIENT, &ctx, &err);
    if (status == TLSW_OK && argc == 4)
        status = tlsw_ctx_load_ca_file(ctx, argv[3], &err);
    if (status == TLSW_OK)
        status = tlsw_wrap_fd(ctx, fd, TLSW_CLIENT, argv[1], &conn, &err);
    if (status == TLSW_OK)
        status = talk(conn, argv[1], &err);
    if (status < 0)
        fprintf(stderr, "client: %s\n", err.message);
    tlsw_conn_free(conn);
    tlsw_ctx_free(ctx);
    close(fd);
    return status < 0;
}
