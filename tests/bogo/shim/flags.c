/* The command line: the runner says there what it wants of each connection.
 *
 * A flag counts for the first connection and for those that resume, unless it begins with
 * -on-initial or -on-resume. What BoringSSL's own shim runs in a second process, -on-handshaker,
 * and the second try after rejected early data, -on-retry, are not for us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

config first_config, later_config;

/* The runner takes this status for "this shim does not implement it". */
enum { STATUS_UNIMPLEMENTED = 89 };

void unimplemented(const char *what) {
    const char *path = getenv("TLSW_BOGO_LACKING");
    FILE *list = path != NULL ? fopen(path, "a") : NULL;
    if (list != NULL) {
        fprintf(list, "%s\n", what);
        fclose(list);
    }
    fprintf(stderr, "not implemented: %s\n", what);
    exit(STATUS_UNIMPLEMENTED);
}

/* ---- Flags that set a member ---- */

typedef enum { FLAG, NUMBER, TEXT, BASE64, IDS } kind;

typedef struct {
    const char *name;
    kind kind;
    size_t member;
    bool of_context; /* another value takes another context */
} option;

#define OF_CONTEXT(name, kind, member) {name, kind, offsetof(config, member), true}
#define OF_CONNECTION(name, kind, member) {name, kind, offsetof(config, member), false}

