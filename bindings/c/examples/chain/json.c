/* The report as one JSON object on one line: {"host": "localhost", "port": 443, and then the keys
 * of tlsw_get_report_json}. With --insecure "verified" is false, for nobody checked the name.
 *
 * The bytes are those of Python's json.dumps(object), and a newline: ", " and ": " between the
 * parts, and nothing but ASCII. In strings " and \ have a backslash, \b \t \n \f \r their short
 * forms, other controls and all characters from U+007F up are \uXXXX in lower-case hex, two of
 * them above U+FFFF; a byte that is not UTF-8 is \ufffd. */
#include <string.h>

#include "chain.h"

static void put_escaped(FILE *out, uint32_t c) {
    if (c >= 0x10000)
        fprintf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((c - 0x10000) >> 10)), (unsigned)(0xDC00 + (c & 0x3FF)));
    else
        fprintf(out, "\\u%04x", (unsigned)c);
}

static void put_string(FILE *out, const char *text) {
    static const char escaped[] = "\"\\\b\t\n\f\r", letters[] = "\"\\btnfr";
    fputc('"', out);
    for (size_t len = strlen(text); len > 0;) {
        uint32_t c;
        const size_t size = utf8_next(text, len, &c);
        const char *short_form = c < 0x7F ? strchr(escaped, (int)c) : NULL;
        if (short_form)
            fprintf(out, "\\%c", letters[short_form - escaped]);
        else if (c < 0x20 || c >= 0x7F)
            put_escaped(out, c == NOT_UTF8 ? 0xFFFD : c);
        else
            fputc((int)c, out);
        text += size;
        len -= size;
    }
    fputc('"', out);
}

int json_print(FILE *out, const struct report *report) {
    tlsw_buf json;
    tlsw_error err;
    memset(&json, 0, sizeof json);
    if (tlsw_get_report_json(report->conn, &json, &err) != TLSW_OK) {
        complain("%s", err.message);
        return -1;
    }
    fputs("{\"host\": ", out);
    put_string(out, report->options->host);
    fprintf(out, ", \"port\": %u, ", report->options->port);
    fwrite(json.data + 1, 1, json.len - 1, out); /* without its opening brace */
    fputc('\n', out);
    tlsw_buf_free(&json);
    return 0;
}
