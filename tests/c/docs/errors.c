#include "check.h"
#include "errors.inc"

static tlsw_bio *to_client, *to_server;

static tlsw_conn *wrap(tlsw_ctx *ctx, uint32_t role) {
  tlsw_conn *conn = NULL;
  const int is_client = role == TLSW_CLIENT;
  OK(tlsw_wrap_bio(ctx, is_client ? to_client : to_server, is_client ? to_server : to_client, role,
                   is_client ? "localhost" : NULL, &conn, &err));
  return conn;
}

/* What the handshake comes to at the client's end. */
static enum answer meet(tlsw_ctx *client_context, tlsw_ctx *server_context) {
  tlsw_error err;
  enum answer answer;
  OK(tlsw_bio_new(&to_client, &err));
  OK(tlsw_bio_new(&to_server, &err));
  tlsw_conn *client = wrap(client_context, TLSW_CLIENT), *server = wrap(server_context, TLSW_SERVER);
  tlsw_status status = tlsw_conn_handshake(client, &err);
  CHECK(judge(status, &err) == AGAIN);
  status = tlsw_conn_handshake(server, NULL);
  CHECK(status == TLSW_WANT_READ || status == TLSW_ERR_TLS);
  status = tlsw_conn_handshake(client, &err);
  answer = judge(status, &err);
  if (answer == DONE) {
    uint8_t byte;
    size_t n;
    OK(tlsw_conn_handshake(server, &err));
    OK(tlsw_conn_shutdown(server, TLSW_SHUT_WRITE, &err));
    status = tlsw_conn_read(client, &byte, 1, &n, &err);
    CHECK(judge(status, &err) == OVER);
    status = tlsw_conn_read(NULL, &byte, 1, &n, &err);
    CHECK(judge(status, &err) == BROKEN);
  }
  tlsw_conn_free(client);
  tlsw_conn_free(server);
  tlsw_bio_free(to_client);
  tlsw_bio_free(to_server);
  return answer;
}

int main(void) {
  tlsw_ctx *client = client_ctx(), *server = server_ctx(), *strange = NULL;
  CHECK(meet(client, server) == DONE);
  OK(tlsw_ctx_new(TLSW_CLIENT, &strange, &err));
  OK(tlsw_ctx_load_ca_file(strange, pki("untrusted-root.pem"), &err));
  CHECK(meet(strange, server) == DISTRUSTED);
  OK(tlsw_ctx_set_min_version(client, TLSW_TLS_1_3, &err));
  OK(tlsw_ctx_set_max_version(server, TLSW_TLS_1_2, &err));
  CHECK(meet(client, server) == TOO_OLD);
  tlsw_ctx_free(client);
  tlsw_ctx_free(strange);
  tlsw_ctx_free(server);
  return 0;
}
