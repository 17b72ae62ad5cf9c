/* tlswrap-chain: gets the certificate chain of a TLS server, as sent and as verified.
 *
 *     cc chain.c $(find chain -name '*.c') -ltlswrap -o tlswrap-chain
 *
 * This file is the command from top to bottom: connect, shake hands, ask, print. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "chain/chain.h"

/* Makes a context as the options ask. Returns an exit status, or -1 when all is well. */
static int make_context(const struct options *options, tlsw_ctx **ctx) {
    tlsw_error err;
    int failed = tlsw_ctx_new(TLSW_CLIENT, ctx, &err) != TLSW_OK;
    if (!failed && options->cafile)
        failed = tlsw_ctx_load_ca_file(*ctx, options->cafile, &err) != TLSW_OK;
    if (!failed && options->min_tls)
        failed = tlsw_ctx_set_min_version(*ctx, options->min_tls, &err) != TLSW_OK;
    if (!failed && options->alpn_len > 0)
        failed = tlsw_ctx_set_alpn_protocols(*ctx, options->alpn, options->alpn_len, &err) != TLSW_OK;
    if (!failed && options->insecure)
        failed = tlsw_ctx_set_check_hostname(*ctx, 0, &err) != TLSW_OK ||
                 tlsw_ctx_set_verify_mode(*ctx, TLSW_CERT_NONE, &err) != TLSW_OK;
    if (!failed)
        return -1;
    complain("%s", err.message);
    return EXIT_USAGE;
}

/* Writes the certificates but those that are also among `except`, which may be NULL. */
static int put_pems(FILE *out, const struct certs *certs, const struct certs *except) {
    for (size_t i = 0; i < certs->count; i++) {
        tlsw_buf pem;
        tlsw_error err;
        if (except && certs_hold(except, certs->items[i]))
            continue;
        if (tlsw_cert_pem(certs->items[i], &pem, &err) != TLSW_OK) {
            complain("%s", err.message);
            return -1;
        }
        fwrite(pem.data, 1, pem.len, out);
        tlsw_buf_free(&pem);
    }
    return 0;
}

/* Exactly the chosen certificates. Both chains become one list: what was sent, in its order,
 * then what the verified chain has besides. */
static int pem_print(FILE *out, const struct report *report) {
    const enum view view = report->options->view;
    if (view == VIEW_VERIFIED)
        return put_pems(out, &report->chain, NULL);
    if (put_pems(out, &report->sent, NULL) < 0)
        return -1;
    return view == VIEW_BOTH ? put_pems(out, &report->chain, &report->sent) : 0;
}

/* Says on stderr what the output cannot: why verification failed, or why a chain that was
 * asked for is not there. */
static void explain(const struct report *report) {
    const struct options *options = report->options;
    if (report->failed)
        complain("%s%s", options->insecure ? "not verified (--insecure), and it would have failed: " : "",
                 report->why.message);
    else if (options->insecure)
        complain("the name of the server was not checked (--insecure)");
    if (options->view != VIEW_VERIFIED)
        return;
    switch (report->no_chain) {
    case TLSW_OK:
        break;
    case TLSW_NONE:
        complain("there is no verified chain: the server sent no certificate");
        break;
    case TLSW_NONE_UNVERIFIED:
        complain("there is no verified chain: nothing was verified");
        break;
    case TLSW_NONE_FAILED:
        complain("there is no verified chain: verification failed");
        break;
    default:
        complain("there is no verified chain: %s", tlsw_status_name(report->no_chain));
    }
}

static int print(const struct report *report) {
    int failed = 0;
    switch (report->options->format) {
    case FORMAT_TEXT:
        failed = text_print(stdout, report) < 0;
        break;
    case FORMAT_PEM:
        failed = pem_print(stdout, report) < 0;
        break;
    case FORMAT_JSON:
        failed = json_print(stdout, report) < 0;
        break;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("cannot write the answer: %s", strerror(errno));
        failed = 1;
    }
    return failed ? -1 : 0;
}

/* Shakes hands over `fd` and prints what is learned. Returns the exit status. */
static int show_chain(tlsw_ctx *ctx, int fd, const struct options *options, int64_t deadline) {
    tlsw_conn *conn = NULL;
    tlsw_error err;
    struct report report;
    int status = EXIT_NO_TLS;
    if (tlsw_wrap_fd(ctx, fd, TLSW_CLIENT, options->servername, &conn, &err) != TLSW_OK) {
        complain("%s", err.message);
        return err.status == TLSW_ERR_ARGUMENT ? EXIT_USAGE : EXIT_NO_TLS;
    }
    /* A timeout of 0 would mean never to wait, and so would not be told as one. */
    const int64_t left = left_ms(deadline);
    tlsw_status outcome = tlsw_conn_set_timeout(conn, left > 0 ? left : 1, &err);
    if (outcome == TLSW_OK)
        outcome = tlsw_conn_handshake(conn, &err);
    if (outcome != TLSW_OK && outcome != TLSW_ERR_VERIFY)
        complain("%s", err.message);
    if (report_make(&report, options, conn, outcome) == 0) {
        /* Nothing at all came from a peer without TLS: then there is nothing to print. */
        const int something = outcome == TLSW_OK || report.sent.count > 0;
        const int printed = something && print(&report) == 0;
        explain(&report);
        if (printed && outcome == TLSW_OK)
            status = report.verified || options->insecure ? EXIT_VERIFIED : EXIT_UNVERIFIED;
        else if (printed && outcome == TLSW_ERR_VERIFY)
            status = EXIT_UNVERIFIED;
    }
    /* Goodbye is a courtesy here: the answer is out, and stands if the server is gone. */
    if (outcome == TLSW_OK)
        outcome = tlsw_conn_shutdown(conn, TLSW_SHUT_WRITE, NULL);
    report_free(&report);
    tlsw_conn_free(conn);
    return status;
}

int main(int argc, char **argv) {
    struct options options;
    tlsw_ctx *ctx = NULL;
    int fd = -1;
    setlocale(LC_CTYPE, "");
    int status = options_parse(&options, argc, argv);
    if (status >= 0)
        return status;
    const int64_t deadline = now_ms() + options.timeout;
    status = make_context(&options, &ctx);
    if (status < 0) {
        status = EXIT_NO_TLS;
        fd = net_connect(&options, deadline);
        if (fd >= 0 && starttls_begin(fd, options.starttls, deadline) == 0)
            status = show_chain(ctx, fd, &options, deadline);
    }
    if (fd >= 0)
        close(fd);
    tlsw_ctx_free(ctx);
    return status;
}
