/* Hooks: what they learn stays with the connection until lib/ asks, so that JavaScript is not called from inside the
 * library. */
#include <stdlib.h>
#include <string.h>

#include "tlswrap_node.h"

/* ---- The name that a client asks for ---- */

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

/* ---- Sessions and key logs ---- */

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

/* Key logs are secrets: nothing of them stays in memory that was freed. */
static void free_keylog(struct connection *connection) {
    volatile char *text = connection->keylog;
    for (size_t i = 0; i < connection->keylog_len; i++)
        text[i] = 0;
    free(connection->keylog);
    connection->keylog = NULL;
    connection->keylog_len = 0;
}

static void keep_line(void *user, tlsw_conn *conn, const char *line) {
    struct connection *connection = ((const struct api *)user)->tlsw_get_user(conn);
    const size_t had = connection->keylog_len, len = strlen(line);
    char *both = malloc(had + len + 1);
    if (!both)
        return;
    if (had > 0)
        memcpy(both, connection->keylog, had);
    memcpy(both + had, line, len);
    both[had + len] = '\n';
    free_keylog(connection);
    connection->keylog = both;
    connection->keylog_len = had + len + 1;
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

void forget_news(const struct api *api, struct connection *connection) {
    for (size_t i = 0; i < connection->session_count; i++)
        api->tlsw_session_free(connection->sessions[i]);
    connection->session_count = 0;
    free_keylog(connection);
}

/*
 * news(connection, key of sessions or null): [key log or null, session, …], what hooks have learned
 * since this was asked last.
 */
static napi_value news(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    struct connection *connection = arg_handle(&call, 0, KIND_CONNECTION);
    const uint8_t *key = arg_sealing_key(&call, 1);
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
        const tlsw_status status = call.api->tlsw_session_to_bytes(connection->sessions[i], key, &data, &err);
        napi_set_element(napi, list, (uint32_t)i + 1, give_buf(&call, status, &data, &err));
    }
    forget_news(call.api, connection);
    return list;
}

void hooks_init(napi_env napi, napi_value exports) {
    export_function(napi, exports, "askName", ask_name);
    export_function(napi, exports, "chooseContext", choose_context);
    export_function(napi, exports, "keepSessions", keep_sessions);
    export_function(napi, exports, "keepKeylog", keep_keylog);
    export_function(napi, exports, "news", news);
}
