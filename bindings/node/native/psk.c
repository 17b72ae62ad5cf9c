/* Pre-shared keys. The library wants a key at once and cannot ask later, so this is the one place where JavaScript
 * is called from inside of it: in receive(), with the function that receive() was given. */
#include <string.h>

#include "tlswrap_node.h"

/* An answer's part at `index`, if it is bytes that fit in. */
static bool part(napi_env napi, napi_value answer, uint32_t index, void *room, size_t size, size_t *len) {
    napi_value value = NULL;
    void *data = NULL;
    if (napi_get_element(napi, answer, index, &value) != napi_ok ||
        napi_get_buffer_info(napi, value, &data, len) != napi_ok || *len > size)
        return false;
    if (*len > 0)
        memcpy(room, data, *len);
    return true;
}

/* Asks lib/ about a hint or an identity: null, or [key, identity], of servers only [key]. */
static tlsw_status ask(struct connection *connection, const char *about, char *identity, size_t identity_size,
                       uint8_t *key, size_t key_size, size_t *key_len) {
    struct env *env = connection->env;
    struct call *call = connection->driving;
    const uint32_t flags = env->told[FLAGS];
    napi_handle_scope scope = NULL;
    napi_value args[3], receiver = NULL, answer = NULL;
    bool is_array = false;
    size_t identity_len = 0;
    tlsw_status status = TLSW_ERR_HOOK;
    /* Other connections may be driven meanwhile, in the same memory. Nothing is in it now: the
     * peer's flight was read, and ours is not written. And the chunk may be freed, detached or
     * written to by what JavaScript does. */
    if (!call || env->cipher.len > 0 || env->plain.len > 0 || !keep_rest(connection) ||
        napi_open_handle_scope(call->napi, &scope) != napi_ok)
        return TLSW_ERR_HOOK;
    args[0] = give_text(call, about);
    args[1] = give_number(call, (double)key_size);
    args[2] = give_number(call, (double)identity_size - 1);
    napi_get_undefined(call->napi, &receiver);
    if (napi_call_function(call->napi, receiver, call->args[3], 3, args, &answer) == napi_ok &&
        napi_is_array(call->napi, answer, &is_array) == napi_ok) {
        status = TLSW_OK;
        if (!is_array || !part(call->napi, answer, 0, key, key_size, key_len) ||
            (identity && !part(call->napi, answer, 1, identity, identity_size - 1, &identity_len)))
            *key_len = 0;
    }
    drive_reset(env);
    env->told[FLAGS] = flags;
    napi_close_handle_scope(call->napi, scope);
    return status;
}

static tlsw_status own_key(void *user, tlsw_conn *conn, const char *hint, char *identity, size_t identity_size,
                           uint8_t *key, size_t key_size, size_t *key_len) {
    struct connection *connection = ((const struct api *)user)->tlsw_get_user(conn);
    return ask(connection, hint, identity, identity_size, key, key_size, key_len);
}

static tlsw_status key_of(void *user, tlsw_conn *conn, const char *identity, uint8_t *key, size_t key_size,
                          size_t *key_len) {
    struct connection *connection = ((const struct api *)user)->tlsw_get_user(conn);
    return ask(connection, identity, NULL, 1, key, key_size, key_len);
}

/* askPsk(context, role): connections of this context ask the function that receive() is given. */
static napi_value ask_psk(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT);
    const bool is_client = arg_number(&call, 1) == TLSW_CLIENT;
    void *user = (void *)call.api;
    if (call.failed)
        return NULL;
    return check(&call,
                 is_client ? call.api->tlsw_ctx_set_psk_client_hook(ctx, own_key, user, NULL, &err)
                           : call.api->tlsw_ctx_set_psk_server_hook(ctx, key_of, user, NULL, &err),
                 &err);
}

void psk_init(napi_env napi, napi_value exports) {
    export_function(napi, exports, "askPsk", ask_psk);
}
