/* Makes contexts that do what BoringSSL's own shim does with the same flags. */
#include <stdio.h>
#include <string.h>

#include "shim.h"

/* All that BoringSSL has, and two suites that it takes only by name; at level 0 the runner may
 * use small keys and SHA-1. */
#define ALL_CIPHERS                                                                              \
    "ALL:TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256:TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"

/* Calls that fail end the function that makes them, after they were said. */
#define TRY(call)                                                                                \
    do {                                                                                         \
        tlsw_error err;                                                                          \
        const tlsw_status status_ = (call);                                                      \
        if (status_ != TLSW_OK) {                                                                \
            say_status(#call, status_, &err);                                                    \
            return false;                                                                        \
        }                                                                                        \
    } while (0)

enum { NAMES_LEN = 1024 };

/* Joins the names of ids by colons; without a name for one the test is not for us. */
static void names_of(const id_list *list, const char *(*name_of)(int), const char *what,
                     char names[NAMES_LEN]) {
    size_t len = 0;
    for (size_t i = 0; i < list->len; i++) {
        const char *name = name_of(list->ids[i]);
        if (name == NULL)
            unimplemented(what);
        const int added =
            snprintf(names + len, NAMES_LEN - len, "%s%s", i == 0 ? "" : ":", name);
        if (added < 0 || (size_t)added >= NAMES_LEN - len)
            broken("the names do not fit");
        len += (size_t)added;
    }
}

static uint64_t options_of(const config *config, uint64_t options) {
    const struct {
        bool wanted;
        uint64_t option;
    } table[] = {
        {config->cipher != NULL || config->server_preference, TLSW_OP_CIPHER_SERVER_PREFERENCE},
        {!config->no_legacy_server_connect, TLSW_OP_LEGACY_SERVER_CONNECT},
        {config->no_tls13, TLSW_OP_NO_TLSV1_3},
        {config->no_tls12, TLSW_OP_NO_TLSV1_2},
        {config->no_tls11, TLSW_OP_NO_TLSV1_1},
        {config->no_tls1, TLSW_OP_NO_TLSV1},
        {config->no_ticket, TLSW_OP_NO_TICKET},
        {!config->renegotiate_freely, TLSW_OP_NO_RENEGOTIATION},
    };
    options &= ~(uint64_t)TLSW_OP_CIPHER_SERVER_PREFERENCE;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].wanted)
            options |= table[i].option;
    return options;
}

static bool set_protocol(tlsw_ctx *ctx, const config *config) {
    char text[NAMES_LEN];
    if (snprintf(text, sizeof text, "%s:@SECLEVEL=0",
                 config->cipher != NULL ? config->cipher : ALL_CIPHERS) >= (int)sizeof text)
        broken("the cipher string does not fit");
    TRY(tlsw_ctx_set_ciphers(ctx, text, &err));
    if (config->tls13_ciphers.len > 0) {
        names_of(&config->tls13_ciphers, suite_name, "a suite of TLS 1.3", text);
        TRY(tlsw_ctx_set_ciphersuites(ctx, text, &err));
    }
    if (config->curves.len > 0) {
        names_of(&config->curves, group_name, "a group", text);
        TRY(tlsw_ctx_set_groups(ctx, text, &err));
    }
    TRY(tlsw_ctx_set_options(ctx, options_of(config, tlsw_ctx_get_options(ctx)), &err));
    TRY(tlsw_ctx_set_min_version(
        ctx, config->min_version != 0 ? config->min_version : TLSW_TLS_1_0, &err));
    if (config->max_version != 0)
        TRY(tlsw_ctx_set_max_version(ctx, config->max_version, &err));
    return true;
}

/* Whether the verdict on the peer's certificates is asked for but does not end the handshake. */
static bool is_unenforced(const config *config) {
    return (first_config.verify_fail || later_config.verify_fail) && !config->verify_peer &&
           !config->require_any;
}

