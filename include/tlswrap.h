/* tlswrap: a TLS library for every language that can call C, built on BoringSSL.

   Generated from src/ffi by cbindgen; do not edit. Every function keeps the contract in
   docs/conventions.md:

   - The status is the result: 0 is done, positive is "not yet" or "not available", negative is
     an error.
   - Results are returned through pointers, which are written on TLSW_OK only. `err` is always the
     last argument, may be NULL, and is written on failure only.
   - An invalid argument (NULL where it is not allowed, a handle of another type) returns
     TLSW_ERR_ARGUMENT.
   - "borrows": the memory is used during the call only. "keeps": the argument is used until
     the object that it was given to is freed. "gives": the caller owns and frees the result.
     "fills": the call writes into memory of the caller. "static": valid as long as the program
     runs.
   - Bytes are passed as pointer and length; (NULL, 0) is empty. Text is UTF-8 and ends in NUL.
   - Nothing is printed, no signal is raised, and the process is never ended; the two exceptions
     are in docs/conventions.md, "What a call never does". */

#ifndef TLSWRAP_H
#define TLSWRAP_H

#include <stddef.h>
#include <stdint.h>

#define TLSW_VERSION "0.1.0"
#define TLSW_VERSION_MAJOR 0
#define TLSW_VERSION_MINOR 1
#define TLSW_VERSION_PATCH 0

// The first line of a certificate's PEM block (tlsw_cert_pem_to_der).
#define TLSW_PEM_HEADER "-----BEGIN CERTIFICATE-----"
// The last line of a certificate's PEM block.
#define TLSW_PEM_FOOTER "-----END CERTIFICATE-----"

#if defined(_WIN32) && !defined(TLSW_STATIC)
#define TLSW_API __declspec(dllimport)
#elif defined(__GNUC__)
#define TLSW_API __attribute__((visibility("default")))
#else
#define TLSW_API
#endif

#if defined(__GNUC__)
#define TLSW_MUST_USE __attribute__((warn_unused_result))
#else
#define TLSW_MUST_USE
#endif


// The ABI number of this header. tlsw_abi returns that of the library.
#define TLSW_ABI 1

// The client side of a connection, which starts the handshake.
#define TLSW_CLIENT 1

// The server side of a connection.
#define TLSW_SERVER 2

// Verification of the peer's certificate does not decide about the connection. A server requests
// no certificate. A client accepts any certificate; tlsw_get_verify_result returns the result that
// verification would have had.
#define TLSW_CERT_NONE 0

// A server requests a certificate. It accepts a client that sends none and refuses a client whose
// certificate does not verify. On a client the same as TLSW_CERT_REQUIRED.
#define TLSW_CERT_OPTIONAL 1

// The handshake fails unless the peer sends a certificate that verifies. A pre-shared key takes
// the place of a certificate if the context has pre-shared keys. The default for clients.
#define TLSW_CERT_REQUIRED 2

// The peer's certificate is requested and verified, including its name where names are checked,
// but the handshake goes on whatever the result is. The program has to call tlsw_get_verify_result
// and decide; it must not trust received data before that. For programs that decide for
// themselves, such as those that use Node's tls.
#define TLSW_CERT_UNENFORCED 3

// The lowest version that this library supports: TLS 1.0.
#define TLSW_TLS_MINIMUM_SUPPORTED -2

// The highest version that this library supports: TLS 1.3.
#define TLSW_TLS_MAXIMUM_SUPPORTED -1

// SSL 3.0. BoringSSL does not implement it; only its number is defined.
#define TLSW_SSL_3_0 768

// TLS 1.0 (RFC 2246), for old peers. Insecure, and off by default.
#define TLSW_TLS_1_0 769

// TLS 1.1 (RFC 4346), for old peers. Insecure, and off by default.
#define TLSW_TLS_1_1 770

// TLS 1.2 (RFC 5246), the lowest version by default.
#define TLSW_TLS_1_2 771

// TLS 1.3 (RFC 8446), the highest version.
#define TLSW_TLS_1_3 772

// Send close_notify.
#define TLSW_SHUT_WRITE 1

// Send close_notify and wait for the peer's close_notify.
#define TLSW_SHUT_BOTH 3

// The chain as the peer sent it.
#define TLSW_CHAIN_SENT 0

// The chain as it was verified: from the peer's certificate to the trust anchor.
#define TLSW_CHAIN_VERIFIED 1

// The Finished message that this side sent.
#define TLSW_FINISHED_OWN 0

// The Finished message that this side received.
#define TLSW_FINISHED_PEER 1

// Kinds of subjectAltName: the tags of GeneralName (RFC 5280, section 4.2.1.6). An otherName.
#define TLSW_SAN_OTHER 0

// An e-mail address (rfc822Name).
#define TLSW_SAN_EMAIL 1

// A DNS name (dNSName).
#define TLSW_SAN_DNS 2

// An X.400 address (x400Address).
#define TLSW_SAN_X400 3

// A directory name (directoryName), as text in the form of RFC 4514.
#define TLSW_SAN_DIRNAME 4

// An EDI party name (ediPartyName).
#define TLSW_SAN_EDI 5

// A URI (uniformResourceIdentifier).
#define TLSW_SAN_URI 6

// An IP address (iPAddress), as text ("192.0.2.1", "2001:db8::1").
#define TLSW_SAN_IP 7

// A registered identifier (registeredID), as a dotted OID.
#define TLSW_SAN_RID 8

// The size of tlsw_error.library in bytes.
#define TLSW_LIBRARY_LEN 16

// The size of tlsw_error.reason in bytes.
#define TLSW_REASON_LEN 64

// The size of tlsw_error.message in bytes.
#define TLSW_MESSAGE_LEN 896

// Protocols of tlsw_ctx_new_protocol. Any version, for both sides; by default at least TLS 1.2.
#define TLSW_PROTOCOL_TLS 2

// An old name of TLSW_PROTOCOL_TLS.
#define TLSW_PROTOCOL_SSLV23 2

// Any version, for clients; by default at least TLS 1.2.
#define TLSW_PROTOCOL_TLS_CLIENT 16

// Any version, for servers; by default at least TLS 1.2.
#define TLSW_PROTOCOL_TLS_SERVER 17

// SSL 2.0, which is not available.
#define TLSW_PROTOCOL_SSLV2 0

// SSL 3.0, which is not available.
#define TLSW_PROTOCOL_SSLV3 1

// TLS 1.0 only, for both sides.
#define TLSW_PROTOCOL_TLSV1 3

// TLS 1.1 only, for both sides.
#define TLSW_PROTOCOL_TLSV1_1 4

// TLS 1.2 only, for both sides.
#define TLSW_PROTOCOL_TLSV1_2 5

// Purposes of certificates, as OpenSSL's object numbers (tlsw_nid2obj returns their names). Server
// authentication, "1.3.6.1.5.5.7.3.1". A context for this purpose is for clients
// (tlsw_ctx_new_default).
#define TLSW_PURPOSE_SERVER_AUTH 129

// Client authentication, "1.3.6.1.5.5.7.3.2". A context for this purpose is for servers.
#define TLSW_PURPOSE_CLIENT_AUTH 130

// OpenSSL's numbers for the steps of a connection (tlsw_info_fn). The handshake entered another
// state.
#define TLSW_CB_LOOP 1

// A handshake call ended.
#define TLSW_CB_EXIT 2

// The step concerns received data.
#define TLSW_CB_READ 4

// The step concerns sent data.
#define TLSW_CB_WRITE 8

// A handshake began.
#define TLSW_CB_HANDSHAKE_START 16

// A handshake completed.
#define TLSW_CB_HANDSHAKE_DONE 32

// The step is a client's.
#define TLSW_CB_CONNECT 4096

// The step is a server's.
#define TLSW_CB_ACCEPT 8192

// The step is an alert.
#define TLSW_CB_ALERT 16384

// OpenSSL's numbers for the result of a call (tlsw_status_ssl_error). The TLS protocol failed.
#define TLSW_SSL_ERROR_SSL 1

// The call needs bytes from the peer.
#define TLSW_SSL_ERROR_WANT_READ 2

// Bytes for the peer have to be sent first.
#define TLSW_SSL_ERROR_WANT_WRITE 3

// A callback is to be called again later.
#define TLSW_SSL_ERROR_WANT_X509_LOOKUP 4

// A system call failed.
#define TLSW_SSL_ERROR_SYSCALL 5

// The peer sent close_notify.
#define TLSW_SSL_ERROR_ZERO_RETURN 6

// The transport is not connected yet. tlsw_status_ssl_error never returns this number, because
// connections are made only over connected transports.
#define TLSW_SSL_ERROR_WANT_CONNECT 7

// The peer closed the transport without close_notify. Defined by Python.
#define TLSW_SSL_ERROR_EOF 8

// A status without a number in OpenSSL. Defined by Python.
#define TLSW_SSL_ERROR_INVALID_ERROR_CODE 10

// Alerts (RFC 8446, section 6), the values of tlsw_error.alert. The sender sends no more data.
#define TLSW_ALERT_CLOSE_NOTIFY 0

// A message was not allowed at this point of the protocol.
#define TLSW_ALERT_UNEXPECTED_MESSAGE 10

// Authentication of a record failed.
#define TLSW_ALERT_BAD_RECORD_MAC 20

// A record was too long.
#define TLSW_ALERT_RECORD_OVERFLOW 22

// Decompression failed. No current version of TLS compresses.
#define TLSW_ALERT_DECOMPRESSION_FAILURE 30

// The two sides have no acceptable set of parameters in common.
#define TLSW_ALERT_HANDSHAKE_FAILURE 40

// The certificate is malformed, or its signature is invalid.
#define TLSW_ALERT_BAD_CERTIFICATE 42

// The certificate is of an unsupported type.
#define TLSW_ALERT_UNSUPPORTED_CERTIFICATE 43

// The certificate was revoked.
#define TLSW_ALERT_CERTIFICATE_REVOKED 44

// The certificate has expired or is not yet valid.
#define TLSW_ALERT_CERTIFICATE_EXPIRED 45

// The certificate was refused for another reason.
#define TLSW_ALERT_CERTIFICATE_UNKNOWN 46

// A field of a message has a value that is not allowed.
#define TLSW_ALERT_ILLEGAL_PARAMETER 47

// The issuer of the certificate is not trusted.
#define TLSW_ALERT_UNKNOWN_CA 48

// The certificate is valid, but its holder has no access.
#define TLSW_ALERT_ACCESS_DENIED 49

// A message could not be decoded.
#define TLSW_ALERT_DECODE_ERROR 50

// A signature or a Finished message is invalid.
#define TLSW_ALERT_DECRYPT_ERROR 51

// The protocol version is not allowed.
#define TLSW_ALERT_PROTOCOL_VERSION 70

// The peer requires stronger parameters than those that were offered.
#define TLSW_ALERT_INSUFFICIENT_SECURITY 71

// An internal error that is unrelated to the peer.
#define TLSW_ALERT_INTERNAL_ERROR 80

// A client retried with a version lower than the server's highest version (RFC 7507).
#define TLSW_ALERT_INAPPROPRIATE_FALLBACK 86

// The handshake was canceled for a reason other than a protocol failure.
#define TLSW_ALERT_USER_CANCELLED 90

// Renegotiation was refused.
#define TLSW_ALERT_NO_RENEGOTIATION 100

// A mandatory extension is missing (RFC 8446).
#define TLSW_ALERT_MISSING_EXTENSION 109

// A message has an extension that is not allowed in it, such as one that was not requested.
#define TLSW_ALERT_UNSUPPORTED_EXTENSION 110

// A certificate could not be fetched.
#define TLSW_ALERT_CERTIFICATE_UNOBTAINABLE 111

// The server does not have the requested server name.
#define TLSW_ALERT_UNRECOGNIZED_NAME 112

// The OCSP response is not acceptable.
#define TLSW_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE 113

// The hash of a certificate does not match.
#define TLSW_ALERT_BAD_CERTIFICATE_HASH_VALUE 114

// The identity of the pre-shared key is unknown.
#define TLSW_ALERT_UNKNOWN_PSK_IDENTITY 115

// The required client certificate is missing (RFC 8446).
#define TLSW_ALERT_CERTIFICATE_REQUIRED 116

// The two sides have no application protocol in common (RFC 7301).
#define TLSW_ALERT_NO_APPLICATION_PROTOCOL 120

// Flag of tlsw_ctx_new_default: the environment variable SSLKEYLOGFILE is ignored.
#define TLSW_DEFAULT_IGNORE_ENV 1

// No verification flag: CRLs are not checked.
#define TLSW_VERIFY_DEFAULT 0

// Checks the peer's certificate against the CRLs of its issuer. The CRLs are those that
// tlsw_ctx_load_ca_mem or tlsw_ctx_load_ca_file loaded (PEM or DER) and those in the directories
// of tlsw_ctx_load_ca_dir (HASH.r0). The same issuer must have signed the CRL. Verification fails
// with verify error 3 if there is no CRL, 12 if the CRL has expired, and 23 if the certificate is
// revoked. Indirect CRLs and delta CRLs do not count.
#define TLSW_VERIFY_CRL_CHECK_LEAF 4

// Checks every certificate of the verified chain, including the root, as
// TLSW_VERIFY_CRL_CHECK_LEAF checks the peer's certificate.
#define TLSW_VERIFY_CRL_CHECK_CHAIN 12

// Applies the rules of OpenSSL 3's strict mode (RFC 5280, sections 4.1 and 4.2) to each
// certificate of the verified chain. Every certificate except the trust anchor must have an
// authority key identifier. A CA certificate must have a subject key identifier. A CA certificate
// must have critical basic constraints and a key usage. Only CA certificates may have the key
// usage keyCertSign. Names must not be empty. Certificates before version 3 must not have
// extensions. Verification fails with one of the verify errors 78 to 93.
#define TLSW_VERIFY_X509_STRICT 32

// Proxy certificates (RFC 3820). tlsw_ctx_set_verify_flags refuses this flag with
// TLSW_ERR_UNSUPPORTED, because BoringSSL does not support proxy certificates.
#define TLSW_VERIFY_ALLOW_PROXY_CERTS 64

// Searches the trust anchors for issuers before the certificates that the peer sent; on by
// default. No effect: the trust anchors are always searched first.
#define TLSW_VERIFY_X509_TRUSTED_FIRST 32768

// Accepts any certificate that was loaded as a trust anchor as the end of a chain. Without this
// flag the chain must end in a self-signed certificate.
#define TLSW_VERIFY_X509_PARTIAL_CHAIN 524288

// OpenSSL's set of workarounds for bugs of old peers; on by default. No effect: BoringSSL has none
// of these workarounds.
#define TLSW_OP_ALL 2147483728

// A client connects to servers that do not support secure renegotiation (RFC 5746).
#define TLSW_OP_LEGACY_SERVER_CONNECT 4

// TLS in the kernel. tlsw_ctx_set_options refuses this option with TLSW_ERR_UNSUPPORTED, because
// BoringSSL does not support kernel TLS.
#define TLSW_OP_ENABLE_KTLS 8

// If the transport ends without the peer's close_notify, a read returns TLSW_CLOSED instead of
// TLSW_ERR_EOF. An attacker can then truncate the received data unnoticed.
#define TLSW_OP_IGNORE_UNEXPECTED_EOF 128

// No session tickets. A client does not request tickets. A server resumes TLS 1.2 sessions by
// session identifier, and resumes no TLS 1.3 sessions.
#define TLSW_OP_NO_TICKET 16384

// No TLS compression; on by default. No effect: BoringSSL never compresses.
#define TLSW_OP_NO_COMPRESSION 131072

// Middlebox compatibility mode of TLS 1.3 (RFC 8446, appendix D.4); on by default. No effect:
// BoringSSL always uses this mode.
#define TLSW_OP_ENABLE_MIDDLEBOX_COMPAT 1048576

// A server selects the first cipher suite of its own list that the client offers, instead of the
// first of the client's list; on by default. In TLS 1.3 the server's order applies if
// tlsw_ctx_set_ciphersuites set a list.
#define TLSW_OP_CIPHER_SERVER_PREFERENCE 4194304

// Disables SSL 2.0. No effect, and no bit: SSL 2.0 is not supported.
#define TLSW_OP_NO_SSLV2 0

