/*
 * Writing to a peer that is gone is an error and no signal, in a program that left SIGPIPE
 * as it is by default; and the library leaves it so.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static void check_default(void) {
  struct sigaction now;
  CHECK(sigaction(SIGPIPE, NULL, &now) == 0);
  CHECK(now.sa_handler == SIG_DFL);
}

static void check_gone(tlsw_status status, const tlsw_error *err) {
  CHECK(status == TLSW_ERR_IO);
  CHECK(err->os_error == EPIPE || err->os_error == ECONNRESET);
}

/* A client whose peer is gone, after the handshake or before it. */
static tlsw_conn *deserted(tlsw_ctx *client_context, tlsw_ctx *server_context, int is_shaken) {
  tlsw_conn *client = NULL, *server = NULL;
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  OK(tlsw_wrap_fd(client_context, ends[0], TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_fd(server_context, ends[1], TLSW_SERVER, NULL, &server, &err));
  if (is_shaken) {
    OK(tlsw_conn_set_timeout(client, 0, &err));
    OK(tlsw_conn_set_timeout(server, 0, &err));
    shake_hands(client, server);
    OK(tlsw_conn_set_timeout(client, -1, &err));
  }
  tlsw_conn_free(server);
  CHECK(close(ends[1]) == 0);
  return client;
}

int main(void) {
  static const uint8_t data[100000] = {0};
  const size_t sizes[] = {1, sizeof data};
  tlsw_ctx *client_context, *server_context;
  tlsw_conn *client;
  tlsw_error err;
  size_t i, n;
  int status;
  pid_t child;

  signal(SIGPIPE, SIG_DFL); /* whatever the one who started this made of it */
  client_context = client_ctx();
  server_context = server_ctx();

  for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    client = deserted(client_context, server_context, 1);
    check_gone(tlsw_conn_write(client, data, sizes[i], &n, &err), &err);
    check_gone(tlsw_conn_write(client, data, sizes[i], &n, &err), &err);
    check_gone(tlsw_conn_shutdown(client, TLSW_SHUT_WRITE, &err), &err);
    tlsw_conn_free(client);
    CHECK(close(ends[0]) == 0);
  }
  client = deserted(client_context, server_context, 0);
  check_gone(tlsw_conn_handshake(client, &err), &err);
  tlsw_conn_free(client);
  check_default();

  /* That nothing came is worth something only where a signal would have. */
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(write(ends[0], data, 1) == 0);
    return 0;
  }
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);

  CHECK(close(ends[0]) == 0);
  tlsw_ctx_free(client_context);
  tlsw_ctx_free(server_context);
  return 0;
}
