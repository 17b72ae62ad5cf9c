/* The native layer of the Node binding: the C API as functions for lib/, one to one but for driving a
 * connection, where one call does all that an event brings. It knows nothing of TLS and, but for pre-shared keys,
 * never calls JavaScript: what hooks learn is kept with the connection until lib/ asks for it.
 *
 *   library.c      finding the library and its functions
 *   value.c        between JavaScript's values and C's
 *   context.c      contexts, sessions
 *   connection.c   making and driving connections
 *   facts.c        asking them
 *   hooks.c        what the library calls back about
 *   psk.c          pre-shared keys
 *   certificate.c  decoded certificates
 *   module.c       what lib/ sees
 */
#ifndef TLSWRAP_NODE_H
#define TLSWRAP_NODE_H

#define NAPI_VERSION 8
#define TLSW_STATIC /* the functions are not imported but found at run time */

#include <node_api.h>
#include <stdbool.h>

#include "tlswrap.h"

/* ---- library.c ---- */

#define TLSW_FUNCTIONS(F) \
    F(tlsw_abi) F(tlsw_version) F(tlsw_backend_version) F(tlsw_has) F(tlsw_status_name) \
    F(tlsw_alert_string) F(tlsw_verify_error_name) F(tlsw_buf_free) \
    F(tlsw_ctx_new) F(tlsw_ctx_free) F(tlsw_ctx_load_ca_mem) F(tlsw_ctx_load_ca_file) F(tlsw_ctx_load_system_roots) F(tlsw_ctx_clear_ca) \
    F(tlsw_ctx_load_cert_chain_mem) F(tlsw_ctx_set_verify_mode) F(tlsw_ctx_set_check_hostname) \
    F(tlsw_ctx_set_min_version) F(tlsw_ctx_set_max_version) F(tlsw_ctx_set_alpn_protocols) \
    F(tlsw_ctx_set_verify_flags) F(tlsw_ctx_get_verify_flags) F(tlsw_ctx_set_ciphers) F(tlsw_ctx_set_ciphersuites) \
    F(tlsw_ctx_get_ciphers) F(tlsw_ctx_set_groups) F(tlsw_ctx_get_groups) F(tlsw_ctx_set_options) \
    F(tlsw_ctx_get_options) F(tlsw_ctx_set_num_tickets) F(tlsw_ctx_get_ca_certs_der) \
    F(tlsw_wrap_io) F(tlsw_conn_free) F(tlsw_conn_handshake) F(tlsw_conn_read) F(tlsw_conn_write) F(tlsw_conn_shutdown) \
    F(tlsw_ctx_set_sni_hook) F(tlsw_ctx_set_session_hook) F(tlsw_ctx_set_keylog_hook) \
    F(tlsw_ctx_set_psk_client_hook) F(tlsw_ctx_set_psk_server_hook) F(tlsw_ctx_set_psk_identity_hint) F(tlsw_get_psk_identity) \
    F(tlsw_conn_set_user) F(tlsw_get_user) F(tlsw_conn_set_ctx) F(tlsw_get_cipher_version) \
    F(tlsw_conn_set_session) F(tlsw_get_version) F(tlsw_get_cipher) F(tlsw_get_cipher_standard_name) F(tlsw_get_group) \
    F(tlsw_get_alpn) F(tlsw_get_server_hostname) F(tlsw_get_session_reused) F(tlsw_get_peer_chain_der) \
    F(tlsw_get_verify_result) F(tlsw_get_failed_cert_der) F(tlsw_get_channel_binding) F(tlsw_export_keying_material) \
    F(tlsw_get_report_json) F(tlsw_get_finished) \
    F(tlsw_get_session) F(tlsw_session_free) F(tlsw_session_to_bytes) F(tlsw_session_from_bytes) \
    F(tlsw_cert_new) F(tlsw_cert_free) F(tlsw_cert_json) F(tlsw_cert_pem) F(tlsw_match_hostname)

