/*
 * Two connections in two threads whose hooks ask about each other: nobody waits for a hook of the
 * other's. A hook that drives a connection which is in a hook of its own is told that it is busy.
 *
 * Link: -lpthread
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <unistd.h>

struct side {
  tlsw_conn *client, *server;
  tlsw_bio *there, *back;
  struct side *other;
  int was_asked;
};

static pthread_barrier_t in_hooks, answered;

static void meet(pthread_barrier_t *barrier) {
  const int came = pthread_barrier_wait(barrier);
  CHECK(came == 0 || came == PTHREAD_BARRIER_SERIAL_THREAD);
}

static tlsw_status verify(void *user, tlsw_conn *conn, int32_t verify_error, uint8_t *alert) {
  struct side *here = (struct side *)user;
  tlsw_conn *there = here->other->client;
  tlsw_buf chain = {NULL, 0}, name = {NULL, 0};
  tlsw_error err;
  size_t n;
  uint8_t byte;
  CHECK(conn == here->client && verify_error == 0 && alert != NULL);
  meet(&in_hooks);
  /* What the other's hook, which is running, can ask, we can. */
  CHECK(strcmp(tlsw_get_version(there), "TLSv1.3") == 0);
  CHECK(tlsw_get_cipher(there) != NULL);
  OK(tlsw_get_peer_chain_der(there, TLSW_CHAIN_SENT, &chain, &err));
  tlsw_buf_free(&chain);
  OK(tlsw_get_peer_chain_der(there, TLSW_CHAIN_VERIFIED, &chain, &err));
  OK(tlsw_get_server_hostname(there, &name, &err));
  CHECK(tlsw_get_pending(there) == 0);
  tlsw_buf_free(&chain);
  tlsw_buf_free(&name);
  /* To drive it would be to wait for the end of a hook that may wait for ours. */
  CHECK(tlsw_conn_handshake(there, &err) == TLSW_ERR_BUSY);
  CHECK(tlsw_conn_read(there, &byte, 1, &n, &err) == TLSW_ERR_BUSY);
  CHECK(tlsw_conn_handshake(conn, &err) == TLSW_ERR_BUSY);
  /* One that is in no hook can be driven. */
  CHECK(tlsw_conn_handshake(here->other->server, &err) == TLSW_WANT_READ);
  here->was_asked = 1;
  meet(&answered);
  return TLSW_OK;
}

static void *run(void *side) {
  shake_hands(((struct side *)side)->client, ((struct side *)side)->server);
  pass_hello(((struct side *)side)->client, ((struct side *)side)->server);
  return NULL;
}

int main(void) {
  struct side sides[2];
  tlsw_ctx *contexts[2], *server_context = server_ctx();
  pthread_t threads[2];
  int i;
  CHECK(pthread_barrier_init(&in_hooks, NULL, 2) == 0);
  CHECK(pthread_barrier_init(&answered, NULL, 2) == 0);
  for (i = 0; i < 2; i++) {
    struct side *side = &sides[i];
    memset(side, 0, sizeof *side);
    side->other = &sides[1 - i];
    contexts[i] = client_ctx();
    OK(tlsw_ctx_set_verify_hook(contexts[i], verify, side, NULL, &err));
    OK(tlsw_bio_new(&side->there, &err));
    OK(tlsw_bio_new(&side->back, &err));
    OK(tlsw_wrap_bio(contexts[i], side->back, side->there, TLSW_CLIENT, "localhost", &side->client,
                     &err));
    OK(tlsw_wrap_bio(server_context, side->there, side->back, TLSW_SERVER, NULL, &side->server,
                     &err));
  }
  for (i = 0; i < 2; i++) {
    CHECK(pthread_create(&threads[i], NULL, run, &sides[i]) == 0);
  }
  for (i = 0; i < 2; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(sides[i].was_asked);
  }
  for (i = 0; i < 2; i++) {
    tlsw_conn_free(sides[i].client);
    tlsw_conn_free(sides[i].server);
    tlsw_bio_free(sides[i].there);
    tlsw_bio_free(sides[i].back);
    tlsw_ctx_free(contexts[i]);
  }
  tlsw_ctx_free(server_context);
  return 0;
}
