#include "check.h"
#include "from-openssl.inc"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];

/* Answers a line with what it was, and a goodbye. */
static void *server(void *ctx) {
  tlsw_conn *conn = NULL;
  uint8_t line[100];
  size_t got = 0, n = 0;
  OK(tlsw_wrap_fd((tlsw_ctx *)ctx, ends[1], TLSW_SERVER, NULL, &conn, &err));
  do {
    OK(tlsw_conn_read(conn, line + got, 1, &n, &err));
    got += n;
  } while (line[got - 1] != '\n');
  OK(tlsw_conn_write(conn, line, got, &n, &err));
  OK(tlsw_conn_shutdown(conn, TLSW_SHUT_WRITE, &err));
  tlsw_conn_free(conn);
  return NULL;
}

int main(void) {
  tlsw_ctx *ctx = server_ctx();
  tlsw_error err;
  pthread_t thread;
  char room[100];
  CHECK(setenv("SSL_CERT_FILE", pki("root.pem"), 1) == 0);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  CHECK(pthread_create(&thread, NULL, server, ctx) == 0);
  CHECK(ask(ends[0], "localhost", "hello\n", room, sizeof room, &err) == 6);
  CHECK(memcmp(room, "hello\n", 6) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(ask(ends[0], "not a name", "hello\n", room, sizeof room, &err) == -1);
  CHECK(err.status == TLSW_ERR_ARGUMENT);
  tlsw_ctx_free(ctx);
  close(ends[0]);
  close(ends[1]);
  return 0;
}
