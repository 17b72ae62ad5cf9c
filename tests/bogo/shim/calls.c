/* Calls, made until they need no more waiting. Whatever they come to is also held against what
 * the header promises of it: an error says which alert ended the connection, and stays. */
#include <stdlib.h>
#include <string.h>

#include "shim.h"

/* The alert that the error names has to be the one that the message hook saw. */
static void check_alert(const char *call, tlsw_status status, const tlsw_error *err) {
    if (status != TLSW_ERR_TLS && status != TLSW_ERR_VERIFY && status != TLSW_ERR_HOOK)
        return;
    const int seen = current->alert_read >= 0 ? current->alert_read : current->alert_written;
    if (err->alert != seen)
        broken("%s failed with the alert %d, and the message hook saw %d", call, err->alert, seen);
}

static bool same_error(const tlsw_error *a, const tlsw_error *b) {
    return a->status == b->status && a->code == b->code && a->alert == b->alert &&
           a->verify_error == b->verify_error && strcmp(a->reason, b->reason) == 0;
}

/* What a call came to, and another after it. */
static void check_repeated(const char *call, tlsw_status first, const tlsw_error *first_err,
                           const char *then, tlsw_status second, const tlsw_error *second_err) {
    if (first == second && (first >= 0 || same_error(first_err, second_err)))
        return;
    say_status(call, first, first_err);
    say_status(then, second, second_err);
    broken("The error of %s is another in a later %s.", call, then);
}

/* The failure of a handshake is that of everything after it. */
static void check_failed_handshake(tlsw_conn *conn, tlsw_status status, const tlsw_error *err) {
    tlsw_error again_err;
    tlsw_status again_status;
    uint8_t byte = 0;
    size_t len;
    if (status == TLSW_ERR_TLS || status == TLSW_ERR_VERIFY || status == TLSW_ERR_EOF) {
        again_status = tlsw_conn_handshake(conn, &again_err);
        check_repeated("handshake", status, err, "handshake", again_status, &again_err);
    }
    again_status = tlsw_conn_write(conn, &byte, 1, &len, &again_err);
    check_repeated("handshake", status, err, "write", again_status, &again_err);
    again_status = tlsw_conn_read(conn, &byte, 1, &len, &again_err);
    check_repeated("handshake", status, err, "read", again_status, &again_err);
    if (tlsw_conn_shutdown(conn, TLSW_SHUT_WRITE, &again_err) >= 0)
        broken("tlsw_conn_shutdown succeeded after a handshake that failed.");
    tlsw_buf report = {NULL, 0};
    if (tlsw_get_report_json(conn, &report, &again_err) == TLSW_ERR_PANIC)
        broken("tlsw_get_report_json panicked.");
    tlsw_buf_free(&report);
}

tlsw_status shim_handshake(tlsw_conn *conn) {
    tlsw_error err;
    tlsw_status status;
    do
        status = tlsw_conn_handshake(conn, &err);
    while (again(status));
    if (status == TLSW_OK)
        return status;
    say_status("handshake", status, &err);
    if (status < 0) {
        check_alert("handshake", status, &err);
        check_failed_handshake(conn, status, &err);
    }
    return status;
}

tlsw_status shim_write(tlsw_conn *conn, const uint8_t *data, size_t len) {
    tlsw_error err;
    for (size_t at = 0; at < len;) {
        size_t done = 0;
        tlsw_status status;
        do
            status = tlsw_conn_write(conn, data + at, len - at, &done, &err);
        while (again(status));
        if (status != TLSW_OK) {
            say_status("write", status, &err);
            return status;
        }
        if (done == 0 || done > len - at)
            broken("tlsw_conn_write took %zu bytes of %zu.", done, len - at);
        at += done;
    }
    return TLSW_OK;
}

/* What was peeked has to be what is peeked again, and what is read then. */
static void check_peeked(tlsw_conn *conn, const uint8_t *data, size_t len) {
    uint8_t *copy = malloc(len);
    size_t copied = 0;
    tlsw_error err;
    if (copy == NULL)
        broken("out of memory");
    if (tlsw_conn_peek(conn, copy, len, &copied, &err) != TLSW_OK || copied != len ||
        memcmp(copy, data, len) != 0)
        broken("A second peek gave something else.");
    if (tlsw_conn_read(conn, copy, len, &copied, &err) != TLSW_OK || copied != len ||
        memcmp(copy, data, len) != 0)
        broken("What was read is not what was peeked.");
    free(copy);
}

/* Returns whether keying material can be exported, which is tried between reads. */
static bool can_export(tlsw_conn *conn) {
    tlsw_buf material = {NULL, 0};
    tlsw_error err;
    const tlsw_status status = tlsw_export_keying_material(conn, "", NULL, 0, 1, &material, &err);
    if (status != TLSW_OK)
        say_status("failed to export keying material", status, &err);
    tlsw_buf_free(&material);
    return status == TLSW_OK;
}

tlsw_status shim_read(tlsw_conn *conn, uint8_t *data, size_t max, size_t *len) {
    const config *config = current->config;
    tlsw_error err;
    tlsw_status status;
    do {
        *len = 0;
        status = config->peek_then_read ? tlsw_conn_peek(conn, data, max, len, &err)
                                        : tlsw_conn_read(conn, data, max, len, &err);
        if (config->exporter_between_reads && !can_export(conn))
            return TLSW_ERR_STATE;
    } while (again(status));
    if (status == TLSW_OK && config->peek_then_read)
        check_peeked(conn, data, *len);
    if (status == TLSW_CLOSED || status == TLSW_ERR_TLS || status == TLSW_ERR_VERIFY ||
        status == TLSW_ERR_EOF) {
        uint8_t byte;
        size_t none;
        tlsw_error later_err;
        const tlsw_status later = tlsw_conn_read(conn, &byte, 1, &none, &later_err);
        check_repeated("read", status, &err, "read", later, &later_err);
    }
    if (status != TLSW_OK && status != TLSW_CLOSED && status != TLSW_ERR_EOF)
        say_status("read", status, &err);
    if (status < 0)
        check_alert("read", status, &err);
    return status;
}

bool shim_shutdown(tlsw_conn *conn) {
    static const uint32_t HOW[] = {TLSW_SHUT_WRITE, TLSW_SHUT_BOTH};
    for (size_t i = 0; i < sizeof HOW / sizeof *HOW; i++) {
        tlsw_error err;
        tlsw_status status;
        do
            status = tlsw_conn_shutdown(conn, HOW[i], &err);
        while (again(status));
        if (status != TLSW_OK) {
            say_status("shutdown", status, &err);
            /* The words that the runner looks for. */
            return fail("Unexpected SSL_shutdown result: -1 != 1");
        }
    }
    return true;
}
