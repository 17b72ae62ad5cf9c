/* What the parts of tlswrap-chain share: one short section for each file of this folder.
 *
 *   ../chain.c   the command from top to bottom
 *   options.c    the command line
 *   net.c        a TCP connection before a deadline
 *   starttls.c   the plain-text talk that some protocols have before TLS
 *   report.c     what the connection tells about the peer and its certificates
 *   text.c       that report for people
 *   json.c       that report for programs
 *   safe.c       text from strangers, made harmless
 */
#ifndef TLSWRAP_CHAIN_H
#define TLSWRAP_CHAIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <tlswrap.h>

enum exit_status {
    EXIT_VERIFIED = 0, /* or --insecure */
    EXIT_UNVERIFIED = 1,
    EXIT_USAGE = 2,
    EXIT_NO_TLS = 3 /* no connection, no TLS, or nowhere to write the answer */
};

/* ---- options.c ---- */

enum view { VIEW_DEFAULT, VIEW_SENT, VIEW_VERIFIED, VIEW_BOTH };
enum format { FORMAT_TEXT, FORMAT_PEM, FORMAT_JSON };
enum starttls { STARTTLS_NONE, STARTTLS_SMTP, STARTTLS_IMAP, STARTTLS_POP3, STARTTLS_FTP };

struct options {
    char host[256]; /* without the brackets of an IPv6 literal */
    unsigned port;
    const char *servername; /* what the certificate has to name */
    const char *cafile;     /* NULL: the system's roots */
    enum view view;
    enum format format;
    enum starttls starttls;
    int insecure;
    int64_t timeout; /* milliseconds, for everything before the answer */
    uint8_t alpn[512]; /* as on the wire: length, name, length, name … */
    size_t alpn_len;
    uint32_t min_tls; /* 0: the library's default */
};

/* Returns -1 when there is work to do, else the exit status: after --help, --version, or a
 * mistake that it has explained. */
int options_parse(struct options *options, int argc, char **argv);

/* ---- net.c ---- */

/* Milliseconds on a clock that nobody sets. */
int64_t now_ms(void);

/* Milliseconds until `deadline`, 0 when it has passed. */
int64_t left_ms(int64_t deadline);

/* Connects to the first address of the host that answers. Returns a non-blocking socket, or
 * -1 after saying what went wrong. */
int net_connect(const struct options *options, int64_t deadline);

/* Waits until `fd` is ready for `events` (of poll). Returns 1, 0 at the deadline, -1 with errno. */
int net_wait(int fd, short events, int64_t deadline);

/* ---- starttls.c ---- */

/* Talks the server into TLS. Returns 0, or -1 after saying what went wrong. */
int starttls_begin(int fd, enum starttls protocol, int64_t deadline);

/* ---- report.c ---- */

struct certs {
    tlsw_cert **items;
    size_t count;
};

struct report {
    const struct options *options;
    const tlsw_conn *conn;
    const char *protocol, *cipher, *group; /* NULL: not agreed upon */
    tlsw_buf alpn;                         /* empty: none */
    int verified;                          /* the connection stands and its peer was verified */
    int failed;                            /* verification failed, or would have (--insecure) */
    tlsw_error why;                        /* of that failure */
    tlsw_cert *culprit;                    /* the certificate it failed at, or NULL */
    struct certs sent, chain;              /* in wire order; from the leaf to the trusted root */
    tlsw_status no_chain;                  /* TLSW_OK, or the reason why there is no verified chain */
};

/* Asks `conn` everything after a handshake that ended with `outcome`. Returns 0, or -1 after
 * saying what went wrong. Free the report in both cases. */
int report_make(struct report *report, const struct options *options, const tlsw_conn *conn, tlsw_status outcome);
void report_free(struct report *report);

int cert_equal(const tlsw_cert *a, const tlsw_cert *b);
int certs_hold(const struct certs *certs, const tlsw_cert *cert);

/* ---- text.c, json.c ---- */

/* Both return 0, or -1 after saying what went wrong. */
int text_print(FILE *out, const struct report *report);
int json_print(FILE *out, const struct report *report);

/* ---- safe.c ---- */

/* The next character of text[0..len], which is not empty: sets *c to its code point, or to
 * NOT_UTF8 for a byte that belongs to none, and returns how many bytes it took. */
#define NOT_UTF8 0xFFFFFFFFu
size_t utf8_next(const char *text, size_t len, uint32_t *c);

/* Nonzero if the locale's character set is UTF-8. */
int locale_is_utf8(void);

/* Writes text so that a terminal can only show it: whatever could move the cursor, change
 * colours, reverse the reading direction or be invisible appears as <U+001B>. */
void put_safe(FILE *out, const char *text, size_t len);

/* Writes "tlswrap-chain: " and a message to stderr, made safe. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void complain(const char *format, ...);

#endif
