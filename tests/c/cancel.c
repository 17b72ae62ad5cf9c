/*
 * Threads that are cancelled (pthread_cancel) while they are inside the library finish the call they
 * are in, whatever it waits for or calls, and find cancellation as it was before it. A hook that
 * ends its thread (pthread_exit) stops it, and ends neither the process nor other calls.
 *
 * Also: static
 * Link: -lpthread
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static sem_t is_ready, is_cancelled;
static int is_done, calls;

/* ---- A thread that is cancelled before its first call, and notices it after its last ---- */

static void *body(void *argument) {
  void (*const work)(void) = *(void (**)(void))argument;
  int before;
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before) == 0);
  CHECK(sem_post(&is_ready) == 0);
  CHECK(sem_wait(&is_cancelled) == 0);
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before) == 0);
  work();
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before) == 0);
  CHECK(before == PTHREAD_CANCEL_ENABLE);
  is_done = 1;
  pthread_testcancel();
  CHECK(!"a thread that was cancelled went on");
  return NULL;
}

static void survives(void (*work)(void)) {
  pthread_t thread;
  void *came = NULL;
  is_done = 0;
  CHECK(pthread_create(&thread, NULL, body, (void *)&work) == 0);
  CHECK(sem_wait(&is_ready) == 0);
  CHECK(pthread_cancel(thread) == 0);
  CHECK(sem_post(&is_cancelled) == 0);
  CHECK(pthread_join(thread, &came) == 0);
  CHECK(is_done && came == PTHREAD_CANCELED);
}

/* What a function of the caller's may do that can be cancelled. */
static void point(void) {
  const struct timespec none = {0, 0};
  calls++;
  pthread_testcancel();
  nanosleep(&none, NULL);
}

/* ---- What it calls meanwhile ---- */

static tlsw_ctx *client_context, *server_context;

static int ends[2];

static void make_ends(tlsw_conn **client, tlsw_conn **server) {
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  OK(tlsw_wrap_fd(client_context, ends[0], TLSW_CLIENT, "localhost", client, &err));
  OK(tlsw_wrap_fd(server_context, ends[1], TLSW_SERVER, NULL, server, &err));
}

static void free_ends(tlsw_conn *client, tlsw_conn *server) {
  tlsw_conn_free(client);
  tlsw_conn_free(server);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
}

static void *serve(void *conn) {
  uint8_t byte;
  size_t n;
  OK(tlsw_conn_handshake((tlsw_conn *)conn, &err));
  OK(tlsw_conn_read((tlsw_conn *)conn, &byte, 1, &n, &err));
  OK(tlsw_conn_write((tlsw_conn *)conn, &byte, 1, &n, &err));
  OK(tlsw_conn_shutdown((tlsw_conn *)conn, TLSW_SHUT_WRITE, &err));
  return NULL;
}

/* Each of these waits for the other thread at least once. */
static void work_on_a_socket(void) {
  tlsw_conn *client, *server;
  pthread_t thread;
  uint8_t byte = 'x';
  tlsw_error err;
  size_t n;
  int before;
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before) == 0);
  make_ends(&client, &server);
  CHECK(pthread_create(&thread, NULL, serve, server) == 0);
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before) == 0);
  OK(tlsw_conn_handshake(client, &err));
  OK(tlsw_conn_write(client, &byte, 1, &n, &err));
  OK(tlsw_conn_read(client, &byte, 1, &n, &err));
  CHECK(tlsw_conn_read(client, &byte, 1, &n, &err) == TLSW_CLOSED);
  OK(tlsw_conn_shutdown(client, TLSW_SHUT_WRITE, &err));
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  free_ends(client, server);
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before) == 0);
}

static tlsw_status give_password(void *user, uint8_t *buf, size_t size, size_t *len) {
  point();
  CHECK(user == NULL && size >= 7);
  memcpy(buf, "hunter2", 7);
  *len = 7;
  return TLSW_OK;
}

static void load_files(void) {
  tlsw_ctx *ctx = NULL;
  tlsw_error err;
  OK(tlsw_ctx_new(TLSW_SERVER, &ctx, &err));
  OK(tlsw_ctx_load_ca_file(ctx, pki("root.pem"), &err));
  OK(tlsw_ctx_load_system_roots(ctx, &err));
  OK(tlsw_ctx_load_cert_chain_file_cb(ctx, pki("encrypted.chain.pem"),
                                      pki("encrypted.key.pkcs8.pem"), give_password, NULL,
                                      &err));
  CHECK(tlsw_ctx_load_ca_file(ctx, "there is no such file", &err) == TLSW_ERR_IO);
  tlsw_ctx_free(ctx);
}

