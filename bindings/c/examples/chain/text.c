/* The report for people: a headline, what was agreed upon, and the chain from leaf to root. */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chain.h"

enum { WIDTH = 80, INDENT = 5, LABEL = 10, DAY = 86400, SOON = 14 * DAY };

/* Verify codes (X509_V_ERR_*) that the picture can explain. */
enum {
    ISSUER_NOT_FOUND = 2,
    SELF_SIGNED_LEAF = 18,
    SELF_SIGNED_IN_CHAIN = 19,
    ISSUER_NOT_FOUND_LOCALLY = 20,
    LEAF_NOT_VERIFIABLE = 21,
    WRONG_HOSTNAME = 62,
    WRONG_ADDRESS = 64
};

static int leads_nowhere(int code) {
    return code == ISSUER_NOT_FOUND || code == SELF_SIGNED_LEAF || code == SELF_SIGNED_IN_CHAIN ||
           code == ISSUER_NOT_FOUND_LOCALLY || code == LEAF_NOT_VERIFIABLE;
}

static int self_issued(const tlsw_cert *cert) {
    return strcmp(tlsw_cert_issuer(cert), tlsw_cert_subject(cert)) == 0;
}

struct glyphs {
    const char *only, *first, *middle, *last; /* before a title, by its place in the chain */
    const char *line, *gap, *nothing;         /* left of the lines under it, by what follows */
    const char *good, *bad;
};

static const struct glyphs unicode = {"── ", "┌─ ", "├─ ", "└─ ", "│", "╎", " ", "✓ ", "✗ "};
static const struct glyphs ascii = {"-- ", ",- ", "|- ", "`- ", "|", ":", " ", "", "! "};

enum colour { PLAIN, BOLD, DIM, GOOD, WARN, BAD };

struct page {
    FILE *out;
    const struct report *report;
    const struct glyphs *glyphs;
    int coloured;
    int64_t now; /* seconds since 1970 */
};

/* One certificate of the picture. */
struct row {
    const tlsw_cert *cert;
    const char *where;
    int linked; /* to the next row */
    int code;   /* the verify error, if this is where it was found, else 0 */
};

static void put_bytes(const struct page *page, enum colour as, const char *text, size_t len) {
    static const char *const codes[] = {"\033[0m", "\033[1m", "\033[2m", "\033[32m", "\033[33m", "\033[1;31m"};
    const int coloured = page->coloured && as != PLAIN;
    if (coloured)
        fputs(codes[as], page->out);
    put_safe(page->out, text, len);
    if (coloured)
        fputs(codes[PLAIN], page->out);
}

static void put(const struct page *page, enum colour as, const char *text) {
    put_bytes(page, as, text, strlen(text));
}

static void put_label(const struct page *page, const char *label) {
    put(page, DIM, label);
    fprintf(page->out, "%*s", LABEL - (int)strlen(label), "");
}

/* ---- the headline, and what was agreed upon ---- */

static void print_headline(const struct page *page) {
    const struct report *report = page->report;
    const struct options *options = report->options;
    const enum colour mood = report->verified ? GOOD : options->insecure && !report->failed ? WARN : BAD;
    char target[sizeof options->host + 16];
    snprintf(target, sizeof target, strchr(options->host, ':') ? "[%s]:%u" : "%s:%u", options->host, options->port);
    put(page, mood, report->verified ? page->glyphs->good : page->glyphs->bad);
    put(page, BOLD, target);
    put(page, mood, report->verified ? " is verified" : " is NOT verified");
    if (strcmp(options->servername, options->host) != 0) {
        put(page, PLAIN, " as ");
        put(page, BOLD, options->servername);
    }
    fputc('\n', page->out);
}

static void print_agreed(const struct page *page, const char *label, const char *value) {
    if (!value)
        return;
    fputs("   ", page->out);
    put_label(page, label);
    put(page, PLAIN, value);
    fputc('\n', page->out);
}

static void print_agreement(const struct page *page) {
    const struct report *report = page->report;
    const char *no_alpn = report->options->alpn_len > 0 ? "none of those offered" : "none offered";
    if (!report->protocol)
        return; /* the handshake ended before */
    fputc('\n', page->out);
    print_agreed(page, "protocol", report->protocol);
    print_agreed(page, "cipher", report->cipher);
    print_agreed(page, "group", report->group);
    print_agreed(page, "alpn", report->alpn.len > 0 ? (const char *)report->alpn.data : no_alpn);
}

/* ---- one certificate ---- */

