#include "check.h"
#include "README.inc"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];

static void *server(void *ctx) {
  tlsw_conn *conn = NULL;
  OK(tlsw_wrap_fd((tlsw_ctx *)ctx, ends[1], TLSW_SERVER, NULL, &conn, &err));
  OK(tlsw_conn_handshake(conn, &err));
  tlsw_conn_free(conn);
  return NULL;
}

int main(void) {
  tlsw_ctx *ctx = server_ctx();
  pthread_t thread;
  char said[2000];
  size_t len;
  /* Its context trusts the system's roots: here those of the test. */
  CHECK(setenv("SSL_CERT_FILE", pki("root.pem"), 1) == 0);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  CHECK(pthread_create(&thread, NULL, server, ctx) == 0);
  CHECK(freopen("said", "w", stdout) != NULL);
  CHECK(print_chain(ends[0], "localhost") == 0);
  CHECK(fflush(stdout) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  FILE *file = fopen("said", "r");
  CHECK(file != NULL);
  len = fread(said, 1, sizeof said - 1, file);
  said[len] = 0;
  fclose(file);
  CHECK(strstr(said, "TLSv1.3 with TLS_") == said);
  CHECK(strstr(said, "CN=tlswrap test intermediate,O=tlswrap\nCN=tlswrap test root,O=tlswrap\n"));
  tlsw_ctx_free(ctx);
  close(ends[0]);
  close(ends[1]);
  return 0;
}
