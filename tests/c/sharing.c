/*
 * What threads share without a lock of their own: contexts whose hooks and settings change,
 * sessions that one thread got and others resume and free, certificates, pipes, default roots.
 * Between the threads nothing is in order but what the library puts in order, so that a sanitizer
 * sees what it leaves out: where they count, they do it without a barrier.
 *
 * Also: valgrind
 * Link: -lpthread
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 12, HOOKS = 6 };

static tlsw_ctx *client_context, *server_context, *other_context;

static void add(int *count, int n) { __atomic_fetch_add(count, n, __ATOMIC_RELAXED); }
static int value(int *count) { return __atomic_load_n(count, __ATOMIC_RELAXED); }

/* Runs `work` in THREADS threads, each with a number of its own, and `beside` in one more. */
static void in_threads(void *(*work)(void *), void *(*beside)(void *)) {
  static int numbers[THREADS];
  pthread_t threads[THREADS], another;
  int i;
  if (beside != NULL) {
    CHECK(pthread_create(&another, NULL, beside, NULL) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    numbers[i] = i;
    CHECK(pthread_create(&threads[i], NULL, work, &numbers[i]) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
  }
  if (beside != NULL) {
    CHECK(pthread_join(another, NULL) == 0);
  }
}

/* A connection in memory, both ends of it. */
struct pair {
  tlsw_conn *client, *server;
};

static struct pair wrap(tlsw_ctx *client, tlsw_ctx *server) {
  struct pair pair = {NULL, NULL};
  tlsw_bio *up = NULL, *down = NULL;
  OK(tlsw_bio_new(&up, &err));
  OK(tlsw_bio_new(&down, &err));
  OK(tlsw_wrap_bio(client, down, up, TLSW_CLIENT, "localhost", &pair.client, &err));
  OK(tlsw_wrap_bio(server, up, down, TLSW_SERVER, NULL, &pair.server, &err));
  tlsw_bio_free(up);
  tlsw_bio_free(down);
  return pair;
}

static void talk_and_free(struct pair pair) {
  shake_hands(pair.client, pair.server);
  pass_hello(pair.client, pair.server);
  pass_hello(pair.server, pair.client);
  tlsw_conn_free(pair.client);
  tlsw_conn_free(pair.server);
}

/* ---- Hooks and settings, while connections come and go ---- */

/* What a hook is given: read by every call, written by the last one and without a lock. */
struct user {
  int hook;
  int *calls;
};
static int made, freed, calls[HOOKS];

static void *new_user(int hook) {
  struct user *user = (struct user *)malloc(sizeof *user);
  CHECK(user != NULL);
  user->hook = hook;
  user->calls = &calls[hook];
  add(&made, 1);
  return user;
}

static void free_user(void *user) {
  ((struct user *)user)->calls = NULL;
  free(user);
  add(&freed, 1);
}

static void called(void *argument, int hook) {
  struct user *user = (struct user *)argument;
  CHECK(user->hook == hook && user->calls == &calls[hook]);
  add(user->calls, 1);
}

static tlsw_status on_name(void *user, tlsw_conn *conn, const char *name, uint8_t *alert) {
  (void)alert;
  called(user, 0);
  CHECK(strcmp(name, "localhost") == 0);
  OK(tlsw_conn_set_ctx(conn, other_context, &err));
  return TLSW_OK;
}

static tlsw_status on_verified(void *user, tlsw_conn *conn, int32_t verify_error, uint8_t *alert) {
  tlsw_buf chain = {NULL, 0};
  (void)alert;
  called(user, 1);
  CHECK(verify_error == 0);
  OK(tlsw_get_peer_chain_der(conn, TLSW_CHAIN_VERIFIED, &chain, &err));
  tlsw_buf_free(&chain);
  return TLSW_OK;
}

static void on_message(void *user, tlsw_conn *conn, int32_t is_write, int32_t version,
                       int32_t type, const uint8_t *data, size_t len) {
  (void)conn, (void)is_write, (void)version, (void)type, (void)data;
  called(user, 2);
  CHECK(len > 0);
}

static void on_step(void *user, tlsw_conn *conn, int32_t where, int32_t step) {
  (void)where, (void)step;
  called(user, 3);
  CHECK(tlsw_get_role(conn) == TLSW_CLIENT);
}

static void on_secret(void *user, tlsw_conn *conn, const char *line) {
  (void)conn;
  called(user, 4);
  CHECK(strlen(line) > 64);
}

/* Sessions go from thread to thread through these places. */
static tlsw_session *sessions[THREADS];

static void leave(int place, tlsw_session *session) {
  tlsw_session_free(__atomic_exchange_n(&sessions[place], session, __ATOMIC_ACQ_REL));
}

static void on_session(void *user, tlsw_conn *conn, tlsw_session *session) {
  static int next;
  (void)conn;
  called(user, 5);
  leave(__atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % THREADS, session);
}

static void set_hooks(void) {
  tlsw_ctx *client = client_context, *server = server_context;
  OK(tlsw_ctx_set_sni_hook(server, on_name, new_user(0), free_user, &err));
  OK(tlsw_ctx_set_verify_hook(client, on_verified, new_user(1), free_user, &err));
  OK(tlsw_ctx_set_msg_hook(server, on_message, new_user(2), free_user, &err));
  OK(tlsw_ctx_set_info_hook(client, on_step, new_user(3), free_user, &err));
  OK(tlsw_ctx_set_keylog_hook(client, on_secret, new_user(4), free_user, &err));
  OK(tlsw_ctx_set_session_hook(client, on_session, new_user(5), free_user, &err));
}

static int at_work;

static void *change(void *unused) {
  tlsw_ctx *client = client_context, *servers[2];
  tlsw_buf text = {NULL, 0};
  uint64_t options[2];
  int round, i;
  servers[0] = server_context;
  servers[1] = other_context;
  for (i = 0; i < 2; i++) {
    options[i] = tlsw_ctx_get_options(servers[i]);
  }
  for (round = 0; value(&at_work) > 0; round++) {
    set_hooks();
    OK(tlsw_ctx_set_ciphers(client, round % 2 ? "ECDHE" : "DEFAULT", &err));
    OK(tlsw_ctx_set_groups(client, round % 2 ? "X25519" : "P-256:X25519", &err));
    OK(tlsw_ctx_set_ocsp_stapling(client, round % 2, &err));
    OK(tlsw_ctx_set_keylog_file(client, round % 2 ? "/dev/null" : NULL, &err));
    for (i = 0; i < 2; i++) {
      OK(tlsw_ctx_set_max_version(servers[i], round % 3 ? TLSW_TLS_1_3 : TLSW_TLS_1_2, &err));
      OK(tlsw_ctx_set_verify_mode(servers[i], round % 2 ? TLSW_CERT_OPTIONAL : TLSW_CERT_NONE,
                                  &err));
      OK(tlsw_ctx_set_session_timeout(servers[i], 1000 + (uint32_t)round % 9, &err));
      OK(tlsw_ctx_set_session_cache_size(servers[i], 100 + (uint32_t)round % 9, &err));
      /* without tickets a server below TLS 1.3 keeps the sessions itself */
      OK(tlsw_ctx_set_options(servers[i],
                              round % 2 ? options[i] : options[i] | TLSW_OP_NO_TICKET, &err));
      OK(tlsw_ctx_set_num_tickets(servers[i], 1 + (uint32_t)round % 2, &err));
      OK(tlsw_ctx_set_alpn_protocols(servers[i], (const uint8_t *)"\2h2", round % 2 ? 3 : 0, &err));
      OK(tlsw_ctx_get_session_stats(servers[i], &text, &err));
      tlsw_buf_free(&text);
    }
    if (round < 3) { /* what is loaded stays */
      OK(tlsw_ctx_load_ca_file(client, pki("old-root.pem"), &err));
      OK(tlsw_ctx_load_cert_chain_file(other_context, pki("rsa.chain.pem"), pki("rsa.key.pem"),
                                       NULL, 0, &err));
    }
    OK(tlsw_ctx_get_ca_certs(client, &text, &err));
    tlsw_buf_free(&text);
    OK(tlsw_ctx_get_ciphers(client, &text, &err));
    tlsw_buf_free(&text);
  }
  return unused;
}

static void *connect_while_it_changes(void *number) {
  int round, place;
  for (round = 0; round < ROUNDS; round++) {
    struct pair pair = wrap(client_context, server_context);
    tlsw_session *session;
    place = (*(int *)number + round) % THREADS;
    session = __atomic_exchange_n(&sessions[place], (tlsw_session *)NULL, __ATOMIC_ACQ_REL);
    if (session != NULL) {
      OK(tlsw_conn_set_session(pair.client, session, &err));
      leave(place, session);
    }
    talk_and_free(pair);
  }
  add(&at_work, -1);
  return NULL;
}

/* Ends the program if a hook was called fewer times, and says which and how often each was. */
static void were_called(const int least[HOOKS]) {
  static const char *const names[HOOKS] = {"sni", "verify", "msg", "info", "keylog", "session"};
  int i, missing = 0;
  for (i = 0; i < HOOKS; i++) {
    missing += calls[i] < least[i];
  }
  for (i = 0; missing > 0 && i < HOOKS; i++) {
    fprintf(stderr, "the %s hook was called %d times, at least %d were due\n", names[i], calls[i],
            least[i]);
  }
  CHECK(missing == 0);
}

static void contexts_change_while_they_are_used(void) {
  const uint64_t options[2] = {tlsw_ctx_get_options(server_context),
                               tlsw_ctx_get_options(other_context)};
  tlsw_ctx *servers[2];
  /* Each connection calls each, but for sessions: in TLS 1.3 a server under TLSW_OP_NO_TICKET gives
   * none, and on a busy machine every connection may be made while it is set. */
  int least[HOOKS] = {THREADS * ROUNDS, THREADS * ROUNDS, THREADS * ROUNDS,
                      THREADS * ROUNDS, THREADS * ROUNDS, 0};
  int i;
  servers[0] = server_context;
  servers[1] = other_context;
  set_hooks();
  at_work = THREADS;
  in_threads(connect_while_it_changes, change);
  were_called(least);
  /* One more, with settings that nobody changes now. */
  for (i = 0; i < 2; i++) {
    OK(tlsw_ctx_set_max_version(servers[i], TLSW_TLS_1_3, &err));
    OK(tlsw_ctx_set_options(servers[i], options[i], &err));
  }
  for (i = 0; i < HOOKS; i++) {
    least[i] = calls[i] + 1;
  }
  talk_and_free(wrap(client_context, server_context));
  were_called(least);
  CHECK(freed < made);
  for (i = 0; i < THREADS; i++) {
    leave(i, NULL);
  }
}

/* ---- One session, one certificate, one pipe ---- */

static tlsw_session *session;
static tlsw_cert *certificate;
static tlsw_bio *pipe_of_all;
static int bytes_read;

static void *use_what_is_shared(void *number) {
  static const uint8_t stars[10] = {'*', '*', '*', '*', '*', '*', '*', '*', '*', '*'};
  int round;
  (void)number;
  for (round = 0; round < ROUNDS; round++) {
    struct pair pair = wrap(client_context, other_context);
    tlsw_buf data = {NULL, 0};
    tlsw_session *copy = NULL;
    tlsw_error err;
    uint8_t digest[32], got[7];
    size_t n = 0;

    OK(tlsw_conn_set_session(pair.client, session, &err));
    OK(tlsw_session_to_bytes(session, NULL, &data, &err));
    OK(tlsw_session_from_bytes(client_context, data.data, data.len, NULL, &copy, &err));
    CHECK(tlsw_session_equal(session, copy) == 1);
    tlsw_session_free(copy);
    tlsw_buf_free(&data);
    shake_hands(pair.client, pair.server);
    CHECK(tlsw_get_session_reused(pair.client) == 1);
    talk_and_free(pair);

    CHECK(strstr(tlsw_cert_subject(certificate), "localhost") != NULL);
    OK(tlsw_cert_sha256(certificate, digest, sizeof digest, &err));
    OK(tlsw_cert_json(certificate, &data, &err));
    tlsw_buf_free(&data);

    OK(tlsw_bio_write(pipe_of_all, stars, sizeof stars, &err));
    CHECK(tlsw_bio_pending(pipe_of_all) <= THREADS * ROUNDS * sizeof stars);
    if (tlsw_bio_read(pipe_of_all, got, sizeof got, &n, &err) == TLSW_OK) {
      CHECK(memcmp(got, stars, n) == 0);
      add(&bytes_read, (int)n);
    }
  }
  return NULL;
}

/* The caller's hold ends in another thread than it began in, and before what was made with it. */
static void *free_what_is_shared(void *unused) {
  tlsw_session_free(session);
  tlsw_cert_free(certificate);
  tlsw_bio_free(pipe_of_all);
  tlsw_ctx_free(client_context);
  tlsw_ctx_free(server_context);
  return unused;
}

static void objects_are_used_by_all_and_freed_by_another(void) {
  struct pair pair;
  tlsw_buf chain = {NULL, 0};
  pthread_t thread;
  size_t used;

  OK(tlsw_ctx_set_max_version(other_context, TLSW_TLS_1_2, &err));
  pair = wrap(client_context, other_context);
  shake_hands(pair.client, pair.server);
  OK(tlsw_get_session(pair.client, &session, &err));
  OK(tlsw_get_peer_chain_der(pair.client, TLSW_CHAIN_SENT, &chain, &err));
  OK(tlsw_cert_new(chain.data, chain.len, &used, &certificate, &err));
  tlsw_buf_free(&chain);
  talk_and_free(pair);
  OK(tlsw_bio_new(&pipe_of_all, &err));

  in_threads(use_what_is_shared, NULL);
  CHECK((size_t)bytes_read + tlsw_bio_pending(pipe_of_all) == THREADS * ROUNDS * 10);

  pair = wrap(client_context, server_context);
  CHECK(pthread_create(&thread, NULL, free_what_is_shared, NULL) == 0);
  talk_and_free(pair);
  CHECK(pthread_join(thread, NULL) == 0);
  tlsw_ctx_free(other_context); /* the hook for names still wanted it */
  CHECK(made > 0 && freed == made);
}

/* ---- What belongs to the process ---- */

/* The roots are parsed once; whoever is first does it. */
static void *trust_the_default(void *unused) {
  int round;
  for (round = 0; round < ROUNDS; round++) {
    tlsw_ctx *client = NULL, *server = server_ctx();
    tlsw_buf text = {NULL, 0};
    uint8_t random[16];
    OK(tlsw_ctx_new_default(TLSW_PURPOSE_SERVER_AUTH, 0, &client, &err));
    talk_and_free(wrap(client, server));
    OK(tlsw_get_default_verify_paths(&text, &err));
    tlsw_buf_free(&text);
    OK(tlsw_rand_bytes(random, sizeof random, &err));
    tlsw_ctx_free(client);
    tlsw_ctx_free(server);
  }
  return unused;
}

int main(void) {
  CHECK(setenv("SSL_CERT_FILE", pki("root.pem"), 1) == 0);
  CHECK(unsetenv("SSL_CERT_DIR") == 0);
  in_threads(trust_the_default, NULL);

  client_context = client_ctx();
  server_context = server_ctx();
  other_context = server_ctx();
  contexts_change_while_they_are_used();
  objects_are_used_by_all_and_freed_by_another();
  return 0;
}
