#include "check.h"
#include "chains.inc"

/* The SHA-256 of the first certificate in a file of the test PKI. */
static void pin_of(const char *name, uint8_t pin[32]) {
  char pem[8000];
  tlsw_buf der = {NULL, 0};
  tlsw_cert *cert = NULL;
  FILE *file = fopen(pki(name), "r");
  CHECK(file != NULL);
  const size_t len = fread(pem, 1, sizeof pem, file);
  fclose(file);
  OK(tlsw_cert_pem_to_der((const uint8_t *)pem, len, &der, &err));
  OK(tlsw_cert_new(der.data, der.len, NULL, &cert, &err));
  OK(tlsw_cert_sha256(cert, pin, 32, &err));
  tlsw_cert_free(cert);
  tlsw_buf_free(&der);
}

int main(void) {
  tlsw_ctx *client_context = client_ctx(), *server_context = server_ctx();
  tlsw_bio *to_client = NULL, *to_server = NULL;
  tlsw_conn *client = NULL, *server = NULL;
  uint8_t pin[32];
  OK(tlsw_bio_new(&to_client, &err));
  OK(tlsw_bio_new(&to_server, &err));
  OK(tlsw_wrap_bio(client_context, to_client, to_server, TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_bio(server_context, to_server, to_client, TLSW_SERVER, NULL, &server, &err));
  pin_of("localhost.pem", pin);
  CHECK(!is_pinned(client, pin)); /* not before the handshake is done */
  shake_hands(client, server);
  CHECK(is_pinned(client, pin));
  pin_of("intermediate.pem", pin);
  CHECK(is_pinned(client, pin));
  pin_of("root.pem", pin);
  CHECK(is_pinned(client, pin)); /* though it was not sent */
  pin_of("rsa.pem", pin);
  CHECK(!is_pinned(client, pin));
  CHECK(!is_pinned(server, pin));
  print_report(client);
  tlsw_conn_free(client);
  tlsw_conn_free(server);
  tlsw_bio_free(to_client);
  tlsw_bio_free(to_server);
  tlsw_ctx_free(client_context);
  tlsw_ctx_free(server_context);
  return 0;
}