// Disables SSL 3.0; on by default. No effect: BoringSSL does not support SSL 3.0, and clearing the
// bit does not enable it.
#define TLSW_OP_NO_SSLV3 33554432

// Disables TLS 1.0, even if the version bounds allow TLS 1.0.
#define TLSW_OP_NO_TLSV1 67108864

// Disables TLS 1.2, even if the version bounds allow TLS 1.2. If the enabled versions have a gap,
// only the versions below the gap are used.
#define TLSW_OP_NO_TLSV1_2 134217728

// Disables TLS 1.1, even if the version bounds allow TLS 1.1.
#define TLSW_OP_NO_TLSV1_1 268435456

// Disables TLS 1.3, even if the version bounds allow TLS 1.3.
#define TLSW_OP_NO_TLSV1_3 536870912

// A client refuses renegotiation (TLS 1.2 and older): the read that receives the server's request
// fails. Without this option a client renegotiates when the server requests it. A server never
// renegotiates.
#define TLSW_OP_NO_RENEGOTIATION 1073741824

// A new Diffie-Hellman key for each connection. No effect, and no bit: DHE is not supported.
#define TLSW_OP_SINGLE_DH_USE 0

// A new ECDH key for each connection. No effect, and no bit: each connection has a new ECDH key
// anyway.
#define TLSW_OP_SINGLE_ECDH_USE 0

// Flag of tlsw_connect and tlsw_accept: also perform the handshake, within the same time limit.
#define TLSW_HANDSHAKE 1

// Byte count of tlsw_conn_sendfile: send up to the end of the file.
#define TLSW_TO_THE_END UINT64_MAX

// A byte queue in memory. Any thread may use it. Made by tlsw_bio_new, freed by tlsw_bio_free. A
// connection that uses a queue keeps it alive.
typedef struct tlsw_bio tlsw_bio;

// A decoded certificate. Immutable: any thread may read it. Made by tlsw_cert_new, freed by
// tlsw_cert_free. Pointers borrowed from it are valid until it is freed.
typedef struct tlsw_cert tlsw_cert;

// A TLS connection. Any thread may call it: one thread at a time performs the handshake;
// afterwards one thread may read while another writes; tlsw_get_* may be called at any time. Made
// by tlsw_wrap_*, tlsw_connect and tlsw_accept, freed by tlsw_conn_free.
typedef struct tlsw_conn tlsw_conn;

// A context: the settings for connections, such as trust anchors, own certificates, versions and
// cipher suites. Any thread may use and change a context at any time.
// As in OpenSSL, a connection takes its settings at two moments. When the connection is made:
// verification, versions, certificates, groups, the cipher suites of TLS 1.3, the security level,
// options, the extensions that a client sends, and the callbacks for messages, verification and
// pre-shared keys. When its handshake begins, on servers when the ClientHello has been received:
// CAs and CRLs, the cipher suites below TLS 1.3, a server's application protocols, the key log,
// and the callbacks for server names, steps, key logs and sessions.
// Made by tlsw_ctx_new, tlsw_ctx_new_protocol and tlsw_ctx_new_default, freed by tlsw_ctx_free.
typedef struct tlsw_ctx tlsw_ctx;

// A session of a connection, which a later connection of the same context can resume. Immutable:
// any thread may use it. Made by tlsw_get_session, tlsw_get_current_session and
// tlsw_session_from_bytes, and passed to tlsw_session_fn; freed by tlsw_session_free. It contains
// secrets.
typedef struct tlsw_session tlsw_session;

// The result of a call. 0 means done. A positive value means "not yet" or "not available"; `err`
// is not written. A negative value means that the call failed; `err` is filled in. New statuses
// may be added; existing ones keep their numbers.
typedef int32_t tlsw_status;

// Bytes that the library allocated for the caller, followed by one NUL byte, so that text is a C
// string. Free with tlsw_buf_free.
typedef struct {
    // The bytes; NULL if there are none.
    uint8_t *data;
    // The number of bytes, without the NUL.
    size_t len;
} tlsw_buf;

// The details of a failed call. The caller provides the struct and passes it as the last argument
// of every call that can fail, or NULL if the details are not needed. It is written only when the
// call fails. It owns no memory and need not be initialized or freed.
typedef struct {
    // The status that the call returned.
    tlsw_status status;
    // errno of a failed system call; 0 if none.
    int32_t os_error;
    // X509_V_ERR_* of a failed verification; 0 if none.
    int32_t verify_error;
    // The position in the chain: 0 is the peer's certificate, 1 its issuer; -1 if none.
    int32_t verify_depth;
    // The TLS alert that was sent or received (RFC 8446, section 6); -1 if none.
    int32_t alert;
    // BoringSSL's packed error code, for logs; 0 if none.
    uint32_t code;
    // Zero. Reserved for later fields.
    uint32_t reserved[6];
    // The part of BoringSSL: "SSL", "X509", "PEM"; "" if none. Ends in NUL.
    char library[TLSW_LIBRARY_LEN];
    // The name of the reason in OpenSSL 3's spelling: "CERTIFICATE_VERIFY_FAILED"; "" if none.
    // Ends in NUL.
    char reason[TLSW_REASON_LEN];
    // One line for people: the failure, the certificate or file concerned, and the remedy if there
    // is one. UTF-8 without control characters. A text that is too long is cut between characters.
    // Ends in NUL.
    char message[TLSW_MESSAGE_LEN];
} tlsw_error;

// Returns the password of an encrypted key. The function writes at most `size` bytes to `buf`,
// their number to `*len`, and returns TLSW_OK. Any other status makes the load fail with
// TLSW_ERR_HOOK.
// Called at most once, only if the key is encrypted, on the calling thread, during the call that
// the function was passed to.
typedef tlsw_status (*tlsw_password_fn)(void *user,
                                        uint8_t *buf,
                                        size_t size,
                                        size_t *len);

// Reads from the transport of a connection. Returns TLSW_OK with 1 to `len` bytes in `buf` and
// their number in `*n`; TLSW_WANT_READ if no bytes are available now; TLSW_CLOSED at the end of
// the stream; any negative status for a failure.
// The function must not block and must not drive the connection.
typedef tlsw_status (*tlsw_read_fn)(void *user,
                                    uint8_t *buf,
                                    size_t len,
                                    size_t *n);

// Writes to the transport of a connection. Returns TLSW_OK with the number of accepted bytes, 1 to
// `len`, in `*n`; TLSW_WANT_WRITE if no bytes can be accepted now; any negative status for a
// failure.
// The function must not block and must not drive the connection.
typedef tlsw_status (*tlsw_write_fn)(void *user,
                                     const uint8_t *buf,
                                     size_t len,
                                     size_t *n);

// Releases a value of the caller that the library kept. Called once.
typedef void (*tlsw_free_fn)(void *user);

// Called on servers with the server name that the client requests (server_name, RFC 6066), before
// a version, a cipher suite or a certificate is selected. `server_name` (borrows) is the name as
// the client sent it, or NULL if the client sent none. Inside the callback tlsw_conn_set_ctx
// changes the context, and all tlsw_get_* may be called.
// TLSW_OK continues the handshake. TLSW_WANT_HOOK makes the handshake return TLSW_WANT_HOOK; the
// callback runs again when the handshake is driven next. Any other status refuses the client with
// the alert in `*alert`, and the handshake fails with TLSW_ERR_HOOK. `*alert` is 40
// (handshake_failure) unless the callback sets another.
typedef tlsw_status (*tlsw_sni_fn)(void *user,
                                   tlsw_conn *conn,
                                   const char *server_name,
                                   uint8_t *alert);

// Called after the built-in verification of the peer's certificates. `verify_error` is 0 or the
// error that the built-in verification found (tlsw_verify_error_string). All tlsw_get_* may be
// called, including those for both chains and for the verification result.
// TLSW_OK accepts the result of the built-in verification: the handshake goes on if verification
// succeeded, and fails otherwise. With TLSW_CERT_NONE and TLSW_CERT_UNENFORCED, TLSW_OK continues
// the handshake in any case. TLSW_WANT_HOOK makes the handshake return TLSW_WANT_HOOK; the
// callback runs again when the handshake is driven next, and all tlsw_get_* may be called until
// then. Any other status refuses the peer with the alert in `*alert`, and the handshake fails with
// TLSW_ERR_VERIFY; verify_error is 50 if the built-in verification had found no error. `*alert` is
// the alert of `verify_error`, or 40 (handshake_failure) if that is 0, unless the callback sets
// another.
// Not called on a server that resumes a session, whose certificates were verified before.
typedef tlsw_status (*tlsw_verify_fn)(void *user,
                                      tlsw_conn *conn,
                                      int32_t verify_error,
                                      uint8_t *alert);

// Called with a protocol message (`data`, `len`; borrows). `is_write` is 1 if the message is sent
// and 0 if it was received. `content_type` is 20 (change_cipher_spec), 21 (alert), 22 (handshake),
// 256 (a record header), or 0 (a ClientHello in the format of SSL 2.0). `version` is the protocol
// version as its number on the wire, such as 0x0304 for TLS 1.3; 0x0303 until a version is
// selected; 0 for a record header; 2 for a ClientHello in the format of SSL 2.0.
typedef void (*tlsw_msg_fn)(void *user,
                            tlsw_conn *conn,
                            int32_t is_write,
                            int32_t version,
                            int32_t content_type,
                            const uint8_t *data,
                            size_t len);

// Called at each step of a connection. `where_` is a sum of TLSW_CB_* numbers. The meaning of
// `value` depends on `where_`: for alerts, the level times 256 plus the description; for
// TLSW_CB_EXIT, 1 if the handshake succeeded and 0 or less if it did not; otherwise 1.
typedef void (*tlsw_info_fn)(void *user,
                             tlsw_conn *conn,
                             int32_t where_,
                             int32_t value);

// Called with a line (borrows) in the format of NSS's key log, without a line terminator.
typedef void (*tlsw_keylog_fn)(void *user,
                               tlsw_conn *conn,
                               const char *line);

// Called with a session that the server sent; in TLS 1.3 once for each ticket. Gives `session`:
// the callback or a later call frees it with tlsw_session_free.
typedef void (*tlsw_session_fn)(void *user,
                                tlsw_conn *conn,
                                tlsw_session *session);

// Returns the identity and the pre-shared key of a client. Called on clients, in TLS 1.2 and
// older, when the server has selected a cipher suite with a pre-shared key. `hint` (borrows) is
// the server's identity hint, or NULL if the server sent none. `identity_size` is 129 and
// `key_size` is 256. `identity`, `key` and `*key_len` are zero before the call.
// The callback writes the identity, ended by NUL within `identity_size` bytes, to `identity`; 1 to
// `key_size` bytes of key to `key`; their number to `*key_len`; and returns TLSW_OK. The library
// keeps no copy of the key. TLSW_WANT_HOOK is not supported.
// An empty key refuses: the handshake fails with TLSW_ERR_TLS, reason PSK_IDENTITY_NOT_FOUND. Any
// other status, a number above `key_size` or an identity without NUL makes the handshake fail with
// TLSW_ERR_HOOK.
typedef tlsw_status (*tlsw_psk_client_fn)(void *user,
                                          tlsw_conn *conn,
                                          const char *hint,
                                          char *identity,
                                          size_t identity_size,
                                          uint8_t *key,
                                          size_t key_size,
                                          size_t *key_len);

// Returns the pre-shared key for the identity that a client sent. Called on servers, in TLS 1.2
// and older. `identity` (borrows) has up to 128 bytes, ended by NUL. The identity is not
// authenticated until the client has proved that it has the key. The key is returned as by
// tlsw_psk_client_fn.
// An empty key refuses the client with the alert unknown_psk_identity.
typedef tlsw_status (*tlsw_psk_server_fn)(void *user,
                                          tlsw_conn *conn,
                                          const char *identity,
                                          uint8_t *key,
                                          size_t key_size,
                                          size_t *key_len);

// Done.
#define TLSW_OK 0

// Not yet: the call needs bytes from the peer. Wait until the transport is readable, then call
// again.
#define TLSW_WANT_READ 1

// Not yet: bytes for the peer have to be sent first. Wait until the transport is writable, then
// call again. Repeat a write with the same data.
#define TLSW_WANT_WRITE 2

// Not yet: a callback returned this status. The callback runs again at the next call that drives
// the connection.
#define TLSW_WANT_HOOK 3

// End of data: the peer sent close_notify, or a stream ended as intended. No more bytes follow.
#define TLSW_CLOSED 4

// The requested item does not exist.
#define TLSW_NONE 5

// There is no verified chain, because the context does not verify (TLSW_CERT_NONE), or because
// verification could not run. tlsw_get_verify_result returns this status in the second case only.
#define TLSW_NONE_UNVERIFIED 6

// There is no verified chain, because verification failed. tlsw_get_verify_result returns the
// reason.
#define TLSW_NONE_FAILED 7

// An argument is invalid: NULL, a handle of another type, a number out of range, a malformed name.
#define TLSW_ERR_ARGUMENT -1

// The call is not allowed in the current state, for example before the handshake or after the end
// of the connection.
#define TLSW_ERR_STATE -2

// The connection is inside another call that runs a callback. A callback tried to drive the
// connection on the same thread, or to drive a connection whose own callback is running in another
// thread.
#define TLSW_ERR_BUSY -3

// The operating system failed in an operation on a socket, a file or a host name. os_error has the
// error number, 0 if there is none.
#define TLSW_ERR_IO -4

// The time limit of the call has passed.
#define TLSW_ERR_TIMEOUT -5

// The peer closed the transport without close_notify. The data read so far may be truncated.
#define TLSW_ERR_EOF -6

// The TLS protocol failed. library, reason and alert have the details.
#define TLSW_ERR_TLS -7

// Verification of the peer's certificate failed. verify_error is the check that failed;
// verify_depth is the position of the certificate in the chain.
#define TLSW_ERR_VERIFY -8

// The input is not a valid certificate, key, PEM file or other expected encoding.
#define TLSW_ERR_DECODE -9

// A callback or another function of the caller reported a failure or returned an invalid result.
#define TLSW_ERR_HOOK -10

// BoringSSL or this build does not have the feature. tlsw_has reports features in advance.
#define TLSW_ERR_UNSUPPORTED -11

// Memory allocation failed.
#define TLSW_ERR_MEMORY -12

// A bug in tlswrap, caught at the boundary of the library.
#define TLSW_ERR_PANIC -13

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Returns the version of the library ("0.1.0"). The text is static. Callable from any thread.
TLSW_API
const char *tlsw_version(void);

// Returns the name and version of the cryptographic library, for people and logs. The text is
// static. Callable from any thread.
TLSW_API
const char *tlsw_backend_version(void);

// Returns the version of OpenSSL with which BoringSSL claims to be compatible, in the format of
// OpenSSL 1.1.1 (OPENSSL_VERSION_NUMBER): 0x1010107f. Callable from any thread.
TLSW_API
uint32_t tlsw_backend_version_number(void);

// Returns a part of tlsw_backend_version_number. `part` is 0 for the major version, 1 for the
// minor version, 2 for the fix, 3 for the patch and 4 for the status (15 is a release). Returns 0
// for any other `part`. Callable from any thread.
TLSW_API
uint32_t tlsw_backend_version_info(uint32_t part);

// Returns the ABI number of the library. A program can use the library if the number equals
// TLSW_ABI in the header that the program was compiled with. Callable from any thread.
TLSW_API
uint32_t tlsw_abi(void);

// Returns 1 if the library has the feature named `feature` (borrows), otherwise 0. Returns 0 also
// if the name is unknown or NULL.
// - "fd": connections over socket descriptors (tlsw_wrap_fd).
// - "system-stores": Windows certificate stores (tlsw_enum_certificates).
// - "tls1.0", "tls1.1", "tls1.2", "tls1.3": versions of TLS.
// - "alpn": application-layer protocol negotiation (tlsw_ctx_set_alpn_protocols).
// - "sni": server name indication (tlsw_ctx_set_sni_hook).
// - "ecdh": key exchange with elliptic curves (tlsw_ctx_set_groups).
// - "never-check-common-name": the check of the host name in a handshake can ignore the common
//   name (tlsw_ctx_set_hostname_checks_common_name).
// - "x25519mlkem768": the post-quantum key exchange X25519MLKEM768.
// - "psk": pre-shared keys in TLS 1.2 and older (tlsw_ctx_set_psk_client_hook).
// - "psk-importer": imported pre-shared keys (tlsw_ctx_add_psk).
// - Names for which the result is always 0: "psk-tls1.3" (tlsw_ctx_set_psk_client_hook in TLS
//   1.3), "sslv2", "sslv3", "npn", "post-handshake-auth", "compression".
//
// Callable from any thread.
TLSW_API
int32_t tlsw_has(const char *feature);