struct api {
#define MEMBER(name) __typeof__(&(name)) name;
    TLSW_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* Where a call that drives a connection writes bytes. JavaScript never gets this memory: what is in
 * it is copied into a Buffer that has exactly these bytes and belongs to its receiver alone. */
struct piece {
    size_t len;
    uint8_t bytes[128 * 1024];
};

/* What one thread of JavaScript has of its own. Handles hold it, for the order in which all is freed when
 * the thread ends is not ours. */
struct env {
    struct api api;
    size_t holders;
    /* What the last call that drove a connection decrypted and encrypted. */
    struct piece plain, cipher;
    /* The numbers of enum told, written by each call that drives; an array of lib/'s. */
    uint32_t *told;
    napi_ref told_ref;
};

/* Loads the library from a path (UTF-8), or by its name from where the system looks. NULL, or why not. */
const char *library_load(struct api *api, const char *path, char *why, size_t size);

void env_release(struct env *env);

/* ---- value.c ---- */

/* The name, the environment and at most 8 arguments of a call from JavaScript. */
struct call {
    napi_env napi;
    struct env *env;
    const struct api *api;
    napi_value args[8];
    bool failed; /* an exception is pending */
};

struct bytes {
    const uint8_t *data;
    size_t len;
};

enum kind { KIND_CONTEXT = 1, KIND_CONNECTION, KIND_SESSION, KIND_CERT };

struct call call_begin(napi_env napi, napi_callback_info info);
void *arg_handle(struct call *call, int at, enum kind kind);
int64_t arg_number(struct call *call, int at);
char *arg_text(struct call *call, int at); /* to be freed; NULL for null and undefined */
struct bytes arg_bytes(struct call *call, int at);
/* The 32 bytes that protect sessions, or NULL. */
const uint8_t *arg_sealing_key(struct call *call, int at);
bool arg_is_nothing(struct call *call, int at);

napi_value give_handle(struct call *call, enum kind kind, void *handle, napi_finalize finalize);
napi_value give_number(struct call *call, double number);
napi_value give_text(struct call *call, const char *text); /* null for NULL */
/* The buffer as a Buffer, wiped and freed; null for any status but TLSW_OK. A failure is thrown. */
napi_value give_buf(struct call *call, tlsw_status status, tlsw_buf *buf, const tlsw_error *err);
napi_value give_error(struct call *call, const tlsw_error *err);
napi_value fail(struct call *call, const char *message);
/* Throws what `err` says if the status is a failure; undefined. */
napi_value check(struct call *call, tlsw_status status, const tlsw_error *err);

/* ---- connection.c ---- */

enum told { PLAIN, CIPHER, WRITTEN, FLAGS, TOLD_COUNT };
enum flags {
    SECURE = 1,  /* this call ended the handshake */
    CLOSED = 2,  /* the peer said goodbye */
    CUT = 4,     /* the transport ended without one */
    MORE = 8,    /* there was no more room: make room and call again */
    BLOCKED = 16, /* a write waits for bytes from the peer */
    ASKED = 32,   /* a client named the server it wants: answer with chooseContext, then receive again */
    NEWS = 64     /* hooks have learned something: ask news() */
};

struct connection {
    struct env *env;
    tlsw_conn *conn;
    struct bytes incoming; /* what is not read yet: of the chunk during a call, else of `rest` */
    uint8_t *rest;
    bool ended, secure, closed;
    bool cut; /* reading met the end of the transport */
    tlsw_session *sessions[16]; /* those the server gave since news() was asked; more than a server sends */
    size_t session_count;
    char *keylog; /* likewise, lines with their ends */
    size_t keylog_len;
    bool chosen;      /* lib/ has said which context is for the name that was asked for */
    tlsw_ctx *choice; /* it, until it is taken; NULL for the one it has */
    struct call *driving; /* the receive() that was given a function for pre-shared keys, as long as it lasts */
};

/* Forgets what the last call that drove a connection told. */
void drive_reset(struct env *env);

/* Copies what was not read of the chunk, which is lent for the call only, and only until JavaScript
 * runs. */
bool keep_rest(struct connection *connection);

/* ---- hooks.c ---- */

/* Frees what no one has asked for. */
void forget_news(const struct api *api, struct connection *connection);

/* ---- The functions of each file, by the names that lib/ calls them ---- */

void context_init(napi_env napi, napi_value exports);
void connection_init(napi_env napi, napi_value exports);
void facts_init(napi_env napi, napi_value exports);
void hooks_init(napi_env napi, napi_value exports);
void psk_init(napi_env napi, napi_value exports);
void certificate_init(napi_env napi, napi_value exports);
void export_function(napi_env napi, napi_value exports, const char *name, napi_callback function);

#endif
