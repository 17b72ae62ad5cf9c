/*
 * Threads of a C program: each makes connections from the same two contexts while another
 * changes them, and on each connection one thread reads while another writes.
 *
 * Also: valgrind static
 * Link: -lpthread
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 2, CHUNK = 30000 };
static const size_t length = 200000;

static tlsw_ctx *client_context, *server_context;

/* How many threads are still at it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int at_work = THREADS;

static int is_over(void) {
  int over;
  CHECK(pthread_mutex_lock(&lock) == 0);
  over = at_work == 0;
  CHECK(pthread_mutex_unlock(&lock) == 0);
  return over;
}

static void *change(void *unused) {
  /* Between two rounds the others get their turn even where one thread runs at a time and the
   * scheduler is not fair, as under valgrind. */
  const struct timespec pause = {0, 1000000};
  int round;
  for (round = 0; !is_over(); round++) {
    OK(tlsw_ctx_set_alpn_protocols(client_context, (const uint8_t *)"\2h2", 3, &err));
    OK(tlsw_ctx_set_max_version(server_context, TLSW_TLS_1_2, &err));
    OK(tlsw_ctx_set_check_hostname(client_context, 0, &err));
    OK(tlsw_ctx_set_verify_mode(client_context, TLSW_CERT_NONE, &err));
    OK(tlsw_ctx_set_check_hostname(client_context, 1, &err));
    OK(tlsw_ctx_set_max_version(server_context, TLSW_TLS_1_3, &err));
    OK(tlsw_ctx_set_alpn_protocols(client_context, NULL, 0, &err));
    if (round < 3) {
      OK(tlsw_ctx_load_ca_file(client_context, pki("old-root.pem"), &err));
    }
    nanosleep(&pause, NULL);
  }
  return unused;
}

/* A byte of the data that goes one way; no two stretches are alike. */
static uint8_t byte_at(size_t at) {
  return (uint8_t)(at ^ (at >> 8) * 7 ^ (at >> 16) * 31);
}

static void *write_all(void *argument) {
  tlsw_conn *conn = (tlsw_conn *)argument;
  uint8_t data[CHUNK];
  size_t at, i, n, len;
  for (at = 0; at < length; at += n) {
    len = length - at;
    if (len > sizeof data) {
      len = sizeof data;
    }
    for (i = 0; i < len; i++) {
      data[i] = byte_at(at + i);
    }
    OK(tlsw_conn_write(conn, data, len, &n, &err));
    CHECK(n >= 1 && n <= len);
  }
  OK(tlsw_conn_shutdown(conn, TLSW_SHUT_WRITE, &err));
  return NULL;
}

static void *read_all(void *argument) {
  tlsw_conn *conn = (tlsw_conn *)argument;
  uint8_t data[CHUNK];
  tlsw_error err;
  tlsw_status status;
  size_t at = 0, i, n;
  while ((status = tlsw_conn_read(conn, data, sizeof data, &n, &err)) == TLSW_OK) {
    for (i = 0; i < n; i++) {
      CHECK(data[i] == byte_at(at + i));
    }
    at += n;
    CHECK(tlsw_get_version(conn) != NULL);
  }
  if (status < 0) {
    fprintf(stderr, "reading, %lu bytes in: %s\n", (unsigned long)at, err.message);
    exit(1);
  }
  CHECK(status == TLSW_CLOSED && at == length);
  return NULL;
}

/* The server's side, whose handshake has to go on beside the client's. */
static void *serve(void *argument) {
  tlsw_conn *conn = (tlsw_conn *)argument;
  pthread_t writer;
  OK(tlsw_conn_handshake(conn, &err));
  CHECK(pthread_create(&writer, NULL, write_all, conn) == 0);
  read_all(conn);
  CHECK(pthread_join(writer, NULL) == 0);
  return NULL;
}

static void *work(void *unused) {
  int round, ends[2];
  for (round = 0; round < ROUNDS; round++) {
    tlsw_conn *client = NULL, *server = NULL;
    pthread_t server_thread, writer;
    tlsw_buf chain = {NULL, 0};
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    OK(tlsw_wrap_fd(client_context, ends[0], TLSW_CLIENT, "localhost", &client, &err));
    OK(tlsw_wrap_fd(server_context, ends[1], TLSW_SERVER, NULL, &server, &err));
    OK(tlsw_conn_set_timeout(client, 120000, &err));
    OK(tlsw_conn_set_timeout(server, 120000, &err));
    CHECK(pthread_create(&server_thread, NULL, serve, server) == 0);
    OK(tlsw_conn_handshake(client, &err));
    CHECK(pthread_create(&writer, NULL, write_all, client) == 0);
    read_all(client);
    OK(tlsw_get_peer_chain_der(client, TLSW_CHAIN_SENT, &chain, &err));
    CHECK(chain.len > 0);
    tlsw_buf_free(&chain);
    CHECK(pthread_join(writer, NULL) == 0);
    CHECK(pthread_join(server_thread, NULL) == 0);
    tlsw_conn_free(client);
    tlsw_conn_free(server);
    close(ends[0]);
    close(ends[1]);
  }
  CHECK(pthread_mutex_lock(&lock) == 0);
  at_work--;
  CHECK(pthread_mutex_unlock(&lock) == 0);
  return unused;
}

int main(void) {
  pthread_t changer, workers[THREADS];
  int i;
  client_context = client_ctx();
  server_context = server_ctx();
  CHECK(pthread_create(&changer, NULL, change, NULL) == 0);
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_create(&workers[i], NULL, work, NULL) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_join(workers[i], NULL) == 0);
  }
  CHECK(pthread_join(changer, NULL) == 0);
  tlsw_ctx_free(client_context);
  tlsw_ctx_free(server_context);
  return 0;
}