// Returns the name of a status ("TLSW_ERR_VERIFY"), or "TLSW_UNKNOWN" if the number is not a
// status. The text is static. Callable from any thread.
TLSW_API
const char *tlsw_status_name(tlsw_status status);

// Returns the TLSW_SSL_ERROR_* number for a status: the number that OpenSSL's SSL_get_error
// returns and that Python's SSLError carries. Returns 0 for TLSW_OK and for statuses that are not
// failures in OpenSSL, and TLSW_SSL_ERROR_INVALID_ERROR_CODE for failures without a number in
// OpenSSL. Callable from any thread.
TLSW_API
int32_t tlsw_status_ssl_error(tlsw_status status);

// Returns the description of a TLS alert ("handshake failure"), or "unknown" if the number is not
// an alert. The text is static. Callable from any thread.
TLSW_API
const char *tlsw_alert_string(int32_t alert);

// Returns the description of a verify_error ("certificate has expired"), as OpenSSL's
// X509_verify_cert_error_string does. The text is static. Callable from any thread.
TLSW_API
const char *tlsw_verify_error_string(int32_t verify_error);

// Returns the name of a verify_error: OpenSSL's constant without the prefix X509_V_ERR_
// ("CERT_HAS_EXPIRED"). Returns "OK" for 0, and "UNSPECIFIED" if the number is not a verify_error.
// The text is static. Callable from any thread.
TLSW_API
const char *tlsw_verify_error_name(int32_t verify_error);

// Wipes and frees the bytes of a buffer that a function of this library gave, and sets `*buf` to
// zero, so that freeing the buffer again does nothing. Does nothing if `buf` is NULL or the buffer
// is zeroed. Callable from any thread.
TLSW_API
void tlsw_buf_free(tlsw_buf *buf);

// Makes a context with secure defaults. `role` is TLSW_CLIENT or TLSW_SERVER. Gives `*ctx`; free
// the context with tlsw_ctx_free.
// The defaults are TLS 1.2 and TLS 1.3, cipher suites with authenticated encryption and forward
// secrecy, security level 2, and the groups X25519MLKEM768, X25519, P-256 and P-384. A client
// verifies the server's certificate against the system roots and checks the host name. A server
// requests no client certificate. A server needs a certificate chain of its own
// (tlsw_ctx_load_cert_chain_*) or a pre-shared key.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_new(uint32_t role,
                         tlsw_ctx **ctx,
                         tlsw_error *err);

// Frees a context. Connections that were made from the context remain valid. `ctx` may be NULL.
// Callable from any thread.
TLSW_API
void tlsw_ctx_free(tlsw_ctx *ctx);

// Loads the certificates in `data` as trust anchors, and the certificate revocation lists (CRLs)
// in `data` for TLSW_VERIFY_CRL_CHECK_LEAF and TLSW_VERIFY_CRL_CHECK_CHAIN. Borrows `data`.
// `data` is PEM, or the DER of one or more certificates and CRLs, one after another. PEM blocks
// other than certificates and CRLs ("X509 CRL") are skipped. The trust settings in a TRUSTED
// CERTIFICATE block are enforced as in OpenSSL: a root that is trusted for e-mail only, or
// rejected for TLS servers, is not accepted for a TLS server.
// If a client context trusts the system roots by default, the first call that loads certificates
// or CRLs removes them; tlsw_ctx_load_system_roots adds them again. Either all certificates and
// CRLs in `data` are loaded, or none. The loaded certificates and CRLs apply to every connection
// of `ctx` whose handshake has not begun, including connections that were made before this call.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if `data` contains neither a certificate nor a CRL,
// or if a certificate or CRL is malformed (the message names its PEM block). Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_load_ca_mem(tlsw_ctx *ctx,
                                 const uint8_t *data,
                                 size_t len,
                                 tlsw_error *err);

// Loads the certificates and CRLs in a file as tlsw_ctx_load_ca_mem does. Borrows `path`.
// A file, pipe or device (/dev/stdin, /dev/fd/N, a FIFO) is read to end of file, at most 64 MiB.
// If a pipe or device supplies no data for 30 seconds, the call fails with TLSW_ERR_IO and
// os_error ETIMEDOUT.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_IO with os_error if the file cannot be read; TLSW_ERR_DECODE
// as in tlsw_ctx_load_ca_mem, and if the file is larger than 64 MiB. The message names the file.
// Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_load_ca_file(tlsw_ctx *ctx,
                                  const char *path,
                                  tlsw_error *err);

// Adds the system roots to the trust anchors. The system roots are trusted in addition to all
// certificates that are loaded before or after this call.
// The system roots are the certificates in the file that the environment variable SSL_CERT_FILE
// names and in the directories that SSL_CERT_DIR lists. If neither variable is set, the system
// roots are the certificates in the first of the usual bundle files that exists or, without a
// bundle file, in the usual directories. A program that runs with more privileges than the user
// who started it (setuid) ignores both variables. The process reads the system roots once. The
// process reads the system roots again only if the file or the environment changed, or if the last
// attempt to read them failed. A system without roots is not an error of this call: verification
// fails, and its message names the places that were searched.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_load_system_roots(tlsw_ctx *ctx,
                                       tlsw_error *err);

// Loads a certificate chain of the context's own, leaf first, and the private key of the leaf.
// Borrows `cert`, `key` and `password`.
// `cert` is PEM or DER. `key` is PEM or DER: PKCS#8, PKCS#1 or SEC 1; pass (NULL, 0) if the key is
// a PEM block in `cert`. `password` decrypts an encrypted key; pass (NULL, 0) if there is no
// password.
// A context can hold chains with keys of several types, for example RSA and ECDSA; each peer
// receives a chain that the peer supports. A chain with a key of the same type as an earlier chain
// replaces the earlier chain, its OCSP response and its SCT list, unless
// tlsw_ctx_set_keep_cert_chains is on. A server renews its certificate this way. If `cert`
// contains the leaf only, the trust anchors of the context complete the chain up to and including
// the root, as in OpenSSL.
// Errors: TLSW_ERR_ARGUMENT, also for an encrypted key without a password; TLSW_ERR_DECODE if a
// certificate or the key is missing or malformed, if the password is wrong, or if the key does not
// belong to the leaf; TLSW_ERR_TLS with reason EE_KEY_TOO_SMALL, CA_KEY_TOO_SMALL or
// CA_MD_TOO_WEAK if a key or signature is below the security level (tlsw_ctx_get_security_level).
// A call that fails loads nothing. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_load_cert_chain_mem(tlsw_ctx *ctx,
                                         const uint8_t *cert,
                                         size_t cert_len,
                                         const uint8_t *key,
                                         size_t key_len,
                                         const uint8_t *password,
                                         size_t password_len,
                                         tlsw_error *err);

// Loads a certificate chain and its private key as tlsw_ctx_load_cert_chain_mem does, with a
// callback for the password. Borrows `cert`, `key` and `user`.
// If the key is encrypted, the library calls `password` with `user` during this call. Pass NULL as
// `password` if there is no password.
// Errors: as tlsw_ctx_load_cert_chain_mem; TLSW_ERR_HOOK if `password` fails. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_load_cert_chain_mem_cb(tlsw_ctx *ctx,
                                            const uint8_t *cert,
                                            size_t cert_len,
                                            const uint8_t *key,
                                            size_t key_len,
                                            tlsw_password_fn password,
                                            void *user,
                                            tlsw_error *err);

// Loads a certificate chain and its private key from files as tlsw_ctx_load_cert_chain_mem does
// from memory. Borrows `cert_path`, `key_path` and `password`.
// Pass NULL as `key_path` if the key is in the file `cert_path`. Pipes and devices are read as in
// tlsw_ctx_load_ca_file. If both paths are equal, the file is read once.
// Errors: as tlsw_ctx_load_cert_chain_mem; TLSW_ERR_IO with os_error if a file cannot be read. The
// message names the file. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_load_cert_chain_file(tlsw_ctx *ctx,
                                          const char *cert_path,
                                          const char *key_path,
                                          const uint8_t *password,
                                          size_t password_len,
                                          tlsw_error *err);

// Loads a certificate chain and its private key as tlsw_ctx_load_cert_chain_file does, with a
// callback for the password. Borrows `cert_path`, `key_path` and `user`.
// If the key is encrypted, the library calls `password` with `user` during this call. Pass NULL as
// `password` if there is no password.
// Errors: as tlsw_ctx_load_cert_chain_file; TLSW_ERR_HOOK if `password` fails. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_load_cert_chain_file_cb(tlsw_ctx *ctx,
                                             const char *cert_path,
                                             const char *key_path,
                                             tlsw_password_fn password,
                                             void *user,
                                             tlsw_error *err);

// Sets whether a certificate chain that is loaded after this call is added to an earlier chain
// with a key of the same type (`on` is 1) or replaces the earlier chain (`on` is 0, the default).
// Of several chains with keys of the same type, a peer receives the first chain that the peer
// supports. For example, after a chain for P-256 and a chain for P-384 were loaded, peers without
// P-256 receive the chain for P-384.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_keep_cert_chains(tlsw_ctx *ctx,
                                          int32_t on,
                                          tlsw_error *err);

// Returns the value that tlsw_ctx_set_keep_cert_chains set, 1 or 0; or -1 if `ctx` is not a
// context. Callable from any thread.
TLSW_API
int32_t tlsw_ctx_get_keep_cert_chains(const tlsw_ctx *ctx);

// Sets whether the peer must present a certificate that verifies. `mode` is TLSW_CERT_NONE,
// TLSW_CERT_OPTIONAL, TLSW_CERT_REQUIRED or TLSW_CERT_UNENFORCED. The default is
// TLSW_CERT_REQUIRED for client contexts of tlsw_ctx_new and tlsw_ctx_new_default and for
// TLSW_PROTOCOL_TLS_CLIENT, and TLSW_CERT_NONE for all others.
// On a client TLSW_CERT_NONE disables the authentication of the server, which exposes the
// connection to active attackers. Turn off the host name check before you set TLSW_CERT_NONE:
// tlsw_ctx_set_check_hostname(ctx, 0, err).
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE for TLSW_CERT_NONE while the host name check is on.
// Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_verify_mode(tlsw_ctx *ctx,
                                     uint32_t mode,
                                     tlsw_error *err);

// Sets whether a client checks that the server's certificate contains the server name that was
// passed when the connection was made. `on` is 1 or 0. The default is 1 for client contexts of
// tlsw_ctx_new and tlsw_ctx_new_default and for TLSW_PROTOCOL_TLS_CLIENT, and 0 for all others.
// The name must be in a subjectAltName extension (RFC 9525). The common name is checked only if
// tlsw_ctx_set_hostname_checks_common_name is on. If the verify mode is TLSW_CERT_NONE, turning
// the check on also sets TLSW_CERT_REQUIRED.
// Errors: TLSW_ERR_ARGUMENT, also for 1 on a server context. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_check_hostname(tlsw_ctx *ctx,
                                        int32_t on,
                                        tlsw_error *err);

// Sets the lowest TLS version. `version` is TLSW_TLS_1_0 to TLSW_TLS_1_3,
// TLSW_TLS_MINIMUM_SUPPORTED or TLSW_TLS_MAXIMUM_SUPPORTED. The default is TLSW_TLS_1_2.
// A lowest version above the highest version is not an error of this call, because the two bounds
// are set separately. The handshake then fails with reason NO_PROTOCOLS_AVAILABLE.
// Errors: TLSW_ERR_ARGUMENT, also if the protocol of the context is a single version
// (TLSW_PROTOCOL_TLSV1, TLSW_PROTOCOL_TLSV1_1, TLSW_PROTOCOL_TLSV1_2); TLSW_ERR_UNSUPPORTED for
// TLSW_SSL_3_0. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_min_version(tlsw_ctx *ctx,
                                     int32_t version,
                                     tlsw_error *err);

// Sets the highest TLS version. `version` takes the values of tlsw_ctx_set_min_version. The
// default is TLSW_TLS_MAXIMUM_SUPPORTED.
// Errors: as tlsw_ctx_set_min_version. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_max_version(tlsw_ctx *ctx,
                                     int32_t version,
                                     tlsw_error *err);

// Sets the application protocols for ALPN, preferred first. Borrows `protocols`.
// `protocols` is the list as RFC 7301 encodes it: each name follows its length in one byte, for
// example "\x02h2\x08http/1.1". (NULL, 0) removes all protocols.
// A client offers the protocols. A server selects the first of its own protocols that the client
// offers. If the client offers none of them, the handshake continues without an application
// protocol.
// Errors: TLSW_ERR_ARGUMENT, also for a malformed list or a list of more than 65,535 bytes.
// Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_alpn_protocols(tlsw_ctx *ctx,
                                        const uint8_t *protocols,
                                        size_t len,
                                        tlsw_error *err);

// Reads a password from the controlling terminal. The function is a tlsw_password_fn: pass it to
// tlsw_ctx_load_cert_chain_file_cb as `password`, with the prompt as `user`.
// `prompt` is the text to display (borrows); NULL means "Enter PEM pass phrase:". The call waits
// for a line, which the terminal does not display. Fills `buf`, which has `size` bytes, with the
// line without its newline, and `*len` with the length of the password.
// Errors: TLSW_ERR_ARGUMENT, also for a password of more than `size` bytes; TLSW_ERR_IO if there
// is no terminal; TLSW_ERR_UNSUPPORTED on systems other than Unix. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_password_prompt(void *prompt,
                                 uint8_t *buf,
                                 size_t size,
                                 size_t *len);

// Makes a context for programs written for Python's SSLContext(protocol) or OpenSSL's SSL_CTX_new.
// New programs use tlsw_ctx_new, whose defaults are secure. Gives `*ctx`; free the context with
// tlsw_ctx_free.
// `role` is TLSW_CLIENT, TLSW_SERVER or 0. TLSW_CLIENT and TLSW_SERVER make a context for
// connections of this role only. 0 selects the role of the protocol: client for
// TLSW_PROTOCOL_TLS_CLIENT, server for TLSW_PROTOCOL_TLS_SERVER. With 0 and any other protocol,
// each connection can be a client or a server.
// The context has no trust anchors. With TLSW_PROTOCOL_TLS_CLIENT the context verifies the
// server's certificate and host name; the host name check includes the common name if no
// subjectAltName contains a DNS name. With all other protocols the context accepts every peer
// until tlsw_ctx_set_verify_mode requires verification. Cipher suites, groups and security level
// are those of tlsw_ctx_new. TLSW_PROTOCOL_TLSV1, TLSW_PROTOCOL_TLSV1_1 and TLSW_PROTOCOL_TLSV1_2
// enable a single TLS version; their version bounds are returned as TLSW_TLS_MINIMUM_SUPPORTED and
// TLSW_TLS_MAXIMUM_SUPPORTED and cannot be set.
// Errors: TLSW_ERR_ARGUMENT, also for a role other than the role of the protocol;
// TLSW_ERR_UNSUPPORTED for TLSW_PROTOCOL_SSLV2 and TLSW_PROTOCOL_SSLV3. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_new_protocol(uint32_t protocol,
                                  uint32_t role,
                                  tlsw_ctx **ctx,
                                  tlsw_error *err);

// Returns the TLSW_PROTOCOL_* number that the context was made with, or 0 if `ctx` is not a
// context. For contexts of tlsw_ctx_new and tlsw_ctx_new_default the result is
// TLSW_PROTOCOL_TLS_CLIENT or TLSW_PROTOCOL_TLS_SERVER. Callable from any thread.
TLSW_API
uint32_t tlsw_ctx_get_protocol(const tlsw_ctx *ctx);

