/* What the C tests share. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlswrap.h"

/* Ends the program unless the condition holds. */
#define CHECK(condition)                                                                     \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
      exit(1);                                                                               \
    }                                                                                        \
  } while (0)

/* The same for a call that returns a status and is given `&err`. */
#define OK(call)                                                                             \
  do {                                                                                       \
    tlsw_error err;                                                                          \
    const tlsw_status status_ = (call);                                                      \
    if (status_ != TLSW_OK) {                                                                \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,                          \
              status_ < 0 ? err.message : tlsw_status_name(status_));                        \
      exit(1);                                                                               \
    }                                                                                        \
  } while (0)

/* The path of a file of the test PKI; good until this thread's fourth call from now. */
static inline const char *pki(const char *name) {
  static __thread char paths[4][512];
  static __thread unsigned next = 0;
  const char *directory = getenv("TLSW_TEST_PKI");
  char *path = paths[next++ % 4];
  CHECK(directory != NULL);
  CHECK(snprintf(path, sizeof paths[0], "%s/%s", directory, name) < (int)sizeof paths[0]);
  return path;
}

/* A client that trusts the test root. */
static inline tlsw_ctx *client_ctx(void) {
  tlsw_ctx *ctx = NULL;
  OK(tlsw_ctx_new(TLSW_CLIENT, &ctx, &err));
  OK(tlsw_ctx_load_ca_file(ctx, pki("root.pem"), &err));
  return ctx;
}

/* A server for "localhost" that sends its leaf and the intermediate. */
static inline tlsw_ctx *server_ctx(void) {
  tlsw_ctx *ctx = NULL;
  OK(tlsw_ctx_new(TLSW_SERVER, &ctx, &err));
  OK(tlsw_ctx_load_cert_chain_file(ctx, pki("localhost.chain.pem"), pki("localhost.key.pem"),
                                   NULL, 0, &err));
  return ctx;
}

/* One step of a handshake that may not wait; whether it is done. */
static inline int step(tlsw_conn *conn) {
  tlsw_error err;
  const tlsw_status status = tlsw_conn_handshake(conn, &err);
  if (status < 0) {
    fprintf(stderr, "handshake: %s: %s\n", tlsw_status_name(status), err.message);
    exit(1);
  }
  CHECK(status == TLSW_OK || status == TLSW_WANT_READ || status == TLSW_WANT_WRITE);
  return status == TLSW_OK;
}

/* Shakes hands between two ends of this thread, neither of which may wait. */
static inline void shake_hands(tlsw_conn *client, tlsw_conn *server) {
  int turns = 0, client_done = 0, server_done = 0;
  while (!client_done || !server_done) {
    CHECK(turns++ < 20);
    client_done = client_done || step(client);
    server_done = server_done || step(server);
  }
}

/* Sends five bytes one way and looks whether they come out. */
static inline void pass_hello(tlsw_conn *from, tlsw_conn *to) {
  uint8_t got[16];
  size_t n = 0;
  OK(tlsw_conn_write(from, (const uint8_t *)"hello", 5, &n, &err));
  CHECK(n == 5);
  OK(tlsw_conn_read(to, got, sizeof got, &n, &err));
  CHECK(n == 5 && memcmp(got, "hello", 5) == 0);
}

#endif
