/* Between JavaScript's values and C's. Node-API's own failures are those of a process out of memory or
 * shutting down; they leave a value NULL, which JavaScript sees as undefined. */
#include <stdlib.h>
#include <string.h>

#include "tlswrap_node.h"

/* A handle of the library's with what tells its kind. */
struct handle {
    enum kind kind;
    void *target;
    struct env *env;
    napi_finalize finalize;
};

struct call call_begin(napi_env napi, napi_callback_info info) {
    struct call call;
    size_t count = sizeof call.args / sizeof *call.args;
    memset(&call, 0, sizeof call);
    call.napi = napi;
    napi_get_cb_info(napi, info, &count, call.args, NULL, NULL);
    napi_get_instance_data(napi, (void **)&call.env);
    call.api = &call.env->api;
    return call;
}

napi_value fail(struct call *call, const char *message) {
    if (!call->failed)
        napi_throw_type_error(call->napi, "ERR_INVALID_ARG_TYPE", message);
    call->failed = true;
    return NULL;
}

void *arg_handle(struct call *call, int at, enum kind kind) {
    struct handle *handle = NULL;
    napi_valuetype type = napi_undefined;
    napi_typeof(call->napi, call->args[at], &type);
    if (type == napi_external)
        napi_get_value_external(call->napi, call->args[at], (void **)&handle);
    if (handle && handle->kind == kind)
        return handle->target;
    fail(call, "a handle of another kind");
    return NULL;
}

int64_t arg_number(struct call *call, int at) {
    double number = 0;
    if (napi_get_value_double(call->napi, call->args[at], &number) != napi_ok)
        fail(call, "a number is wanted");
    return (int64_t)number;
}

bool arg_is_nothing(struct call *call, int at) {
    napi_valuetype type = napi_undefined;
    napi_typeof(call->napi, call->args[at], &type);
    return type == napi_undefined || type == napi_null;
}

char *arg_text(struct call *call, int at) {
    size_t len = 0;
    if (arg_is_nothing(call, at))
        return NULL;
    if (napi_get_value_string_utf8(call->napi, call->args[at], NULL, 0, &len) != napi_ok) {
        fail(call, "a string is wanted");
        return NULL;
    }
    char *text = malloc(len + 1);
    if (text)
        napi_get_value_string_utf8(call->napi, call->args[at], text, len + 1, &len);
    if (text && strlen(text) != len) {
        free(text);
        text = NULL;
        fail(call, "a string without NUL is wanted");
    }
    return text;
}

struct bytes arg_bytes(struct call *call, int at) {
    struct bytes bytes = {NULL, 0};
    if (!arg_is_nothing(call, at) &&
        napi_get_buffer_info(call->napi, call->args[at], (void **)&bytes.data, &bytes.len) != napi_ok)
        fail(call, "a Buffer is wanted");
    return bytes;
}

/* ---- And back ---- */

/* What the collector should think of a connection, for it sees only a pointer: BoringSSL's state. */
enum { CONNECTION_WEIGHT = 24 * 1024 };

static void handle_free(napi_env napi, void *data, void *hint) {
    struct handle *handle = data;
    int64_t now;
    (void)hint;
    handle->finalize(napi, handle->target, &handle->env->api);
    if (handle->kind == KIND_CONNECTION)
        napi_adjust_external_memory(napi, -CONNECTION_WEIGHT, &now);
    env_release(handle->env);
    free(handle);
}

napi_value give_handle(struct call *call, enum kind kind, void *target, napi_finalize finalize) {
    napi_value value = NULL;
    int64_t now;
    struct handle *handle = malloc(sizeof *handle);
    if (handle) {
        handle->kind = kind;
        handle->target = target;
        handle->env = call->env;
        handle->finalize = finalize;
    }
    if (!handle || napi_create_external(call->napi, handle, handle_free, NULL, &value) != napi_ok) {
        finalize(call->napi, target, (void *)call->api);
        free(handle);
        return fail(call, "out of memory");
    }
    call->env->holders++;
    if (kind == KIND_CONNECTION)
        napi_adjust_external_memory(call->napi, CONNECTION_WEIGHT, &now);
    return value;
}

napi_value give_number(struct call *call, double number) {
    napi_value value = NULL;
    napi_create_double(call->napi, number, &value);
    return value;
}

napi_value give_text(struct call *call, const char *text) {
    napi_value value = NULL;
    if (text)
        napi_create_string_utf8(call->napi, text, NAPI_AUTO_LENGTH, &value);
    else
        napi_get_null(call->napi, &value);
    return value;
}

napi_value give_buf(struct call *call, tlsw_status status, tlsw_buf *buf, const tlsw_error *err) {
    napi_value value = NULL;
    if (status < 0)
        return check(call, status, err);
    if (status == TLSW_OK)
        napi_create_buffer_copy(call->napi, buf->len, buf->data, NULL, &value);
    else
        napi_get_null(call->napi, &value);
    call->api->tlsw_buf_free(buf);
    return value;
}

static void put(struct call *call, napi_value object, const char *name, napi_value value) {
    napi_set_named_property(call->napi, object, name, value);
}

napi_value give_error(struct call *call, const tlsw_error *err) {
    napi_value error = NULL;
    napi_create_error(call->napi, NULL, give_text(call, err->message), &error);
    put(call, error, "status", give_text(call, call->api->tlsw_status_name(err->status)));
    put(call, error, "library", give_text(call, err->library[0] ? err->library : NULL));
    put(call, error, "reason", give_text(call, err->reason[0] ? err->reason : NULL));
    put(call, error, "alert", give_number(call, err->alert));
    put(call, error, "verifyError", give_number(call, err->verify_error));
    put(call, error, "verifyName", give_text(call, call->api->tlsw_verify_error_name(err->verify_error)));
    put(call, error, "verifyDepth", give_number(call, err->verify_depth));
    return error;
}

napi_value check(struct call *call, tlsw_status status, const tlsw_error *err) {
    if (status < 0 && !call->failed) {
        napi_throw(call->napi, give_error(call, err));
        call->failed = true;
    }
    return NULL;
}