static const option OPTIONS[] = {
    OF_CONTEXT("-advertise-alpn", TEXT, advertise_alpn),
    OF_CONTEXT("-cipher", TEXT, cipher),
    OF_CONTEXT("-curves", IDS, curves),
    OF_CONTEXT("-decline-alpn", FLAG, decline_alpn),
    OF_CONTEXT("-enable-ocsp-stapling", FLAG, enable_ocsp),
    OF_CONTEXT("-enable-signed-cert-timestamps", FLAG, enable_sct),
    OF_CONTEXT("-export-traffic-secrets", FLAG, export_traffic_secrets),
    OF_CONTEXT("-max-version", NUMBER, max_version),
    OF_CONTEXT("-min-version", NUMBER, min_version),
    OF_CONTEXT("-no-legacy-server-connect", FLAG, no_legacy_server_connect),
    OF_CONTEXT("-no-server-name-ack", FLAG, no_server_name_ack),
    OF_CONTEXT("-no-ticket", FLAG, no_ticket),
    OF_CONTEXT("-no-tls1", FLAG, no_tls1),
    OF_CONTEXT("-no-tls11", FLAG, no_tls11),
    OF_CONTEXT("-no-tls12", FLAG, no_tls12),
    OF_CONTEXT("-no-tls13", FLAG, no_tls13),
    OF_CONTEXT("-psk", TEXT, psk),
    OF_CONTEXT("-psk-identity", TEXT, psk_identity),
    OF_CONTEXT("-renegotiate-freely", FLAG, renegotiate_freely),
    OF_CONTEXT("-require-any-client-certificate", FLAG, require_any),
    OF_CONTEXT("-select-alpn", TEXT, select_alpn),
    OF_CONTEXT("-server-preference", FLAG, server_preference),
    OF_CONTEXT("-tls13-ciphers", IDS, tls13_ciphers),
    OF_CONTEXT("-trust-cert", TEXT, trust_cert),
    OF_CONTEXT("-use-early-callback", FLAG, use_early_callback),
    OF_CONTEXT("-verify-peer", FLAG, verify_peer),

    OF_CONNECTION("-advertise-npn", TEXT, advertise_npn),
    OF_CONNECTION("-async", FLAG, async),
    OF_CONNECTION("-check-close-notify", FLAG, check_close_notify),
    OF_CONNECTION("-decline-ocsp-callback", FLAG, decline_ocsp),
    OF_CONNECTION("-expect-alpn", TEXT, expect_alpn),
    OF_CONNECTION("-expect-cipher", NUMBER, expect_cipher),
    OF_CONNECTION("-expect-cipher-aes", NUMBER, expect_cipher_aes),
    OF_CONNECTION("-expect-curve-id", NUMBER, expect_curve),
    OF_CONNECTION("-expect-extended-master-secret", FLAG, expect_ems),
    OF_CONNECTION("-expect-hrr", FLAG, expect_hrr),
    OF_CONNECTION("-expect-msg-callback", TEXT, expect_msg_callback),
    OF_CONNECTION("-expect-no-hrr", FLAG, expect_no_hrr),
    OF_CONNECTION("-expect-no-peer-cert", FLAG, expect_no_peer_cert),
    OF_CONNECTION("-expect-no-server-name", FLAG, expect_no_server_name),
    OF_CONNECTION("-expect-no-session", FLAG, expect_no_session),
    OF_CONNECTION("-expect-no-session-id", FLAG, expect_no_session_id),
    OF_CONNECTION("-expect-ocsp-response", BASE64, expect_ocsp),
    OF_CONNECTION("-expect-peer-cert-file", TEXT, expect_peer_cert_file),
    OF_CONNECTION("-expect-server-name", TEXT, expect_server_name),
    OF_CONNECTION("-expect-session-id", FLAG, expect_session_id),
    OF_CONNECTION("-expect-session-miss", FLAG, expect_session_miss),
    OF_CONNECTION("-expect-signed-cert-timestamps", BASE64, expect_sct),
    OF_CONNECTION("-expect-ticket-renewal", FLAG, expect_ticket_renewal),
    OF_CONNECTION("-expect-total-renegotiations", NUMBER, expect_renegotiations),
    OF_CONNECTION("-expect-verify-result", FLAG, expect_verify_result),
    OF_CONNECTION("-expect-version", NUMBER, expect_version),
    OF_CONNECTION("-export-context", TEXT, export_context),
    OF_CONNECTION("-export-keying-material", NUMBER, export_len),
    OF_CONNECTION("-export-label", TEXT, export_label),
    OF_CONNECTION("-fail-early-callback", FLAG, fail_early_callback),
    OF_CONNECTION("-fail-ocsp-callback", FLAG, fail_ocsp),
    OF_CONNECTION("-handshake-never-done", FLAG, handshake_never_done),
    OF_CONNECTION("-handshake-twice", FLAG, handshake_twice),
    OF_CONNECTION("-host-name", TEXT, host_name),
    OF_CONNECTION("-implicit-handshake", FLAG, implicit_handshake),
    OF_CONNECTION("-ipv6", FLAG, ipv6),
    OF_CONNECTION("-no-op-extra-handshake", FLAG, no_op_extra_handshake),
    OF_CONNECTION("-peek-then-read", FLAG, peek_then_read),
    OF_CONNECTION("-port", NUMBER, port),
    OF_CONNECTION("-read-size", NUMBER, read_size),
    OF_CONNECTION("-read-with-unfinished-write", FLAG, unfinished_write),
    OF_CONNECTION("-repeat-shim-initial-write", NUMBER, repeat_write),
    OF_CONNECTION("-resume-count", NUMBER, resume_count),
    OF_CONNECTION("-server", FLAG, server),
    OF_CONNECTION("-shim-initial-write", TEXT, initial_write),
    OF_CONNECTION("-shim-shuts-down", FLAG, shuts_down),
    OF_CONNECTION("-shim-writes-first", FLAG, writes_first),
    OF_CONNECTION("-tls-unique", FLAG, tls_unique),
    OF_CONNECTION("-use-custom-verify-callback", FLAG, use_custom_verify),
    OF_CONNECTION("-use-export-context", FLAG, use_export_context),
    OF_CONNECTION("-use-exporter-between-reads", FLAG, exporter_between_reads),
    OF_CONNECTION("-verify-fail", FLAG, verify_fail),
    OF_CONNECTION("-write-different-record-sizes", FLAG, write_sizes),
};

/* ---- Flags of credentials ---- */

typedef enum {
    NEW_CERTIFICATE,
    NEW_PSK,
    CERT_FILE,
    KEY_FILE,
    OCSP_RESPONSE,
    SCT_LIST,
    PSK_KEY,
    PSK_IDENTITY,
    PSK_CONTEXT,
    PSK_SHA256,
    PSK_SHA384
} part;

static const struct {
    const char *name;
    bool has_value;
    part part;
} CREDENTIAL_FLAGS[] = {
    {"-new-x509-credential", false, NEW_CERTIFICATE},
    {"-new-psk-credential", false, NEW_PSK},
    {"-cert-file", true, CERT_FILE},
    {"-key-file", true, KEY_FILE},
    {"-ocsp-response", true, OCSP_RESPONSE},
    {"-signed-cert-timestamps", true, SCT_LIST},
    {"-psk-importer-key", true, PSK_KEY},
    {"-psk-importer-identity", true, PSK_IDENTITY},
    {"-psk-importer-context", true, PSK_CONTEXT},
    {"-psk-importer-sha256", false, PSK_SHA256},
    {"-psk-importer-sha384", false, PSK_SHA384},
};

/* ---- Flags that change nothing here ---- */

