/* The hooks of a context. What they see they keep in `current`, for contexts serve one connection
 * after the other. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

connection *current;

/* ---- Messages ---- */

enum { SSL2_HELLO = 0, CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, RECORD_HEADER = 256 };
enum { RECORD_HEADER_LEN = 5, HANDSHAKE_HEADER_LEN = 4, FATAL = 2, SERVER_HELLO = 2, SSL2 = 2 };

/* Adds a line, or part of one, to the account of the messages. */
static void add(const char *format, ...) {
    char text[64];
    va_list arguments;
    va_start(arguments, format);
    const int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof text)
        broken("a message has too long a name");
    char *longer = realloc(current->messages, current->messages_len + (size_t)len + 1);
    if (longer == NULL)
        broken("out of memory");
    memcpy(longer + current->messages_len, text, (size_t)len + 1);
    current->messages = longer;
    current->messages_len += (size_t)len;
}

/* The random of a ServerHello that is a HelloRetryRequest: RFC 8446, section 4.1.3. */
static bool is_retry_request(const uint8_t *data, size_t len) {
    static const uint8_t RANDOM[] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11};
    enum { RANDOM_AT = HANDSHAKE_HEADER_LEN + 2 };
    return data[0] == SERVER_HELLO && len >= RANDOM_AT + sizeof RANDOM &&
           memcmp(data + RANDOM_AT, RANDOM, sizeof RANDOM) == 0;
}

static bool on_handshake_message(const uint8_t *data, size_t len) {
    if (len < HANDSHAKE_HEADER_LEN ||
        len != HANDSHAKE_HEADER_LEN + ((size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3]))
        return fail("The message hook got something else than one handshake message.");
    if (is_retry_request(data, len))
        current->got_hrr = true;
    add("hs %d\n", data[0]);
    return true;
}

static bool on_alert(bool written, const uint8_t *data, size_t len) {
    if (len != 2)
        return fail("The message hook got an alert of %zu bytes.", len);
    add("alert %d %d\n", data[0], data[1]);
    if (data[0] == FATAL)
        *(written ? &current->alert_written : &current->alert_read) = data[1];
    return true;
}

static bool on_message_of(bool written, int32_t version, int32_t type, const uint8_t *data,
                          size_t len) {
    if (type == RECORD_HEADER)
        return len == RECORD_HEADER_LEN || fail("The message hook got %zu bytes of a header.", len);
    add(written ? "write " : "read ");
    switch (type) {
    case SSL2_HELLO:
        add("v2clienthello\n");
        return version == SSL2 || fail("A ClientHello of SSL 2 has version %x.", version);
    case HANDSHAKE:
        return on_handshake_message(data, len);
    case CHANGE_CIPHER_SPEC:
        add("ccs\n");
        return (len == 1 && data[0] == 1) || fail("The message hook got a wrong ChangeCipherSpec.");
    case ALERT:
        return on_alert(written, data, len);
    default:
        return fail("The message hook got content of type %d.", type);
    }
}

static void on_message(void *data, tlsw_conn *conn, int32_t written, int32_t version, int32_t type,
                       const uint8_t *message, size_t len) {
    (void)data, (void)conn;
    if (current != NULL && !on_message_of(written != 0, version, type, message, len))
        current->messages_bad = true;
}

/* ---- Progress, sessions, secrets ---- */

static void on_info(void *data, tlsw_conn *conn, int32_t where, int32_t value) {
    (void)data, (void)conn, (void)value;
    if (current == NULL || where != TLSW_CB_HANDSHAKE_DONE)
        return;
    if (current->config->handshake_never_done)
        broken("The handshake was completed, which it must not be.");
    current->handshakes++;
}

static void on_session(void *data, tlsw_conn *conn, tlsw_session *session) {
    (void)data, (void)conn;
    if (current == NULL) {
        tlsw_session_free(session);
        return;
    }
    current->got_session = true;
    tlsw_session_free(current->session);
    current->session = session;
}

static void on_keylog(void *data, tlsw_conn *conn, const char *line) {
    static const char *const LABELS[] = {"CLIENT_TRAFFIC_SECRET_0 ", "SERVER_TRAFFIC_SECRET_0 "};
    (void)data, (void)conn;
    for (int side = SECRET_OF_CLIENT; side <= SECRET_OF_SERVER; side++) {
        if (strncmp(line, LABELS[side], strlen(LABELS[side])) != 0)
            continue;
        const char *hex = strrchr(line, ' ') + 1;
        size_t len = strlen(hex) / 2;
        if (len > SECRET_LEN)
            broken("a secret of %zu bytes", len);
        for (size_t i = 0; i < len; i++) {
            unsigned byte;
            if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
                broken("a line of the key log that is not hexadecimal: %s", line);
            current->secret[side][i] = (uint8_t)byte;
        }
        current->secret_len[side] = len;
    }
}

/* ---- Questions ---- */

