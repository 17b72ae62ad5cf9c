#include "check.h"
#include "contexts.inc"

int main(void) {
  tlsw_ctx *first = server_context(pki("localhost.chain.pem"), pki("localhost.key.pem"), NULL);
  tlsw_ctx *server = first, *client = client_ctx();
  tlsw_bio *to_client = NULL, *to_server = NULL;
  CHECK(first != NULL);
  OK(tlsw_bio_new(&to_client, &err));
  OK(tlsw_bio_new(&to_server, &err));

  /* The certificate is renewed between two connections, and the first lives on. */
  for (int renewed = 0; renewed < 2; renewed++) {
    tlsw_conn *here = NULL, *there = NULL;
    tlsw_buf chain = {NULL, 0};
    tlsw_cert *leaf = NULL;
    size_t used;
    OK(tlsw_wrap_bio(client, to_client, to_server, TLSW_CLIENT, "localhost", &here, &err));
    OK(tlsw_wrap_bio(server, to_server, to_client, TLSW_SERVER, NULL, &there, &err));
    if (!renewed) {
      /* Files that are not good change nothing. */
      CHECK(!renew(&server, pki("no such file"), pki("rsa.key.pem"), NULL));
      CHECK(server == first);
      CHECK(renew(&server, pki("rsa.chain.pem"), pki("rsa.key.pem"), NULL));
    }
    shake_hands(here, there);
    OK(tlsw_get_peer_chain_der(here, TLSW_CHAIN_SENT, &chain, &err));
    OK(tlsw_cert_new(chain.data, chain.len, &used, &leaf, &err));
    CHECK(strcmp(tlsw_cert_key_type(leaf), renewed ? "RSA" : "EC") == 0);
    tlsw_cert_free(leaf);
    tlsw_buf_free(&chain);
    /* The tickets of TLS 1.3 come with the first bytes. */
    pass_hello(there, here);
    tlsw_conn_free(here);
    tlsw_conn_free(there);
  }

  /* One that asks for certificates lets nobody in without. */
  CHECK(renew(&server, pki("rsa.chain.pem"), pki("rsa.key.pem"), pki("root.pem")));
  CHECK(tlsw_ctx_get_verify_mode(server) == TLSW_CERT_REQUIRED);
  tlsw_ctx_free(server);
  tlsw_ctx_free(client);
  tlsw_bio_free(to_client);
  tlsw_bio_free(to_server);
  return 0;
}
