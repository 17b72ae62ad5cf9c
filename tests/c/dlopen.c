/*
 * The library lives beside OpenSSL in one process: loaded by dlopen into a program that
 * uses libssl, both shake hands; after dlclose a thread that used the library ends, and
 * OpenSSL goes on as before.
 *
 * Also: valgrind
 * Needs: openssl/ssl.h
 * Link: -lssl -lcrypto -ldl -lpthread
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <dlfcn.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <semaphore.h>

/* ---- OpenSSL: a handshake in memory ---- */

static SSL_CTX *openssl_client, *openssl_server;

static void openssl_contexts(void) {
  openssl_client = SSL_CTX_new(TLS_client_method());
  openssl_server = SSL_CTX_new(TLS_server_method());
  CHECK(openssl_client != NULL && openssl_server != NULL);
  CHECK(SSL_CTX_load_verify_locations(openssl_client, pki("root.pem"), NULL) == 1);
  SSL_CTX_set_verify(openssl_client, SSL_VERIFY_PEER, NULL);
  CHECK(SSL_CTX_use_certificate_chain_file(openssl_server, pki("localhost.chain.pem")) == 1);
  CHECK(SSL_CTX_use_PrivateKey_file(openssl_server, pki("localhost.key.pem"),
                                    SSL_FILETYPE_PEM) == 1);
}

static int openssl_step(SSL *ssl) {
  const int result = SSL_do_handshake(ssl);
  CHECK(result == 1 || SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ);
  return result == 1;
}

static void openssl_handshake(void) {
  SSL *client = SSL_new(openssl_client), *server = SSL_new(openssl_server);
  BIO *clients_end = NULL, *servers_end = NULL;
  char got[5];
  int turns = 0, client_done = 0, server_done = 0;
  CHECK(client != NULL && server != NULL);
  CHECK(BIO_new_bio_pair(&clients_end, 0, &servers_end, 0) == 1);
  SSL_set_bio(client, clients_end, clients_end);
  SSL_set_bio(server, servers_end, servers_end);
  SSL_set_connect_state(client);
  SSL_set_accept_state(server);
  while (!client_done || !server_done) {
    CHECK(turns++ < 20);
    client_done = openssl_step(client);
    server_done = openssl_step(server);
  }
  CHECK(SSL_get_verify_result(client) == X509_V_OK);
  CHECK(SSL_write(client, "hello", 5) == 5);
  CHECK(SSL_read(server, got, sizeof got) == 5);
  SSL_free(client);
  SSL_free(server);
}

/* ---- tlswrap: the same, with functions that dlsym found ---- */

#define FUNCTIONS(X)                                                                        \
  X(ctx_new) X(ctx_free) X(ctx_load_ca_file) X(ctx_load_cert_chain_file)                    \
  X(bio_new) X(bio_free) X(wrap_bio) X(conn_free) X(conn_handshake) X(conn_write) X(conn_read)

#define FIELD(name) __typeof__(&tlsw_##name) name;

static struct {
  FUNCTIONS(FIELD)
} tls;

static void find(void *library, const char *name, void *function) {
  void *address = dlsym(library, name);
  CHECK(address != NULL);
  memcpy(function, &address, sizeof address); /* C has no cast from data to function */
}

/* OK without help from a function of the library, which is not linked. */
#define DO(call)                                                      \
  do {                                                                \
    tlsw_error err;                                                   \
    if ((call) != TLSW_OK) {                                          \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #call);      \
      exit(1);                                                        \
    }                                                                 \
  } while (0)

static void tlswrap_handshake(void) {
  tlsw_ctx *client_context = NULL, *server_context = NULL;
  tlsw_bio *to_client = NULL, *to_server = NULL;
  tlsw_conn *client = NULL, *server = NULL;
  uint8_t got[5];
  size_t n = 0;
  int turns = 0;
  tlsw_status client_status, server_status;

  DO(tls.ctx_new(TLSW_CLIENT, &client_context, &err));
  DO(tls.ctx_load_ca_file(client_context, pki("root.pem"), &err));
  DO(tls.ctx_new(TLSW_SERVER, &server_context, &err));
  DO(tls.ctx_load_cert_chain_file(server_context, pki("localhost.chain.pem"),
                                  pki("localhost.key.pem"), NULL, 0, &err));
  DO(tls.bio_new(&to_client, &err));
  DO(tls.bio_new(&to_server, &err));
  DO(tls.wrap_bio(client_context, to_client, to_server, TLSW_CLIENT, "localhost", &client, &err));
  DO(tls.wrap_bio(server_context, to_server, to_client, TLSW_SERVER, NULL, &server, &err));
  do {
    CHECK(turns++ < 20);
    client_status = tls.conn_handshake(client, NULL);
    server_status = tls.conn_handshake(server, NULL);
    CHECK(client_status >= 0 && server_status >= 0);
  } while (client_status != TLSW_OK || server_status != TLSW_OK);
  DO(tls.conn_write(client, (const uint8_t *)"hello", 5, &n, &err));
  DO(tls.conn_read(server, got, sizeof got, &n, &err));
  CHECK(n == 5 && memcmp(got, "hello", 5) == 0);

  tls.conn_free(client);
  tls.conn_free(server);
  tls.bio_free(to_client);
  tls.bio_free(to_server);
  tls.ctx_free(client_context);
  tls.ctx_free(server_context);
}

/* ---- a thread that outlives the library ---- */

static sem_t used, closed;

static void *use_and_outlive(void *unused) {
  (void)unused;
  tlswrap_handshake();
  CHECK(sem_post(&used) == 0);
  CHECK(sem_wait(&closed) == 0);
  return NULL; /* BoringSSL's destructor for this thread runs now */
}

int main(void) {
  const char *path = getenv("TLSW_LIBRARY");
  void *library;
  pthread_t thread;
  CHECK(path != NULL);

  openssl_contexts();
  openssl_handshake();

  CHECK(dlopen(path, RTLD_NOW | RTLD_NOLOAD) == NULL);
  library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  CHECK(library != NULL);
#define FIND(name) find(library, "tlsw_" #name, &tls.name);
  FUNCTIONS(FIND)

  tlswrap_handshake();
  openssl_handshake();
  CHECK(sem_init(&used, 0, 0) == 0 && sem_init(&closed, 0, 0) == 0);
  CHECK(pthread_create(&thread, NULL, use_and_outlive, NULL) == 0);
  CHECK(sem_wait(&used) == 0);

  CHECK(dlclose(library) == 0);
  CHECK(sem_post(&closed) == 0);
  CHECK(pthread_join(thread, NULL) == 0);

  openssl_handshake();
  SSL_CTX_free(openssl_client);
  SSL_CTX_free(openssl_server);
  return 0;
}