// Makes a context with the defaults of tlsw_ctx_new for a purpose, as Python's
// create_default_context does. Gives `*ctx`; free the context with tlsw_ctx_free.
// `purpose` is TLSW_PURPOSE_SERVER_AUTH (authenticate servers) for clients, or
// TLSW_PURPOSE_CLIENT_AUTH (authenticate clients) for servers. `flags` is 0 or
// TLSW_DEFAULT_IGNORE_ENV.
// CAs that are loaded later replace the system roots. If `flags` is 0 and the environment variable
// SSLKEYLOGFILE is set, the secrets of connections are written to the file that the variable names
// (tlsw_ctx_set_keylog_file). A program that runs with more privileges than the user who started
// it (setuid) ignores the variable.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_IO with os_error if the key log file cannot be opened.
// Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_new_default(int32_t purpose,
                                 uint32_t flags,
                                 tlsw_ctx **ctx,
                                 tlsw_error *err);

// Sets the verification flags. `flags` is a combination of TLSW_VERIFY_* bits, which have
// OpenSSL's values. Flags whose bits are not set are turned off.
// Bits without a TLSW_VERIFY_* name have no effect; tlsw_ctx_get_verify_flags returns them as they
// were set. The default is TLSW_VERIFY_X509_TRUSTED_FIRST.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED for TLSW_VERIFY_ALLOW_PROXY_CERTS. Callable from
// any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_verify_flags(tlsw_ctx *ctx,
                                      uint32_t flags,
                                      tlsw_error *err);

// Returns the verification flags as they were set, or 0 if `ctx` is not a context. Callable from
// any thread.
TLSW_API
uint32_t tlsw_ctx_get_verify_flags(const tlsw_ctx *ctx);

// Sets whether the host name check compares the server name with the common name of a certificate
// that has no DNS name in a subjectAltName extension. `on` is 1 or 0. The default is 0 (RFC 9525)
// for contexts of tlsw_ctx_new and tlsw_ctx_new_default, and 1 for contexts of
// tlsw_ctx_new_protocol.
// The common name must also satisfy the name constraints of the CAs in the chain.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_hostname_checks_common_name(tlsw_ctx *ctx,
                                                     int32_t on,
                                                     tlsw_error *err);

// Returns 1 if the host name check includes the common name, 0 if it does not, or -1 if `ctx` is
// not a context. Callable from any thread.
TLSW_API
int32_t tlsw_ctx_get_hostname_checks_common_name(const tlsw_ctx *ctx);

// Adds the CA certificates in a directory to the trust anchors. Borrows `path`.
// The directory contains PEM files whose names are the hash of the certificate's subject: HASH.0,
// HASH.1 and so on. CRLs are named by the hash of their issuer: HASH.r0, HASH.r1 and so on.
// `openssl rehash` makes links with these names. `path` may name several directories, separated by
// the path separator of the system (':' on Unix), as in OpenSSL.
// Each verification looks up the names that the chain needs, and reads new and changed files.
// Certificates and CRLs that were found once stay in the context. A file that cannot be read or
// contains no certificate does not hide the next file of the same name. A directory that does not
// exist is not an error; it supplies no certificates. If a client context trusts the system roots
// by default, the first directory removes them, as in tlsw_ctx_load_ca_mem.
// Errors: TLSW_ERR_ARGUMENT, also for an empty path. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_load_ca_dir(tlsw_ctx *ctx,
                                 const char *path,
                                 tlsw_error *err);

// Removes all trust anchors and CRLs from the context: those that were loaded and the system
// roots. Programs use this call to begin with an empty trust store, as Python's ssl.SSLContext
// does.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_clear_ca(tlsw_ctx *ctx,
                              tlsw_error *err);

// Returns the CA certificates among the trust anchors, decoded, as a JSON array of objects in the
// format of tlsw_cert_json. Gives `*certs`; free the buffer with tlsw_buf_free.
// The array contains the certificates that were loaded, the system roots if the context trusts
// them, and those certificates in directories that a verification has looked up. Certificates that
// are not CA certificates are left out.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_get_ca_certs(const tlsw_ctx *ctx,
                                  tlsw_buf *certs,
                                  tlsw_error *err);

// Returns the certificates of tlsw_ctx_get_ca_certs as DER, one after another; tlsw_cert_new reads
// them one by one. Gives `*certs`; free the buffer with tlsw_buf_free.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_get_ca_certs_der(const tlsw_ctx *ctx,
                                      tlsw_buf *certs,
                                      tlsw_error *err);

// Returns the size of the trust store as a JSON object with Python's keys: "x509" is the number of
// certificates, "x509_ca" the number of CA certificates among them, and "crl" the number of CRLs.
// Gives `*stats`; free the buffer with tlsw_buf_free.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_get_cert_store_stats(const tlsw_ctx *ctx,
                                          tlsw_buf *stats,
                                          tlsw_error *err);

// Reads Diffie-Hellman parameters from a PEM file and checks them. Borrows `path`. The parameters
// have no effect: BoringSSL has no cipher suites with finite-field Diffie-Hellman, and
// tlsw_has("dhe") returns 0. The function exists for programs that load parameters for old peers.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_IO with os_error if the file cannot be read; TLSW_ERR_DECODE
// if the file contains no parameters, or unsafe parameters. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_load_dh_params_file(tlsw_ctx *ctx,
                                         const char *path,
                                         tlsw_error *err);

// Sets the cipher suites for TLS 1.2 and older by a cipher string in OpenSSL's format. Borrows
// `list`.
// A cipher string consists of words separated by colons. A word is the name of a suite (OpenSSL's
// or IANA's) or of a group of suites (ALL, DEFAULT, HIGH, ECDHE, kRSA, aECDSA, AESGCM, CHACHA20,
// SHA1, 3DES, PSK …). `+` between words selects the suites that match both words. `!`, `-` or `+`
// before a word removes the suites for good, removes them, or moves them to the end. `[a|b]` gives
// suites equal preference, and `@STRENGTH` sorts by key length. Words that BoringSSL does not know
// (DHE, aNULL, CAMELLIA …) select no suite.
// `@SECLEVEL=n` sets the security level, 0 to 5 (tlsw_ctx_get_security_level). As the first word,
// `DEFAULT` selects all suites, with and without forward secrecy, except those with pre-shared
// keys or 3DES. The suites of a new context are stricter: ECDHE with AES-GCM or ChaCha20-Poly1305
// and, if the lowest version is below TLS 1.2, ECDHE with AES and SHA-1. If the string and the
// security level leave no suite, the call fails and changes nothing.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_TLS with reason NO_CIPHER_MATCH ("No cipher can be
// selected."). Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_ciphers(tlsw_ctx *ctx,
                                 const char *list,
                                 tlsw_error *err);

// Returns the enabled cipher suites in order of preference, those of TLS 1.3 first, as a JSON
// array of objects. The objects have the keys of CPython's SSLContext.get_ciphers(): id, name,
// protocol, description, strength_bits, alg_bits, aead, symmetric, digest, kea, auth. Gives
// `*ciphers`; free the buffer with tlsw_buf_free.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_get_ciphers(const tlsw_ctx *ctx,
                                 tlsw_buf *ciphers,
                                 tlsw_error *err);

// Sets the cipher suites for TLS 1.3 by their names, separated by colons, preferred first. Borrows
// `names`.
// The names are TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384 and TLS_CHACHA20_POLY1305_SHA256.
// Other names are skipped. By default all three suites are enabled, and those with AES come first
// if the machine has AES instructions.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_TLS with reason NO_CIPHER_MATCH ("No cipher suite can be
// selected."). Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_ciphersuites(tlsw_ctx *ctx,
                                      const char *names,
                                      tlsw_error *err);

// Sets the groups for the key exchange by their names, separated by colons, preferred first.
// Borrows `groups`.
// The names are X25519MLKEM768, MLKEM1024, x25519, secp256r1 (also prime256v1, P-256), secp384r1
// (also P-384) and secp521r1 (also P-521), in upper or lower case. An unknown name after a
// question mark is skipped. In TLS 1.2 the groups also restrict the keys of ECDSA certificates.
// Errors: TLSW_ERR_ARGUMENT for an unknown name, for a group that is listed twice, and if no group
// is left; TLSW_ERR_TLS with reason UNSUPPORTED_ELLIPTIC_CURVE for a group that BoringSSL does not
// support (secp256k1, brainpoolP256r1 …). Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_groups(tlsw_ctx *ctx,
                                const char *groups,
                                tlsw_error *err);

// Returns the enabled groups that the version bounds allow, in order of preference, as a JSON
// array of IANA's names. Gives `*groups`; free the buffer with tlsw_buf_free. If `aliases` is 1,
// the other names of each group follow its IANA name; if `aliases` is 0, they are left out.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if the security level leaves no group;
// TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_get_groups(const tlsw_ctx *ctx,
                                int32_t aliases,
                                tlsw_buf *groups,
                                tlsw_error *err);

// Sets the only group for the key exchange of server connections. Borrows `curve`, a name of
// tlsw_ctx_set_groups. The setting does not affect clients. The function exists for programs
// written for OpenSSL or Python; new programs use tlsw_ctx_set_groups.
// Errors: TLSW_ERR_ARGUMENT for an unknown name; TLSW_ERR_TLS with reason
// UNSUPPORTED_ELLIPTIC_CURVE for a group that BoringSSL does not support. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_ecdh_curve(tlsw_ctx *ctx,
                                    const char *curve,
                                    tlsw_error *err);

// Returns the security level, 0 to 5, or -1 if `ctx` is not a context. tlsw_ctx_set_ciphers sets
// the level by `@SECLEVEL=n`. The default is 2.
// As in OpenSSL 3, the levels require 0, 80, 112, 128, 192 and 256 bits of security. The
// requirement applies to keys (at level 2, RSA keys of at least 2048 bits and elliptic curves of
// at least 224 bits), signatures on certificates except the trust anchor (no SHA-1 at level 1 and
// above), cipher suites, groups and signature algorithms of the handshake. Own chains are checked
// when they are loaded and when connections are made, the peer's chain when it is verified. At
// level 3 and above session tickets, TLS 1.0 and TLS 1.1 are disabled, and so are suites without
// forward secrecy. At the lower levels the version bounds alone determine the protocol versions.
// Callable from any thread.
TLSW_API
int32_t tlsw_ctx_get_security_level(const tlsw_ctx *ctx);

// Sets the options. `options` is a combination of TLSW_OP_* bits, which have OpenSSL's values.
// Options whose bits are not set are turned off.
// Bits without a TLSW_OP_* name have no effect; tlsw_ctx_get_options returns them as they were
// set. The default is 0x82520050: TLSW_OP_ALL, TLSW_OP_NO_COMPRESSION,
// TLSW_OP_ENABLE_MIDDLEBOX_COMPAT, TLSW_OP_CIPHER_SERVER_PREFERENCE and TLSW_OP_NO_SSLV3.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED for TLSW_OP_ENABLE_KTLS. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_options(tlsw_ctx *ctx,
                                 uint64_t options,
                                 tlsw_error *err);

// Returns the options as they were set, or 0 if `ctx` is not a context. Callable from any thread.
TLSW_API
uint64_t tlsw_ctx_get_options(const tlsw_ctx *ctx);

// Returns the verify mode: TLSW_CERT_NONE, TLSW_CERT_OPTIONAL, TLSW_CERT_REQUIRED or
// TLSW_CERT_UNENFORCED; or -1 if `ctx` is not a context. Callable from any thread.
TLSW_API
int32_t tlsw_ctx_get_verify_mode(const tlsw_ctx *ctx);

// Returns 1 if clients check the server's host name, 0 if they do not, or -1 if `ctx` is not a
// context. Callable from any thread.
TLSW_API
int32_t tlsw_ctx_get_check_hostname(const tlsw_ctx *ctx);

// Returns the lowest TLS version as it was set, or 0 if `ctx` is not a context.
// TLSW_TLS_MAXIMUM_SUPPORTED is returned as TLSW_TLS_1_3. Callable from any thread.
TLSW_API
int32_t tlsw_ctx_get_min_version(const tlsw_ctx *ctx);

// Returns the highest TLS version as it was set, or 0 if `ctx` is not a context.
// TLSW_TLS_MINIMUM_SUPPORTED is returned as TLSW_TLS_1_0. Callable from any thread.
TLSW_API
int32_t tlsw_ctx_get_max_version(const tlsw_ctx *ctx);

// Returns the application protocols that tlsw_ctx_set_alpn_protocols set, in the same encoding.
// Gives `*protocols`; free the buffer with tlsw_buf_free. Returns TLSW_NONE if no protocols are
// set.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_get_alpn_protocols(const tlsw_ctx *ctx,
                                        tlsw_buf *protocols,
                                        tlsw_error *err);

// Sets the number of session tickets that a server sends after a TLS 1.3 handshake. The default is
// 2. Numbers above 16 count as 16. The setting has no effect below TLS 1.3.
// Errors: TLSW_ERR_ARGUMENT, also for a negative number and on a client context. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_num_tickets(tlsw_ctx *ctx,
                                     int32_t tickets,
                                     tlsw_error *err);

// Returns the number of session tickets that a server sends after a TLS 1.3 handshake, or -1 if
// `ctx` is not a context. Callable from any thread.
TLSW_API
int32_t tlsw_ctx_get_num_tickets(const tlsw_ctx *ctx);

// Accepts 0 and refuses 1, for programs written for OpenSSL. BoringSSL does not support
// post-handshake authentication (RFC 8446, section 4.6.2), neither on clients nor on servers. If a
// server requests a certificate after the handshake, the client's read fails with reason
// UNEXPECTED_MESSAGE.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED for 1. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_post_handshake_auth(tlsw_ctx *ctx,
                                             int32_t on,
                                             tlsw_error *err);

// Returns 0, because post-handshake authentication is not supported; or -1 if `ctx` is not a
// context. Callable from any thread.
TLSW_API
int32_t tlsw_ctx_get_post_handshake_auth(const tlsw_ctx *ctx);

// Fails always: Next Protocol Negotiation, a draft that ALPN replaced, is not supported. Use
// tlsw_ctx_set_alpn_protocols.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_npn_protocols(tlsw_ctx *ctx,
                                       const uint8_t *protocols,
                                       size_t len,
                                       tlsw_error *err);

// Appends the TLS secrets of connections to a file, one line per secret in NSS key log format, so
// that programs such as Wireshark can decrypt captured traffic. Borrows `path`. NULL turns the key
// log off. Use the key log for debugging only: whoever reads the file can decrypt the connections.
// On Unix, a new file is readable and writable by its owner only, and begins with a comment line.
// If an existing regular file belongs to the effective user of the process, the permissions of
// other users are removed, and those of the group are kept. In a directory that every user can
// write to, the call refuses a symbolic link, a file with several hard links, and a file of a user
// other than root and the effective user.
// Each line is written completely or not at all, and lines of several threads and processes do not
// mix. If the disk or the pipe is full, or if the reader of a pipe closed it, the line is lost and
// the connection continues. Writing to a pipe or terminal neither waits nor raises a signal. A
// pipe without a reader stores lines up to its capacity.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_IO with os_error if the file cannot be opened, with os_error
// EACCES if the call refuses it. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_keylog_file(tlsw_ctx *ctx,
                                     const char *path,
                                     tlsw_error *err);

// Returns the path that tlsw_ctx_set_keylog_file set. Gives `*path`; free the buffer with
// tlsw_buf_free. Returns TLSW_NONE if secrets are not logged to a file.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_get_keylog_file(const tlsw_ctx *ctx,
                                     tlsw_buf *path,
                                     tlsw_error *err);

// Returns statistics of the context's connections as a JSON object in the form of Python's
// session_stats(). Gives `*json`; free the buffer with tlsw_buf_free.
// The counters begin when the context is made. "connect" and "accept" count the handshakes begun
// as client and as server, "connect_good" and "accept_good" the completed handshakes,
// "connect_renegotiate" and "accept_renegotiate" the renegotiations; "accept_renegotiate" is
// always 0, because servers never renegotiate. "hits" counts resumed sessions on both sides.
// "number" is the number of sessions that a server stores at present for resumption by session
// identifier (TLS 1.2 and older, without tickets). "misses" counts requested sessions that were
// not stored, "timeouts" requested sessions that had expired, and "cache_full" sessions that were
// removed because the cache was full. A connection whose context was changed counts for the first
// context.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_get_session_stats(const tlsw_ctx *ctx,
                                       tlsw_buf *json,
                                       tlsw_error *err);

