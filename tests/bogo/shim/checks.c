/* What can be asked of a connection, against what the runner says has to come. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

static bool is_equal(const tlsw_buf *found, bytes wanted) {
    return found->len == wanted.len &&
           (wanted.len == 0 || memcmp(found->data, wanted.data, wanted.len) == 0);
}

/* Whether a getter answers, with these very bytes. */
static bool check_bytes(const char *what, tlsw_status status, tlsw_buf *found, bytes wanted) {
    const bool equal = status == TLSW_OK && is_equal(found, wanted);
    tlsw_buf_free(found);
    return equal || fail("The %s is not the expected one: %s", what, tlsw_status_name(status));
}

static tlsw_status sent_chain(tlsw_conn *conn, tlsw_buf *chain) {
    return tlsw_get_peer_chain_der(conn, TLSW_CHAIN_SENT, chain, NULL);
}

static bool has_peer_chain(tlsw_conn *conn) {
    tlsw_buf chain = {NULL, 0};
    const tlsw_status status = sent_chain(conn, &chain);
    tlsw_buf_free(&chain);
    return status == TLSW_OK;
}

static bool has_psk(tlsw_conn *conn) {
    tlsw_buf identity = {NULL, 0};
    const tlsw_status status = tlsw_get_psk_identity(conn, &identity, NULL);
    tlsw_buf_free(&identity);
    return status == TLSW_OK;
}

/* ---- The peer ---- */

static bool check_verdict(tlsw_conn *conn, const config *config) {
    const tlsw_status wanted = config->verify_fail ? TLSW_ERR_VERIFY : TLSW_OK;
    tlsw_error err;
    tlsw_status status = tlsw_get_verify_result(conn, &err);
    if (status == TLSW_NONE && !has_peer_chain(conn))
        status = TLSW_OK; /* as BoringSSL says it of a peer without certificate */
    if (status == wanted)
        return true;
    say_status("tlsw_get_verify_result", status, &err);
    return fail("The verdict on the certificates is not the expected one.");
}

