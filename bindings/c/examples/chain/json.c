/* The report as one JSON object on one line:
 *
 *   {"host": "localhost", "port": 443, "protocol": "TLSv1.3", "cipher": "…", "group": "…",
 *    "alpn": null, "verified": false,
 *    "verify_error": {"code": 20, "reason": "…", "depth": 1, "subject": "…", "message": "…"},
 *    "sent": [CERTIFICATE, …], "verified_chain": null}
 *
 * CERTIFICATE is the object of tlsw_cert_json with two keys put before its own: "pem" and
 * "sha256" (lower-case hex).
 *
 * protocol, cipher, group: null when the handshake ended before they were known.
 * alpn: null when there is none. verify_error: null when verification did not fail; with
 * --insecure, what would have failed. verified: false with --insecure, for nobody checked the
 * name. verified_chain: null when there is none.
 *
 * The bytes are those of Python's json.dumps(object), and a newline: ", " and ": " between the
 * parts, and nothing but ASCII. In strings " and \ have a backslash, \b \t \n \f \r their short
 * forms, other controls and all characters from U+007F up are \uXXXX in lower-case hex, two of
 * them above U+FFFF; a byte that is not UTF-8 is \ufffd. So no name in a certificate can act on
 * a terminal, and every program that follows this rule writes the same. */
#include <string.h>

#include "chain.h"

static void put_escaped(FILE *out, uint32_t c) {
    if (c >= 0x10000)
        fprintf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((c - 0x10000) >> 10)), (unsigned)(0xDC00 + (c & 0x3FF)));
    else
        fprintf(out, "\\u%04x", (unsigned)c);
}

/* Writes JSON text with all that is not ASCII escaped; it can only be inside of strings. */
static void put_json(FILE *out, const char *json, size_t len) {
    while (len > 0) {
        uint32_t c;
        const size_t size = utf8_next(json, len, &c);
        if (c < 0x7F)
            fputc((int)c, out);
        else
            put_escaped(out, c == NOT_UTF8 ? 0xFFFD : c);
        json += size;
        len -= size;
    }
}

static void put_string_of(FILE *out, const char *text, size_t len) {
    static const char escaped[] = "\"\\\b\t\n\f\r", letters[] = "\"\\btnfr";
    fputc('"', out);
    for (size_t i = 0; i < len;) {
        uint32_t c;
        const size_t size = utf8_next(text + i, len - i, &c);
        const char *short_form = c != 0 && c < 0x7F ? strchr(escaped, (int)c) : NULL;
        if (short_form)
            fprintf(out, "\\%c", letters[short_form - escaped]);
        else if (c < 0x20)
            put_escaped(out, c);
        else
            put_json(out, text + i, size);
        i += size;
    }
    fputc('"', out);
}

static void put_string(FILE *out, const char *text) {
    if (text)
        put_string_of(out, text, strlen(text));
    else
        fputs("null", out);
}

static int put_cert(FILE *out, const tlsw_cert *cert) {
    tlsw_buf pem, json;
    tlsw_error err;
    uint8_t digest[32];
    int result = -1;
    memset(&pem, 0, sizeof pem);
    memset(&json, 0, sizeof json);
    if (tlsw_cert_pem(cert, &pem, &err) != TLSW_OK || tlsw_cert_json(cert, &json, &err) != TLSW_OK ||
        tlsw_cert_sha256(cert, digest, sizeof digest, &err) != TLSW_OK)
        complain("%s", err.message);
    else {
        fputs("{\"pem\": ", out);
        put_string_of(out, (const char *)pem.data, pem.len);
        fputs(", \"sha256\": \"", out);
        for (size_t i = 0; i < sizeof digest; i++)
            fprintf(out, "%02x", digest[i]);
        fputs("\", ", out);
        put_json(out, (const char *)json.data + 1, json.len - 1); /* without its opening brace */
        result = 0;
    }
    tlsw_buf_free(&pem);
    tlsw_buf_free(&json);
    return result;
}

static int put_certs(FILE *out, const struct certs *certs) {
    fputc('[', out);
    for (size_t i = 0; i < certs->count; i++) {
        if (i > 0)
            fputs(", ", out);
        if (put_cert(out, certs->items[i]) < 0)
            return -1;
    }
    fputc(']', out);
    return 0;
}

int json_print(FILE *out, const struct report *report) {
    fputs("{\"host\": ", out);
    put_string(out, report->options->host);
    fprintf(out, ", \"port\": %u, \"protocol\": ", report->options->port);
    put_string(out, report->protocol);
    fputs(", \"cipher\": ", out);
    put_string(out, report->cipher);
    fputs(", \"group\": ", out);
    put_string(out, report->group);
    fputs(", \"alpn\": ", out);
    if (report->alpn.len > 0)
        put_string_of(out, (const char *)report->alpn.data, report->alpn.len);
    else
        fputs("null", out);
    fprintf(out, ", \"verified\": %s, \"verify_error\": ", report->verified ? "true" : "false");
    if (report->failed) {
        fprintf(out, "{\"code\": %d, \"reason\": ", (int)report->why.verify_error);
        put_string(out, tlsw_verify_error_string(report->why.verify_error));
        fprintf(out, ", \"depth\": %d, \"subject\": ", (int)report->why.verify_depth);
        put_string(out, report->culprit ? tlsw_cert_subject(report->culprit) : NULL);
        fputs(", \"message\": ", out);
        put_string(out, report->why.message);
        fputc('}', out);
    } else
        fputs("null", out);
    fputs(", \"sent\": ", out);
    if (put_certs(out, &report->sent) < 0)
        return -1;
    fputs(", \"verified_chain\": ", out);
    if (report->no_chain != TLSW_OK)
        fputs("null", out);
    else if (put_certs(out, &report->chain) < 0)
        return -1;
    fputs("}\n", out);
    return 0;
}
