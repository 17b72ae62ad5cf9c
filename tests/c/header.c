/*
 * The header compiles alone in every language it is for, and what is frozen in it, the
 * layout of the two public structs and the numbers of the constants, is as it was.
 */
#include "tlswrap.h"
/* Twice on purpose: the second time must change nothing. */
#include "tlswrap.h"

#include <string.h>

/* An array of size -1 where C11 would have a static assertion. */
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define HOLDS(condition) typedef char PASTE(line_, __LINE__)[(condition) ? 1 : -1]
#define AT(type, field, offset) \
  HOLDS(offsetof(type, field) == (offset) && sizeof(((type *)0)->field) > 0)
#define IS(constant, value) HOLDS((constant) == (value))

HOLDS(sizeof(tlsw_status) == 4);
HOLDS((tlsw_status)-1 < 0);

HOLDS(sizeof(tlsw_error) == 1024);
AT(tlsw_error, status, 0);
AT(tlsw_error, os_error, 4);
AT(tlsw_error, verify_error, 8);
AT(tlsw_error, verify_depth, 12);
AT(tlsw_error, alert, 16);
AT(tlsw_error, code, 20);
AT(tlsw_error, reserved, 24);
AT(tlsw_error, library, 48);
AT(tlsw_error, reason, 64);
AT(tlsw_error, message, 128);
HOLDS(sizeof(((tlsw_error *)0)->message) == 896);

HOLDS(sizeof(tlsw_buf) == 2 * sizeof(void *));
AT(tlsw_buf, data, 0);
AT(tlsw_buf, len, sizeof(void *));

IS(TLSW_VERSION_MAJOR, 0);
IS(TLSW_VERSION_MINOR, 1);
IS(TLSW_VERSION_PATCH, 0);
HOLDS(sizeof(TLSW_VERSION) == sizeof("0.1.0"));
IS(TLSW_ABI, 1);

IS(TLSW_OK, 0);
IS(TLSW_WANT_READ, 1);
IS(TLSW_WANT_WRITE, 2);
IS(TLSW_WANT_HOOK, 3);
IS(TLSW_CLOSED, 4);
IS(TLSW_NONE, 5);
IS(TLSW_NONE_UNVERIFIED, 6);
IS(TLSW_NONE_FAILED, 7);
IS(TLSW_ERR_ARGUMENT, -1);
IS(TLSW_ERR_STATE, -2);
IS(TLSW_ERR_BUSY, -3);
IS(TLSW_ERR_IO, -4);
IS(TLSW_ERR_TIMEOUT, -5);
IS(TLSW_ERR_EOF, -6);
IS(TLSW_ERR_TLS, -7);
IS(TLSW_ERR_VERIFY, -8);
IS(TLSW_ERR_DECODE, -9);
IS(TLSW_ERR_HOOK, -10);
IS(TLSW_ERR_UNSUPPORTED, -11);
IS(TLSW_ERR_MEMORY, -12);
IS(TLSW_ERR_PANIC, -13);

IS(TLSW_CLIENT, 1);
IS(TLSW_SERVER, 2);
IS(TLSW_CERT_NONE, 0);
IS(TLSW_CERT_OPTIONAL, 1);
IS(TLSW_CERT_REQUIRED, 2);
IS(TLSW_TLS_1_0, 0x0301);
IS(TLSW_TLS_1_1, 0x0302);
IS(TLSW_TLS_1_2, 0x0303);
IS(TLSW_TLS_1_3, 0x0304);
IS(TLSW_SHUT_WRITE, 1);
IS(TLSW_SHUT_BOTH, 3);
IS(TLSW_CHAIN_SENT, 0);
IS(TLSW_CHAIN_VERIFIED, 1);
IS(TLSW_SAN_OTHER, 0);
IS(TLSW_SAN_EMAIL, 1);
IS(TLSW_SAN_DNS, 2);
IS(TLSW_SAN_X400, 3);
IS(TLSW_SAN_DIRNAME, 4);
IS(TLSW_SAN_EDI, 5);
IS(TLSW_SAN_URI, 6);
IS(TLSW_SAN_IP, 7);
IS(TLSW_SAN_RID, 8);

/* The library is the one the header was written for. */
int main(void) {
  return tlsw_abi() == TLSW_ABI && strcmp(tlsw_version(), TLSW_VERSION) == 0 ? 0 : 1;
}
