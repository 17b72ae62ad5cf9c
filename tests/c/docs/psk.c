#include "check.h"
#include "psk.inc"

/* Shakes hands in memory, and tells what the server made of it. */
static tlsw_status meet(tlsw_ctx *client, tlsw_ctx *server, const char *identity, tlsw_error *server_err) {
  tlsw_bio *to_client = NULL, *to_server = NULL;
  tlsw_conn *here = NULL, *there = NULL;
  tlsw_status client_status = TLSW_WANT_READ, server_status = TLSW_WANT_READ;
  tlsw_buf who = {NULL, 0};
  OK(tlsw_bio_new(&to_client, &err));
  OK(tlsw_bio_new(&to_server, &err));
  OK(tlsw_wrap_bio(client, to_client, to_server, TLSW_CLIENT, "localhost", &here, &err));
  OK(tlsw_wrap_bio(server, to_server, to_client, TLSW_SERVER, NULL, &there, &err));
  for (int turns = 0; turns < 5; turns++) {
    if (client_status > 0)
      client_status = tlsw_conn_handshake(here, NULL);
    if (server_status > 0)
      server_status = tlsw_conn_handshake(there, server_err);
  }
  if (server_status == TLSW_OK) {
    CHECK(client_status == TLSW_OK);
    OK(tlsw_get_psk_identity(there, &who, &err));
    CHECK(strcmp((const char *)who.data, identity) == 0);
    tlsw_buf_free(&who);
    CHECK(strcmp(tlsw_get_version(here), "TLSv1.3") == 0
          || strcmp(tlsw_get_cipher(here), "ECDHE-PSK-CHACHA20-POLY1305") == 0);
    CHECK(tlsw_get_verify_result(here, NULL) == TLSW_NONE);
  }
  tlsw_conn_free(here);
  tlsw_conn_free(there);
  tlsw_bio_free(to_client);
  tlsw_bio_free(to_server);
  return server_status;
}

int main(void) {
  tlsw_error err;
  struct psk_entry known[] = {{"lamp", {1}}, {"kettle", {2}}, {NULL, {0}}};
  struct psk_entry kettle = {"kettle", {2}}, thief = {"kettle", {3}}, stranger = {"toaster", {2}};
  struct psk_entry *visitors[] = {&kettle, &thief, &stranger};
  const char *reasons[] = {NULL, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "PSK_IDENTITY_NOT_FOUND"};
  tlsw_ctx *server = psk_context(TLSW_SERVER, known, &err);
  CHECK(server != NULL);
  for (int i = 0; i < 3; i++) {
    tlsw_ctx *client = psk_context(TLSW_CLIENT, visitors[i], &err);
    CHECK(client != NULL);
    CHECK((meet(client, server, "kettle", &err) == TLSW_OK) == (reasons[i] == NULL));
    if (reasons[i] != NULL)
      CHECK(strcmp(err.reason, reasons[i]) == 0);
    tlsw_ctx_free(client);
  }
  tlsw_ctx_free(server);
  for (int i = 0; i < 3; i++) {
    tlsw_ctx *client = NULL;
    OK(tlsw_ctx_new(TLSW_CLIENT, &client, &err));
    OK(tlsw_ctx_new(TLSW_SERVER, &server, &err));
    OK(add_psk(client, visitors[i], &err));
    OK(add_psk(server, &known[1], &err));
    CHECK((meet(client, server, "kettle", &err) == TLSW_OK) == (reasons[i] == NULL));
    tlsw_ctx_free(client);
    tlsw_ctx_free(server);
  }
  return 0;
}
