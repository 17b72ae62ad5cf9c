/* The part of the generated program (see program.rs) that is not generated: a world of live
 * objects to call with, and the checks. The header is included before this file.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define POISON 0xa5

/* ---- What is being tested, and what went wrong ---- */

static const char *now = "the frame";
static int cases, failures;

/* Said before the call, so that the last line names the call that did not come back. */
static void begin(const char *what) {
    now = what;
    cases++;
    printf("%s\n", what);
}

static void wrong(const char *what, const char *detail) {
    failures++;
    printf("  WRONG: %s: %s%s%s\n", now, what, *detail ? ": " : "", detail);
}

static void demand(int holds, const char *what) {
    if (!holds) {
        printf("  cannot go on: %s: %s\n", now, what);
        exit(2);
    }
}

/* ---- Checks ---- */

static void poison(void *memory, size_t size) {
    memset(memory, POISON, size);
}

static void untouched(const void *memory, size_t size, const char *name) {
    const unsigned char *at = (const unsigned char *)memory;
    for (size_t i = 0; i < size; i++) {
        if (at[i] != POISON) {
            wrong("was written to", name);
            return;
        }
    }
}

static void is_status(tlsw_status got, tlsw_status want, const tlsw_error *err) {
    if (got == want) return;
    wrong(tlsw_status_name(got), err && got < 0 ? err->message : "");
    printf("         where %s was due\n", tlsw_status_name(want));
}

/* The word stands in the text, by itself. */
static int has_word(const char *text, const char *word) {
    const char *part = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++) {
        int before = at > text && strchr(part, at[-1]) != NULL;
        int after = at[length] != '\0' && strchr(part, at[length]) != NULL;
        if (!before && !after) return 1;
    }
    return 0;
}

/* A failure fills err, and one of an argument names it. */
static void is_filled(const tlsw_error *err, tlsw_status status, const char *argument) {
    if (err->status != status) wrong("err.status is not the status", "");
    if (!memchr(err->message, 0, sizeof err->message) || !*err->message) {
        wrong("err.message is no text", "");
    } else if (argument && !has_word(err->message, argument)) {
        wrong("the message does not name the argument", err->message);
    }
    if (!memchr(err->library, 0, sizeof err->library)) wrong("err.library is no text", "");
    if (!memchr(err->reason, 0, sizeof err->reason)) wrong("err.reason is no text", "");
    for (size_t i = 0; i < sizeof err->reserved / sizeof *err->reserved; i++) {
        if (err->reserved[i]) wrong("err.reserved is not zero", "");
    }
}

/* ---- The world ---- */

static struct {
    const char *pki;
    char ca_path[4096], chain_path[4096], key_path[4096];
    uint8_t *ca, *chain, *key, *der;
    size_t ca_len, chain_len, key_len, der_len;
    tlsw_ctx *client, *server;
    tlsw_bio *to_peer, *from_peer, *bio, *incoming, *outgoing;
    tlsw_conn *conn, *peer, *idle; /* the last has not begun its handshake */
    tlsw_cert *cert;
    tlsw_session *session;
    uint8_t sealing_key[32];
    tlsw_buf saved; /* the session as bytes, with that key */
    int sockets[2], datagrams[2], pipes[2], file, closed, bound, listener;
    uint16_t port; /* of `bound`, where nobody listens */
    int freed;
} w;

/* Looks like a handle that was freed: its memory is there, its mark is gone. */
static union {
    uint64_t align;
    unsigned char bytes[4096];
} gone;

/* Does any handle's worth of bytes behind a pointer that no handle has. */
static void *off(void *pointer, size_t by) {
    return (char *)pointer + by;
}

static tlsw_status give_password(void *user, uint8_t *buf, size_t size, size_t *len) {
    (void)user;
    (void)buf;
    (void)size;
    *len = 0;
    return TLSW_OK;
}

static tlsw_status read_nothing(void *user, uint8_t *buf, size_t len, size_t *n) {
    (void)user;
    (void)buf;
    (void)len;
    (void)n;
    return TLSW_WANT_READ;
}

static tlsw_status write_anything(void *user, const uint8_t *buf, size_t len, size_t *n) {
    (void)user;
    (void)buf;
    *n = len;
    return TLSW_OK;
}

static tlsw_status any_name(void *user, tlsw_conn *conn, const char *name, uint8_t *alert) {
    (void)user;
    (void)conn;
    (void)name;
    (void)alert;
    return TLSW_OK;
}

static tlsw_status any_peer(void *user, tlsw_conn *conn, int32_t verify_error, uint8_t *alert) {
    (void)user;
    (void)conn;
    (void)verify_error;
    (void)alert;
    return TLSW_OK;
}

