/* What the files of the shim share; main.c says what the shim is. */
#ifndef SHIM_H
#define SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlswrap.h>

/* ---- flags.c: what the runner wants of a connection ---- */

typedef struct {
    uint8_t *data;
    size_t len;
    bool given;
} bytes;

enum { LIST_LEN = 32 };

typedef struct {
    size_t len;
    int ids[LIST_LEN];
} id_list;

/* A certificate with its key, or a pre-shared key to be imported into TLS 1.3. */
typedef struct {
    bool is_psk;
    const char *cert_file, *key_file, *psk_hash;
    bytes ocsp_response, sct_list, psk, psk_identity, psk_context;
} credential;

/* The members have the names of the runner's flags. */
typedef struct {
    bool async, check_close_notify, decline_alpn, decline_ocsp, enable_ocsp, enable_sct, expect_ems;
    bool expect_hrr, expect_no_hrr, expect_no_peer_cert, expect_no_server_name, expect_no_session;
    bool expect_no_session_id, expect_session_id, expect_session_miss, expect_ticket_renewal;
    bool expect_verify_result, export_traffic_secrets, exporter_between_reads, fail_early_callback;
    bool fail_ocsp, handshake_never_done, handshake_twice, implicit_handshake, ipv6;
    bool no_legacy_server_connect, no_op_extra_handshake, no_server_name_ack, no_ticket, no_tls1;
    bool no_tls11, no_tls12, no_tls13, peek_then_read, renegotiate_freely, require_any;
    bool server, server_preference, shuts_down, tls_unique, unfinished_write, use_custom_verify;
    bool use_early_callback, use_export_context, verify_fail, verify_peer, write_sizes;
    bool writes_first;
    int expect_cipher, expect_cipher_aes, expect_curve, expect_renegotiations, expect_version;
    int export_len, max_version, min_version, port, read_size, repeat_write, resume_count;
    const char *advertise_alpn, *advertise_npn, *cipher, *expect_alpn, *expect_msg_callback;
    const char *expect_peer_cert_file, *expect_server_name, *export_context, *export_label;
    const char *host_name, *initial_write, *psk, *psk_identity, *select_alpn, *trust_cert;
    bytes expect_ocsp, expect_sct;
    id_list curves, tls13_ciphers;
    uint64_t shim_id;
    /* The first is the one that is configured without a flag of its own, and the last choice. */
    size_t credentials;
    credential credential[LIST_LEN];
} config;

extern config first_config, later_config;

/* Fills both; ends the process with the runner's status for "not implemented" if need be. */
void parse_flags(int argc, char **argv);
/* Ends the process the same way: the ABI has no way to `what`. */
void unimplemented(const char *what);
/* Whether one context can serve connections of both kinds. */
bool same_context(const config *a, const config *b);
bool same_bytes(bytes a, bytes b);

/* ---- names.c: the runner's numbers ---- */

const char *group_name(int id);
const char *suite_name(int id);
int suite_id(const char *name);
int version_of(const tlsw_conn *conn);

/* ---- say.c: what goes to the standard error, which the runner reads ---- */

/* Says what did not happen as it must, and returns false. */
bool fail(const char *format, ...);
/* The same for what no test may expect to fail: ends the process. */
void broken(const char *format, ...);
/* Says what a call came to, with BoringSSL's name for the error, as the runner expects it. */
void say_status(const char *call, tlsw_status status, const tlsw_error *err);

/* ---- hooks.c: what the library asks and tells during a connection ---- */

enum { SECRET_LEN = 64 };
enum { SECRET_OF_CLIENT, SECRET_OF_SERVER };

typedef struct {
    const config *config;
    tlsw_conn *conn;
    tlsw_ctx *second_ctx; /* taken in the hook of server names */
    int fd;
    size_t may_read, may_write; /* asynchronous transport: bytes until it would block */
    bool name_hook_ready, name_hook_called, verify_hook_ready, verified;
    bool messages_bad, got_hrr, got_session;
    int handshakes, alert_read, alert_written; /* fatal alerts; -1 if none */
    tlsw_session *session;
    char *messages; /* what the message hook saw, in the runner's words */
    size_t messages_len;
    uint8_t secret[2][SECRET_LEN];
    size_t secret_len[2];
} connection;

/* There is one at a time. */
extern connection *current;

bool set_hooks(tlsw_ctx *ctx, const config *config, bool judges, tlsw_error *err);

/* ---- contexts.c ---- */

/* NULL if it cannot be made, which is said. */
tlsw_ctx *make_context(const config *config, bool with_certificates);

/* ---- transport.c ---- */

/* What carries the bytes: TLSW_BOGO_TRANSPORT. A test with -async has a transport of its own. */
bool choose_transport(const char *name);
bool open_transport(tlsw_ctx *ctx, connection *connection);
void close_transport(connection *connection);
/* Whether the call is to be made again, after having waited for what it wanted. */
bool again(tlsw_status status);

/* ---- calls.c: calls made until they need no more waiting ---- */

tlsw_status shim_handshake(tlsw_conn *conn);
tlsw_status shim_read(tlsw_conn *conn, uint8_t *data, size_t max, size_t *len);
tlsw_status shim_write(tlsw_conn *conn, const uint8_t *data, size_t len);
bool shim_shutdown(tlsw_conn *conn);

/* ---- checks.c: what can be asked of a connection against what is expected ---- */

bool check_handshake(const connection *connection, bool resumes);
bool check_peer(const connection *connection);
bool check_session_after(const connection *connection);

/* ---- exchange.c ---- */

/* Everything after the connection was made; `*session` is replaced by a newer one. */
bool exchange(connection *connection, bool resumes, tlsw_session **session);

#endif
