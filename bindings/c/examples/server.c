/* The smallest useful server: answers every client's first line with a line of its own.
 *
 *     server CERT KEY [CLIENTS]
 *
 * CERT holds the server's certificate and its intermediates, KEY its key, both PEM. Listens
 * on a free port of 127.0.0.1, which it prints, and ends after CLIENTS clients (default: never). */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlswrap.h>

enum { PATIENCE_MS = 5000 }; /* clients are served one after the other: none may stay for ever */

static int listen_on_loopback(void) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        perror("server: listening on 127.0.0.1");
        exit(1);
    }
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static tlsw_status read_line(tlsw_conn *conn, tlsw_error *err) {
    uint8_t byte = 0;
    size_t n = 0;
    tlsw_status status = TLSW_OK;
    while (status == TLSW_OK && byte != '\n')
        status = tlsw_conn_read(conn, &byte, 1, &n, err);
    return status;
}

static tlsw_status serve(tlsw_conn *conn, tlsw_error *err) {
    char answer[256];
    size_t n = 0;
    tlsw_status status = tlsw_conn_set_timeout(conn, PATIENCE_MS, err);
    if (status == TLSW_OK)
        status = tlsw_conn_handshake(conn, err);
    if (status == TLSW_OK)
        status = read_line(conn, err);
    if (status != TLSW_OK)
        return status;
    snprintf(answer, sizeof answer, "hello over %s, %s\n", tlsw_get_version(conn), tlsw_get_cipher(conn));
    /* A write may take less than it was given; with so few bytes it is all or an error. */
    status = tlsw_conn_write(conn, (const uint8_t *)answer, strlen(answer), &n, err);
    if (status == TLSW_OK)
        status = tlsw_conn_shutdown(conn, TLSW_SHUT_WRITE, err);
    return status;
}

int main(int argc, char **argv) {
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: server CERT KEY [CLIENTS]\n");
        return 2;
    }
    tlsw_ctx *ctx = NULL;
    tlsw_error err;
    if (tlsw_ctx_new(TLSW_SERVER, &ctx, &err) != TLSW_OK ||
        tlsw_ctx_load_cert_chain_file(ctx, argv[1], argv[2], NULL, 0, &err) != TLSW_OK) {
        fprintf(stderr, "server: %s\n", err.message);
        tlsw_ctx_free(ctx);
        return 1;
    }
    const long clients = argc == 4 ? atol(argv[3]) : -1;
    const int listener = listen_on_loopback();
    for (long served = 0; served != clients; served++) {
        tlsw_conn *conn = NULL;
        const int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        tlsw_status status = tlsw_wrap_fd(ctx, fd, TLSW_SERVER, NULL, &conn, &err);
        if (status == TLSW_OK)
            status = serve(conn, &err);
        if (status < 0)
            fprintf(stderr, "server: %s\n", err.message);
        tlsw_conn_free(conn);
        close(fd);
    }
    close(listener);
    tlsw_ctx_free(ctx);
    return 0;
}