// Sets the lifetime of sessions in seconds. On a server a session can be resumed for that time; on
// a client at most for that time. The default, 0, means two hours below TLS 1.3 and two days in
// TLS 1.3.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_session_timeout(tlsw_ctx *ctx,
                                         uint32_t seconds,
                                         tlsw_error *err);

// Returns the lifetime of sessions in seconds that tlsw_ctx_set_session_timeout set. Returns 0 for
// the default, and also if `ctx` is not a context. Callable from any thread.
TLSW_API
uint32_t tlsw_ctx_get_session_timeout(const tlsw_ctx *ctx);

// Sets the number of sessions that a server stores for resumption by session identifier (TLS 1.2
// and older, without tickets). The default is 20,480; 0 means no limit. When the cache is full,
// the oldest session is removed.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_session_cache_size(tlsw_ctx *ctx,
                                            uint32_t sessions,
                                            tlsw_error *err);

// Returns the number of sessions that tlsw_ctx_set_session_cache_size set. Returns 0 for no limit,
// and also if `ctx` is not a context. Callable from any thread.
TLSW_API
uint32_t tlsw_ctx_get_session_cache_size(const tlsw_ctx *ctx);

// Makes a connection over `fd`, a connected stream socket. Sends nothing yet. Gives `*conn`, to be
// freed with tlsw_conn_free.
// The caller still owns `fd`: the library never closes it and never changes its flags. Keep it
// open until the connection is freed. `role` is TLSW_CLIENT or TLSW_SERVER and must match the
// context; with a context for both roles (tlsw_ctx_new_protocol) either is allowed.
// `server_hostname` is for clients: the DNS name or IP address (without its zone) that the
// server's certificate must contain. International names are converted to A-labels
// (tlsw_hostname_to_ascii). A DNS name is sent as server_name (RFC 6066), an IP address is not.
// Pass NULL on servers, and on clients that do not check host names.
// Calls on the connection wait without limit at first, or never if `fd` is non-blocking;
// tlsw_conn_set_timeout changes that.
// Errors: TLSW_ERR_ARGUMENT, also if `fd` is not a stream socket; TLSW_ERR_UNSUPPORTED if the
// system has no such descriptors; TLSW_ERR_STATE if the security level leaves no cipher suite,
// group or version (tlsw_ctx_get_security_level); TLSW_ERR_TLS or TLSW_ERR_MEMORY if the context
// cannot be set up. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_wrap_fd(tlsw_ctx *ctx,
                         ptrdiff_t fd,
                         uint32_t role,
                         const char *server_hostname,
                         tlsw_conn **conn,
                         tlsw_error *err);

// Makes a connection over memory. The caller writes the bytes received from the peer into
// `incoming` and reads the bytes to send to the peer from `outgoing`. Keeps both until the
// connection is freed. The outgoing BIO of one connection may be the incoming BIO of another.
// Gives `*conn`, to be freed with tlsw_conn_free. `role`, `server_hostname` and everything else as
// for tlsw_wrap_fd.
// Calls never wait; they return TLSW_WANT_READ if `incoming` is empty.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE, TLSW_ERR_TLS or TLSW_ERR_MEMORY as tlsw_wrap_fd.
// Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_wrap_bio(tlsw_ctx *ctx,
                          tlsw_bio *incoming,
                          tlsw_bio *outgoing,
                          uint32_t role,
                          const char *server_hostname,
                          tlsw_conn **conn,
                          tlsw_error *err);

// Makes a connection over two functions of the caller. The functions run on the thread that drives
// the connection, one at a time. They must not block and must not drive the connection. Gives
// `*conn`, to be freed with tlsw_conn_free. `role`, `server_hostname` and everything else as for
// tlsw_wrap_fd.
// `user` (keeps) is passed to both functions. `free_user` (or NULL) is called with it once, when
// the connection is freed. If this call fails, `free_user` is not called and the caller still owns
// `user`.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE, TLSW_ERR_TLS or TLSW_ERR_MEMORY as tlsw_wrap_fd.
// Later, if a function fails: TLSW_ERR_HOOK from the call on the connection that called it.
// Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_wrap_io(tlsw_ctx *ctx,
                         tlsw_read_fn read,
                         tlsw_write_fn write,
                         void *user,
                         tlsw_free_fn free_user,
                         uint32_t role,
                         const char *server_hostname,
                         tlsw_conn **conn,
                         tlsw_error *err);

// Frees a connection. Does not send close_notify: call tlsw_conn_shutdown first, or the peer
// treats the data that it received as truncated. A call on the connection that is still running,
// in another thread or further up the stack of this thread, finishes first. NULL is allowed.
// Callable from any thread.
TLSW_API
void tlsw_conn_free(tlsw_conn *conn);

// Performs the handshake; does nothing if the handshake is complete. Reading and writing perform
// the handshake when needed. Call this function first if you need the verification result before
// sending data.
// pthread_cancel does not end a thread inside the call; the thread ends at its next cancellation
// point after the call.
// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer, and
// TLSW_WANT_HOOK if a callback returned it: call again.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_VERIFY if the peer's certificate was refused
// (tlsw_get_peer_chain_der returns the peer's certificates, tlsw_get_failed_cert_der the
// certificate that failed); TLSW_ERR_TLS; TLSW_ERR_EOF, TLSW_ERR_IO, TLSW_ERR_TIMEOUT and
// TLSW_ERR_HOOK from the transport; TLSW_ERR_HOOK from a callback; TLSW_ERR_BUSY inside a callback
// of this connection, and inside a callback of another connection while a callback of this
// connection is running in another thread; TLSW_ERR_MEMORY; TLSW_ERR_STATE.
// One thread at a time performs the handshake.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_handshake(tlsw_conn *conn,
                                tlsw_error *err);

// Reads up to `len` bytes of received data into `buf` (fills) and sets `*n` to their number.
// Performs the handshake first if it is not complete. With `len` 0 sets `*n` to 0.
// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer; TLSW_WANT_HOOK
// as tlsw_conn_handshake; TLSW_CLOSED after the peer's close_notify.
// Errors: as tlsw_conn_handshake; TLSW_ERR_EOF if the peer closed the transport without
// close_notify. Once the transport has ended or was reset, further reads and writes return the
// same error.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_read(tlsw_conn *conn,
                           uint8_t *buf,
                           size_t len,
                           size_t *n,
                           tlsw_error *err);

// Reads like tlsw_conn_read, but leaves the bytes to be read again.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_peek(tlsw_conn *conn,
                           uint8_t *buf,
                           size_t len,
                           size_t *n,
                           tlsw_error *err);

// Encrypts and sends bytes of `buf` (borrows) and sets `*n` to the number of bytes accepted. As
// with write(2), that may be less than `len`: call again with the rest. Over a descriptor several
// records are sent with one system call. Performs the handshake first if it is not complete. With
// `len` 0 writes nothing and succeeds.
// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer, and
// TLSW_WANT_HOOK as tlsw_conn_handshake: call again with the same bytes. The bytes may be at
// another address, and more bytes may follow them.
// Errors: as tlsw_conn_handshake; TLSW_ERR_ARGUMENT if a repeated call has fewer bytes.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_write(tlsw_conn *conn,
                            const uint8_t *buf,
                            size_t len,
                            size_t *n,
                            tlsw_error *err);

// Encrypts and sends all `len` bytes of `buf` (borrows), waiting as often as needed. The time
// limit applies to the whole call. Performs the handshake first if it is not complete.
// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer or a signal
// arrived (tlsw_conn_set_interruptible), and TLSW_WANT_HOOK as tlsw_conn_handshake: call again
// with the same bytes, and the call continues where it stopped. The bytes may be at another
// address. tlsw_get_written returns the number of bytes sent so far. The remaining bytes may be
// passed to tlsw_conn_write instead.
// Errors: as tlsw_conn_write. After TLSW_ERR_TIMEOUT the call can be repeated in the same way.
// TLSW_ERR_ARGUMENT if the call is repeated with other bytes before all bytes were sent.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_write_all(tlsw_conn *conn,
                                const uint8_t *buf,
                                size_t len,
                                tlsw_error *err);

// Closes the sending direction with close_notify (RFC 8446, section 6.1). `how` is TLSW_SHUT_WRITE
// or TLSW_SHUT_BOTH. TLSW_SHUT_WRITE sends close_notify; reading is still possible. TLSW_SHUT_BOTH
// also waits for the peer's close_notify; afterwards the descriptor carries plain text again,
// unless reading ahead was on (tlsw_conn_set_read_ahead).
// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer: call again.
// Errors: TLSW_ERR_STATE with reason SHUTDOWN_WHILE_IN_INIT before the handshake is complete;
// TLSW_ERR_TLS with reason APPLICATION_DATA_AFTER_CLOSE_NOTIFY if the peer sent data that was not
// read; otherwise as tlsw_conn_read.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_shutdown(tlsw_conn *conn,
                               uint32_t how,
                               tlsw_error *err);

// Sets the time limit of each later call on the connection, in milliseconds. Negative: unlimited.
// 0: a call never waits. Otherwise a call that takes longer returns TLSW_ERR_TIMEOUT and may be
// repeated.
// Errors: TLSW_ERR_ARGUMENT, also for a value other than 0 on a connection that is not over a
// descriptor. Callable from any thread. A call that is already waiting keeps its time limit.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_set_timeout(tlsw_conn *conn,
                                  int64_t milliseconds,
                                  tlsw_error *err);

// Sets whether a signal ends a wait: `on` is 1, or 0, the default. With 1 a call that waits for a
// descriptor returns TLSW_WANT_READ or TLSW_WANT_WRITE when a signal arrives, as if it were not
// allowed to wait longer. The call can be repeated, and no data is lost. For languages that handle
// signals between calls.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_set_interruptible(tlsw_conn *conn,
                                        int32_t on,
                                        tlsw_error *err);

// Sets whether the end of the transport counts as the peer's close_notify: `on` is 1, or 0, the
// default. With 1 reading returns TLSW_CLOSED instead of TLSW_ERR_EOF at the end of the transport,
// and writing is still possible. During the handshake the end of the transport is always an error.
// With 1 truncated data is not detected, so it is for protocols that mark their own end of data.
// TLSW_OP_IGNORE_UNEXPECTED_EOF does the same for all connections of a context.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_set_suppress_ragged_eofs(tlsw_conn *conn,
                                               int32_t on,
                                               tlsw_error *err);

// Sets whether the connection receives more than the record that it needs: `on` is 1, or 0, the
// default. Reading ahead is faster for large transfers and uses 64 KiB of memory. Leave it off if
// the descriptor is to carry plain text again: reading ahead may receive, and lose, bytes that
// follow the peer's close_notify.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_BUSY inside a callback; TLSW_ERR_STATE after a call that
// returned TLSW_ERR_PANIC.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_set_read_ahead(tlsw_conn *conn,
                                     int32_t on,
                                     tlsw_error *err);

// Sets the value `user` (keeps) that tlsw_get_user returns, for use in callbacks; NULL for none.
// `free_user` (or NULL) is called with the value once, when it is replaced or the connection is
// freed. If this call fails, the caller still owns `user`.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread. The value must not be replaced while
// another thread uses it.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_set_user(tlsw_conn *conn,
                               void *user,
                               tlsw_free_fn free_user,
                               tlsw_error *err);

// Sets another context (keeps) of the same role for a connection.
// Before the handshake, and inside the callback for server names, the handshake then runs as if
// the connection had been made from `ctx`: with its certificates, trust anchors, verification,
// versions, cipher suites, options, application protocols and callbacks. A session set with
// tlsw_conn_set_session is discarded unless it belongs to `ctx`. Three things stay with the first
// context: its callback for server names if `ctx` has none; the settings for a server's sessions
// (ticket keys, cache, lifetime, number of tickets); and the numbers of
// tlsw_ctx_get_session_stats.
// During a handshake, and after a failed handshake, the context cannot be changed
// (TLSW_ERR_STATE).
// After the handshake two things change: the context that tlsw_get_ctx returns, and the callbacks
// for steps and messages. All other things stay with the context of the handshake: the
// verification result, the context that sessions belong to and whose callback receives them, the
// key log, channel bindings, the shared cipher suites, and the options.
// Errors: TLSW_ERR_ARGUMENT, also for another role, or, before the handshake, if the context
// checks host names and the connection has none; TLSW_ERR_STATE; TLSW_ERR_BUSY inside another
// callback; TLSW_ERR_STATE, TLSW_ERR_TLS or TLSW_ERR_MEMORY if the context cannot be set up, as
// for tlsw_wrap_fd. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_set_ctx(tlsw_conn *conn,
                              tlsw_ctx *ctx,
                              tlsw_error *err);

// Connects to a host and makes a client connection over the new socket. The connection owns the
// socket and closes it when the connection is freed. Gives `*conn`, to be freed with
// tlsw_conn_free.
// `host` is a DNS name or an IP address, and also the `server_hostname` (tlsw_wrap_fd) that the
// server's certificate must contain. The addresses of the host are tried one after another, IPv6
// and IPv4. `flags` is TLSW_HANDSHAKE, or 0 to perform the handshake later. `timeout_ms` is the
// time limit in milliseconds of the whole call, and afterwards of each call on the connection
// (tlsw_conn_set_timeout); negative is unlimited. The system's name resolver cannot be
// interrupted, but the time that it takes counts.
// With TLSW_HANDSHAKE, a failed handshake leaves no connection to query about the server: use 0 if
// you need that information.
// Errors: TLSW_ERR_ARGUMENT, also for a timeout of 0; TLSW_ERR_UNSUPPORTED if tlsw_has("fd")
// returns 0; TLSW_ERR_IO if the name has no address or no address answers; TLSW_ERR_TIMEOUT; with
// TLSW_HANDSHAKE also as tlsw_conn_handshake, and TLSW_ERR_STATE if a callback returns
// TLSW_WANT_HOOK. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_connect(tlsw_ctx *ctx,
                         const char *host,
                         uint16_t port,
                         uint32_t flags,
                         int64_t timeout_ms,
                         tlsw_conn **conn,
                         tlsw_error *err);

// Accepts a client from `fd` (borrows), a listening stream socket, and makes a server connection
// over the new socket. The connection owns the new socket and closes it when the connection is
// freed. tlsw_get_fd returns the number of the new socket, for getpeername and the like. Gives
// `*conn`, to be freed with tlsw_conn_free.
// `flags` is 0 to leave the handshake to tlsw_conn_handshake or the first read, so that a slow
// client does not delay the next clients; or TLSW_HANDSHAKE. `timeout_ms` is the time limit in
// milliseconds of the whole call, and afterwards of each call on the connection; negative is
// unlimited, 0 never waits. With 0, TLSW_HANDSHAKE is not allowed.
// If several threads accept from one socket, make the socket non-blocking. Otherwise a thread may
// wait for the next client in spite of the time limit, after another thread has accepted the first
// one. After an error the socket still listens.
// Also returns TLSW_WANT_READ if no client is waiting and the call may not wait.
// Errors: TLSW_ERR_ARGUMENT, also if `fd` does not listen; TLSW_ERR_UNSUPPORTED if tlsw_has("fd")
// returns 0; TLSW_ERR_IO; TLSW_ERR_TIMEOUT; with TLSW_HANDSHAKE also as tlsw_conn_handshake, and
// TLSW_ERR_STATE if a callback returns TLSW_WANT_HOOK. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_accept(tlsw_ctx *ctx,
                        ptrdiff_t fd,
                        uint32_t flags,
                        int64_t timeout_ms,
                        tlsw_conn **conn,
                        tlsw_error *err);

// Returns the descriptor of a connection; -1 if the connection has none, and for an invalid
// handle.
TLSW_API
ptrdiff_t tlsw_get_fd(const tlsw_conn *conn);

// Makes the connection the owner of its descriptor: the descriptor is closed when the connection
// is freed. Does nothing if the connection owns its descriptor already.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if the connection is not over a descriptor;
// TLSW_ERR_BUSY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_take_fd(tlsw_conn *conn,
                              tlsw_error *err);

// Gives the descriptor (`*fd`) to the caller, whoever owned it before. The connection does not use
// the descriptor any more; later calls on the connection that need it return TLSW_ERR_STATE. For
// plain text after tlsw_conn_shutdown with TLSW_SHUT_BOTH.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if the connection is not over a descriptor;
// TLSW_ERR_BUSY.
// No other thread may be waiting in a call on the connection.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_detach_fd(tlsw_conn *conn,
                                ptrdiff_t *fd,
                                tlsw_error *err);