/* A row's lines begin with `edge`, one column wide, that leads on to the next row. */
static void begin_line(const struct page *page, const char *edge, const char *label) {
    fprintf(page->out, "%s%*s", edge, INDENT - 1, "");
    put_label(page, label);
}

static void print_field(const struct page *page, const char *edge, const char *label, const char *value) {
    begin_line(page, edge, label);
    put(page, PLAIN, value);
    fputc('\n', page->out);
}

static void print_names(const struct page *page, const char *edge, const struct row *row) {
    static const char *const kinds[] = {"other:", "email:", "", "x400:", "dir:", "edi:", "uri:", "", "rid:"};
    const enum colour as = row->code == WRONG_HOSTNAME || row->code == WRONG_ADDRESS ? BAD : PLAIN;
    const size_t count = tlsw_cert_san_count(row->cert);
    const size_t start = INDENT + LABEL;
    size_t column = start;
    if (count == 0 && tlsw_cert_is_ca(row->cert))
        return; /* an authority needs none */
    begin_line(page, edge, "names");
    if (count == 0)
        put(page, as, "none");
    for (size_t i = 0; i < count; i++) {
        const char *name;
        uint32_t kind;
        size_t len;
        if (tlsw_cert_san(row->cert, i, &kind, &name, &len, NULL) != TLSW_OK)
            break;
        const char *prefix = kind < sizeof kinds / sizeof kinds[0] ? kinds[kind] : "other:";
        const size_t size = strlen(prefix) + len + (i + 1 < count);
        if (column > start && column + 1 + size > WIDTH) {
            fputc('\n', page->out);
            begin_line(page, edge, "");
            column = start;
        } else if (column > start) {
            fputc(' ', page->out);
            column++;
        }
        put(page, as, prefix);
        put_bytes(page, as, name, len);
        if (i + 1 < count)
            fputc(',', page->out);
        column += size;
    }
    fputc('\n', page->out);
}

/* The date of a moment: gmtime would not do where time_t has 32 bits. The year begins in
 * March here, so that the leap day is its last. */
static void format_date(char *text, size_t size, int64_t seconds) {
    const int64_t days = (seconds >= 0 ? seconds : seconds - (DAY - 1)) / DAY + 719468; /* since 0000-03-01 */
    const int64_t era = days / 146097, day_of_era = days % 146097;
    const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month = (5 * day_of_year + 2) / 153;
    const int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
    const int64_t year = era * 400 + year_of_era + (month >= 10);
    snprintf(text, size, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, year, month < 10 ? month + 3 : month - 9, day);
}

/* "12 days", "5 hours", "1 minute": the largest unit that is not nothing. */
static void format_span(char *text, size_t size, int64_t seconds) {
    const int64_t unit = seconds >= DAY ? DAY : seconds >= 3600 ? 3600 : 60;
    const char *name = seconds >= DAY ? "day" : seconds >= 3600 ? "hour" : "minute";
    const int64_t n = seconds / unit;
    snprintf(text, size, "%" PRId64 " %s%s", n, name, n == 1 ? "" : "s");
}

static void print_validity(const struct page *page, const char *edge, const tlsw_cert *cert) {
    const int64_t from = tlsw_cert_not_before(cert), to = tlsw_cert_not_after(cert);
    char first[32], last[32], span[48], remark[96];
    enum colour as = PLAIN;
    if (page->now < from) {
        as = BAD;
        format_span(span, sizeof span, from - page->now);
        snprintf(remark, sizeof remark, "not valid for another %s", span);
    } else if (page->now > to) {
        as = BAD;
        format_span(span, sizeof span, page->now - to);
        snprintf(remark, sizeof remark, "expired %s ago", span);
    } else {
        as = to - page->now < SOON ? WARN : PLAIN;
        format_span(span, sizeof span, to - page->now);
        snprintf(remark, sizeof remark, "%s left", span);
    }
    format_date(first, sizeof first, from);
    format_date(last, sizeof last, to);
    begin_line(page, edge, "valid");
    fprintf(page->out, "%s to %s, ", first, last);
    put(page, as, remark);
    fputc('\n', page->out);
}

static void print_key(const struct page *page, const char *edge, const tlsw_cert *cert) {
    const unsigned bits = (unsigned)tlsw_cert_key_bits(cert);
    begin_line(page, edge, "key");
    put(page, PLAIN, tlsw_cert_key_type(cert));
    if (bits > 0)
        fprintf(page->out, ", %u bits", bits);
    fputc('\n', page->out);
}

