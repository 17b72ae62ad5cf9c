/* Contexts and sessions. */
#include <stdlib.h>

#include "tlswrap_node.h"

static void context_free(napi_env napi, void *ctx, void *api) {
    (void)napi;
    ((const struct api *)api)->tlsw_ctx_free(ctx);
}

static napi_value context_new(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_ctx *ctx = NULL;
    const tlsw_status status = call.api->tlsw_ctx_new((uint32_t)arg_number(&call, 0), &ctx, &err);
    if (call.failed || status < 0)
        return check(&call, status, &err);
    return give_handle(&call, KIND_CONTEXT, ctx, context_free);
}

/* Settings of one shape are written once: (context), (context, number), (context, text), (context, bytes). */
#define PLAIN(name) \
    static napi_value name(napi_env napi, napi_callback_info info) { \
        struct call call = call_begin(napi, info); \
        tlsw_error err; \
        tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT); \
        return call.failed ? NULL : check(&call, call.api->tlsw_##name(ctx, &err), &err); \
    }
#define NUMBER(name, type) \
    static napi_value name(napi_env napi, napi_callback_info info) { \
        struct call call = call_begin(napi, info); \
        tlsw_error err; \
        tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT); \
        const type number = (type)arg_number(&call, 1); \
        return call.failed ? NULL : check(&call, call.api->tlsw_##name(ctx, number, &err), &err); \
    }
#define GET_NUMBER(name) \
    static napi_value name(napi_env napi, napi_callback_info info) { \
        struct call call = call_begin(napi, info); \
        tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT); \
        return call.failed ? NULL : give_number(&call, (double)call.api->tlsw_##name(ctx)); \
    }
#define TEXT(name) \
    static napi_value name(napi_env napi, napi_callback_info info) { \
        struct call call = call_begin(napi, info); \
        tlsw_error err; \
        tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT); \
        char *text = arg_text(&call, 1); \
        if (!call.failed) \
            check(&call, call.api->tlsw_##name(ctx, text, &err), &err); \
        free(text); \
        return NULL; \
    }
#define BYTES(name) \
    static napi_value name(napi_env napi, napi_callback_info info) { \
        struct call call = call_begin(napi, info); \
        tlsw_error err; \
        tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT); \
        const struct bytes bytes = arg_bytes(&call, 1); \
        return call.failed ? NULL : check(&call, call.api->tlsw_##name(ctx, bytes.data, bytes.len, &err), &err); \
    }

PLAIN(ctx_load_system_roots)
PLAIN(ctx_clear_ca)
NUMBER(ctx_set_verify_mode, uint32_t)
NUMBER(ctx_set_check_hostname, int32_t)
NUMBER(ctx_set_min_version, int32_t)
NUMBER(ctx_set_max_version, int32_t)
NUMBER(ctx_set_verify_flags, uint32_t)
NUMBER(ctx_set_options, uint64_t)
NUMBER(ctx_set_num_tickets, int32_t)
GET_NUMBER(ctx_get_verify_flags)
GET_NUMBER(ctx_get_options)
TEXT(ctx_load_ca_file)
TEXT(ctx_set_ciphers)
TEXT(ctx_set_ciphersuites)
TEXT(ctx_set_groups)
TEXT(ctx_set_psk_identity_hint)
BYTES(ctx_load_ca_mem)
BYTES(ctx_set_alpn_protocols)

static napi_value ctx_load_cert_chain_mem(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT);
    const struct bytes cert = arg_bytes(&call, 1), key = arg_bytes(&call, 2), password = arg_bytes(&call, 3);
    if (call.failed)
        return NULL;
    return check(&call,
                 call.api->tlsw_ctx_load_cert_chain_mem(ctx, cert.data, cert.len, key.data, key.len, password.data,
                                                        password.len, &err),
                 &err);
}

static napi_value ctx_get_ciphers(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_buf buf = {NULL, 0};
    tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT);
    return call.failed ? NULL : give_buf(&call, call.api->tlsw_ctx_get_ciphers(ctx, &buf, &err), &buf, &err);
}

static napi_value ctx_get_groups(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_buf buf = {NULL, 0};
    tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT);
    return call.failed ? NULL : give_buf(&call, call.api->tlsw_ctx_get_groups(ctx, 0, &buf, &err), &buf, &err);
}

static napi_value ctx_get_ca_certs_der(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_buf buf = {NULL, 0};
    tlsw_ctx *ctx = arg_handle(&call, 0, KIND_CONTEXT);
    return call.failed ? NULL : give_buf(&call, call.api->tlsw_ctx_get_ca_certs_der(ctx, &buf, &err), &buf, &err);
}

void context_init(napi_env napi, napi_value exports) {
    export_function(napi, exports, "ctx_new", context_new);
#define EXPORT(name) export_function(napi, exports, #name, name);
    EXPORT(ctx_load_system_roots) EXPORT(ctx_clear_ca) EXPORT(ctx_set_verify_mode) EXPORT(ctx_set_check_hostname)
    EXPORT(ctx_set_min_version) EXPORT(ctx_set_max_version) EXPORT(ctx_set_verify_flags) EXPORT(ctx_set_options)
    EXPORT(ctx_set_num_tickets) EXPORT(ctx_get_verify_flags) EXPORT(ctx_get_options) EXPORT(ctx_set_ciphers)
    EXPORT(ctx_set_ciphersuites) EXPORT(ctx_set_groups) EXPORT(ctx_set_psk_identity_hint) EXPORT(ctx_load_ca_file) EXPORT(ctx_load_ca_mem) EXPORT(ctx_set_alpn_protocols)
    EXPORT(ctx_load_cert_chain_mem) EXPORT(ctx_get_ciphers) EXPORT(ctx_get_groups) EXPORT(ctx_get_ca_certs_der)
#undef EXPORT
}