static const struct {
    const char *name;
    bool has_value;
} NOT_USED[] = {
    /* The ABI has no getter for what these expect. The test runs; the runner checks its own end. */
    {"-expect-advertised-alpn", true},
    {"-expect-cipher-no-aes", true},
    {"-expect-no-secure-renegotiation", false},
    {"-expect-peer-signature-algorithm", true},
    {"-expect-secure-renegotiation", false},
    {"-expect-selected-credential", true},
    /* These ask BoringSSL for what the library does always, or in its only way. */
    {"-partial-write", false},
    {"-reverify-on-resume", false},
    {"-set-ocsp-in-callback", false},
    {"-use-ocsp-callback", false},
    {"-use-old-client-cert-callback", false},
};

/* ---- Flags for what the ABI has no way to ---- */

static const struct {
    const char *what;
    const char *flags[16];
} LACKING[] = {
    {"DTLS", {"-dtls", "-mtu", "-initial-timeout-duration-ms", "-private-key-delay-ms"}},
    {"QUIC", {"-quic", "-quic-transport-params", "-expect-quic-transport-params",
              "-quic-use-legacy-codepoint", "-quic-early-data-context"}},
    {"SRTP", {"-srtp-profiles"}},
    {"handshake hints", {"-handshake-hints", "-allow-hint-mismatch", "-handshaker-resume",
                         "-handshaker-path", "-write-hint-trace"}},
    {"compliance policies", {"-fips-202205", "-fips-202609", "-wpa-202304", "-cnsa-202407",
                             "-cnsa1-202603", "-cnsa2-202603"}},
    {"raw public keys", {"-new-rpk-credential", "-accepted-peer-cert-types",
                         "-available-client-cert-types", "-expect-peer-certificate-type",
                         "-expect-peer-rpk-sha256"}},
    {"encrypted ClientHello", {"-enable-ech-grease", "-reject-unusable-ech-config",
                               "-ech-server-config", "-ech-server-key", "-ech-is-retry-config",
                               "-expect-ech-accept", "-expect-ech-name-override",
                               "-expect-no-ech-name-override", "-expect-ech-retry-configs",
                               "-expect-no-ech-retry-configs", "-ech-config-list",
                               "-fail-early-callback-ech-rewind"}},
    {"early data", {"-enable-early-data", "-expect-ticket-supports-early-data",
                    "-expect-accept-early-data", "-expect-reject-early-data",
                    "-expect-no-offer-early-data", "-expect-early-data-reason",
                    "-early-write-after-message"}},
    {"ALPS", {"-defer-alps", "-application-settings", "-expect-peer-application-settings",
              "-alps-use-new-codepoint"}},
    {"signature algorithms by choice", {"-verify-prefs", "-signing-prefs",
                                        "-expect-peer-verify-pref"}},
    {"Channel ID", {"-enable-channel-id", "-expect-channel-id", "-send-channel-id"}},
    {"NPN", {"-advertise-empty-npn", "-expect-next-proto", "-expect-no-next-proto",
             "-select-next-proto", "-select-empty-next-proto"}},
    {"a hook that chooses the protocol", {"-reject-alpn", "-select-empty-alpn",
                                          "-allow-unknown-alpn-protos"}},
    {"hooks for tickets, and their keys", {"-use-ticket-callback", "-use-ticket-aead-callback",
                                           "-renew-ticket", "-skip-ticket", "-ticket-key"}},
    {"a hook that sees the ClientHello", {"-install-ddos-callback", "-fail-ddos-callback"}},
    {"a hook that chooses the certificate", {"-fail-cert-callback", "-fail-cert-callback-alert",
                                             "-must-match-issuer"}},
    {"CA names of a request", {"-expect-certificate-types", "-expect-client-ca-list",
                               "-use-client-ca-list"}},
    {"trust anchor identifiers", {"-expect-peer-match-trust-anchor",
                                  "-expect-no-peer-match-trust-anchor",
                                  "-expect-peer-available-trust-anchors",
                                  "-requested-trust-anchors", "-available-trust-anchors",
                                  "-cert-properties"}},
    {"delegated credentials", {"-new-delegated-credential", "-delegated-credential"}},
    {"SPAKE2+", {"-new-spake2plusv1-credential", "-pake-context", "-pake-client-id",
                 "-pake-server-id", "-pake-password", "-wrong-pake-role"}},
    {"certificate compression", {"-install-cert-compression-algs",
                                 "-install-one-cert-compression-alg"}},
    {"session ID contexts", {"-session-id-context"}},
    {"resumption across names", {"-resumption-across-names-enabled",
                                 "-expect-resumable-across-names",
                                 "-expect-not-resumable-across-names"}},
    {"renegotiation once, or by call", {"-renegotiate-once", "-renegotiate-ignore",
                                        "-renegotiate-explicit",
                                        "-forbid-renegotiation-after-handshake"}},
    {"key shares by choice", {"-key-shares", "-no-key-shares", "-server-supported-groups-hint",
                              "-curves-flags"}},
    {"suites of equal preference", {"-tls13-ciphers-flags"}},
    {"False Start", {"-false-start", "-allow-false-start-without-alpn"}},
    {"record sizes", {"-cbc-record-splitting", "-max-send-fragment", "-request-server-padding",
                      "-expect-server-sent-requested-padding", "-server-supports-padding"}},
    {"GREASE and permuted extensions", {"-enable-grease", "-permute-extensions"}},
    {"key updates and alerts by call", {"-key-update", "-key-update-before-read", "-send-alert"}},
    {"another clock", {"-resumption-delay", "-expect-ticket-age-skew"}},
    {"limits of the certificate list", {"-max-cert-list"}},
    {"peer certificates as hashes", {"-retain-only-sha256-client-cert",
                                     "-expect-sha256-client-cert"}},
    {"the workaround for JDK 11", {"-jdk11-workaround"}},
    {"fallback SCSV", {"-fallback-scsv"}},
};

