/* Driving and asking connections.
 *
 * A connection reads from the chunk that receive() was given and writes into the two pieces of
 * memory that its thread has for all connections. The functions that drive do all that an event
 * brings in one call and tell how far they came in lib/'s array of numbers; a failure is thrown, and
 * what was told until then holds all the same. takePlain() and takeCipher() then give what was
 * written as Buffers of their own. */
#include <stdlib.h>
#include <string.h>

#include "tlswrap_node.h"

/* lib/memory.js has the same numbers. */

/* ---- The transport ---- */

static tlsw_status take(void *user, uint8_t *buf, size_t len, size_t *n) {
    struct connection *connection = user;
    struct bytes *incoming = &connection->incoming;
    if (incoming->len == 0) {
        connection->cut = connection->ended;
        return connection->ended ? TLSW_CLOSED : TLSW_WANT_READ;
    }
    *n = len < incoming->len ? len : incoming->len;
    memcpy(buf, incoming->data, *n);
    incoming->data += *n;
    incoming->len -= *n;
    return TLSW_OK;
}

static tlsw_status put(void *user, const uint8_t *buf, size_t len, size_t *n) {
    struct piece *cipher = &((struct connection *)user)->env->cipher;
    const size_t room = sizeof cipher->bytes - cipher->len;
    *n = len < room ? len : room;
    if (*n == 0)
        return TLSW_WANT_WRITE;
    memcpy(cipher->bytes + cipher->len, buf, *n);
    cipher->len += *n;
    return TLSW_OK;
}

/* ---- Making and freeing ---- */

static void connection_free(napi_env napi, void *data, void *hint) {
    struct connection *connection = data;
    (void)napi;
    forget_news(hint, connection);
    if (connection->conn)
        ((const struct api *)hint)->tlsw_conn_free(connection->conn);
    free(connection->rest);
    free(connection);
}

/* connNew(context, role, serverHostname) */
static napi_value conn_new(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT);
    const uint32_t role = (uint32_t)arg_number(&call, 1);
    char *hostname = arg_text(&call, 2);
    struct connection *connection = call.failed ? NULL : calloc(1, sizeof *connection);
    napi_value value = NULL;
    if (connection) {
        connection->env = call.env;
        check(&call,
              call.api->tlsw_wrap_io(ctx, take, put, connection, NULL, role, hostname, &connection->conn, &err), &err);
        if (!call.failed)
            check(&call, call.api->tlsw_conn_set_user(connection->conn, connection, NULL, &err), &err);
        if (call.failed)
            connection_free(napi, connection, (void *)call.api);
        else
            value = give_handle(&call, KIND_CONNECTION, connection, connection_free);
    }
    free(hostname);
    return value;
}

/* ---- Driving ---- */

void drive_reset(struct env *env) {
    env->plain.len = env->cipher.len = 0;
    memset(env->told, 0, TOLD_COUNT * sizeof *env->told);
}

/* Begins a call that drives. NULL if it cannot be made. */
static struct connection *drive_begin(struct call *call) {
    struct connection *connection = arg_handle(call, 0, KIND_CONNECTION);
    if (call->failed)
        return NULL;
    if (!call->env->told) {
        fail(call, "no array to tell in");
        return NULL;
    }
    drive_reset(call->env);
    return connection;
}

/* Ends a call that drives: tells how much it wrote, and throws a failure. */
static napi_value drive_end(struct call *call, tlsw_status status, const tlsw_error *err) {
    call->env->told[PLAIN] = (uint32_t)call->env->plain.len;
    call->env->told[CIPHER] = (uint32_t)call->env->cipher.len;
    return check(call, status, err);
}

/* What a status that is not TLSW_OK means to lib/. Only a failure is left. */
static tlsw_status tell(struct connection *connection, tlsw_status status) {
    uint32_t *flags = &connection->env->told[FLAGS];
    switch (status) {
    case TLSW_WANT_WRITE:
        *flags |= MORE;
        break;
    case TLSW_WANT_HOOK:
        *flags |= ASKED;
        break;
    case TLSW_CLOSED:
        *flags |= connection->cut ? CUT : CLOSED;
        connection->closed = true;
        break;
    default:
        break;
    }
    return status < 0 ? status : TLSW_OK;
}

/* Takes the chunk; bytes that an earlier call left come before it. Behind the peer's close_notify
 * there is nothing to be read. */
static bool feed(struct connection *connection, struct bytes chunk) {
    if (connection->closed)
        chunk.len = connection->incoming.len = 0;
    if (connection->incoming.len == 0) {
        connection->incoming = chunk;
        return true;
    }
    if (chunk.len == 0)
        return true;
    const size_t left = connection->incoming.len;
    uint8_t *both = malloc(left + chunk.len);
    if (!both)
        return false;
    memcpy(both, connection->incoming.data, left);
    memcpy(both + left, chunk.data, chunk.len);
    free(connection->rest);
    connection->rest = both;
    connection->incoming.data = both;
    connection->incoming.len = left + chunk.len;
    return true;
}