static void any_message(void *user, tlsw_conn *conn, int32_t is_write, int32_t version,
                        int32_t content_type, const uint8_t *data, size_t len) {
    (void)user;
    (void)conn;
    (void)is_write;
    (void)version;
    (void)content_type;
    (void)data;
    (void)len;
}

static void any_step(void *user, tlsw_conn *conn, int32_t where, int32_t value) {
    (void)user;
    (void)conn;
    (void)where;
    (void)value;
}

static void any_line(void *user, tlsw_conn *conn, const char *line) {
    (void)user;
    (void)conn;
    (void)line;
}

static void any_session(void *user, tlsw_conn *conn, tlsw_session *session) {
    (void)user;
    (void)conn;
    tlsw_session_free(session);
}

static tlsw_status any_hint(void *user, tlsw_conn *conn, const char *hint, char *identity,
                            size_t identity_size, uint8_t *key, size_t key_size, size_t *key_len) {
    (void)user;
    (void)conn;
    (void)hint;
    (void)identity;
    (void)identity_size;
    (void)key;
    (void)key_size;
    (void)key_len;
    return TLSW_OK;
}

static tlsw_status any_identity(void *user, tlsw_conn *conn, const char *identity, uint8_t *key,
                                size_t key_size, size_t *key_len) {
    (void)user;
    (void)conn;
    (void)identity;
    (void)key;
    (void)key_size;
    (void)key_len;
    return TLSW_OK;
}

static void free_user(void *user) {
    (void)user;
    w.freed++;
}

static void path(char *room, const char *name) {
    demand(snprintf(room, sizeof w.ca_path, "%s/%s", w.pki, name) < (int)sizeof w.ca_path, name);
}

static uint8_t *load(const char *name, size_t *len) {
    char at[sizeof w.ca_path];
    path(at, name);
    FILE *file = fopen(at, "rb");
    demand(file != NULL, at);
    uint8_t *bytes = (uint8_t *)malloc(65536);
    demand(bytes != NULL, "memory");
    *len = fread(bytes, 1, 65536, file);
    fclose(file);
    demand(*len > 0 && *len < 65536, at);
    return bytes;
}

static void ok(tlsw_status status, const tlsw_error *err) {
    demand(status == TLSW_OK, status < 0 ? err->message : tlsw_status_name(status));
}

static tlsw_ctx *new_ctx(void) {
    tlsw_error err;
    tlsw_ctx *ctx = NULL;
    ok(tlsw_ctx_new(TLSW_CLIENT, &ctx, &err), &err);
    return ctx;
}

static tlsw_bio *new_bio(void) {
    tlsw_error err;
    tlsw_bio *bio = NULL;
    ok(tlsw_bio_new(&bio, &err), &err);
    return bio;
}

static tlsw_cert *new_cert(void) {
    tlsw_error err;
    tlsw_cert *cert = NULL;
    ok(tlsw_cert_new(w.der, w.der_len, NULL, &cert, &err), &err);
    return cert;
}

static tlsw_conn *new_conn(void) {
    tlsw_error err;
    tlsw_conn *conn = NULL;
    ok(tlsw_wrap_bio(w.client, w.incoming, w.outgoing, TLSW_CLIENT, "localhost", &conn, &err), &err);
    return conn;
}

static tlsw_session *new_session(void) {
    tlsw_error err;
    tlsw_session *session = NULL;
    ok(tlsw_get_session(w.conn, &session, &err), &err);
    return session;
}

static void bind_port(void) {
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    w.bound = socket(AF_INET, SOCK_STREAM, 0);
    demand(w.bound >= 0 && bind(w.bound, (struct sockaddr *)&at, sizeof at) == 0, "bind");
    demand(getsockname(w.bound, (struct sockaddr *)&at, &size) == 0, "getsockname");
    w.port = ntohs(at.sin_port);
    at.sin_port = 0;
    w.listener = socket(AF_INET, SOCK_STREAM, 0);
    demand(w.listener >= 0 && bind(w.listener, (struct sockaddr *)&at, sizeof at) == 0, "bind");
    demand(listen(w.listener, 1) == 0, "listen");
}

static void ready(void);