// Sends `count` bytes of a file, starting at `offset`, or all bytes up to its end with
// TLSW_TO_THE_END. Sends fewer bytes if the file ends before, and sets `*sent` to the number of
// bytes sent. `file` (borrows) is a descriptor open for reading; its file position does not
// change. Performs the handshake first if it is not complete.
// Also returns TLSW_WANT_READ or TLSW_WANT_WRITE if the call may not wait longer or a signal
// arrived, and TLSW_WANT_HOOK as tlsw_conn_handshake: call again with the same arguments, and the
// call continues where it stopped. The last call sets `*sent` to the sum. tlsw_get_written returns
// the number of bytes sent so far.
// Errors: as tlsw_conn_write_all; TLSW_ERR_IO with os_error if the file cannot be read (ESPIPE for
// a pipe); TLSW_ERR_UNSUPPORTED if tlsw_has("fd") returns 0.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_sendfile(tlsw_conn *conn,
                               ptrdiff_t file,
                               uint64_t offset,
                               uint64_t count,
                               uint64_t *sent,
                               tlsw_error *err);

// Returns the protocol version: "TLSv1.3". Static; NULL before the handshake is complete. After a
// failed handshake returns the negotiated version, if the handshake came that far.
TLSW_API
const char *tlsw_get_version(const tlsw_conn *conn);

// Returns the name of the cipher suite: "TLS_AES_128_GCM_SHA256". Below TLS 1.3 it is OpenSSL's
// name: "ECDHE-RSA-AES128-GCM-SHA256". Static; NULL as tlsw_get_version.
TLSW_API
const char *tlsw_get_cipher(const tlsw_conn *conn);

// Returns the IANA name of the cipher suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256". Below TLS
// 1.3 it differs from the name that tlsw_get_cipher returns. Static; NULL as tlsw_get_version.
TLSW_API
const char *tlsw_get_cipher_standard_name(const tlsw_conn *conn);

// Returns the key length of the cipher suite in bits: 128, 256; 0 before the handshake is
// complete.
TLSW_API
uint32_t tlsw_get_cipher_bits(const tlsw_conn *conn);

// Returns the protocol version that introduced the cipher suite: "TLSv1.3", "TLSv1.2", "TLSv1.0",
// "SSLv3". It may be older than the version of the connection. Static; NULL as tlsw_get_version.
TLSW_API
const char *tlsw_get_cipher_version(const tlsw_conn *conn);

// Gives the cipher suites that the client offered and the server enables, to be freed with
// tlsw_buf_free. They are in the server's order, those of TLS 1.3 first, as JSON in the form of
// Python's shared_ciphers(): [["TLS_AES_128_GCM_SHA256", "TLSv1.3", 128], …].
// Also returns TLSW_NONE on clients, and before the ClientHello was received.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_shared_ciphers(const tlsw_conn *conn,
                                    tlsw_buf *json,
                                    tlsw_error *err);

// Returns the group of the key exchange in IANA's spelling: "X25519MLKEM768", "x25519",
// "secp256r1". Static; NULL as tlsw_get_version.
TLSW_API
const char *tlsw_get_group(const tlsw_conn *conn);

// Gives the application protocol (ALPN) that both sides agreed on, to be freed with tlsw_buf_free.
// Also returns TLSW_NONE if no protocol was agreed on or the handshake is not complete.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_alpn(const tlsw_conn *conn,
                          tlsw_buf *protocol,
                          tlsw_error *err);

// Returns the role of a connection: TLSW_CLIENT or TLSW_SERVER; 0 for an invalid handle.
TLSW_API
uint32_t tlsw_get_role(const tlsw_conn *conn);

// Gives the name of the server, to be freed with tlsw_buf_free. On a client it is the DNS name or
// IP address that the connection was made with, in lower case and without a final dot. On a server
// it is the name that the client sent (server_name, RFC 6066), unchanged.
// Also returns TLSW_NONE if there is no name or the ClientHello was not received yet.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_server_hostname(const tlsw_conn *conn,
                                     tlsw_buf *name,
                                     tlsw_error *err);

// Returns the time limit of each call in milliseconds (tlsw_conn_set_timeout): negative for
// unlimited, 0 if calls never wait. Returns 0 for an invalid handle.
TLSW_API
int64_t tlsw_get_timeout(const tlsw_conn *conn);

// Returns the number of bytes that can be read without receiving from the transport; 0 for an
// invalid handle. If the number is not 0, read before you wait for the descriptor.
// With reading ahead (tlsw_conn_set_read_ahead) the number includes complete records that are not
// decrypted yet, with their encrypted length. It is then larger than the number of readable bytes,
// which may be 0. While a callback of the connection runs, only decrypted bytes count.
TLSW_API
size_t tlsw_get_pending(const tlsw_conn *conn);

// Returns the number of bytes sent so far by a tlsw_conn_write_all or tlsw_conn_sendfile that
// ended before it had sent all bytes and that can be repeated; 0 if there is no such call, and for
// an invalid handle.
TLSW_API
uint64_t tlsw_get_written(const tlsw_conn *conn);

// Returns NULL: no connection compresses. TLS 1.3 has no compression, and BoringSSL has none for
// older versions. For programs that call it, as those for Python's ssl do.
TLSW_API
const char *tlsw_get_compression(const tlsw_conn *conn);

// Returns 1 if the handshake resumed an earlier session, else 0.
TLSW_API
int32_t tlsw_get_session_reused(const tlsw_conn *conn);

// Gives a certificate chain of the peer, leaf first, to be freed with tlsw_buf_free. The buffer
// holds the DER of the certificates one after another (tlsw_cert_new reads them one by one) and
// stays valid after the connection is freed.
// `which` is TLSW_CHAIN_SENT: exactly the certificates that the peer sent, in its order; or
// TLSW_CHAIN_VERIFIED: the chain that was built and verified, up to the trust anchor. The sent
// chain is also available after a failed handshake. It is for diagnosis; do not trust it.
// Also returns TLSW_NONE if the peer sent no certificate; for the verified chain also
// TLSW_NONE_UNVERIFIED and TLSW_NONE_FAILED.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete; TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_peer_chain_der(const tlsw_conn *conn,
                                    uint32_t which,
                                    tlsw_buf *chain,
                                    tlsw_error *err);

// Returns the result of the verification of the peer's certificate. TLSW_OK: verification
// succeeded. TLSW_ERR_VERIFY: the certificate was refused, and `*verdict` (fills) has the reason,
// even if the connection continued because of TLSW_CERT_NONE. TLSW_NONE: the peer sent no
// certificate. TLSW_NONE_UNVERIFIED: there is no result, because verification itself could not
// run.
// A server that resumes a session verifies the certificates of the session when this function is
// called, with the trust anchors and rules of that moment.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_verify_result(const tlsw_conn *conn,
                                   tlsw_error *verdict);

// Gives the reason for which verification failed, in the words of OpenSSL and Python, to be freed
// with tlsw_buf_free. The text is that of tlsw_verify_error_string; for a name mismatch it is
// "Hostname mismatch, certificate is not valid for 'example.com'." The message of tlsw_error has
// more details; this text is for programs that search for OpenSSL's words.
// Also returns TLSW_NONE if verification did not fail.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_verify_message(const tlsw_conn *conn,
                                    tlsw_buf *message,
                                    tlsw_error *err);

// Gives the DER of the certificate for which verification failed, to be freed with tlsw_buf_free.
// Also returns TLSW_NONE if verification did not fail.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_failed_cert_der(const tlsw_conn *conn,
                                     tlsw_buf *cert,
                                     tlsw_error *err);

// Returns the value that was set with tlsw_conn_set_user; NULL if there is none.
TLSW_API
void *tlsw_get_user(const tlsw_conn *conn);

// Gives the context of a connection, to be freed with tlsw_ctx_free: another reference to the
// context that the connection was made with, or that was set last with tlsw_conn_set_ctx.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_ctx(const tlsw_conn *conn,
                         tlsw_ctx **ctx,
                         tlsw_error *err);

// Sets the callback that a server calls for each ClientHello, before the version, the cipher suite
// and the certificate are chosen. The callback receives the server name that the client sent (SNI,
// RFC 6066); see tlsw_sni_fn. NULL removes the hook.
// Keeps `user` with the hook and passes `user` to each call of the hook; if `hook` is NULL, `user`
// is not kept. `free_user` may be NULL. Otherwise `free_user` is called with `user`, once, when
// the hook was replaced or the context was freed, and the last connection that can call the hook
// is gone. If this function fails, `user` stays the caller's and `free_user` is not called.
// A connection calls the hook that its context has when the ClientHello arrives, even if the
// connection was made before the hook was set.
// While a hook runs, other threads may query the connection (tlsw_get_*). Other threads that drive
// the connection wait until the hook has returned.
// A hook must not throw, longjmp or end its thread. pthread_cancel has no effect until the call
// that runs the hook returns. If a hook calls pthread_exit, its thread stops for good (with glibc)
// or ends (elsewhere), and its connection stays busy for good.
// Errors: TLSW_ERR_ARGUMENT, also if `ctx` is a context for clients only. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_sni_hook(tlsw_ctx *ctx,
                                  tlsw_sni_fn hook,
                                  void *user,
                                  tlsw_free_fn free_user,
                                  tlsw_error *err);

// Sets the callback that is called after the built-in verification of the peer's certificates, on
// clients and on servers. The callback can refuse a peer that the built-in verification accepts;
// see tlsw_verify_fn. NULL removes the hook.
// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
// A connection calls the hook that its context had when the connection was made from the context
// or moved to it (tlsw_conn_set_ctx). Later changes do not affect the connection.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_verify_hook(tlsw_ctx *ctx,
                                     tlsw_verify_fn hook,
                                     void *user,
                                     tlsw_free_fn free_user,
                                     tlsw_error *err);

// Sets the callback that is called with each protocol message and with the header of each record,
// on clients and on servers, as by OpenSSL's SSL_CTX_set_msg_callback; see tlsw_msg_fn. NULL
// removes the hook.
// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
// A connection calls the hook that its context had when the connection was made from the context
// or moved to it (tlsw_conn_set_ctx, also after the handshake). Later changes do not affect the
// connection.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_msg_hook(tlsw_ctx *ctx,
                                  tlsw_msg_fn hook,
                                  void *user,
                                  tlsw_free_fn free_user,
                                  tlsw_error *err);

// Sets the callback that is called at each step of a connection, on clients and on servers, as by
// OpenSSL's SSL_CTX_set_info_callback; see tlsw_info_fn. NULL removes the hook.
// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
// A client connection calls the hook that its context has when the handshake begins. A server
// connection calls the hook that its context has when the ClientHello arrives. After the
// handshake, tlsw_conn_set_ctx replaces the hook by that of the other context.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_info_hook(tlsw_ctx *ctx,
                                   tlsw_info_fn hook,
                                   void *user,
                                   tlsw_free_fn free_user,
                                   tlsw_error *err);

// Sets the callback that is called with each line for a key log file, on clients and on servers;
// see tlsw_keylog_fn. NULL removes the hook. The lines contain secrets: with them, recorded
// connections can be decrypted.
// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
// A client connection calls the hook that its context has when the handshake begins. A server
// connection calls the hook that its context has when the ClientHello arrives.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_keylog_hook(tlsw_ctx *ctx,
                                     tlsw_keylog_fn hook,
                                     void *user,
                                     tlsw_free_fn free_user,
                                     tlsw_error *err);

// Sets the callback that a client calls with each session that it receives from the server; see
// tlsw_session_fn. NULL removes the hook. The callback is not called for handshakes that use an
// imported pre-shared key (tlsw_ctx_add_psk).
// The rules for `user`, `free_user` and hooks are those of tlsw_ctx_set_sni_hook.
// A connection calls the hook that its context has when the handshake begins.
// Errors: TLSW_ERR_ARGUMENT, also if `ctx` is a context for servers only. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_session_hook(tlsw_ctx *ctx,
                                      tlsw_session_fn hook,
                                      void *user,
                                      tlsw_free_fn free_user,
                                      tlsw_error *err);

// Sets the hook that supplies the identity and the key on clients when a server selects a cipher
// suite with a pre-shared key (RFC 4279, RFC 5489). tlsw_psk_client_fn describes the hook. NULL
// removes the hook; without a hook, clients do not offer these suites.
// Keeps `user` with the hook, unless `hook` is NULL, and passes `user` to each call of the hook.
// `free_user` (or NULL) is called once with `user`: after the hook was replaced or the context
// freed, and after the last connection that may call the hook was freed. If this call fails,
// `user` remains the caller's. Connections call the hook that was set when they were made. The
// rules of tlsw_ctx_set_sni_hook for code inside a hook apply.
// The default cipher suites contain none with pre-shared keys; enable them with
// tlsw_ctx_set_ciphers(ctx, "ECDHE-PSK-CHACHA20-POLY1305", err). TLS 1.3 has no such suites. If
// both sides allow TLS 1.3, they negotiate TLS 1.3 with certificates; to prevent this, lower the
// highest version (tlsw_ctx_set_max_version). In a handshake with a pre-shared key the key
// authenticates the server, and the server sends no certificate. The verify mode and the host name
// check apply to all other handshakes.
// Errors: TLSW_ERR_ARGUMENT, also on a server context; TLSW_ERR_UNSUPPORTED if the context allows
// TLS 1.3 only; TLSW_ERR_STATE if the context has keys of tlsw_ctx_add_psk but does not allow TLS
// 1.3, or if the security level rules out all versions that the context allows. If a later setting
// allows TLS 1.3 only, making a connection fails. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_psk_client_hook(tlsw_ctx *ctx,
                                         tlsw_psk_client_fn hook,
                                         void *user,
                                         tlsw_free_fn free_user,
                                         tlsw_error *err);

// Sets the hook that supplies the key for a client's identity on servers when a cipher suite with
// a pre-shared key was selected. tlsw_psk_server_fn describes the hook. NULL removes the hook;
// without a hook, servers do not select these suites.
// `user`, `free_user` and connections are treated as in tlsw_ctx_set_psk_client_hook, which also
// describes the suites and versions. A server with neither a certificate nor a key of
// tlsw_ctx_add_psk negotiates TLS 1.2 at most. In a handshake with a pre-shared key the server
// requests no certificate, whatever the verify mode; tlsw_get_psk_identity returns the client's
// identity. The resumption of a session does not call the hook.
// Errors: TLSW_ERR_ARGUMENT, also on a client context; TLSW_ERR_UNSUPPORTED and TLSW_ERR_STATE as
// in tlsw_ctx_set_psk_client_hook. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_psk_server_hook(tlsw_ctx *ctx,
                                         tlsw_psk_server_fn hook,
                                         void *user,
                                         tlsw_free_fn free_user,
                                         tlsw_error *err);

// Sets the hint that a server sends to help clients select an identity (TLS 1.2 and older).
// Borrows `hint`, at most 128 bytes. NULL and "" remove the hint.
// Errors: TLSW_ERR_ARGUMENT, also on a client context. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_psk_identity_hint(tlsw_ctx *ctx,
                                           const char *hint,
                                           tlsw_error *err);

// Adds a pre-shared key for TLS 1.3, which is imported as RFC 9258 describes. Borrows `identity`,
// `key`, `context` and `hash`.
// `identity` names the key and must not be empty. `key` has at least 16 random bytes. `context`
// describes the use of the key; pass (NULL, 0) for an empty context. `identity` and `context`
// together have at most 1024 bytes. `hash` is the hash function that the key is bound to,
// "SHA-256" or "SHA-384"; NULL means "SHA-256". All four must be the same on both sides.
// A client offers all its keys, which take at most 12 KiB of the ClientHello: about 70 keys with
// identities of 32 bytes and no context. A server selects the first of its keys that the client
// offers; if the client offers none of them, the server authenticates with its certificate. In a
// handshake with a pre-shared key neither side sends a certificate. The verify mode and the host
// name check apply to all other handshakes. A client with TLSW_CERT_NONE, no verify hook and no
// PSK client hook refuses every server that selects none of its keys. Clients store no sessions of
// handshakes with pre-shared keys, because the key serves the same purpose.
// Errors: TLSW_ERR_ARGUMENT, also if a client's keys take more than 12 KiB; TLSW_ERR_STATE if the
// context does not allow TLS 1.3. If a later setting excludes TLS 1.3, making a connection fails.
// Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_add_psk(tlsw_ctx *ctx,
                             const uint8_t *identity,
                             size_t identity_len,
                             const uint8_t *key,
                             size_t key_len,
                             const uint8_t *context,
                             size_t context_len,
                             const char *hash,
                             tlsw_error *err);

