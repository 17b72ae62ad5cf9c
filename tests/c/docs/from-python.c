#include "check.h"
#include "from-python.inc"

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
  char said[4000];
  size_t len;
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  CHECK(pthread_create(&thread, NULL, server, ctx) == 0);
  CHECK(freopen("said", "w", stdout) != NULL);
  OK(show(ends[0], "localhost", pki("root.pem"), &err));
  CHECK(fflush(stdout) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  FILE *file = fopen("said", "r");
  CHECK(file != NULL);
  len = fread(said, 1, sizeof said - 1, file);
  said[len] = 0;
  fclose(file);
  CHECK(strstr(said, "{\"subject\": [[[") == said);
  CHECK(strstr(said, "\"subjectAltName\": [[\"DNS\", \"localhost\"]"));
  tlsw_ctx_free(ctx);
  close(ends[0]);
  close(ends[1]);
  return 0;
}
