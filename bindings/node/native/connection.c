/* Driving and asking connections.
 *
 * A connection reads from the chunk that receive() was given and writes into memory of lib/'s, without
 * a copy between. The functions that drive do all that an event brings in one call and tell how far they
 * came in lib/'s array of numbers; a failure is thrown, and what was told until then holds all the same. */
#include <stdlib.h>
#include <string.h>

#include "tlswrap_node.h"

/* lib/native.js has the same numbers. */
enum told { PLAIN_AT, CIPHER_AT, PLAIN, CIPHER, WRITTEN, FLAGS };
enum flags {
    SECURE = 1,  /* this call ended the handshake */
    CLOSED = 2,  /* the peer said goodbye */
    CUT = 4,     /* the transport ended without one */
    MORE = 8,    /* there was no more room: make room and call again */
    BLOCKED = 16, /* a write waits for bytes from the peer */
    ASKED = 32,   /* a client named the server it wants: answer with chooseContext, then receive again */
    NEWS = 64     /* hooks have learned something: ask news() */
};

struct connection {
    struct env *env;
    tlsw_conn *conn;
    struct bytes incoming; /* what is not read yet: of the chunk during a call, else of `rest` */
    uint8_t *rest;
    bool ended, secure, closed;
    bool cut; /* reading met the end of the transport */
    tlsw_session *sessions[16]; /* those the server gave since news() was asked; more than a server sends */
    size_t session_count;
    char *keylog; /* likewise, lines with their ends */
    size_t keylog_len;
    bool chosen;      /* lib/ has said which context is for the name that was asked for */
    tlsw_ctx *choice; /* it, until it is taken; NULL for the one it has */
};

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
    const struct env *env = ((struct connection *)user)->env;
    const size_t at = env->told[CIPHER_AT] + env->told[CIPHER], room = env->cipher_size - at;
    *n = len < room ? len : room;
    if (*n == 0)
        return TLSW_WANT_WRITE;
    memcpy(env->cipher + at, buf, *n);
    env->told[CIPHER] += (uint32_t)*n;
    return TLSW_OK;
}

/* ---- Making and freeing ---- */

static void forget_news(const struct api *api, struct connection *connection);

static void connection_free(napi_env napi, void *data, void *hint) {
    struct connection *connection = data;
    (void)napi;
    forget_news(hint, connection);
    if (connection->conn)
        ((const struct api *)hint)->tlsw_conn_free(connection->conn);
    free(connection->rest);
    free(connection);
}

/* Called on servers whose context has it: leaves the choice to lib/, and is called again when it is made. Only
 * in here a connection may go under another context. */
static tlsw_status choose_later(void *user, tlsw_conn *conn, const char *server_name, uint8_t *alert) {
    const struct api *api = user;
    struct connection *connection = api->tlsw_get_user(conn);
    tlsw_ctx *choice = connection->choice;
    (void)server_name, (void)alert;
    connection->choice = NULL;
    if (!connection->chosen)
        return TLSW_WANT_HOOK;
    return choice ? api->tlsw_conn_set_ctx(conn, choice, NULL) : TLSW_OK;
}

static void keep_session(void *user, tlsw_conn *conn, tlsw_session *session) {
    const struct api *api = user;
    struct connection *connection = api->tlsw_get_user(conn);
    const size_t room = sizeof connection->sessions / sizeof *connection->sessions;
    if (connection->session_count == room) {
        api->tlsw_session_free(session);
        return;
    }
    connection->sessions[connection->session_count++] = session;
    connection->env->told[FLAGS] |= NEWS;
}

static void keep_line(void *user, tlsw_conn *conn, const char *line) {
    struct connection *connection = ((const struct api *)user)->tlsw_get_user(conn);
    const size_t len = strlen(line);
    char *more = realloc(connection->keylog, connection->keylog_len + len + 1);
    if (!more)
        return;
    memcpy(more + connection->keylog_len, line, len);
    more[connection->keylog_len + len] = '\n';
    connection->keylog = more;
    connection->keylog_len += len + 1;
    connection->env->told[FLAGS] |= NEWS;
}

/* keepSessions(context), keepKeylog(context): connections of this context keep them for news(). */
#define KEEP(name, set, hook) \
    static napi_value name(napi_env napi, napi_callback_info info) { \
        struct call call = call_begin(napi, info); \
        tlsw_error err; \
        tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT); \
        return call.failed ? NULL : check(&call, call.api->set(ctx, hook, (void *)call.api, NULL, &err), &err); \
    }
KEEP(keep_sessions, tlsw_ctx_set_session_hook, keep_session)
KEEP(keep_keylog, tlsw_ctx_set_keylog_hook, keep_line)

/* askName(context): servers of this context ask lib/ which one is for the name that a client wants. */
static napi_value ask_name(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT);
    if (call.failed)
        return NULL;
    return check(&call, call.api->tlsw_ctx_set_sni_hook(ctx, choose_later, (void *)call.api, NULL, &err), &err);
}

/* chooseContext(connection, context): the answer, taken by the receive() that must follow while lib/ holds the
 * context; without one the connection keeps its own. */
