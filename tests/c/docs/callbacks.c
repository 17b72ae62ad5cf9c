#include "check.h"
#include "callbacks.inc"

static tlsw_ctx *host_ctx(const char *name) {
  char chain[100], key[100];
  tlsw_ctx *ctx = NULL;
  CHECK(snprintf(chain, sizeof chain, "%s.chain.pem", name) > 0);
  CHECK(snprintf(key, sizeof key, "%s.key.pem", name) > 0);
  OK(tlsw_ctx_new(TLSW_SERVER, &ctx, &err));
  OK(tlsw_ctx_load_cert_chain_file(ctx, pki(chain), pki(key), NULL, 0, &err));
  OK(tlsw_ctx_load_ca_file(ctx, pki("root.pem"), &err));
  OK(tlsw_ctx_set_verify_mode(ctx, TLSW_CERT_REQUIRED, &err));
  return ctx;
}

/* The SHA-256 of the client's certificate. */
static void fingerprint(uint8_t digest[32]) {
  char pem[8000];
  tlsw_buf der = {NULL, 0};
  tlsw_cert *cert = NULL;
  FILE *file = fopen(pki("client.pem"), "r");
  CHECK(file != NULL);
  const size_t len = fread(pem, 1, sizeof pem, file);
  fclose(file);
  OK(tlsw_cert_pem_to_der((const uint8_t *)pem, len, &der, &err));
  OK(tlsw_cert_new(der.data, der.len, NULL, &cert, &err));
  OK(tlsw_cert_sha256(cert, digest, 32, &err));
  tlsw_cert_free(cert);
  tlsw_buf_free(&der);
}

/* A visit of `client` that asks for `name`: the key type of the certificate that the server showed,
 * or the alert that it sent, as the server tells it. */
static void visit(tlsw_ctx *client, tlsw_ctx *first, const char *name, const char *key, int alert) {
  tlsw_bio *to_client = NULL, *to_server = NULL;
  tlsw_conn *here = NULL, *there = NULL;
  tlsw_status client_status = TLSW_WANT_READ, server_status = TLSW_WANT_READ;
  tlsw_error server_err;
  OK(tlsw_bio_new(&to_client, &err));
  OK(tlsw_bio_new(&to_server, &err));
  OK(tlsw_wrap_bio(client, to_client, to_server, TLSW_CLIENT, name, &here, &err));
  OK(tlsw_wrap_bio(first, to_server, to_client, TLSW_SERVER, NULL, &there, &err));
  for (int turns = 0; turns < 5; turns++) {
    if (client_status > 0)
      client_status = tlsw_conn_handshake(here, NULL);
    if (server_status > 0)
      server_status = tlsw_conn_handshake(there, &server_err);
  }
  if (key != NULL) {
    tlsw_buf chain = {NULL, 0};
    tlsw_cert *leaf = NULL;
    size_t used;
    CHECK(client_status == TLSW_OK && server_status == TLSW_OK);
    OK(tlsw_get_peer_chain_der(here, TLSW_CHAIN_SENT, &chain, &err));
    OK(tlsw_cert_new(chain.data, chain.len, &used, &leaf, &err));
    CHECK(strcmp(tlsw_cert_key_type(leaf), key) == 0);
    tlsw_cert_free(leaf);
    tlsw_buf_free(&chain);
  } else {
    CHECK(server_status < 0);
    CHECK(server_err.alert == alert);
  }
  tlsw_conn_free(here);
  tlsw_conn_free(there);
  tlsw_bio_free(to_client);
  tlsw_bio_free(to_server);
}

int main(void) {
  struct host other = {"127.0.0.1", NULL, NULL}, local = {"localhost", NULL, &other};
  uint8_t known[32];
  tlsw_ctx *first = host_ctx("localhost"), *client = client_ctx();
  local.ctx = host_ctx("rsa");
  other.ctx = host_ctx("localhost");
  fingerprint(known);
  OK(tlsw_ctx_load_cert_chain_file(client, pki("client.chain.pem"), pki("client.key.pem"), NULL, 0, &err));
  OK(serve_hosts(first, &local, known, &err));
  visit(client, first, "localhost", "RSA", 0);
  visit(client, first, "elsewhere.test", NULL, TLSW_ALERT_UNRECOGNIZED_NAME);
  /* An address is not asked for by name. */
  visit(client, first, "127.0.0.1", NULL, TLSW_ALERT_UNRECOGNIZED_NAME);
  known[7] ^= 1;
  visit(client, first, "localhost", NULL, TLSW_ALERT_ACCESS_DENIED);
  tlsw_ctx_free(first);
  tlsw_ctx_free(local.ctx);
  tlsw_ctx_free(other.ctx);
  tlsw_ctx_free(client);
  return 0;
}