static tlsw_status verify(void *user, tlsw_conn *conn, int32_t verify_error, uint8_t *alert) {
  point();
  CHECK(user == NULL && conn != NULL && verify_error == 0 && alert != NULL);
  return TLSW_OK;
}

static void note(void *user, tlsw_conn *conn, int32_t where, int32_t value) {
  point();
  (void)user, (void)conn, (void)where, (void)value;
}

static void release(void *user) {
  point();
  (void)user;
}

static tlsw_status read_none(void *user, uint8_t *buf, size_t len, size_t *n) {
  point();
  (void)user, (void)buf, (void)len, (void)n;
  return TLSW_WANT_READ;
}

static tlsw_status write_all(void *user, const uint8_t *buf, size_t len, size_t *n) {
  point();
  (void)user, (void)buf;
  *n = len;
  return TLSW_OK;
}

static void call_back(void) {
  tlsw_ctx *ctx = client_ctx();
  tlsw_bio *there = NULL, *back = NULL;
  tlsw_conn *client = NULL, *server = NULL;
  OK(tlsw_ctx_set_verify_hook(ctx, verify, NULL, release, &err));
  OK(tlsw_ctx_set_info_hook(ctx, note, NULL, release, &err));
  OK(tlsw_bio_new(&there, &err));
  OK(tlsw_bio_new(&back, &err));
  OK(tlsw_wrap_bio(ctx, back, there, TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_bio(server_context, there, back, TLSW_SERVER, NULL, &server, &err));
  shake_hands(client, server);
  pass_hello(client, server);
  tlsw_conn_free(client);
  tlsw_conn_free(server);
  OK(tlsw_wrap_io(ctx, read_none, write_all, NULL, release, TLSW_CLIENT, "localhost", &client, &err));
  CHECK(!step(client));
  tlsw_conn_free(client);
  tlsw_bio_free(there);
  tlsw_bio_free(back);
  tlsw_ctx_free(ctx);
}

/* ---- A hook that ends its thread ---- */

static void ended(void *unused) {
  (void)unused;
  CHECK(sem_post(&is_ready) == 0);
}

static tlsw_status leave(void *user, tlsw_conn *conn, int32_t verify_error, uint8_t *alert) {
  (void)user, (void)conn, (void)verify_error, (void)alert;
  pthread_cleanup_push(ended, NULL);
  pthread_exit(NULL);
  pthread_cleanup_pop(0);
  return TLSW_OK;
}

static void *until_the_hook(void *conn) {
  tlsw_error err;
  (void)!tlsw_conn_handshake((tlsw_conn *)conn, &err);
  CHECK(!"a thread that had ended came back");
  return NULL;
}

static void end_in_a_hook(void) {
  const struct timespec a_while = {0, 200000000};
  tlsw_conn *client, *server;
  tlsw_buf chain = {NULL, 0};
  pthread_t thread;
  OK(tlsw_ctx_set_verify_hook(client_context, leave, NULL, NULL, &err));
  make_ends(&client, &server);
  OK(tlsw_conn_set_timeout(server, 0, &err));
  CHECK(pthread_create(&thread, NULL, until_the_hook, client) == 0);
  CHECK(pthread_detach(thread) == 0);
  while (sem_trywait(&is_ready) != 0) {
    const struct timespec moment = {0, 1000000};
    tlsw_error err;
    const tlsw_status status = tlsw_conn_handshake(server, &err);
    CHECK(status == TLSW_WANT_READ || status == TLSW_WANT_WRITE);
    nanosleep(&moment, NULL);
  }
  /* The thread is on its way out of the hook: would it take the process along, then now. */
  nanosleep(&a_while, NULL);
  /* The hook is not over, so the chain is there for all to see. */
  OK(tlsw_get_peer_chain_der(client, TLSW_CHAIN_SENT, &chain, &err));
  CHECK(chain.len > 0);
  tlsw_buf_free(&chain);
  CHECK(tlsw_get_role(client) == TLSW_CLIENT);
  free_ends(client, server);
}

int main(void) {
  CHECK(sem_init(&is_ready, 0, 0) == 0 && sem_init(&is_cancelled, 0, 0) == 0);
  client_context = client_ctx();
  server_context = server_ctx();
  survives(work_on_a_socket);
  survives(load_files);
  CHECK(calls == 1);
  survives(call_back);
  CHECK(calls > 10);
  end_in_a_hook();
  tlsw_ctx_free(client_context);
  tlsw_ctx_free(server_context);
  return 0;
}
