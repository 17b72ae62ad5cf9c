/* Asking connections: what was agreed on, the peer's certificates, keying material, sessions. */
#include <stdlib.h>

#include "tlswrap_node.h"

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
ASK_BUF(get_psk_identity)
ASK_BUF(get_failed_cert_der)
ASK_BUF(get_report_json)

/* get_finished(connection, whose): the newest Finished message. */
static napi_value get_finished(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_buf finished = {NULL, 0};
    const tlsw_conn *conn = conn_of(&call);
    const uint32_t whose = (uint32_t)arg_number(&call, 1);
    if (call.failed)
        return NULL;
    return give_buf(&call, call.api->tlsw_get_finished(conn, whose, &finished, &err), &finished, &err);
}

/* get_peer_chain_der(connection, which): the certificates' DER one after another. */
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

const uint8_t *arg_sealing_key(struct call *call, int at) {
    const struct bytes key = arg_bytes(call, at);
    if (!call->failed && !arg_is_nothing(call, at) && key.len != 32)
        fail(call, "sessionKey: a key of 32 bytes is wanted");
    return key.data;
}

/* get_session(connection, key or null) */
static napi_value get_session(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_session *session = NULL;
    tlsw_buf data = {NULL, 0};
    const tlsw_conn *conn = conn_of(&call);
    const uint8_t *key = arg_sealing_key(&call, 1);
    if (call.failed)
        return NULL;
    tlsw_status status = call.api->tlsw_get_session(conn, &session, &err);
    if (status == TLSW_OK)
        status = call.api->tlsw_session_to_bytes(session, key, &data, &err);
    call.api->tlsw_session_free(session);
    /* One that cannot be resumed, and one of a handshake that is not done, is none. */
    if (status == TLSW_ERR_UNSUPPORTED || status == TLSW_ERR_STATE)
        status = TLSW_NONE;
    return give_buf(&call, status, &data, &err);
}

/* set_session(connection, context, bytes, key or null) */
static napi_value set_session(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_session *session = NULL;
    struct connection *connection = arg_handle(&call, 0, KIND_CONNECTION);
    tlsw_ctx *ctx = arg_handle(&call, 1, KIND_CONTEXT);
    const struct bytes data = arg_bytes(&call, 2);
    const uint8_t *key = arg_sealing_key(&call, 3);
    if (call.failed)
        return NULL;
    tlsw_status status = call.api->tlsw_session_from_bytes(ctx, data.data, data.len, key, &session, &err);
    if (status == TLSW_OK)
        status = call.api->tlsw_conn_set_session(connection->conn, session, &err);
    call.api->tlsw_session_free(session);
    return check(&call, status, &err);
}

void facts_init(napi_env napi, napi_value exports) {
#define EXPORT(name) export_function(napi, exports, #name, name);
    EXPORT(get_version) EXPORT(get_cipher) EXPORT(get_cipher_standard_name) EXPORT(get_cipher_version) EXPORT(get_group)
    EXPORT(get_session_reused) EXPORT(get_alpn) EXPORT(get_server_hostname) EXPORT(get_psk_identity) EXPORT(get_failed_cert_der)
    EXPORT(get_report_json) EXPORT(get_finished) EXPORT(get_peer_chain_der) EXPORT(get_verify_result)
    EXPORT(get_channel_binding) EXPORT(export_keying_material) EXPORT(get_session) EXPORT(set_session)
#undef EXPORT
}