static tlsw_status on_name(void *data, tlsw_conn *conn, const char *name, uint8_t *alert) {
    const config *config = current->config;
    (void)data, (void)alert;
    current->name_hook_called = true;
    if (config->expect_no_server_name && name != NULL) {
        fail("Expected no server name but got %s.", name);
        return TLSW_ERR_ARGUMENT;
    }
    if (config->expect_server_name != NULL &&
        (name == NULL || strcmp(name, config->expect_server_name) != 0)) {
        fail("Expected the server name %s but got %s.", config->expect_server_name,
             name != NULL ? name : "none");
        return TLSW_ERR_ARGUMENT;
    }
    if (config->fail_early_callback)
        return TLSW_ERR_ARGUMENT;
    if (config->async && !current->name_hook_ready)
        return TLSW_WANT_HOOK;
    if (current->second_ctx != NULL) {
        tlsw_error err;
        const tlsw_status status = tlsw_conn_set_ctx(conn, current->second_ctx, &err);
        if (status != TLSW_OK) {
            say_status("tlsw_conn_set_ctx", status, &err);
            return TLSW_ERR_ARGUMENT;
        }
    }
    return TLSW_OK;
}

static tlsw_status on_verify(void *data, tlsw_conn *conn, int32_t verify_error, uint8_t *alert) {
    enum { CERTIFICATE_UNKNOWN = 46, BAD_CERTIFICATE_STATUS_RESPONSE = 113 };
    const config *config = current->config;
    (void)data, (void)verify_error;
    if (config->expect_ocsp.given) {
        tlsw_buf response = {NULL, 0};
        const tlsw_status status = tlsw_get_ocsp_response(conn, &response, NULL);
        const size_t len = response.len;
        tlsw_buf_free(&response);
        if (status != TLSW_OK || len == 0) {
            fail("The OCSP response cannot be had in the hook.");
            return TLSW_ERR_VERIFY;
        }
    }
    if (config->fail_ocsp) {
        *alert = BAD_CERTIFICATE_STATUS_RESPONSE;
        fail(":OCSP_CB_ERROR:");
        return TLSW_ERR_VERIFY;
    }
    if (config->use_custom_verify)
        *alert = CERTIFICATE_UNKNOWN;
    if (current->verified) {
        fail("The certificates were verified twice.");
        return TLSW_ERR_VERIFY;
    }
    if (config->async && !current->verify_hook_ready)
        return TLSW_WANT_HOOK;
    current->verified = true;
    const bool decides = config->verify_peer || config->require_any;
    return config->verify_fail && decides ? TLSW_ERR_VERIFY : TLSW_OK;
}

/* ---- Pre-shared keys of TLS 1.2 ---- */

static tlsw_status on_psk_client(void *data, tlsw_conn *conn, const char *hint, char *identity,
                                 size_t identity_size, uint8_t *key, size_t key_size,
                                 size_t *key_len) {
    const config *config = current->config;
    const char *const mine = config->psk_identity != NULL ? config->psk_identity : "";
    (void)data, (void)conn;
    if (config->psk_identity == NULL ? hint != NULL : hint == NULL || strcmp(hint, mine) != 0) {
        fail("The server's hint for the pre-shared key is another.");
        return TLSW_OK;
    }
    if (strlen(mine) >= identity_size || strlen(config->psk) > key_size)
        broken("the hook for pre-shared keys has too little room");
    memcpy(identity, mine, strlen(mine) + 1);
    memcpy(key, config->psk, strlen(config->psk));
    *key_len = strlen(config->psk);
    return TLSW_OK;
}

static tlsw_status on_psk_server(void *data, tlsw_conn *conn, const char *identity, uint8_t *key,
                                 size_t key_size, size_t *key_len) {
    const config *config = current->config;
    (void)data, (void)conn;
    if (strcmp(identity, config->psk_identity != NULL ? config->psk_identity : "") != 0) {
        fail("The client's identity is another.");
        return TLSW_OK;
    }
    if (strlen(config->psk) > key_size)
        broken("the hook for pre-shared keys has too little room");
    memcpy(key, config->psk, strlen(config->psk));
    *key_len = strlen(config->psk);
    return TLSW_OK;
}

/* ---- Setting them ---- */

bool set_hooks(tlsw_ctx *ctx, const config *config, bool judges, tlsw_error *err) {
    if (tlsw_ctx_set_msg_hook(ctx, on_message, NULL, NULL, err) != TLSW_OK ||
        tlsw_ctx_set_info_hook(ctx, on_info, NULL, NULL, err) != TLSW_OK)
        return false;
    if (judges && tlsw_ctx_set_verify_hook(ctx, on_verify, NULL, NULL, err) != TLSW_OK)
        return false;
    if (config->export_traffic_secrets &&
        tlsw_ctx_set_keylog_hook(ctx, on_keylog, NULL, NULL, err) != TLSW_OK)
        return false;
    if (!config->server)
        return tlsw_ctx_set_session_hook(ctx, on_session, NULL, NULL, err) == TLSW_OK &&
               (config->psk == NULL ||
                tlsw_ctx_set_psk_client_hook(ctx, on_psk_client, NULL, NULL, err) == TLSW_OK);
    return (config->no_server_name_ack ||
            tlsw_ctx_set_sni_hook(ctx, on_name, NULL, NULL, err) == TLSW_OK) &&
           (config->psk == NULL ||
            tlsw_ctx_set_psk_server_hook(ctx, on_psk_server, NULL, NULL, err) == TLSW_OK);
}
