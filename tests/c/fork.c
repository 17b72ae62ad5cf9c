/*
 * A context that was made before a fork serves parent and child alike: each shakes hands
 * over a socketpair of its own, and what has to be random is not the same in both.
 *
 * Also: valgrind static
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RANDOM = 32 };

/* The random of the ClientHello that a connection would send. */
static void hello_random(tlsw_ctx *ctx, uint8_t *random) {
  enum { BEFORE = 5 + 4 + 2 }; /* record header, message header, legacy version */
  uint8_t hello[BEFORE + RANDOM];
  tlsw_bio *incoming = NULL, *outgoing = NULL;
  tlsw_conn *conn = NULL;
  size_t n = 0;
  OK(tlsw_bio_new(&incoming, &err));
  OK(tlsw_bio_new(&outgoing, &err));
  OK(tlsw_wrap_bio(ctx, incoming, outgoing, TLSW_CLIENT, "localhost", &conn, &err));
  CHECK(!step(conn));
  OK(tlsw_bio_read(outgoing, hello, sizeof hello, &n, &err));
  CHECK(n == sizeof hello);
  memcpy(random, hello + BEFORE, RANDOM);
  tlsw_conn_free(conn);
  tlsw_bio_free(outgoing);
  tlsw_bio_free(incoming);
}

/* Client and server of one process, one at each end. */
static void over_a_socketpair(tlsw_ctx *client_context, tlsw_ctx *server_context) {
  int ends[2];
  tlsw_conn *client = NULL, *server = NULL;
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  OK(tlsw_wrap_fd(client_context, ends[0], TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_fd(server_context, ends[1], TLSW_SERVER, NULL, &server, &err));
  OK(tlsw_conn_set_timeout(client, 0, &err));
  OK(tlsw_conn_set_timeout(server, 0, &err));
  shake_hands(client, server);
  pass_hello(client, server);
  pass_hello(server, client);
  tlsw_conn_free(client);
  tlsw_conn_free(server);
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  tlsw_ctx *client = client_ctx(), *server = server_ctx();
  uint8_t mine[RANDOM], childs[RANDOM];
  int status, channel[2];
  pid_t child;

  /* The random generator has been used, so that it has a state the child could inherit. */
  over_a_socketpair(client, server);

  CHECK(pipe(channel) == 0);
  child = fork();
  CHECK(child >= 0);

  hello_random(client, mine);
  over_a_socketpair(client, server);
  tlsw_ctx_free(client);
  tlsw_ctx_free(server);
  if (child == 0) {
    CHECK(write(channel[1], mine, sizeof mine) == (ssize_t)sizeof mine);
    return 0;
  }

  CHECK(read(channel[0], childs, sizeof childs) == (ssize_t)sizeof childs);
  CHECK(memcmp(mine, childs, sizeof mine) != 0);
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return 0;
}
