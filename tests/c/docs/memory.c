#include "check.h"
#include "memory.inc"

#include <pthread.h>
#include <unistd.h>

static int ends[2];

/* A client over a descriptor, at the other end of the wire. */
static void *client(void *ctx) {
  tlsw_conn *conn = NULL;
  uint8_t byte;
  size_t n = 0;
  OK(tlsw_wrap_fd((tlsw_ctx *)ctx, ends[0], TLSW_CLIENT, "localhost", &conn, &err));
  OK(tlsw_conn_handshake(conn, &err));
  OK(tlsw_conn_write(conn, (const uint8_t *)"hello", 5, &n, &err));
  CHECK(tlsw_conn_read(conn, &byte, 1, &n, NULL) == TLSW_CLOSED);
  tlsw_conn_free(conn);
  /* Without a goodbye. */
  close(ends[0]);
  return NULL;
}

int main(void) {
  tlsw_ctx *client_context = client_ctx(), *ctx = server_ctx();
  tlsw_conn *conn = NULL;
  struct link link = {NULL, NULL, -1};
  pthread_t thread;
  tlsw_status status;
  tlsw_error err;
  uint8_t buf[100];
  size_t n = 0;
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  CHECK(pthread_create(&thread, NULL, client, client_context) == 0);
  OK(tlsw_bio_new(&link.incoming, &err));
  OK(tlsw_bio_new(&link.outgoing, &err));
  link.fd = ends[1];
  OK(tlsw_wrap_bio(ctx, link.incoming, link.outgoing, TLSW_SERVER, NULL, &conn, &err));
  CHECK(receive(&link, conn, buf, sizeof buf, &n, &err) == TLSW_OK);
  CHECK(n == 5 && memcmp(buf, "hello", 5) == 0);
  do
    status = tlsw_conn_shutdown(conn, TLSW_SHUT_WRITE, &err);
  while (move(&link, status));
  CHECK(status == TLSW_OK);
  CHECK(receive(&link, conn, buf, sizeof buf, &n, &err) == TLSW_ERR_EOF);
  CHECK(pthread_join(thread, NULL) == 0);
  tlsw_conn_free(conn);
  tlsw_bio_free(link.incoming);
  tlsw_bio_free(link.outgoing);
  tlsw_ctx_free(ctx);
  tlsw_ctx_free(client_context);
  close(ends[1]);
  return 0;
}
