/* The command line. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>

#include "chain.h"

static const char help[] =
    "Usage: tlswrap-chain HOST[:PORT] [OPTION]...\n"
    "Shows the certificate chain of a TLS server: as it was sent, and as it was verified.\n"
    "\n"
    "HOST is a name or an address; an IPv6 address with a port is written [::1]:443.\n"
    "PORT is 443 by default; with --starttls the port of that protocol.\n"
    "\n"
    "  --servername NAME   ask for and verify NAME instead of HOST\n"
    "  --cafile FILE       trust the certificates of FILE instead of the system's\n"
    "  --min-tls 1.2|1.3   refuse older versions of TLS\n"
    "  --alpn LIST         offer these protocols, for example h2,http/1.1\n"
    "  --starttls PROTO    begin in plain text: smtp, imap, pop3 or ftp\n"
    "  --timeout SECONDS   for connecting, STARTTLS and handshake together (default 10)\n"
    "  --insecure          do not fail when verification does; only say so\n"
    "\n"
    "  --sent              show the certificates the server sent, in its order\n"
    "  --verified          show the chain that was verified, from the leaf to the trusted root\n"
    "  --both              show both: the verified chain, then what was sent and not used\n"
    "                      (the default, but --sent for --pem; --pem --both prints every\n"
    "                      certificate once, first those sent; --json always has both)\n"
    "\n"
    "  --text              for people (the default); in colour on a terminal if NO_COLOR is unset\n"
    "  --pem               only the certificates\n"
    "  --json              one object, see tlswrap's documentation\n"
    "\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 verified (or --insecure), 1 verification failed, 2 wrong usage,\n"
    "3 no connection or no TLS. Messages go to the standard error.\n";

/* Options of a kind exclude each other; `chosen` is the one that was given. */
enum kind { KIND_VIEW, KIND_FORMAT, KINDS };

struct parser {
    struct options *options;
    char **next, **end;
    const char *chosen[KINDS];
};

static int wrong(void) {
    fputs("Try 'tlswrap-chain --help'.\n", stderr);
    return EXIT_USAGE;
}

static int expected(const char *option, const char *what, const char *got) {
    complain("%s: expected %s, got \"%s\"", option, what, got);
    return wrong();
}

/* Decimal digits only: strtoul would let signs and blanks pass. */
static int parse_port(const char *text, unsigned *port) {
    unsigned value = 0;
    if (strlen(text) > 5)
        return 0;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return 0;
        value = value * 10 + (unsigned)(*text - '0');
    }
    *port = value;
    return value >= 1 && value <= 65535;
}

/* HOST, HOST:PORT, [IPV6], [IPV6]:PORT, or an IPv6 address alone: it has more than one colon. */
static int parse_target(struct options *options, const char *text) {
    const char *host = text, *port = NULL;
    size_t len = strlen(text);
    if (strstr(text, "://"))
        return expected("HOST", "a name or address without a scheme", text);
    if (*text == '[') {
        const char *close = strchr(text, ']');
        if (!close || (close[1] != '\0' && close[1] != ':'))
            return expected("HOST", "[ADDRESS] or [ADDRESS]:PORT", text);
        host = text + 1;
        len = (size_t)(close - host);
        port = close[1] ? close + 2 : NULL;
    } else {
        const char *colon = strchr(text, ':');
        if (colon && !strchr(colon + 1, ':')) {
            len = (size_t)(colon - text);
            port = colon + 1;
        }
    }
    if (len == 0 || len >= sizeof options->host)
        return expected("HOST", "a name or address", text);
    if (port && !parse_port(port, &options->port))
        return expected("PORT", "a number from 1 to 65535", port);
    memcpy(options->host, host, len);
    options->host[len] = '\0';
    return -1;
}

/* The parsers of values return 0 for one that is not as expected. */

static int parse_servername(struct options *options, const char *text) {
    options->servername = text;
    return *text != '\0';
}

static int parse_cafile(struct options *options, const char *text) {
    options->cafile = text;
    return *text != '\0';
}

static int parse_min_tls(struct options *options, const char *text) {
    options->min_tls = strcmp(text, "1.2") == 0 ? TLSW_TLS_1_2 : strcmp(text, "1.3") == 0 ? TLSW_TLS_1_3 : 0;
    return options->min_tls != 0;
}

/* "h2,http/1.1" becomes "\x02" "h2" "\x08" "http/1.1", the form of RFC 7301. */
static int parse_alpn(struct options *options, const char *text) {
    options->alpn_len = 0;
    for (;;) {
        const size_t len = strcspn(text, ",");
        if (len == 0 || len > 255 || options->alpn_len + 1 + len > sizeof options->alpn)
            return 0;
        options->alpn[options->alpn_len] = (uint8_t)len;
        memcpy(options->alpn + options->alpn_len + 1, text, len);
        options->alpn_len += 1 + len;
        if (text[len] == '\0')
            return 1;
        text += len + 1;
    }
}