bool keep_rest(struct connection *connection) {
    uint8_t *rest = NULL;
    if (connection->incoming.len > 0) {
        rest = malloc(connection->incoming.len);
        if (!rest)
            return false;
        memcpy(rest, connection->incoming.data, connection->incoming.len);
        connection->incoming.data = rest;
    }
    free(connection->rest);
    connection->rest = rest;
    return true;
}

/* Reads until there is nothing to read or no room for it. */
static tlsw_status read_all(struct call *call, struct connection *connection, tlsw_error *err) {
    struct piece *plain = &call->env->plain;
    while (!connection->closed) {
        const size_t room = sizeof plain->bytes - plain->len;
        size_t n = 0;
        if (room == 0)
            return tell(connection, TLSW_WANT_WRITE);
        const tlsw_status status =
            call->api->tlsw_conn_read(connection->conn, plain->bytes + plain->len, room, &n, err);
        if (status != TLSW_OK)
            return tell(connection, status);
        plain->len += n;
    }
    return TLSW_OK;
}

/* receive(connection, chunk, ended, psk): what came from the transport, and whether that was the end of it; and the
 * function that gives pre-shared keys, if there is one. Shakes hands, then decrypts. */
static napi_value receive(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_status status = TLSW_OK;
    struct connection *connection = drive_begin(&call);
    const struct bytes chunk = arg_bytes(&call, 1);
    if (!call.failed && !arg_is_nothing(&call, 2))
        connection->ended = true;
    if (call.failed || !feed(connection, chunk))
        return fail(&call, "out of memory");
    if (!connection->secure) {
        connection->driving = arg_is_nothing(&call, 3) ? NULL : &call;
        status = call.api->tlsw_conn_handshake(connection->conn, &err);
        connection->driving = NULL;
        if (status == TLSW_OK) {
            connection->secure = true;
            call.env->told[FLAGS] |= SECURE;
        }
        status = tell(connection, status);
    }
    if (connection->secure && status == TLSW_OK)
        status = read_all(&call, connection, &err);
    if (!keep_rest(connection))
        return fail(&call, "out of memory");
    return drive_end(&call, status, &err);
}

/* send(connection, bytes, from): encrypts the bytes behind `from`, and tells in WRITTEN how many. What is
 * left has to be sent again, from the same place. */
static napi_value send(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_status status = TLSW_OK;
    struct connection *connection = drive_begin(&call);
    const struct bytes bytes = arg_bytes(&call, 1);
    size_t at = (size_t)arg_number(&call, 2);
    uint32_t *told = call.env->told;
    if (call.failed)
        return NULL;
    while (at < bytes.len && status == TLSW_OK) {
        size_t n = 0;
        status = call.api->tlsw_conn_write(connection->conn, bytes.data + at, bytes.len - at, &n, &err);
        at += n;
        told[WRITTEN] += (uint32_t)n;
    }
    if (status == TLSW_WANT_READ)
        told[FLAGS] |= BLOCKED;
    return drive_end(&call, tell(connection, status), &err);
}

/* goodbye(connection): says that no more will be sent. */
static napi_value goodbye(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    struct connection *connection = drive_begin(&call);
    if (call.failed)
        return NULL;
    const tlsw_status status = call.api->tlsw_conn_shutdown(connection->conn, TLSW_SHUT_WRITE, &err);
    return drive_end(&call, tell(connection, status), &err);
}

/* ---- What was written ---- */

static napi_value take_piece(napi_env napi, struct piece *piece) {
    napi_value value = NULL;
    napi_create_buffer_copy(napi, piece->len, piece->bytes, NULL, &value);
    piece->len = 0;
    return value;
}

/* takePlain(), takeCipher(): what the last call decrypted and encrypted, as Buffers that share
 * memory with nothing. */
static napi_value take_plain(napi_env napi, napi_callback_info info) {
    return take_piece(napi, &call_begin(napi, info).env->plain);
}

static napi_value take_cipher(napi_env napi, napi_callback_info info) {
    return take_piece(napi, &call_begin(napi, info).env->cipher);
}

void connection_init(napi_env napi, napi_value exports) {
    export_function(napi, exports, "connNew", conn_new);
    export_function(napi, exports, "receive", receive);
    export_function(napi, exports, "send", send);
    export_function(napi, exports, "goodbye", goodbye);
    export_function(napi, exports, "takePlain", take_plain);
    export_function(napi, exports, "takeCipher", take_cipher);
}
