#include "check.h"
#include "sessions.inc"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];

static void *server(void *ctx) {
  tlsw_conn *conn = NULL;
  size_t n;
  OK(tlsw_wrap_fd((tlsw_ctx *)ctx, ends[1], TLSW_SERVER, NULL, &conn, &err));
  OK(tlsw_conn_write(conn, (const uint8_t *)"hello", 5, &n, &err));
  tlsw_conn_free(conn);
  return NULL;
}

int main(void) {
  tlsw_ctx *ctx = client_ctx(), *other = client_ctx(), *server_context = server_ctx();
  tlsw_session *session = NULL;
  for (int round = 0; round < 4; round++) {
    pthread_t thread;
    tlsw_error err;
    uint8_t buf[5];
    size_t n = 0;
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    CHECK(pthread_create(&thread, NULL, server, server_context) == 0);
    /* In the last round the session is of another context, and of no use. */
    tlsw_conn *conn = connect_again(round < 3 ? ctx : other, ends[0], "localhost", &session, &err);
    CHECK(conn != NULL);
    CHECK(tlsw_get_session_reused(conn) == (round == 1 || round == 2));
    OK(tlsw_conn_read(conn, buf, sizeof buf, &n, &err));
    CHECK(n == 5);
    remember(conn, &session);
    CHECK(session != NULL);
    CHECK(pthread_join(thread, NULL) == 0);
    tlsw_conn_free(conn);
    close(ends[0]);
    close(ends[1]);
  }
  tlsw_session_free(session);
  tlsw_ctx_free(ctx);
  tlsw_ctx_free(other);
  tlsw_ctx_free(server_context);
  return 0;
}