static void print_fingerprint(const struct page *page, const char *edge, const tlsw_cert *cert) {
    uint8_t digest[32];
    if (tlsw_cert_sha256(cert, digest, sizeof digest, NULL) != TLSW_OK)
        return;
    begin_line(page, edge, "sha256");
    for (size_t i = 0; i < sizeof digest; i++)
        fprintf(page->out, "%02x", digest[i]);
    fputc('\n', page->out);
}

static void print_title(const struct page *page, const char *glyph, const char *subject, const char *where) {
    fputs(glyph, page->out);
    put(page, BOLD, *subject ? subject : "(no subject)");
    fputs("  ", page->out);
    put(page, DIM, "[");
    put(page, DIM, where);
    put(page, DIM, "]");
}

static void print_row(const struct page *page, const struct row *row, int linked_above) {
    const struct glyphs *g = page->glyphs;
    const int missing = leads_nowhere(row->code) && !self_issued(row->cert), below = row->linked || missing;
    const char *edge = missing ? g->gap : row->linked ? g->line : g->nothing;
    fputc('\n', page->out);
    print_title(page, linked_above ? (below ? g->middle : g->last) : (below ? g->first : g->only),
                tlsw_cert_subject(row->cert), row->where);
    if (row->code != 0) {
        fputs("  ", page->out);
        put(page, BAD, g->bad);
        put(page, BAD, "verification failed here");
    }
    fputc('\n', page->out);
    print_names(page, edge, row);
    print_field(page, edge, "issuer", tlsw_cert_issuer(row->cert));
    print_validity(page, edge, row->cert);
    print_key(page, edge, row->cert);
    print_field(page, edge, "signed", tlsw_cert_signature_algorithm(row->cert));
    print_fingerprint(page, edge, row->cert);
    if (missing) {
        fprintf(page->out, "%s\n", edge);
        print_title(page, g->bad, tlsw_cert_issuer(row->cert), "not sent, not in the trust store");
        fputc('\n', page->out);
    } else if (row->linked)
        fputs(edge, page->out);
}

/* ---- the chain ---- */

static struct row make_row(const struct report *report, const tlsw_cert *cert, const char *where) {
    struct row row;
    memset(&row, 0, sizeof row);
    row.cert = cert;
    row.where = where;
    if (report->culprit && cert_equal(cert, report->culprit))
        row.code = (int)report->why.verify_error;
    if (leads_nowhere(row.code) && self_issued(cert))
        row.where = "sent, not in the trust store";
    return row;
}

/* The verified chain with where each came from, then what else was sent; without a verified
 * chain, what was sent. Returns how many rows there are. */
static size_t make_rows(struct row *rows, const struct report *report) {
    const struct certs *sent = &report->sent, *chain = &report->chain;
    const enum view view = report->options->view;
    const int chain_shown = view != VIEW_SENT && chain->count > 0;
    size_t count = 0;
    for (size_t i = 0; chain_shown && i < chain->count; i++) {
        const char *where = certs_hold(sent, chain->items[i]) ? "sent" : "from the trust store";
        rows[count] = make_row(report, chain->items[i], where);
        rows[count++].linked = i + 1 < chain->count;
    }
    for (size_t i = 0; view != VIEW_VERIFIED && i < sent->count; i++) {
        const int used = certs_hold(chain, sent->items[i]);
        if (used && chain_shown)
            continue;
        rows[count] = make_row(report, sent->items[i], used || chain->count == 0 ? "sent" : "sent, not used");
        /* In what was sent, neighbours need not belong together. */
        rows[count++].linked = !chain_shown && i + 1 < sent->count &&
                               strcmp(tlsw_cert_issuer(sent->items[i]), tlsw_cert_subject(sent->items[i + 1])) == 0;
    }
    return count;
}

int text_print(FILE *out, const struct report *report) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    struct row *rows = (struct row *)malloc((report->sent.count + report->chain.count + 1) * sizeof *rows);
    struct page page;
    if (!rows) {
        complain("out of memory");
        return -1;
    }
    page.out = out;
    page.report = report;
    page.glyphs = locale_is_utf8() ? &unicode : &ascii;
    page.coloured = isatty(fileno(out)) && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
    page.now = (int64_t)time(NULL);
    print_headline(&page);
    print_agreement(&page);
    const size_t count = make_rows(rows, report);
    for (size_t i = 0; i < count; i++)
        print_row(&page, &rows[i], i > 0 && rows[i - 1].linked);
    if (report->failed)
        fputc('\n', out); /* the reason comes next, on stderr */
    free(rows);
    return 0;
}
