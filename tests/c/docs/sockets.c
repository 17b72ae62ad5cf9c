#include "check.h"
#include "sockets.inc"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LEN = 3000000 }; /* more than a socket takes at once */

static uint8_t data[LEN];
static int ends[2];

/* A server whose calls wait: reads all of it. */
static void *server(void *ctx) {
  tlsw_conn *conn = NULL;
  size_t got = 0, n = 0;
  uint8_t *room = (uint8_t *)malloc(LEN);
  CHECK(room != NULL);
  OK(tlsw_wrap_fd((tlsw_ctx *)ctx, ends[1], TLSW_SERVER, NULL, &conn, &err));
  for (; got < LEN; got += n)
    OK(tlsw_conn_read(conn, room + got, LEN - got, &n, &err));
  CHECK(memcmp(room, data, LEN) == 0);
  free(room);
  OK(tlsw_conn_shutdown(conn, TLSW_SHUT_WRITE, &err));
  tlsw_conn_free(conn);
  return NULL;
}

static int listener;

static void *echo(void *ctx) {
  CHECK(serve((tlsw_ctx *)ctx, listener, NULL) < 0);
  return NULL;
}

/* Two clients of the server that sends back. */
static void echoed(tlsw_ctx *ctx, tlsw_ctx *server_context) {
  struct sockaddr_in at;
  socklen_t size = sizeof at;
  pthread_t thread;
  int i;
  memset(&at, 0, sizeof at);
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(listener >= 0 && bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 4) == 0);
  CHECK(getsockname(listener, (struct sockaddr *)&at, &size) == 0);
  CHECK(pthread_create(&thread, NULL, echo, server_context) == 0);
  for (i = 0; i < 2; i++) {
    tlsw_conn *conn = NULL;
    uint8_t back[6];
    size_t got, n = 0;
    OK(tlsw_connect(ctx, "127.0.0.1", ntohs(at.sin_port), TLSW_HANDSHAKE, 60000, &conn, &err));
    OK(tlsw_conn_write_all(conn, (const uint8_t *)"hello", 6, &err));
    for (got = 0; got < sizeof back; got += n)
      OK(tlsw_conn_read(conn, back + got, sizeof back - got, &n, &err));
    CHECK(memcmp(back, "hello", 6) == 0);
    OK(tlsw_conn_shutdown(conn, TLSW_SHUT_BOTH, &err));
    tlsw_conn_free(conn);
  }
  CHECK(shutdown(listener, SHUT_RDWR) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  close(listener);
}

int main(void) {
  tlsw_ctx *ctx = client_ctx(), *server_context = server_ctx();
  tlsw_conn *conn = NULL;
  pthread_t thread;
  tlsw_status status;
  tlsw_error err;
  uint8_t byte;
  size_t n = 0;
  for (size_t i = 0; i < LEN; i++)
    data[i] = (uint8_t)(i * i >> 7);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  CHECK(pthread_create(&thread, NULL, server, server_context) == 0);
  OK(tlsw_wrap_fd(ctx, ends[0], TLSW_CLIENT, "localhost", &conn, &err));
  OK(tlsw_conn_set_timeout(conn, 0, &err));
  CHECK(send_all(conn, ends[0], data, LEN, &err) == TLSW_OK);
  do
    status = tlsw_conn_read(conn, &byte, 1, &n, &err);
  while (wait_for(ends[0], status));
  CHECK(status == TLSW_CLOSED && !wait_for(ends[0], status));
  CHECK(pthread_join(thread, NULL) == 0);
  tlsw_conn_free(conn);
  echoed(ctx, server_context);
  tlsw_ctx_free(ctx);
  tlsw_ctx_free(server_context);
  close(ends[0]);
  close(ends[1]);
  return 0;
}
