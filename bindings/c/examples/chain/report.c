/* What the connection tells about the peer and its certificates. */
#include <stdlib.h>
#include <string.h>

#include "chain.h"

/* Decodes certificates that stand one behind the other, as the library gives a chain. */
static int certs_decode(struct certs *certs, const tlsw_buf *chain) {
    tlsw_error err;
    size_t used;
    for (size_t at = 0; at < chain->len; at += used) {
        tlsw_cert **items = (tlsw_cert **)realloc(certs->items, (certs->count + 1) * sizeof *items);
        if (!items) {
            complain("out of memory");
            return -1;
        }
        certs->items = items;
        if (tlsw_cert_new(chain->data + at, chain->len - at, &used, &items[certs->count], &err) != TLSW_OK) {
            complain("certificate %u: %s", (unsigned)certs->count, err.message);
            return -1;
        }
        certs->count++;
    }
    return 0;
}

static void certs_free(struct certs *certs) {
    for (size_t i = 0; i < certs->count; i++)
        tlsw_cert_free(certs->items[i]);
    free(certs->items);
}

int cert_equal(const tlsw_cert *a, const tlsw_cert *b) {
    const uint8_t *der_a, *der_b;
    size_t len_a, len_b;
    return tlsw_cert_der(a, &der_a, &len_a, NULL) == TLSW_OK && tlsw_cert_der(b, &der_b, &len_b, NULL) == TLSW_OK &&
           len_a == len_b && memcmp(der_a, der_b, len_a) == 0;
}

int certs_hold(const struct certs *certs, const tlsw_cert *cert) {
    for (size_t i = 0; i < certs->count; i++)
        if (cert_equal(certs->items[i], cert))
            return 1;
    return 0;
}

/* Sets *absent to the reason why there is no such chain. Returns 0, or -1 after saying what
 * is wrong with it. */
static int load_chain(struct certs *certs, const tlsw_conn *conn, uint32_t which, tlsw_status *absent) {
    tlsw_buf chain;
    tlsw_error err;
    int result = 0;
    memset(&chain, 0, sizeof chain);
    *absent = tlsw_get_peer_chain_der(conn, which, &chain, &err);
    if (*absent == TLSW_OK)
        result = certs_decode(certs, &chain);
    tlsw_buf_free(&chain);
    return result;
}

static int load_culprit(struct report *report, const tlsw_conn *conn) {
    tlsw_buf der;
    tlsw_error err;
    int result = 0;
    memset(&der, 0, sizeof der);
    if (tlsw_get_failed_cert_der(conn, &der, &err) == TLSW_OK &&
        tlsw_cert_new(der.data, der.len, NULL, &report->culprit, &err) != TLSW_OK) {
        complain("the certificate that failed: %s", err.message);
        result = -1;
    }
    tlsw_buf_free(&der);
    return result;
}

int report_make(struct report *report, const struct options *options, const tlsw_conn *conn, tlsw_status outcome) {
    const int finished = outcome == TLSW_OK;
    tlsw_status no_sent;
    tlsw_error err;
    memset(report, 0, sizeof *report);
    report->options = options;
    report->conn = conn;
    report->protocol = tlsw_get_version(conn);
    report->cipher = tlsw_get_cipher(conn);
    report->group = tlsw_get_group(conn);
    if (load_chain(&report->sent, conn, TLSW_CHAIN_SENT, &no_sent) < 0)
        return -1;
    /* A handshake that broke off for another reason proves nothing about the peer, even if
     * its certificates were good: what it sent is all there is to tell. */
    report->no_chain = outcome;
    if (!finished && outcome != TLSW_ERR_VERIFY)
        return 0;
    if (finished && tlsw_get_alpn(conn, &report->alpn, &err) < 0) {
        complain("%s", err.message);
        return -1;
    }
    const tlsw_status verdict = tlsw_get_verify_result(conn, &report->why);
    report->failed = verdict == TLSW_ERR_VERIFY;
    report->verified = finished && verdict == TLSW_OK && !options->insecure;
    if (report->failed && load_culprit(report, conn) < 0)
        return -1;
    return load_chain(&report->chain, conn, TLSW_CHAIN_VERIFIED, &report->no_chain);
}

void report_free(struct report *report) {
    certs_free(&report->sent);
    certs_free(&report->chain);
    tlsw_cert_free(report->culprit);
    tlsw_buf_free(&report->alpn);
}
