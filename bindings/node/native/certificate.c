/* Certificates: a chain cut into its certificates, and questions about one. */
#include <stdlib.h>

#include "tlswrap_node.h"

/* splitChain(der): [Buffer, …], for certificates that stand one after another. */
static napi_value split_chain(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    const struct bytes chain = arg_bytes(&call, 0);
    napi_value list = NULL, item = NULL;
    size_t used = 0;
    uint32_t count = 0;
    if (call.failed)
        return NULL;
    napi_create_array(napi, &list);
    for (size_t at = 0; at < chain.len; at += used) {
        tlsw_cert *cert = NULL;
        const tlsw_status status = call.api->tlsw_cert_new(chain.data + at, chain.len - at, &used, &cert, &err);
        if (status < 0)
            return check(&call, status, &err);
        call.api->tlsw_cert_free(cert);
        napi_create_buffer_copy(napi, used, chain.data + at, NULL, &item);
        napi_set_element(napi, list, count++, item);
    }
    return list;
}

static tlsw_cert *decode(struct call *call, int at) {
    tlsw_error err;
    tlsw_cert *cert = NULL;
    const struct bytes der = arg_bytes(call, at);
    if (!call->failed)
        check(call, call->api->tlsw_cert_new(der.data, der.len, NULL, &cert, &err), &err);
    return cert;
}

/* certJson(der): the decoded certificate as JSON text in a Buffer. */
static napi_value cert_json(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_buf json = {NULL, 0};
    tlsw_cert *cert = decode(&call, 0);
    napi_value value = NULL;
    if (!call.failed)
        value = give_buf(&call, call.api->tlsw_cert_json(cert, &json, &err), &json, &err);
    call.api->tlsw_cert_free(cert);
    return value;
}

/* matchHostname(der, hostname): null, or the error that says why the certificate is for others. */
static napi_value match_hostname(napi_env napi, napi_callback_info info) {
    struct call call = call_begin(napi, info);
    tlsw_error err;
    tlsw_cert *cert = decode(&call, 0);
    char *hostname = arg_text(&call, 1);
    napi_value value = NULL;
    napi_get_null(napi, &value);
    if (!call.failed && call.api->tlsw_match_hostname(cert, hostname, &err) < 0)
        value = give_error(&call, &err);
    free(hostname);
    call.api->tlsw_cert_free(cert);
    return value;
}

void certificate_init(napi_env napi, napi_value exports) {
    export_function(napi, exports, "splitChain", split_chain);
    export_function(napi, exports, "certJson", cert_json);
    export_function(napi, exports, "matchHostname", match_hostname);
}