// Returns the identity of the pre-shared key that authenticated both sides, as the client sent it.
// Gives `*identity`; free the buffer with tlsw_buf_free. For a resumed TLS 1.2 session the result
// is the identity of the session's first handshake. Returns TLSW_NONE if no pre-shared key was
// used or if the handshake is not complete.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_psk_identity(const tlsw_conn *conn,
                                  tlsw_buf *identity,
                                  tlsw_error *err);

// Gives a report on the peer of a connection, to be freed with tlsw_buf_free. It is available
// after the handshake, also after a failed handshake, as one JSON object on one line:
//
//     {"protocol": "TLSv1.3", "cipher": "…", "group": "…", "alpn": null, "verified": false,
//      "verify_error": {"code": 20, "reason": "…", "depth": 1, "subject": "…", "message": "…"},
//      "sent": [CERTIFICATE, CERTIFICATE], "verified_chain": null}
//
// CERTIFICATE is the object of tlsw_cert_json, preceded by the keys "pem" and "sha256" (lower-case
// hexadecimal). "protocol", "cipher" and "group" are null if the handshake ended before they were
// known. "alpn" is null if no protocol was agreed on. "verified" is true if the handshake is
// complete and the peer's certificate was verified in it; it is false with TLSW_CERT_NONE.
// "verify_error" is null unless verification failed; with TLSW_CERT_NONE it is the error that
// verification would have reported. "verified_chain" is null if there is none.
// The bytes are those of Python's json.dumps(object). They are ASCII only, so that no name in a
// certificate can control a terminal, and every program prints the same text.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake has ended; TLSW_ERR_DECODE if the
// peer sent an invalid certificate, whose position is named; TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_report_json(const tlsw_conn *conn,
                                 tlsw_buf *json,
                                 tlsw_error *err);

// Gives the channel binding of a connection, which ties an authentication inside the connection to
// it. To be freed with tlsw_buf_free. `type` is one of:
// "tls-unique" (RFC 5929), below TLS 1.3 only. Returns TLSW_NONE on a resumed session without the
// extended master secret, where it does not bind.
// "tls-server-end-point" (RFC 5929), the hash of the server's certificate. Returns TLSW_NONE on a
// client if the server sent no certificate.
// "tls-exporter" (RFC 9266), in TLS 1.3, and in older versions with the extended master secret.
// Errors: TLSW_ERR_ARGUMENT, also for another type; TLSW_ERR_STATE before the handshake is
// complete; TLSW_ERR_UNSUPPORTED if the type is not defined for the connection, and for
// tls-server-end-point on a server without exactly one certificate; the message names the type to
// use instead, if there is one; TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_channel_binding(const tlsw_conn *conn,
                                     const char *type,
                                     tlsw_buf *binding,
                                     tlsw_error *err);

// Gives `len` bytes (1 to 16,384) of keying material that only the two sides of the connection can
// compute (RFC 5705; RFC 8446, section 7.5). To be freed with tlsw_buf_free, which wipes the
// bytes.
// `label` names the purpose. `context` (borrows) may be (NULL, 0) for none; below TLS 1.3, none
// and an empty context give different results.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete; TLSW_ERR_TLS;
// TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_export_keying_material(const tlsw_conn *conn,
                                        const char *label,
                                        const uint8_t *context,
                                        size_t context_len,
                                        size_t len,
                                        tlsw_buf *material,
                                        tlsw_error *err);

// Gives the content of the newest Finished message of one side (RFC 8446, section 4.4.4; RFC 5246,
// section 7.4.9), in any version, to be freed with tlsw_buf_free. `whose` is TLSW_FINISHED_OWN or
// TLSW_FINISHED_PEER. The content has 12 bytes below TLS 1.3, and the length of the hash in TLS
// 1.3.
// Both sides know both messages, but in TLS 1.3 they are no channel binding
// (tlsw_get_channel_binding).
// Also returns TLSW_NONE if there is no such message yet.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_finished(const tlsw_conn *conn,
                              uint32_t whose,
                              tlsw_buf *verify_data,
                              tlsw_error *err);

// Gives the session of a connection, to be freed with tlsw_session_free, for a later connection of
// the same context to resume. In TLS 1.2 and older it is the session of the handshake. In TLS 1.3
// it is the newest ticket that the server sent; tickets arrive after the handshake, with the first
// bytes that are read. Use the session only for the server that it came from.
// Also returns TLSW_NONE if there is none, or none yet.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_session(const tlsw_conn *conn,
                             tlsw_session **session,
                             tlsw_error *err);

// Gives the session of a connection, whether or not it can be resumed, to be freed with
// tlsw_session_free. This is the session of Python's SSLSocket.session. In TLS 1.3, until a ticket
// arrives, and on servers, it has no ticket (tlsw_session_has_ticket returns 0). A connection that
// is given such a session performs a full handshake.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE before the handshake is complete. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_current_session(const tlsw_conn *conn,
                                     tlsw_session **session,
                                     tlsw_error *err);

// Sets the session that a client's handshake may resume (keeps `session`). If the server does not
// resume it, the handshake is a full handshake; tlsw_get_session_reused returns which. The
// server's certificates, which the session contains, are verified again with the settings of this
// connection.
// Errors: TLSW_ERR_ARGUMENT, also on a server and for a session of another context; TLSW_ERR_STATE
// once the handshake has begun; TLSW_ERR_BUSY.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_conn_set_session(tlsw_conn *conn,
                                  const tlsw_session *session,
                                  tlsw_error *err);

// Frees the caller's reference to a session. NULL is allowed. Callable from any thread.
TLSW_API
void tlsw_session_free(tlsw_session *session);

// Gives a session as bytes, to be freed with tlsw_buf_free, which wipes them.
// With `key` (borrows), 32 bytes that nobody can guess (tlsw_rand_bytes), the bytes are encrypted
// and authenticated (XChaCha20-Poly1305), and may be stored anywhere. With NULL they are not
// encrypted; protect them from being read and from being changed. Whoever can read them can
// decrypt connections that resume the session. Whoever can change them can pose as the server of
// such a connection, with any certificate.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED if the session cannot be resumed;
// TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_session_to_bytes(const tlsw_session *session,
                                  const uint8_t *key,
                                  tlsw_buf *data,
                                  tlsw_error *err);

// Makes a session of `ctx` from the bytes of tlsw_session_to_bytes (borrows), of this process or
// another. Gives `*session`, to be freed with tlsw_session_free.
// With `key` (borrows), the 32 bytes that tlsw_session_to_bytes was given, only bytes made with
// that key are accepted. With NULL only bytes made without a key are accepted; they must have been
// protected from being read and from being changed. The certificates in the bytes are verified
// when the session is resumed, but whoever wrote the bytes chose both the certificates and the
// secrets.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if the bytes are not a session, belong to another
// version, are damaged, were made with another key, were made with a key while `key` is NULL, or
// were made without a key while `key` is given. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_session_from_bytes(tlsw_ctx *ctx,
                                    const uint8_t *data,
                                    size_t len,
                                    const uint8_t *key,
                                    tlsw_session **session,
                                    tlsw_error *err);

// Gives the identifier of a session, to be freed with tlsw_buf_free. In TLS 1.3 a session has no
// identifier, and the result is empty.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_session_id(const tlsw_session *session,
                            tlsw_buf *id,
                            tlsw_error *err);

// Returns the time when the session was made, in seconds since 1970 (UTC); 0 for an invalid
// handle. Callable from any thread.
TLSW_API
int64_t tlsw_session_time(const tlsw_session *session);

// Returns the number of seconds after tlsw_session_time during which the session can be resumed; 0
// for an invalid handle. Callable from any thread.
TLSW_API
uint32_t tlsw_session_timeout(const tlsw_session *session);

// Returns the number of seconds for which the server promised to accept the ticket; 0 if the
// server promised none, and for an invalid handle. Callable from any thread.
TLSW_API
uint32_t tlsw_session_ticket_lifetime_hint(const tlsw_session *session);

// Returns 1 if the session has a ticket, in which the server keeps its state (RFC 5077, RFC 8446),
// else 0. Callable from any thread.
TLSW_API
int32_t tlsw_session_has_ticket(const tlsw_session *session);

// Returns 1 if both sessions are the same, else 0. Sessions are compared by identifier, or by
// ticket if they have no identifier; sessions without either are the same only if both handles
// refer to one BoringSSL session. Callable from any thread.
TLSW_API
int32_t tlsw_session_equal(const tlsw_session *one,
                           const tlsw_session *other);

// Makes an empty byte queue. Gives `*bio`, to be freed with tlsw_bio_free.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_bio_new(tlsw_bio **bio,
                         tlsw_error *err);

// Frees the caller's reference to a queue. Connections that use the queue keep it. NULL is
// allowed. Callable from any thread.
TLSW_API
void tlsw_bio_free(tlsw_bio *bio);

// Removes up to `len` bytes from the queue, writes them to `buf` (fills) and sets `*n` to their
// number.
// Also returns TLSW_WANT_READ if the queue is empty; TLSW_CLOSED if the queue is empty and its end
// was written (tlsw_bio_write_eof).
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_bio_read(tlsw_bio *bio,
                          uint8_t *buf,
                          size_t len,
                          size_t *n,
                          tlsw_error *err);

// Appends all `len` bytes of `buf` (borrows) to the queue.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE after tlsw_bio_write_eof; TLSW_ERR_MEMORY, in which
// case nothing is appended. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_bio_write(tlsw_bio *bio,
                           const uint8_t *buf,
                           size_t len,
                           tlsw_error *err);

// Marks the end of the stream. When the bytes in the queue were read, tlsw_bio_read returns
// TLSW_CLOSED and a connection finds the end of its transport. A repeated call has no effect.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_bio_write_eof(tlsw_bio *bio,
                               tlsw_error *err);

// Returns the number of bytes in the queue; 0 for an invalid handle. Callable from any thread.
TLSW_API
size_t tlsw_bio_pending(const tlsw_bio *bio);

// Returns 1 if the end of the stream was marked and all bytes before it were read, else 0.
// Callable from any thread.
TLSW_API
int32_t tlsw_bio_eof(const tlsw_bio *bio);

// Decodes the first certificate in the `len` bytes at `der` (borrows). Gives `*cert`, to be freed
// with tlsw_cert_free. Sets `*used` to the number of bytes that the certificate occupies, so that
// a chain can be read in a loop:
//
//     for (at = 0; at < chain.len; at += used)
//         if (tlsw_cert_new(chain.data + at, chain.len - at, &used, &cert, &err)) break;
//
// `used` may be NULL; then bytes after the certificate are an error.
// The function decodes and verifies nothing: an expired or otherwise invalid certificate is
// accepted.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if the bytes are not a certificate, or if `used` is
// NULL and bytes follow the certificate. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_cert_new(const uint8_t *der,
                          size_t len,
                          size_t *used,
                          tlsw_cert **cert,
                          tlsw_error *err);

// Frees a certificate and all memory that was borrowed from the certificate. NULL is allowed.
// Callable from any thread.
TLSW_API
void tlsw_cert_free(tlsw_cert *cert);

// Sets `*der` to the DER encoding of a certificate and `*len` to the length of the encoding in
// bytes. The bytes are borrowed from the certificate.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_cert_der(const tlsw_cert *cert,
                          const uint8_t **der,
                          size_t *len,
                          tlsw_error *err);

// Encodes a certificate as a PEM block (RFC 7468). Gives `*pem`, to be freed with tlsw_buf_free.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_cert_pem(const tlsw_cert *cert,
                          tlsw_buf *pem,
                          tlsw_error *err);

// Encodes the fields of a certificate as a JSON object. Gives `*json`, to be freed with
// tlsw_buf_free.
// The object has the keys and values of Python's getpeercert() in Python's order: subject, issuer,
// version, serialNumber, notBefore, notAfter, subjectAltName, OCSP, caIssuers,
// crlDistributionPoints. These are followed by signatureAlgorithm, keyType, keyBits, isCA,
// keyUsage, extendedKeyUsage, subjectKeyIdentifier and authorityKeyIdentifier.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_cert_json(const tlsw_cert *cert,
                           tlsw_buf *json,
                           tlsw_error *err);

// Returns the subject of a certificate as RFC 4514 text ("CN=example.com,O=…"), or "" if the
// subject is empty. The text is UTF-8 without control characters and is borrowed from the
// certificate. Returns NULL if `cert` is not a certificate. Callable from any thread.
TLSW_API
const char *tlsw_cert_subject(const tlsw_cert *cert);

// Returns the issuer of a certificate as RFC 4514 text, or "" if the issuer is empty. The text is
// UTF-8 without control characters and is borrowed from the certificate. Returns NULL if `cert` is
// not a certificate. Callable from any thread.
TLSW_API
const char *tlsw_cert_issuer(const tlsw_cert *cert);

// Returns the most specific common name of the subject, or NULL if there is no common name. The
// text is borrowed from the certificate.
// The text is copied from the certificate unchanged and may contain control characters; only a NUL
// is replaced by U+FFFD. A common name is not a host name (RFC 9525). Callable from any thread.
TLSW_API
const char *tlsw_cert_common_name(const tlsw_cert *cert);

// Returns the serial number of a certificate in upper-case hexadecimal, two digits a byte,
// preceded by "-" if the number is negative. The text is borrowed from the certificate. Returns
// NULL if `cert` is not a certificate. Callable from any thread.
TLSW_API
const char *tlsw_cert_serial(const tlsw_cert *cert);

// Returns the algorithm with which the issuer signed a certificate: OpenSSL's name of the
// algorithm ("sha256WithRSAEncryption", "ecdsa-with-SHA256", "ED25519"), or the dotted OID of an
// algorithm without a name. The text is borrowed from the certificate. Returns NULL if `cert` is
// not a certificate. Callable from any thread.
TLSW_API
const char *tlsw_cert_signature_algorithm(const tlsw_cert *cert);

// Returns the type of the public key of a certificate: "RSA", "RSA-PSS", "EC", "DSA", "ED25519",
// "ED448", "X25519", "X448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87", or the dotted OID of any other
// type. The text is borrowed from the certificate. Returns NULL if `cert` is not a certificate.
// Callable from any thread.
TLSW_API
const char *tlsw_cert_key_type(const tlsw_cert *cert);

// Returns the size of the public key of a certificate in bits, or 0 if the size is unknown or
// `cert` is not a certificate. Callable from any thread.
TLSW_API
uint32_t tlsw_cert_key_bits(const tlsw_cert *cert);

// Returns the X.509 version of a certificate: 1, 2 or 3. A malformed certificate may contain any
// other number. Returns 0 if the number does not fit the result or `cert` is not a certificate.
// Callable from any thread.
TLSW_API
uint32_t tlsw_cert_version(const tlsw_cert *cert);

// Returns the first second at which a certificate is valid, in seconds since 1970-01-01 00:00:00
// UTC. Returns INT64_MAX if the time cannot be read, and 0 if `cert` is not a certificate.
// Callable from any thread.
TLSW_API
int64_t tlsw_cert_not_before(const tlsw_cert *cert);

// Returns the last second at which a certificate is valid, in seconds since 1970-01-01 00:00:00
// UTC. Returns INT64_MIN if the time cannot be read, and 0 if `cert` is not a certificate.
// Callable from any thread.
TLSW_API
int64_t tlsw_cert_not_after(const tlsw_cert *cert);

// Returns 1 if a certificate is a CA certificate, that is, if its basicConstraints extension
// contains CA:TRUE (RFC 5280, section 4.2.1.9). Returns 0 otherwise. Callable from any thread.
TLSW_API
int32_t tlsw_cert_is_ca(const tlsw_cert *cert);

// Returns the number of subjectAltName entries of a certificate; 0 if `cert` is not a certificate.
// Callable from any thread.
TLSW_API
size_t tlsw_cert_san_count(const tlsw_cert *cert);