static void world_begin(void) {
    const uint8_t alpn[] = {2, 'h', '2'};
    tlsw_error err;
    path(w.ca_path, "root.pem");
    path(w.chain_path, "localhost.chain.pem");
    path(w.key_path, "localhost.key.pem");
    w.ca = load("root.pem", &w.ca_len);
    w.chain = load("localhost.chain.pem", &w.chain_len);
    w.key = load("localhost.key.pem", &w.key_len);
    w.der = load("localhost.der", &w.der_len);
    w.client = new_ctx();
    ok(tlsw_ctx_load_ca_file(w.client, w.ca_path, &err), &err);
    ok(tlsw_ctx_set_alpn_protocols(w.client, alpn, sizeof alpn, &err), &err);
    ok(tlsw_ctx_new(TLSW_SERVER, &w.server, &err), &err);
    ok(tlsw_ctx_set_alpn_protocols(w.server, alpn, sizeof alpn, &err), &err);
    ok(tlsw_ctx_load_cert_chain_file(w.server, w.chain_path, w.key_path, NULL, 0, &err), &err);
    w.to_peer = new_bio();
    w.from_peer = new_bio();
    w.bio = new_bio();
    w.incoming = new_bio();
    w.outgoing = new_bio();
    ok(tlsw_wrap_bio(w.client, w.from_peer, w.to_peer, TLSW_CLIENT, "localhost", &w.conn, &err),
       &err);
    ok(tlsw_wrap_bio(w.server, w.to_peer, w.from_peer, TLSW_SERVER, NULL, &w.peer, &err), &err);
    for (int i = 0; i < 4; i++) {
        tlsw_status here = tlsw_conn_handshake(w.conn, &err);
        demand(here == TLSW_OK || here == TLSW_WANT_READ, err.message);
        tlsw_status there = tlsw_conn_handshake(w.peer, &err);
        demand(there == TLSW_OK || there == TLSW_WANT_READ, err.message);
        demand(i < 3 || (here == TLSW_OK && there == TLSW_OK), "the handshake does not end");
    }
    ok(tlsw_conn_set_user(w.conn, &w, NULL, &err), &err);
    w.idle = new_conn();
    w.cert = new_cert();
    ready(); /* The server's tickets come with its first bytes. */
    w.session = new_session();
    ok(tlsw_session_to_bytes(w.session, w.sealing_key, &w.saved, &err), &err);
    bind_port();
    demand(socketpair(AF_UNIX, SOCK_STREAM, 0, w.sockets) == 0, "socketpair");
    demand(socketpair(AF_UNIX, SOCK_DGRAM, 0, w.datagrams) == 0, "socketpair");
    demand(pipe(w.pipes) == 0, "pipe");
    w.file = open(w.ca_path, O_RDONLY);
    w.closed = dup(w.file);
    demand(w.closed >= 0 && close(w.closed) == 0, "dup");
}

/* Before each call: something to read on the connection and in the pipe. */
static void ready(void) {
    const uint8_t hello[] = {'h', 'e', 'l', 'l', 'o'};
    uint8_t one[1];
    size_t n;
    tlsw_error err;
    ok(tlsw_conn_write(w.peer, hello, sizeof hello, &n, &err), &err);
    ok(tlsw_conn_peek(w.conn, one, sizeof one, &n, &err), &err);
    /* Once its end was written the pipe stays as it is. */
    tlsw_status status = tlsw_bio_write(w.bio, hello, sizeof hello, &err);
    demand(status == TLSW_OK || status == TLSW_ERR_STATE, err.message);
}

/* After each call: everything is still alive. */
static void alive(void) {
    tlsw_error err;
    const char *version = tlsw_get_version(w.conn);
    if (!version || strcmp(version, "TLSv1.3") != 0) wrong("the connection is damaged", "");
    if (tlsw_bio_pending(w.bio) == 0) wrong("the pipe is damaged", "");
    if (tlsw_cert_version(w.cert) != 3) wrong("the certificate is damaged", "");
    is_status(tlsw_ctx_set_max_version(w.client, TLSW_TLS_1_3, &err), TLSW_OK, &err);
    for (size_t i = 0; i < sizeof gone.bytes; i++) {
        if (gone.bytes[i]) {
            wrong("what was no handle was written to", "");
            memset(&gone, 0, sizeof gone);
        }
    }
    if (fcntl(w.sockets[0], F_GETFD) < 0) wrong("the descriptor was closed", "");
}

static void world_end(void) {
    tlsw_conn_free(w.conn);
    tlsw_conn_free(w.peer);
    tlsw_conn_free(w.idle);
    tlsw_session_free(w.session);
    tlsw_buf_free(&w.saved);
    tlsw_bio_free(w.to_peer);
    tlsw_bio_free(w.from_peer);
    tlsw_bio_free(w.bio);
    tlsw_bio_free(w.incoming);
    tlsw_bio_free(w.outgoing);
    tlsw_cert_free(w.cert);
    tlsw_ctx_free(w.client);
    tlsw_ctx_free(w.server);
    free(w.ca);
    free(w.chain);
    free(w.key);
    free(w.der);
    for (int i = 0; i < 2; i++) {
        close(w.sockets[i]);
        close(w.datagrams[i]);
        close(w.pipes[i]);
    }
    close(w.file);
    close(w.bound);
    close(w.listener);
}
