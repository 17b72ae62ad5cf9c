/* What is done with a connection, in the order of BoringSSL's own shim. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

static bool write_text(tlsw_conn *conn, const config *config) {
    const char *text = config->initial_write != NULL ? config->initial_write : "hello";
    return shim_write(conn, (const uint8_t *)text, strlen(text)) == TLSW_OK;
}

/* ---- The handshake, and what is sent about it ---- */

static bool do_handshake(connection *connection, bool resumes) {
    const config *config = connection->config;
    tlsw_conn *const conn = connection->conn;
    tlsw_error err;
    if (shim_handshake(conn) != TLSW_OK || !check_handshake(connection, resumes))
        return false;
    if (config->handshake_twice && shim_handshake(conn) != TLSW_OK)
        return false;
    if (config->no_op_extra_handshake && tlsw_conn_handshake(conn, &err) != TLSW_OK)
        return fail("Another handshake did something.");
    connection->got_session = false; /* from now on: those after the handshake */
    return true;
}

/* Sends what a getter gave; the runner compares it with its own. */
static bool send_answer(tlsw_conn *conn, const char *what, tlsw_status status, tlsw_buf *answer,
                        const tlsw_error *err) {
    if (status != TLSW_OK) {
        say_status(what, status, err);
        return fail("failed to get %s", what); /* the words that the runner looks for */
    }
    const bool sent = shim_write(conn, answer->data, answer->len) == TLSW_OK;
    tlsw_buf_free(answer);
    return sent;
}

static bool send_keying_material(tlsw_conn *conn, const config *config) {
    tlsw_buf material = {NULL, 0};
    tlsw_error err;
    const char *label = config->export_label != NULL ? config->export_label : "";
    const char *text = config->export_context != NULL ? config->export_context : "";
    const uint8_t *context = config->use_export_context ? (const uint8_t *)text : NULL;
    const tlsw_status status = tlsw_export_keying_material(
        conn, label, context, context != NULL ? strlen(text) : 0, (size_t)config->export_len,
        &material, &err);
    return send_answer(conn, "keying material", status, &material, &err);
}

/* The secrets as the runner wants them: the length, that for reading, that for writing. */
static bool send_secrets(connection *connection) {
    const int writes = connection->config->server ? SECRET_OF_SERVER : SECRET_OF_CLIENT;
    const int reads = SECRET_OF_CLIENT + SECRET_OF_SERVER - writes;
    const size_t len = connection->secret_len[reads];
    if (len == 0 || connection->secret_len[writes] != len)
        return fail("The hook for the key log did not get the secrets.");
    const uint8_t little_endian[2] = {(uint8_t)len, (uint8_t)(len >> 8)};
    return shim_write(connection->conn, little_endian, sizeof little_endian) == TLSW_OK &&
           shim_write(connection->conn, connection->secret[reads], len) == TLSW_OK &&
           shim_write(connection->conn, connection->secret[writes], len) == TLSW_OK;
}

static bool send_tls_unique(tlsw_conn *conn) {
    enum { TLS_UNIQUE_LEN = 12 };
    tlsw_buf binding = {NULL, 0};
    tlsw_error err;
    const tlsw_status status = tlsw_get_channel_binding(conn, "tls-unique", &binding, &err);
    if (status == TLSW_OK && binding.len != TLS_UNIQUE_LEN)
        return fail("tls-unique has %zu bytes", binding.len);
    return send_answer(conn, "tls-unique", status, &binding, &err);
}

/* ---- Data ---- */

static bool send_sizes(tlsw_conn *conn) {
    static const size_t SIZES[] = {0,     1,     255,   256,   257,  16383,
                                   16384, 16385, 32767, 32768, 32769};
    static uint8_t data[32769];
    memset(data, 0x42, sizeof data);
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        size_t done;
        if (SIZES[i] == 0 && tlsw_conn_write(conn, data, 0, &done, NULL) != TLSW_OK)
            return fail("Nothing could not be written.");
        if (shim_write(conn, data, SIZES[i]) != TLSW_OK)
            return false;
    }
    return true;
}