// Returns the subjectAltName entry number `index` of a certificate, counted from 0. Sets `*kind`
// to a TLSW_SAN_* constant and `*value` to the text of the entry, which is UTF-8, ends in NUL and
// is borrowed from the certificate. Sets `*len` to the length of the text in bytes without the
// final NUL; `len` may be NULL.
// The text of a malicious certificate may contain further NUL bytes and any control character, so
// use `*len` to compare names.
// IP addresses are text ("192.0.2.1", "2001:db8::1"), and directory names are RFC 4514 text. An
// otherName is its OID, ":" and its value. A value without a text form is "#" and hexadecimal
// digits.
// Returns TLSW_NONE if `index` is past the last entry.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_cert_san(const tlsw_cert *cert,
                          size_t index,
                          uint32_t *kind,
                          const char **value,
                          size_t *len,
                          tlsw_error *err);

// Computes the SHA-256 digest of the DER encoding of a certificate: the fingerprint that is used
// for certificate pinning. Fills `digest` with the 32 bytes of the digest. `size` is the size of
// `digest` in bytes.
// Errors: TLSW_ERR_ARGUMENT, also if `size` is less than 32. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_cert_sha256(const tlsw_cert *cert,
                             uint8_t *digest,
                             size_t size,
                             tlsw_error *err);

// Checks whether a certificate is valid for `hostname` (borrows), by the rules of Python's
// match_hostname (RFC 6125). Returns TLSW_OK if the certificate is valid for `hostname`.
// `hostname` is an IP address or a DNS name with international labels as A-labels.
// An IP address is compared with the iPAddress entries of the subjectAltName, as an address. IPv4
// addresses have four parts; "127.1" is treated as a DNS name. A DNS name is compared with the
// dNSName entries, without regard to the case of ASCII letters. The common names of the subject
// are compared only if the subjectAltName has neither dNSName nor iPAddress entries.
// A wildcard is the whole first label ("*.example.com") and matches exactly one label. Entries are
// compared in their order. The certificate is refused if an entry with any other wildcard comes
// before the first match: more than one wildcard, a wildcard in another label, a wildcard that is
// a part of a label ("w*.example.com"), or a wildcard alone ("*"). If `hostname` is an IP address,
// an iPAddress entry that is neither 4 nor 16 bytes long has the same effect.
// The function checks nothing else. Connections do not use the function: the handshake performs
// its own, stricter check (tlsw_ctx_set_check_hostname).
// Errors: TLSW_ERR_ARGUMENT, also if `cert` is NULL; TLSW_ERR_VERIFY if the certificate is not
// valid for `hostname`, with verify_error 62 (DNS name) or 64 (IP address). The error message
// lists the names in the certificate, or describes the malformed entry. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_match_hostname(const tlsw_cert *cert,
                                const char *hostname,
                                tlsw_error *err);

// Converts the name of a host to the form that is used in DNS lookups, in SNI and in certificates.
// Gives `*ascii`, to be freed with tlsw_buf_free. tlsw_wrap_* convert their `server_hostname` in
// the same way.
// Labels that are not ASCII become A-labels ("xn--bcher-kva.example") by UTS 46, the IDNA of
// browsers. Letters become lower case and a final dot is dropped. A-labels stay A-labels. An IP
// address is returned in its usual form, without brackets and zone.
// Errors: TLSW_ERR_ARGUMENT, also if `hostname` is neither a DNS name nor an IP address: if the
// name is empty or longer than 253 bytes, a label is empty or longer than 63 bytes, or a character
// is allowed neither in DNS names nor by IDNA; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_hostname_to_ascii(const char *hostname,
                                   tlsw_buf *ascii,
                                   tlsw_error *err);

// Converts the name of a host to the form that is shown to people: decodes A-labels
// ("xn--bcher-kva.example" becomes "bücher.example"). Gives `*unicode`, to be freed with
// tlsw_buf_free.
// Other labels are only normalized by UTS 46, for example to lower case. The function is meant for
// the callback of tlsw_ctx_set_sni_hook, which receives the name in the form that the client sent.
// Letters of different scripts can look alike, so do not rely on the result to identify a host.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if a label cannot be decoded or is not allowed by
// IDNA; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_hostname_to_unicode(const char *hostname,
                                     tlsw_buf *unicode,
                                     tlsw_error *err);

// Encodes the `len` bytes at `der` (borrows) as a PEM block of a certificate. Gives `*pem`, to be
// freed with tlsw_buf_free.
// The block consists of TLSW_PEM_HEADER, base64 in lines of 64 characters and TLSW_PEM_FOOTER,
// each followed by a newline. The bytes are not checked. The function corresponds to Python's
// DER_cert_to_PEM_cert.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_cert_der_to_pem(const uint8_t *der,
                                 size_t len,
                                 tlsw_buf *pem,
                                 tlsw_error *err);

// Decodes a PEM block of a certificate. `pem` (borrows, `len` bytes) contains one block and
// nothing else: it begins with TLSW_PEM_HEADER and ends with TLSW_PEM_FOOTER, optionally followed
// by white space. Gives `*der`, to be freed with tlsw_buf_free.
// The bytes between header and footer are base64 in lines. The decoded bytes are not checked: use
// tlsw_cert_new to find out whether they are a certificate. The function corresponds to Python's
// PEM_cert_to_DER_cert, except that characters outside base64 are an error and are not skipped.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_DECODE if the header or the footer is missing, or the bytes
// between them are not base64; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_cert_pem_to_der(const uint8_t *pem,
                                 size_t len,
                                 tlsw_buf *der,
                                 tlsw_error *err);

// Converts a time in the format of tlsw_cert_json ("Jan  5 09:34:43 2018 GMT") to seconds. Sets
// `*seconds` to the seconds since 1970-01-01 00:00:00 UTC. `time` is borrowed.
// Names of months are English in any locale, in upper or lower case. "GMT" is required, and
// fractions of a second are not allowed. As in Python's cert_time_to_seconds, the seconds may be
// 60 or 61, which continues in the next minute, and the day may be up to 31 in every month, which
// continues in the next month.
// Errors: TLSW_ERR_ARGUMENT, also if `time` has any other format. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_cert_time_to_seconds(const char *time,
                                      int64_t *seconds,
                                      tlsw_error *err);

// Looks up an object identifier (OID) and describes the object as JSON. Gives `*json`, to be freed
// with tlsw_buf_free:
//
//     {"nid": 129, "shortname": "serverAuth", "longname": "TLS Web Server Authentication",
//      "oid": "1.3.6.1.5.5.7.3.1"}
//
// `text` (borrows) is the OID in dotted decimal. If `name` is 1, `text` may also be the short name
// or the long name of the object; upper and lower case differ. If `name` is 0, only the OID is
// accepted.
// Numbers and names are those of the complete table of OpenSSL 3.0. "oid" is null for an object
// without an OID.
// Errors: TLSW_ERR_ARGUMENT, also if the object is not in the table ("unknown object 'text'");
// TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_txt2obj(const char *text,
                         int32_t name,
                         tlsw_buf *json,
                         tlsw_error *err);

// Looks up one of OpenSSL's object numbers (NID) and describes the object as JSON, in the format
// of tlsw_txt2obj. Gives `*json`, to be freed with tlsw_buf_free.
// Errors: TLSW_ERR_ARGUMENT, also if the number is not in the table ("unknown NID 100000");
// TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_nid2obj(int32_t nid,
                         tlsw_buf *json,
                         tlsw_error *err);

// Returns, as JSON, the paths from which tlsw_ctx_load_system_roots loads the system's root
// certificates. Gives `*json`, to be freed with tlsw_buf_free:
//
//     {"cafile": "/etc/ssl/certs/ca-certificates.crt", "capath": null,
//      "openssl_cafile_env": "SSL_CERT_FILE",
//      "openssl_cafile": "/etc/ssl/certs/ca-certificates.crt",
//      "openssl_capath_env": "SSL_CERT_DIR", "openssl_capath": "/etc/ssl/certs"}
//
// The keys are those of Python's get_default_verify_paths.
// "cafile" and "capath" are the bundle file and the directories that are read at present. Each is
// null if the path does not exist or is not read. If SSL_CERT_FILE or SSL_CERT_DIR is set, only
// the paths in these variables are read; both are ignored in a program that runs with more rights
// than the user who started the program (setuid). If neither is set, no directory is read where a
// bundle exists. Several directories are joined by the separator of the system (":" on POSIX).
// "openssl_cafile" and "openssl_capath" are the paths that are used if the environment sets none:
// the first well-known path that exists, or else the first well-known path.
// In a path that is not UTF-8, U+FFFD replaces the invalid bytes.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_default_verify_paths(tlsw_buf *json,
                                          tlsw_error *err);

// Connects to a server, performs the handshake and returns the certificate of the server as a PEM
// block. Gives `*pem`, to be freed with tlsw_buf_free.
// `host` is a DNS name or an IP address, as for tlsw_connect. The addresses of the host, IPv6 and
// IPv4, are tried one after another. A DNS name is sent to the server (SNI), but the certificate
// is not checked for the name.
// `protocol` is TLSW_PROTOCOL_TLS_CLIENT or TLSW_PROTOCOL_TLS for TLS 1.2 and 1.3, or
// TLSW_PROTOCOL_TLSV1, TLSW_PROTOCOL_TLSV1_1 or TLSW_PROTOCOL_TLSV1_2 for that version only.
// `ca_path` is a file of CAs, against which the certificate is verified. If `ca_path` is NULL,
// nothing is verified, and an attacker on the network path can replace the certificate.
// `timeout_ms` limits the whole call, in milliseconds; a negative value waits without limit, and 0
// is an error. A name lookup by the system's resolver cannot be interrupted, but the time of the
// lookup counts.
// Errors: TLSW_ERR_ARGUMENT, also for a timeout of 0; TLSW_ERR_UNSUPPORTED for TLSW_PROTOCOL_SSLV2
// and TLSW_PROTOCOL_SSLV3, and where tlsw_has("fd") is 0; TLSW_ERR_IO if the name has no address,
// no address accepts the connection, or `ca_path` cannot be read; TLSW_ERR_DECODE if `ca_path` has
// invalid contents; TLSW_ERR_TIMEOUT; TLSW_ERR_VERIFY; TLSW_ERR_TLS; TLSW_ERR_EOF;
// TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_server_certificate(const char *host,
                                        uint16_t port,
                                        uint32_t protocol,
                                        const char *ca_path,
                                        int64_t timeout_ms,
                                        tlsw_buf *pem,
                                        tlsw_error *err);

// Sets whether clients request an OCSP response for the server's certificate (RFC 6066, section
// 8). `on` is 1 or 0; the default is 0. tlsw_get_ocsp_response returns the response. The library
// does not verify the response.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_ocsp_stapling(tlsw_ctx *ctx,
                                       int32_t on,
                                       tlsw_error *err);

// Sets the OCSP response that a server sends with the certificate chain that was loaded last, to
// clients that request a response. Borrows `response`, which is DER. (NULL, 0) removes the
// response.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if no certificate was loaded. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_ocsp_response(tlsw_ctx *ctx,
                                       const uint8_t *response,
                                       size_t len,
                                       tlsw_error *err);

// Returns the OCSP response that the server sent, as DER and unverified. Gives `*response`; free
// the buffer with tlsw_buf_free. Returns TLSW_NONE if the server sent no response, and on server
// connections.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_ocsp_response(const tlsw_conn *conn,
                                   tlsw_buf *response,
                                   tlsw_error *err);

// Sets whether clients request signed certificate timestamps (SCTs, RFC 6962). `on` is 1 or 0; the
// default is 0. tlsw_get_sct_list returns the timestamps. The library does not verify the
// timestamps.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_sct(tlsw_ctx *ctx,
                             int32_t on,
                             tlsw_error *err);

// Sets the list of signed certificate timestamps that a server sends with the certificate chain
// that was loaded last, to clients that request timestamps. Borrows `list`, a
// SignedCertificateTimestampList of RFC 6962, section 3.3. (NULL, 0) removes the list.
// A malformed list is not an error of this call: making the first connection fails with
// TLSW_ERR_TLS.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_STATE if no certificate was loaded. Callable from any
// thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_ctx_set_sct_list(tlsw_ctx *ctx,
                                  const uint8_t *list,
                                  size_t len,
                                  tlsw_error *err);

// Returns the list of signed certificate timestamps that the server sent, unverified. Gives
// `*list`; free the buffer with tlsw_buf_free. Returns TLSW_NONE if the server sent no list, and
// on server connections.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_get_sct_list(const tlsw_conn *conn,
                              tlsw_buf *list,
                              tlsw_error *err);

// Lists the certificates of a Windows certificate store as JSON. `store` (borrows) is the name of
// the store: "CA", "ROOT", "MY" or any other name. Gives `*json`, to be freed with tlsw_buf_free:
// an array of objects
//
//     {"der": "MIIB…", "encoding": "x509_asn", "trust": ["1.3.6.1.5.5.7.3.1"]}
//
// "der" is the certificate in base64. "encoding" is "x509_asn" or "pkcs_7_asn". "trust" is an
// array with the OIDs of the purposes for which the certificate is trusted, or true if the
// certificate is trusted for all purposes.
// The stores of that name of the machine, of the user and of policies are combined; each
// certificate is listed once.
// The library does not trust these certificates by itself. To trust them, pass the certificates
// whose "trust" is true or contains the OID of serverAuth (1.3.6.1.5.5.7.3.1) to
// tlsw_ctx_load_ca_mem.
// Errors: TLSW_ERR_ARGUMENT; TLSW_ERR_UNSUPPORTED where tlsw_has("system-stores") is 0, which is
// the case on all systems except Windows; TLSW_ERR_IO if there is no store of that name;
// TLSW_ERR_MEMORY. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_enum_certificates(const char *store,
                                   tlsw_buf *json,
                                   tlsw_error *err);

// Lists the certificate revocation lists (CRLs) of a Windows certificate store as JSON, in the
// format of tlsw_enum_certificates without "trust". `store` is borrowed. Gives `*json`, to be
// freed with tlsw_buf_free.
// Errors: as tlsw_enum_certificates. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_enum_crls(const char *store,
                           tlsw_buf *json,
                           tlsw_error *err);

// Fills `buf` with `len` random bytes from BoringSSL's generator, which are suitable for keys.
// The function does not fail for lack of entropy: BoringSSL waits until the kernel's generator is
// seeded, and ends the process if the kernel has no generator.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_rand_bytes(uint8_t *buf,
                            size_t len,
                            tlsw_error *err);

// Fills `buf` with `len` random bytes, as tlsw_rand_bytes does; an older name for programs that
// use Python's RAND_pseudo_bytes. Sets `*is_strong` to 1: the bytes are always suitable for keys.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_rand_pseudo_bytes(uint8_t *buf,
                                   size_t len,
                                   int32_t *is_strong,
                                   tlsw_error *err);

// Returns 1: the generator is always seeded. Callable from any thread.
TLSW_API
int32_t tlsw_rand_status(void);

// Does nothing except check the arguments: BoringSSL seeds its generator from the kernel and
// accepts no other input. The function exists for programs that use Python's RAND_add. `data`
// (borrows, `len` bytes) and `entropy`, the number of bytes of `data` that cannot be guessed, are
// not used.
// Errors: TLSW_ERR_ARGUMENT. Callable from any thread.
TLSW_API
TLSW_MUST_USE
tlsw_status tlsw_rand_add(const uint8_t *data,
                          size_t len,
                          double entropy,
                          tlsw_error *err);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TLSWRAP_H */

// Functions for programs ported from OpenSSL or Python. If TLSW_WARN_DEPRECATED is
// defined before this header is included, the compiler warns of their use.
#if defined(TLSW_WARN_DEPRECATED) && defined(__GNUC__)
#define TLSW_OLD(name, instead) \
    extern __typeof__(name) name __attribute__((deprecated("use " instead)))
TLSW_OLD(tlsw_match_hostname, "tlsw_ctx_set_check_hostname");
TLSW_OLD(tlsw_rand_pseudo_bytes, "tlsw_rand_bytes");
TLSW_OLD(tlsw_ctx_set_npn_protocols, "tlsw_ctx_set_alpn_protocols");
TLSW_OLD(tlsw_ctx_set_ecdh_curve, "tlsw_ctx_set_groups");
#undef TLSW_OLD
#endif
