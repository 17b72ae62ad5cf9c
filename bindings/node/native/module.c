/* What lib/ sees: load(), the library's own facts, and the functions of the other files. */
#include <stdlib.h>

#include "tlswrap_node.h"

void export_function(napi_env napi, napi_value exports, const char *name, napi_callback function) {
    napi_value value = NULL;
    napi_create_function(napi, name, NAPI_AUTO_LENGTH, function, NULL, &value);
    napi_set_named_property(napi, exports, name, value);
}

/* The header's constants that lib/ needs, by their names without TLSW_. */
static void export_constants(napi_env napi, napi_value exports) {
    static const struct {
        const char *name;
        double value;
    } constants[] = {
#define CONSTANT(name) {#name, (double)TLSW_##name},
        CONSTANT(CLIENT) CONSTANT(SERVER) CONSTANT(CERT_NONE) CONSTANT(CERT_OPTIONAL) CONSTANT(CERT_REQUIRED) CONSTANT(CERT_UNENFORCED)
        CONSTANT(TLS_1_0) CONSTANT(TLS_1_1) CONSTANT(TLS_1_2) CONSTANT(TLS_1_3)
        CONSTANT(FINISHED_OWN) CONSTANT(FINISHED_PEER) CONSTANT(CHAIN_SENT) CONSTANT(CHAIN_VERIFIED)
        CONSTANT(OP_CIPHER_SERVER_PREFERENCE) CONSTANT(OP_IGNORE_UNEXPECTED_EOF)
        CONSTANT(VERIFY_CRL_CHECK_CHAIN) CONSTANT(VERIFY_X509_PARTIAL_CHAIN)
#undef CONSTANT
    };
    napi_value object = NULL, value = NULL;
    napi_create_object(napi, &object);
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        napi_create_double(napi, constants[i].value, &value);
        napi_set_named_property(napi, object, constants[i].name, value);
    }
    napi_set_named_property(napi, exports, "constants", object);
}

/* load(path): null, or why it is not the library that is wanted. To be called before all else. */
static napi_value load(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    char why[512];
    char *path = arg_text(&call, 0);
    napi_value value = NULL;
    if (call.failed || !path)
        return fail(&call, "a path is wanted");
    value = give_text(&call, library_load(&call.env->api, path, why, sizeof why));
    free(path);
    return value;
}

/* setTold(told): the array in which the functions that drive tell what happened. */
static napi_value set_told(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    void *told = NULL;
    size_t len = 0;
    napi_typedarray_type type = napi_int8_array;
    napi_get_typedarray_info(napi, call.args[0], &type, &len, &told, NULL, NULL);
    if (type != napi_uint32_array || len < TOLD_COUNT)
        return fail(&call, "a Uint32Array with room for all numbers is wanted");
    if (call.env->told_ref)
        napi_delete_reference(napi, call.env->told_ref);
    napi_create_reference(napi, call.args[0], 1, &call.env->told_ref);
    call.env->told = told;
    return NULL;
}

static napi_value version(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    return give_text(&call, call.api->tlsw_version());
}

static napi_value backend_version(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    return give_text(&call, call.api->tlsw_backend_version());
}

static napi_value has(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    char *feature = arg_text(&call, 0);
    const int32_t answer = call.failed ? 0 : call.api->tlsw_has(feature);
    free(feature);
    return call.failed ? NULL : give_number(&call, answer);
}

void env_release(struct env *env) {
    if (--env->holders == 0)
        free(env);
}

static void env_free(napi_env napi, void *data, void *hint) {
    (void)napi, (void)hint;
    env_release(data);
}

NAPI_MODULE_INIT() {
    struct env *data = calloc(1, sizeof *data);
    if (data)
        data->holders = 1;
    if (!data || napi_set_instance_data(env, data, env_free, NULL) != napi_ok)
        return NULL;
    export_function(env, exports, "load", load);
    export_function(env, exports, "setTold", set_told);
    export_function(env, exports, "version", version);
    export_function(env, exports, "backendVersion", backend_version);
    export_function(env, exports, "has", has);
    export_constants(env, exports);
    context_init(env, exports);
    connection_init(env, exports);
    facts_init(env, exports);
    hooks_init(env, exports);
    psk_init(env, exports);
    certificate_init(env, exports);
    return exports;
}