static bool set_client(tlsw_ctx *ctx, const config *config, bool judges) {
    TRY(tlsw_ctx_set_check_hostname(ctx, 0, &err));
    TRY(tlsw_ctx_set_verify_mode(ctx,
                                 judges                    ? TLSW_CERT_REQUIRED
                                 : is_unenforced(config) ? TLSW_CERT_UNENFORCED
                                                           : TLSW_CERT_NONE,
                                 &err));
    if (config->enable_ocsp)
        TRY(tlsw_ctx_set_ocsp_stapling(ctx, 1, &err));
    if (config->enable_sct)
        TRY(tlsw_ctx_set_sct(ctx, 1, &err));
    if (config->advertise_alpn != NULL)
        TRY(tlsw_ctx_set_alpn_protocols(ctx, (const uint8_t *)config->advertise_alpn,
                                        strlen(config->advertise_alpn), &err));
    return true;
}

static bool set_server(tlsw_ctx *ctx, const config *config) {
    if (is_unenforced(config))
        TRY(tlsw_ctx_set_verify_mode(ctx, TLSW_CERT_UNENFORCED, &err));
    else if (config->verify_peer)
        TRY(tlsw_ctx_set_verify_mode(ctx, TLSW_CERT_OPTIONAL, &err));
    else if (config->require_any)
        TRY(tlsw_ctx_set_verify_mode(ctx, TLSW_CERT_REQUIRED, &err));
    if (config->select_alpn != NULL && !config->decline_alpn) {
        uint8_t list[256];
        const size_t len = strlen(config->select_alpn);
        if (len >= sizeof list)
            broken("the name of the protocol does not fit");
        list[0] = (uint8_t)len;
        memcpy(list + 1, config->select_alpn, len);
        TRY(tlsw_ctx_set_alpn_protocols(ctx, list, len + 1, &err));
    }
    if (config->psk != NULL && config->psk_identity != NULL)
        TRY(tlsw_ctx_set_psk_identity_hint(ctx, config->psk_identity, &err));
    return true;
}

static bool add_credential(tlsw_ctx *ctx, const config *config, const credential *credential,
                           bool with_certificates) {
    if (credential->is_psk)
        TRY(tlsw_ctx_add_psk(ctx, credential->psk_identity.data, credential->psk_identity.len,
                             credential->psk.data, credential->psk.len,
                             credential->psk_context.data, credential->psk_context.len,
                             credential->psk_hash, &err));
    if (credential->is_psk || !with_certificates || credential->cert_file == NULL)
        return true;
    TRY(tlsw_ctx_load_cert_chain_file(ctx, credential->cert_file, credential->key_file, NULL, 0,
                                      &err));
    if (credential->ocsp_response.given && !config->decline_ocsp)
        TRY(tlsw_ctx_set_ocsp_response(ctx, credential->ocsp_response.data,
                                       credential->ocsp_response.len, &err));
    if (credential->sct_list.given)
        TRY(tlsw_ctx_set_sct_list(ctx, credential->sct_list.data, credential->sct_list.len, &err));
    return true;
}

static bool set_up(tlsw_ctx *ctx, const config *config, bool with_certificates) {
    const bool judges = config->verify_peer || config->require_any || config->fail_ocsp;
    if (!set_protocol(ctx, config) ||
        !(config->server ? set_server(ctx, config) : set_client(ctx, config, judges)))
        return false;
    if (judges && config->trust_cert != NULL && config->trust_cert[0] != '\0')
        TRY(tlsw_ctx_load_ca_file(ctx, config->trust_cert, &err));
    tlsw_error hook_err;
    if (!set_hooks(ctx, config, judges || is_unenforced(config), &hook_err)) {
        say_status("setting hooks", hook_err.status, &hook_err);
        return false;
    }
    /* The runner gives several with keys of one type, to be chosen from. */
    TRY(tlsw_ctx_set_keep_cert_chains(ctx, 1, &err));
    for (size_t i = 1; i <= config->credentials; i++)
        if (!add_credential(ctx, config, &config->credential[i], with_certificates))
            return false;
    return add_credential(ctx, config, &config->credential[0], with_certificates);
}

tlsw_ctx *make_context(const config *config, bool with_certificates) {
    tlsw_ctx *ctx = NULL;
    tlsw_error err;
    const tlsw_status status = tlsw_ctx_new(config->server ? TLSW_SERVER : TLSW_CLIENT, &ctx, &err);
    if (status != TLSW_OK) {
        say_status("tlsw_ctx_new", status, &err);
        return NULL;
    }
    if (set_up(ctx, config, with_certificates))
        return ctx;
    tlsw_ctx_free(ctx);
    return NULL;
}