#define LEN(table) (sizeof(table) / sizeof *(table))

static const char *lacking(const char *name) {
    for (size_t i = 0; i < LEN(LACKING); i++)
        for (size_t j = 0; j < LEN(LACKING[i].flags) && LACKING[i].flags[j] != NULL; j++)
            if (strcmp(LACKING[i].flags[j], name) == 0)
                return LACKING[i].what;
    return NULL;
}

/* ---- Values ---- */

static bytes from_base64(const char *text) {
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes decoded = {malloc(strlen(text) + 1), 0, true};
    uint32_t bits = 0;
    int count = 0;
    if (decoded.data == NULL)
        broken("out of memory");
    for (; *text != '\0' && *text != '='; text++) {
        const char *digit = strchr(DIGITS, *text);
        if (digit == NULL)
            broken("this is not base64: %s", text);
        bits = bits << 6 | (uint32_t)(digit - DIGITS);
        count += 6;
        if (count >= 8) {
            count -= 8;
            decoded.data[decoded.len++] = (uint8_t)(bits >> count);
        }
    }
    return decoded;
}

static void set_option(const option *option, config *config, const char *value) {
    char *const member = (char *)config + option->member;
    switch (option->kind) {
    case FLAG:
        *(bool *)member = true;
        break;
    case NUMBER:
        *(int *)member = atoi(value);
        break;
    case TEXT:
        *(const char **)member = value;
        break;
    case BASE64:
        *(bytes *)member = from_base64(value);
        break;
    case IDS: {
        id_list *const list = (id_list *)member;
        if (list->len == LIST_LEN)
            broken("too many %s", option->name);
        list->ids[list->len++] = atoi(value);
        break;
    }
    }
}

static void set_credential(part part, config *config, const char *value) {
    credential *last = &config->credential[config->credentials];
    if (part == NEW_CERTIFICATE || part == NEW_PSK) {
        if (config->credentials + 1 == LIST_LEN)
            broken("too many credentials");
        last = &config->credential[++config->credentials];
    }
    switch (part) {
    case NEW_CERTIFICATE:
        break;
    case NEW_PSK:
        last->is_psk = true;
        break;
    case CERT_FILE:
        last->cert_file = value;
        break;
    case KEY_FILE:
        last->key_file = value;
        break;
    case OCSP_RESPONSE:
        last->ocsp_response = from_base64(value);
        break;
    case SCT_LIST:
        last->sct_list = from_base64(value);
        break;
    case PSK_KEY:
        last->psk = from_base64(value);
        break;
    case PSK_IDENTITY:
        last->psk_identity = from_base64(value);
        break;
    case PSK_CONTEXT:
        last->psk_context = from_base64(value);
        break;
    case PSK_SHA256:
        last->psk_hash = "SHA-256";
        break;
    case PSK_SHA384:
        last->psk_hash = "SHA-384";
        break;
    }
}

/* ---- The command line ---- */

/* A flag's value, which is the next argument; a place that follows is moved to it. */
static const char *value_of(char **argv, int argc, int *at) {
    if (*at + 1 >= argc)
        broken("%s wants a value", argv[*at]);
    return argv[++*at];
}

