#include "native.h"

#include <string.h>

#include "_cgo_export.h"

/* Ends a step: an error is kept for Go to read, and what is for the peer leaves the pipe. */
static go_step done(const go_conn *c, go_step step, const tlsw_error *err, uint8_t *room, size_t size) {
    if (step.status < 0) {
        step.err = malloc(sizeof *err);
        if (step.err)
            memcpy(step.err, err, sizeof *err);
    }
    if (size > 0 && tlsw_bio_read(c->outgoing, room, size, &step.drained, NULL) != TLSW_OK)
        step.drained = 0;
    step.left = tlsw_bio_pending(c->outgoing);
    return step;
}

/* Whether what came was taken; the pipe refuses only after its end. */
static int take(const go_conn *c, const uint8_t *came, size_t len, go_step *step, tlsw_error *err) {
    if (len > 0)
        step->status = tlsw_bio_write(c->incoming, came, len, err);
    return step->status == TLSW_OK;
}

go_step go_handshake(uintptr_t conn, const uint8_t *came, size_t came_len, uint8_t *room, size_t size) {
    const go_conn *c = (const go_conn *)conn;
    go_step step = {0};
    tlsw_error err;
    if (take(c, came, came_len, &step, &err))
        step.status = tlsw_conn_handshake(c->conn, &err);
    return done(c, step, &err, room, size);
}

/* Fills as much of buf as there is: what one read of the socket brought is many records. */
go_step go_read(uintptr_t conn, const uint8_t *came, size_t came_len, uint8_t *buf, size_t len) {
    const go_conn *c = (const go_conn *)conn;
    go_step step = {0};
    tlsw_error err;
    if (take(c, came, came_len, &step, &err)) {
        size_t n = 0;
        while (step.n < len && !step.hungry &&
               (step.status = tlsw_conn_read(c->conn, buf + step.n, len - step.n, &n, &err)) == TLSW_OK) {
            step.n += n;
            step.hungry = step.n < len && tlsw_bio_pending(c->incoming) == 0;
        }
        if (step.status == TLSW_WANT_READ)
            step.hungry = 1;
        /* What else stopped it will stop the next read, too. */
        if (step.n > 0)
            step.status = TLSW_OK;
    }
    return done(c, step, &err, NULL, 0);
}

go_step go_write(uintptr_t conn, const uint8_t *data, size_t len, uint8_t *room, size_t size) {
    const go_conn *c = (const go_conn *)conn;
    go_step step = {0};
    tlsw_error err;
    size_t n = 0;
    /* A record more than fits would be left in the pipe. */
    const size_t record = 16384 + 256;
    while (step.n < len && tlsw_bio_pending(c->outgoing) + record <= size &&
           (step.status = tlsw_conn_write(c->conn, data + step.n, len - step.n, &n, &err)) == TLSW_OK)
        step.n += n;
    if (step.n > 0)
        step.status = TLSW_OK;
    return done(c, step, &err, room, size);
}

go_step go_shutdown(uintptr_t conn, uint8_t *room, size_t size) {
    const go_conn *c = (const go_conn *)conn;
    go_step step = {0};
    tlsw_error err;
    step.status = tlsw_conn_shutdown(c->conn, TLSW_SHUT_WRITE, &err);
    return done(c, step, &err, room, size);
}

go_step go_drain(uintptr_t conn, uint8_t *room, size_t size) {
    const go_conn *c = (const go_conn *)conn;
    go_step step = {0};
    return done(c, step, NULL, room, size);
}

go_conn *go_conn_new(tlsw_ctx *ctx, uint32_t role, const char *server_hostname, tlsw_error *err) {
    go_conn *c = calloc(1, sizeof *c);
    if (c && tlsw_bio_new(&c->incoming, err) == TLSW_OK && tlsw_bio_new(&c->outgoing, err) == TLSW_OK &&
        tlsw_wrap_bio(ctx, c->incoming, c->outgoing, role, server_hostname, &c->conn, err) == TLSW_OK)
        return c;
    if (c)
        go_conn_free(c);
    else
        *err = (tlsw_error){.status = TLSW_ERR_MEMORY, .verify_depth = -1, .alert = -1, .message = "out of memory"};
    return NULL;
}

void go_conn_free(go_conn *c) {
    tlsw_conn_free(c->conn);
    tlsw_bio_free(c->incoming);
    tlsw_bio_free(c->outgoing);
    free(c);
}

/* ---- the library's calls into Go ---- */

static void free_user(void *user) {
    goFreeUser((uintptr_t)user);
}

static tlsw_status on_sni(void *user, tlsw_conn *conn, const char *name, uint8_t *alert) {
    (void)alert;
    return goSNI((uintptr_t)user, conn, (char *)name);
}

static tlsw_status on_verify(void *user, tlsw_conn *conn, int32_t verify_error, uint8_t *alert) {
    (void)alert;
    return goVerify((uintptr_t)user, conn, verify_error);
}

static void on_keylog(void *user, tlsw_conn *conn, const char *line) {
    goKeyLog((uintptr_t)user, conn, (char *)line);
}

static void on_session(void *user, tlsw_conn *conn, tlsw_session *session) {
    goSession((uintptr_t)user, conn, session);
}

static tlsw_status on_client_psk(void *user, tlsw_conn *conn, const char *hint, char *identity, size_t identity_size,
                                 uint8_t *key, size_t key_size, size_t *key_len) {
    return goClientPSK((uintptr_t)user, conn, (char *)hint, identity, identity_size, key, key_size, key_len);
}

static tlsw_status on_server_psk(void *user, tlsw_conn *conn, const char *identity, uint8_t *key, size_t key_size,
                                 size_t *key_len) {
    return goServerPSK((uintptr_t)user, conn, (char *)identity, key, key_size, key_len);
}

tlsw_status go_set_hook(tlsw_ctx *ctx, int kind, uintptr_t handle, tlsw_error *err) {
    void *user = (void *)handle;
    switch (kind) {
    case GO_SNI:
        return tlsw_ctx_set_sni_hook(ctx, on_sni, user, free_user, err);
    case GO_VERIFY:
        return tlsw_ctx_set_verify_hook(ctx, on_verify, user, free_user, err);
    case GO_KEYLOG:
        return tlsw_ctx_set_keylog_hook(ctx, on_keylog, user, free_user, err);
    case GO_SESSION:
        return tlsw_ctx_set_session_hook(ctx, on_session, user, free_user, err);
    case GO_CLIENT_PSK:
        return tlsw_ctx_set_psk_client_hook(ctx, on_client_psk, user, free_user, err);
    case GO_SERVER_PSK:
        return tlsw_ctx_set_psk_server_hook(ctx, on_server_psk, user, free_user, err);
    }
    return TLSW_ERR_ARGUMENT;
}

tlsw_status go_set_user(tlsw_conn *conn, uintptr_t handle, tlsw_error *err) {
    return tlsw_conn_set_user(conn, (void *)handle, free_user, err);
}

uintptr_t go_get_user(const tlsw_conn *conn) {
    return (uintptr_t)tlsw_get_user(conn);
}