static napi_value choose_context(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    struct connection *connection = arg_handle(&call, 0, KIND_CONNECTION);
    tlsw_ctx *ctx = arg_is_nothing(&call, 1) ? NULL : arg_handle(&call, 1, KIND_CONTEXT);
    if (call.failed)
        return NULL;
    connection->chosen = true;
    connection->choice = ctx;
    return NULL;
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

/* Begins a call that drives. NULL if it cannot be made. */
static struct connection *drive_begin(struct call *call) {
    struct connection *connection = arg_handle(call, 0, KIND_CONNECTION);
    struct env *env = call->env;
    if (call->failed)
        return NULL;
    if (!env->told || env->told[CIPHER_AT] > env->cipher_size || env->told[PLAIN_AT] > env->plain_size) {
        fail(call, "no memory to write to");
        return NULL;
    }
    env->told[PLAIN] = env->told[CIPHER] = env->told[WRITTEN] = env->told[FLAGS] = 0;
    return connection;
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

/* Takes the chunk; bytes that an earlier call left come before it. */
static bool feed(struct connection *connection, struct bytes chunk) {
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

/* Keeps what was not read of the chunk, for it is lent for the call only. */
static bool keep(struct connection *connection) {
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
    struct env *env = call->env;
    while (!connection->closed) {
        const size_t at = env->told[PLAIN_AT] + env->told[PLAIN], room = env->plain_size - at;
        size_t n = 0;
        if (room == 0)
            return tell(connection, TLSW_WANT_WRITE);
        const tlsw_status status = call->api->tlsw_conn_read(connection->conn, env->plain + at, room, &n, err);
        if (status != TLSW_OK)
            return tell(connection, status);
        env->told[PLAIN] += (uint32_t)n;
    }
    return TLSW_OK;
}

/* receive(connection, chunk, ended): what came from the transport, and whether that was the end of it.
 * Shakes hands, then decrypts. */
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
        status = call.api->tlsw_conn_handshake(connection->conn, &err);
        if (status == TLSW_OK) {
            connection->secure = true;
            call.env->told[FLAGS] |= SECURE;
        }
        status = tell(connection, status);
    }
    if (connection->secure && status == TLSW_OK)
        status = read_all(&call, connection, &err);
    if (!keep(connection))
        return fail(&call, "out of memory");
    return check(&call, status, &err);
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
    return check(&call, tell(connection, status), &err);
}

/* goodbye(connection): says that no more will be sent. */
static napi_value goodbye(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    struct connection *connection = drive_begin(&call);
    if (call.failed)
        return NULL;
    return check(&call, tell(connection, call.api->tlsw_conn_shutdown(connection->conn, TLSW_SHUT_WRITE, &err)), &err);
}

/* ---- Asking ---- */

static const tlsw_conn *conn_of(struct call *call) {
    const struct connection *connection = arg_handle(call, 0, KIND_CONNECTION);
    return connection ? connection->conn : NULL;
}

#define ASK_TEXT(name) \
    static napi_value name(napi_env napi, napi_callback_info info) { \
        struct call call = call_begin(napi, info); \
        const tlsw_conn *conn = conn_of(&call); \
        return call.failed ? NULL : give_text(&call, call.api->tlsw_##name(conn)); \
    }
#define ASK_NUMBER(name) \
    static napi_value name(napi_env napi, napi_callback_info info) { \
        struct call call = call_begin(napi, info); \
        const tlsw_conn *conn = conn_of(&call); \
        return call.failed ? NULL : give_number(&call, (double)call.api->tlsw_##name(conn)); \
    }
#define ASK_BUF(name) \
    static napi_value name(napi_env napi, napi_callback_info info) { \
        struct call call = call_begin(napi, info); \
        tlsw_error err; \
        tlsw_buf buf = {NULL, 0}; \
        const tlsw_conn *conn = conn_of(&call); \
        return call.failed ? NULL : give_buf(&call, call.api->tlsw_##name(conn, &buf, &err), &buf, &err); \
    }

ASK_TEXT(get_version)
ASK_TEXT(get_cipher)
ASK_TEXT(get_group)
ASK_TEXT(get_cipher_standard_name)
ASK_TEXT(get_cipher_version)
ASK_NUMBER(get_session_reused)
ASK_BUF(get_alpn)
ASK_BUF(get_server_hostname)
ASK_BUF(get_failed_cert_der)
ASK_BUF(get_report_json)

/* getPeerChain(connection, which): the certificates' DER one after another. */
static napi_value get_peer_chain_der(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_buf chain = {NULL, 0};
    const tlsw_conn *conn = conn_of(&call);
    const uint32_t which = (uint32_t)arg_number(&call, 1);
    if (call.failed)
        return NULL;
    return give_buf(&call, call.api->tlsw_get_peer_chain_der(conn, which, &chain, &err), &chain, &err);
}

/* The name of the status, or the error that says why verification failed. */
static napi_value get_verify_result(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    const tlsw_conn *conn = conn_of(&call);
    if (call.failed)
        return NULL;
    const tlsw_status status = call.api->tlsw_get_verify_result(conn, &err);
    return status == TLSW_ERR_VERIFY ? give_error(&call, &err) : give_text(&call, call.api->tlsw_status_name(status));
}

static napi_value get_channel_binding(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_buf binding = {NULL, 0};
    const tlsw_conn *conn = conn_of(&call);
    char *type = arg_text(&call, 1);
    napi_value value = NULL;
    if (!call.failed)
        value = give_buf(&call, call.api->tlsw_get_channel_binding(conn, type, &binding, &err), &binding, &err);
    free(type);
    return value;
}

static napi_value export_keying_material(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_buf material = {NULL, 0};
    const tlsw_conn *conn = conn_of(&call);
    const size_t len = (size_t)arg_number(&call, 1);
    char *label = arg_text(&call, 2);
    const struct bytes context = arg_bytes(&call, 3);
    /* An empty context is not the same as none, and a Buffer of nothing may stand nowhere. */
    const uint8_t *data = context.data || arg_is_nothing(&call, 3) ? context.data : (const uint8_t *)"";
    napi_value value = NULL;
    if (!call.failed)
        value = give_buf(
            &call, call.api->tlsw_export_keying_material(conn, label, data, context.len, len, &material, &err),
            &material, &err);
    free(label);
    return value;
}

/* ---- Sessions, which are bytes to lib/ ---- */

static napi_value get_session(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_session *session = NULL;
    tlsw_buf data = {NULL, 0};
    const tlsw_conn *conn = conn_of(&call);
    if (call.failed)
        return NULL;
    tlsw_status status = call.api->tlsw_get_session(conn, &session, &err);
    if (status == TLSW_OK)
        status = call.api->tlsw_session_to_bytes(session, &data, &err);
    call.api->tlsw_session_free(session);
    /* One that cannot be resumed, and one of a handshake that is not done, is none. */
    if (status == TLSW_ERR_UNSUPPORTED || status == TLSW_ERR_STATE)
        status = TLSW_NONE;
    return give_buf(&call, status, &data, &err);
}

static void forget_news(const struct api *api, struct connection *connection) {
    for (size_t i = 0; i < connection->session_count; i++)
        api->tlsw_session_free(connection->sessions[i]);
    free(connection->keylog);
    connection->session_count = connection->keylog_len = 0;
    connection->keylog = NULL;
}

/* news(connection): [key log or null, session, …], what hooks have learned since this was asked last. */
static napi_value news(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    struct connection *connection = arg_handle(&call, 0, KIND_CONNECTION);
    napi_value list = NULL, item = NULL;
    if (call.failed)
        return NULL;
    napi_create_array(napi, &list);
    napi_get_null(napi, &item);
    if (connection->keylog)
        napi_create_buffer_copy(napi, connection->keylog_len, connection->keylog, NULL, &item);
    napi_set_element(napi, list, 0, item);
    for (size_t i = 0; i < connection->session_count; i++) {
        tlsw_buf data = {NULL, 0};
        const tlsw_status status = call.api->tlsw_session_to_bytes(connection->sessions[i], &data, &err);
        napi_set_element(napi, list, (uint32_t)i + 1, give_buf(&call, status, &data, &err));
    }
    forget_news(call.api, connection);
    return list;
}

/* setSession(connection, context, bytes) */
static napi_value set_session(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_session *session = NULL;
    struct connection *connection = arg_handle(&call, 0, KIND_CONNECTION);
    tlsw_ctx *ctx = arg_handle(&call, 1, KIND_CONTEXT);
    const struct bytes data = arg_bytes(&call, 2);
    if (call.failed)
        return NULL;
    tlsw_status status = call.api->tlsw_session_from_bytes(ctx, data.data, data.len, &session, &err);
    if (status == TLSW_OK)
        status = call.api->tlsw_conn_set_session(connection->conn, session, &err);
    call.api->tlsw_session_free(session);
    return check(&call, status, &err);
}

void connection_init(napi_env napi, napi_value exports) {
    export_function(napi, exports, "connNew", conn_new);
    export_function(napi, exports, "askName", ask_name);
    export_function(napi, exports, "keepSessions", keep_sessions);
    export_function(napi, exports, "keepKeylog", keep_keylog);
    export_function(napi, exports, "news", news);
    export_function(napi, exports, "chooseContext", choose_context);
    export_function(napi, exports, "receive", receive);
    export_function(napi, exports, "send", send);
    export_function(napi, exports, "goodbye", goodbye);
#define EXPORT(name) export_function(napi, exports, #name, name);
    EXPORT(get_version) EXPORT(get_cipher) EXPORT(get_cipher_standard_name) EXPORT(get_cipher_version) EXPORT(get_group) EXPORT(get_session_reused)
    EXPORT(get_alpn) EXPORT(get_server_hostname) EXPORT(get_failed_cert_der) EXPORT(get_report_json) EXPORT(get_peer_chain_der)
    EXPORT(get_verify_result) EXPORT(get_channel_binding) EXPORT(export_keying_material) EXPORT(get_session)
    EXPORT(set_session)
#undef EXPORT
}