static bool take_prefix(const char **name, const char *prefix) {
    const size_t len = strlen(prefix);
    if (strncmp(*name, prefix, len) != 0 || (*name)[len] != '-')
        return false;
    *name += len;
    return true;
}

/* Takes the flag at `*at` into the given configurations, either of which may be NULL. */
static void parse_flag(int argc, char **argv, int *at, const char *name, config *first,
                       config *later) {
    for (size_t i = 0; i < LEN(OPTIONS); i++) {
        if (strcmp(OPTIONS[i].name, name) != 0)
            continue;
        const char *value = OPTIONS[i].kind != FLAG ? value_of(argv, argc, at) : NULL;
        if (first != NULL)
            set_option(&OPTIONS[i], first, value);
        if (later != NULL)
            set_option(&OPTIONS[i], later, value);
        return;
    }
    for (size_t i = 0; i < LEN(CREDENTIAL_FLAGS); i++) {
        if (strcmp(CREDENTIAL_FLAGS[i].name, name) != 0)
            continue;
        const char *value = CREDENTIAL_FLAGS[i].has_value ? value_of(argv, argc, at) : NULL;
        if (first != NULL)
            set_credential(CREDENTIAL_FLAGS[i].part, first, value);
        if (later != NULL)
            set_credential(CREDENTIAL_FLAGS[i].part, later, value);
        return;
    }
    for (size_t i = 0; i < LEN(NOT_USED); i++) {
        if (strcmp(NOT_USED[i].name, name) != 0)
            continue;
        if (NOT_USED[i].has_value)
            value_of(argv, argc, at);
        return;
    }
    const char *what = lacking(name);
    unimplemented(what != NULL ? what : name);
}

/* The number that the runner tells its connections apart by is larger than an int. */
static bool is_shim_id(const char *name) { return strcmp(name, "-shim-id") == 0; }

void parse_flags(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        config *first = &first_config, *later = &later_config;
        if (strcmp(name, "-is-handshaker-supported") == 0) {
            puts("No");
            exit(0);
        }
        take_prefix(&name, "-on-shim");
        if (take_prefix(&name, "-on-handshaker") || take_prefix(&name, "-on-retry"))
            first = later = NULL;
        if (take_prefix(&name, "-on-initial"))
            later = NULL;
        else if (take_prefix(&name, "-on-resume"))
            first = NULL;
        if (is_shim_id(name)) {
            const char *value = value_of(argv, argc, &i);
            first_config.shim_id = later_config.shim_id = strtoull(value, NULL, 10);
        } else
            parse_flag(argc, argv, &i, name, first, later);
    }
}

/* ---- Comparing ---- */

static bool same_text(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool same_bytes(bytes a, bytes b) {
    return a.given == b.given && a.len == b.len && (a.len == 0 || !memcmp(a.data, b.data, a.len));
}

static bool same_value(const option *option, const config *x, const config *y) {
    const char *const a = (const char *)x + option->member;
    const char *const b = (const char *)y + option->member;
    switch (option->kind) {
    case FLAG:
        return *(const bool *)a == *(const bool *)b;
    case NUMBER:
        return *(const int *)a == *(const int *)b;
    case TEXT:
        return same_text(*(const char *const *)a, *(const char *const *)b);
    case BASE64:
        return same_bytes(*(const bytes *)a, *(const bytes *)b);
    case IDS: {
        const id_list *const p = (const id_list *)a, *const q = (const id_list *)b;
        return p->len == q->len && memcmp(p->ids, q->ids, p->len * sizeof *p->ids) == 0;
    }
    }
    return false;
}

static bool same_credential(const credential *a, const credential *b) {
    return a->is_psk == b->is_psk && same_text(a->cert_file, b->cert_file) &&
           same_text(a->key_file, b->key_file) && same_text(a->psk_hash, b->psk_hash) &&
           same_bytes(a->ocsp_response, b->ocsp_response) && same_bytes(a->sct_list, b->sct_list) &&
           same_bytes(a->psk, b->psk) && same_bytes(a->psk_identity, b->psk_identity) &&
           same_bytes(a->psk_context, b->psk_context);
}

bool same_context(const config *a, const config *b) {
    for (size_t i = 0; i < LEN(OPTIONS); i++)
        if (OPTIONS[i].of_context && !same_value(&OPTIONS[i], a, b))
            return false;
    if (a->credentials != b->credentials)
        return false;
    for (size_t i = 0; i <= a->credentials; i++)
        if (!same_credential(&a->credential[i], &b->credential[i]))
            return false;
    return true;
}