/* Begins a write that cannot end: the transport takes one byte. */
static bool begin_write(connection *connection) {
    const char *text =
        connection->config->initial_write != NULL ? connection->config->initial_write : "hello";
    size_t done;
    tlsw_error err;
    if (!connection->config->async)
        return fail("-read-with-unfinished-write without -async");
    connection->may_write++;
    return tlsw_conn_write(connection->conn, (const uint8_t *)text, strlen(text), &done, &err) ==
               TLSW_WANT_WRITE ||
           fail("The write was not left unfinished.");
}

/* Reads once and sends it back, every bit turned round. Sets `*ended` at the end of the data. */
static bool echo(connection *connection, uint8_t *data, size_t max, bool *ended, bool *unfinished) {
    size_t len;
    const tlsw_status status = shim_read(connection->conn, data, max, &len);
    *ended = status == TLSW_CLOSED || status == TLSW_ERR_EOF;
    if (*ended)
        return true;
    if (status != TLSW_OK)
        return false;
    if (len == 0 || len > max)
        broken("tlsw_conn_read gave %zu bytes.", len);
    if (connection->handshakes == 0)
        return fail("Data was read, and the handshake was not completed.");
    if (*unfinished && !write_text(connection->conn, connection->config))
        return false;
    *unfinished = false;
    for (size_t i = 0; i < len; i++)
        data[i] ^= 0xff;
    return shim_write(connection->conn, data, len) == TLSW_OK;
}

static bool echo_all(connection *connection, bool unfinished) {
    const int wanted = connection->config->read_size;
    const size_t max = wanted > 0 ? (size_t)wanted : 512;
    uint8_t *const data = malloc(max);
    bool ended = false, good = data != NULL;
    while (good && !ended)
        good = echo(connection, data, max, &ended, &unfinished);
    free(data);
    return good;
}

static bool exchange_data(connection *connection) {
    const config *config = connection->config;
    if (config->write_sizes)
        return send_sizes(connection->conn);
    if (config->unfinished_write) {
        if (!begin_write(connection))
            return false;
    } else if (config->writes_first) {
        const int times = config->repeat_write > 0 ? config->repeat_write : 1;
        for (int i = 0; i < times; i++)
            if (!write_text(connection->conn, config))
                return false;
    }
    return config->shuts_down || echo_all(connection, config->unfinished_write);
}

/* ---- All of it ---- */

/* Keeps the newest session that the hook was given, which is also what a getter has to give. */
static bool take_session(connection *connection, tlsw_session **session) {
    if (connection->session == NULL)
        return true;
    /* A renegotiation makes a session that is not to be resumed. */
    if (connection->handshakes == 1) {
        tlsw_session *same = NULL;
        tlsw_error err;
        const tlsw_status status = tlsw_get_session(connection->conn, &same, &err);
        const bool equal = status == TLSW_OK && tlsw_session_equal(same, connection->session) != 0;
        tlsw_session_free(same);
        if (!equal)
            return fail("tlsw_get_session: %s, and not the newest", tlsw_status_name(status));
    }
    tlsw_session_free(*session);
    *session = connection->session;
    connection->session = NULL;
    return true;
}

static bool check_renegotiations(const connection *connection) {
    const int found = connection->handshakes - 1;
    return (found <= 0 || check_peer(connection)) &&
           (found == connection->config->expect_renegotiations ||
            fail("There were %d renegotiations and not %d.", found,
                 connection->config->expect_renegotiations));
}

bool exchange(connection *connection, bool resumes, tlsw_session **session) {
    const config *config = connection->config;
    tlsw_conn *const conn = connection->conn;
    return (config->implicit_handshake || do_handshake(connection, resumes)) &&
           (config->export_len <= 0 || send_keying_material(conn, config)) &&
           (!config->export_traffic_secrets || send_secrets(connection)) &&
           (!config->tls_unique || send_tls_unique(conn)) && exchange_data(connection) &&
           check_session_after(connection) && take_session(connection, session) &&
           (!config->check_close_notify || shim_shutdown(conn)) && check_renegotiations(connection);
}