/* A file, ended by NUL, or NULL. */
static char *read_file(const char *path) {
    enum { MAX = 1 << 20 };
    FILE *file = fopen(path, "rb");
    char *text = file != NULL ? malloc(MAX) : NULL;
    if (text != NULL)
        text[fread(text, 1, MAX - 1, file)] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

/* Compares the chain that the peer sent with the certificates of a PEM file. */
static bool check_chain(tlsw_conn *conn, const char *path) {
    tlsw_buf chain = {NULL, 0};
    char *const text = read_file(path);
    const tlsw_status status = sent_chain(conn, &chain);
    size_t at = 0;
    bool same = text != NULL && status == TLSW_OK;
    for (const char *begin = text; same && (begin = strstr(begin, TLSW_PEM_HEADER)) != NULL;) {
        const char *const footer = strstr(begin, TLSW_PEM_FOOTER);
        tlsw_buf der = {NULL, 0};
        if (footer == NULL)
            broken("%s has no end", path);
        const char *const end = footer + strlen(TLSW_PEM_FOOTER);
        if (tlsw_cert_pem_to_der((const uint8_t *)begin, (size_t)(end - begin), &der, NULL) !=
            TLSW_OK)
            broken("%s cannot be read", path);
        same = der.len <= chain.len - at && memcmp(chain.data + at, der.data, der.len) == 0;
        at += der.len;
        tlsw_buf_free(&der);
        begin = end;
    }
    same = same && at == chain.len;
    tlsw_buf_free(&chain);
    free(text);
    return same || fail("The peer's chain is not the expected one.");
}

bool check_peer(const connection *connection) {
    const config *config = connection->config;
    tlsw_conn *const conn = connection->conn;
    tlsw_buf found = {NULL, 0};
    if (config->expect_ocsp.given &&
        !check_bytes("OCSP response", tlsw_get_ocsp_response(conn, &found, NULL), &found,
                     config->expect_ocsp))
        return false;
    if (config->expect_sct.given &&
        !check_bytes("list of SCTs", tlsw_get_sct_list(conn, &found, NULL), &found,
                     config->expect_sct))
        return false;
    return (!config->expect_verify_result || check_verdict(conn, config)) &&
           (config->expect_peer_cert_file == NULL ||
            check_chain(conn, config->expect_peer_cert_file));
}

static bool check_who(tlsw_conn *conn, const config *config) {
    const bool sent = has_peer_chain(conn), psk = has_psk(conn);
    if (config->psk != NULL && !psk)
        return fail("There is no identity of a pre-shared key.");
    if (config->expect_no_peer_cert || psk)
        return !sent || fail("The peer has certificates, which it must not have.");
    return (config->server && !config->require_any) || sent || fail("The peer has no certificate.");
}

/* ---- What was negotiated ---- */

static bool check_alpn(tlsw_conn *conn, const config *config) {
    tlsw_buf found = {NULL, 0};
    const char *wanted = config->server ? config->select_alpn : config->expect_alpn;
    if (config->server && config->decline_alpn)
        wanted = NULL;
    const tlsw_status status = tlsw_get_alpn(conn, &found, NULL);
    const bool is_wanted =
        wanted == NULL || *wanted == '\0'
            ? status == TLSW_NONE
            : status == TLSW_OK && found.len == strlen(wanted) &&
                  memcmp(found.data, wanted, found.len) == 0;
    tlsw_buf_free(&found);
    return is_wanted || fail("The protocol of ALPN is not the expected one.");
}

static bool check_suite(tlsw_conn *conn, const config *config) {
    const char *name = tlsw_get_cipher_standard_name(conn);
    const int id = suite_id(name);
    /* Every machine that tests run on is taken for one with instructions for AES. */
    const int wanted = config->expect_cipher_aes != 0 ? config->expect_cipher_aes
                                                      : config->expect_cipher;
    if (id == 0 || tlsw_get_cipher(conn) == NULL)
        return fail("The suite %s has no number here.", name != NULL ? name : "(none)");
    return wanted == 0 || id == wanted || fail("The suite is %04x and not %04x.", id, wanted);
}

static bool check_group(tlsw_conn *conn, const config *config) {
    if (config->expect_curve == 0)
        return true;
    const char *found = tlsw_get_group(conn), *wanted = group_name(config->expect_curve);
    return (found != NULL && wanted != NULL && strcmp(found, wanted) == 0) ||
           fail("The group is %s and not %s.", found != NULL ? found : "none",
                wanted != NULL ? wanted : "one that has a name here");
}

/* A channel binding of this kind can be had of TLS 1.2 only with the extension. */
static bool check_extended_master_secret(tlsw_conn *conn, const config *config) {
    if (!config->expect_ems || version_of(conn) >= TLSW_TLS_1_3)
        return true;
    tlsw_buf binding = {NULL, 0};
    tlsw_error err;
    const tlsw_status status = tlsw_get_channel_binding(conn, "tls-exporter", &binding, &err);
    tlsw_buf_free(&binding);
    return status == TLSW_OK || fail("There is no extended master secret.");
}

static bool check_name(const connection *connection) {
    const config *config = connection->config;
    if (!config->server)
        return true;
    if (!connection->name_hook_called && !config->no_server_name_ack)
        return fail("The hook for server names was not called.");
    if (config->expect_server_name == NULL)
        return true;
    tlsw_buf name = {NULL, 0};
    const tlsw_status status = tlsw_get_server_hostname(connection->conn, &name, NULL);
    const bool same =
        status == TLSW_OK && strcmp((const char *)name.data, config->expect_server_name) == 0;
    tlsw_buf_free(&name);
    return same || fail("The server name is not the expected one.");
}

/* ---- Sessions ---- */

/* How many sessions the context of a server keeps. */
static long sessions_kept(tlsw_conn *conn) {
    tlsw_ctx *ctx = NULL;
    tlsw_buf stats = {NULL, 0};
    long number = -1;
    if (tlsw_get_ctx(conn, &ctx, NULL) == TLSW_OK &&
        tlsw_ctx_get_session_stats(ctx, &stats, NULL) == TLSW_OK) {
        static const char KEY[] = "\"number\": ";
        const char *at = strstr((const char *)stats.data, KEY);
        if (at != NULL)
            number = atol(at + strlen(KEY));
    }
    tlsw_buf_free(&stats);
    tlsw_ctx_free(ctx);
    return number;
}

static bool check_new_session(const connection *connection, bool wanted) {
    return connection->got_session == wanted ||
           fail("A session was%s given, which is not expected.",
                connection->got_session ? "" : " not");
}

static bool check_session(const connection *connection, bool resumes) {
    const config *config = connection->config;
    tlsw_conn *const conn = connection->conn;
    const bool reused = tlsw_get_session_reused(conn) != 0;
    if (reused != (resumes && !config->expect_session_miss))
        return fail("The session was%s resumed, which is not expected.", reused ? "" : " not");
    if (!config->server)
        return check_new_session(connection, version_of(conn) < TLSW_TLS_1_3 &&
                                                 !config->expect_no_session &&
                                                 (!reused || config->expect_ticket_renewal));
    const long kept = sessions_kept(conn);
    if (!resumes && config->expect_session_id && kept < 1)
        return fail("The server keeps no session.");
    return resumes || !config->expect_no_session_id || kept <= 0 ||
           fail("The server keeps a session.");
}

bool check_session_after(const connection *connection) {
    const config *config = connection->config;
    if (config->server)
        return true;
    if (version_of(connection->conn) < TLSW_TLS_1_3)
        return config->implicit_handshake || check_new_session(connection, false);
    const bool imported = config->credentials > 0 && config->credential[1].is_psk;
    return check_new_session(connection, !config->expect_no_session && !config->shuts_down &&
                                             !(imported && has_psk(connection->conn)));
}

/* ---- After a handshake ---- */

/* Whatever else can be asked is asked, for it must not fail. */
static bool check_answers(tlsw_conn *conn) {
    tlsw_buf answer = {NULL, 0};
    tlsw_error err;
    tlsw_status status = tlsw_get_report_json(conn, &answer, &err);
    for (uint32_t which = 0; which < 2 && status >= 0; which++) {
        tlsw_buf_free(&answer);
        status = tlsw_get_finished(conn, which, &answer, &err);
    }
    tlsw_buf_free(&answer);
    if (status < 0)
        say_status("tlsw_get_report_json or tlsw_get_finished", status, &err);
    return status >= 0;
}

bool check_handshake(const connection *connection, bool resumes) {
    const config *config = connection->config;
    tlsw_conn *const conn = connection->conn;
    if (connection->handshakes == 0)
        return fail("The info hook was not told that the handshake was completed.");
    if (config->expect_version != 0 && version_of(conn) != config->expect_version)
        return fail("The version is %04x and not %04x.", version_of(conn), config->expect_version);
    if ((config->expect_hrr && !connection->got_hrr) ||
        (config->expect_no_hrr && connection->got_hrr))
        return fail("There was %s HelloRetryRequest.", connection->got_hrr ? "a" : "no");
    return check_peer(connection) && check_session(connection, resumes) && check_name(connection) &&
           check_alpn(conn, config) && check_extended_master_secret(conn, config) &&
           check_group(conn, config) && check_suite(conn, config) && check_who(conn, config) &&
           check_answers(conn);
}