static int parse_starttls(struct options *options, const char *text) {
    static const char *const names[] = {NULL, "smtp", "imap", "pop3", "ftp"};
    for (int i = STARTTLS_SMTP; i <= STARTTLS_FTP; i++)
        if (strcmp(text, names[i]) == 0) {
            options->starttls = (enum starttls)i;
            return 1;
        }
    return 0;
}

static int parse_timeout(struct options *options, const char *text) {
    char *end;
    const double seconds = strtod(text, &end);
    options->timeout = seconds >= 0.001 && seconds <= 86400 ? (int64_t)(seconds * 1000) : 0;
    return end != text && *end == '\0' && options->timeout > 0;
}

static const struct {
    const char *name;
    int (*parse)(struct options *options, const char *text);
    const char *expected;
} with_value[] = {
    {"--servername", parse_servername, "a host name or address"},
    {"--cafile", parse_cafile, "a file"},
    {"--min-tls", parse_min_tls, "1.2 or 1.3"},
    {"--alpn", parse_alpn, "protocol names of 1 to 255 bytes with commas between them"},
    {"--starttls", parse_starttls, "smtp, imap, pop3 or ftp"},
    {"--timeout", parse_timeout, "a number of seconds, from 0.001 to 86400"},
};

static const struct {
    const char *name;
    enum kind kind;
    int value;
} choices[] = {
    {"--sent", KIND_VIEW, VIEW_SENT},   {"--verified", KIND_VIEW, VIEW_VERIFIED},
    {"--both", KIND_VIEW, VIEW_BOTH},   {"--text", KIND_FORMAT, FORMAT_TEXT},
    {"--pem", KIND_FORMAT, FORMAT_PEM}, {"--json", KIND_FORMAT, FORMAT_JSON},
};

static int choose(struct parser *parser, size_t i) {
    const char **chosen = &parser->chosen[choices[i].kind];
    if (*chosen && strcmp(*chosen, choices[i].name) != 0) {
        complain("%s: expected without %s, for only one of them can be", choices[i].name, *chosen);
        return wrong();
    }
    *chosen = choices[i].name;
    if (choices[i].kind == KIND_VIEW)
        parser->options->view = (enum view)choices[i].value;
    else
        parser->options->format = (enum format)choices[i].value;
    return -1;
}

/* "--name VALUE" or "--name=VALUE", or "--name" alone where no value is due. */
static int parse_option(struct parser *parser, const char *argument) {
    const size_t len = strcspn(argument, "=");
    for (size_t i = 0; i < sizeof with_value / sizeof with_value[0]; i++) {
        if (strlen(with_value[i].name) != len || strncmp(argument, with_value[i].name, len) != 0)
            continue;
        if (argument[len] == '\0' && parser->next == parser->end) {
            complain("%s: expected %s, got nothing", argument, with_value[i].expected);
            return wrong();
        }
        const char *value = argument[len] ? argument + len + 1 : *parser->next++;
        if (!with_value[i].parse(parser->options, value))
            return expected(with_value[i].name, with_value[i].expected, value);
        return -1;
    }
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++)
        if (strcmp(argument, choices[i].name) == 0)
            return choose(parser, i);
    if (strcmp(argument, "--insecure") == 0) {
        parser->options->insecure = 1;
        return -1;
    }
    if (strcmp(argument, "--help") == 0) {
        fputs(help, stdout);
        return 0;
    }
    if (strcmp(argument, "--version") == 0) {
        printf("tlswrap-chain %s, %s\n", tlsw_version(), tlsw_backend_version());
        return 0;
    }
    complain("%s: no such option", argument);
    return wrong();
}

int options_parse(struct options *options, int argc, char **argv) {
    static const unsigned default_port[] = {443, 25, 143, 110, 21}; /* by enum starttls */
    struct parser parser;
    int only_operands = 0, status = -1;
    memset(options, 0, sizeof *options);
    options->timeout = 10000;
    memset(&parser, 0, sizeof parser);
    parser.options = options;
    parser.next = argv + (argc > 0);
    parser.end = argv + argc;
    while (status < 0 && parser.next < parser.end) {
        const char *argument = *parser.next++;
        if (!only_operands && strcmp(argument, "--") == 0)
            only_operands = 1;
        else if (!only_operands && argument[0] == '-')
            status = parse_option(&parser, argument);
        else if (options->host[0] == '\0')
            status = parse_target(options, argument);
        else
            status = expected("HOST", "one host only", argument);
    }
    if (status >= 0)
        return status;
    if (options->host[0] == '\0') {
        complain("HOST: expected a name or address, got nothing");
        return wrong();
    }
    if (options->port == 0)
        options->port = default_port[options->starttls];
    if (!options->servername)
        options->servername = options->host;
    return -1;
}
