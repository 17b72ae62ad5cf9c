#include "check.h"
#include "verification.inc"

static tlsw_bio *to_client, *to_server;

/* A client, and a server that has gone as far as it can without it. */
static tlsw_conn *pair(tlsw_ctx *ctx, tlsw_ctx *server_context, tlsw_conn **server) {
  tlsw_conn *client = NULL;
  OK(tlsw_bio_new(&to_client, &err));
  OK(tlsw_bio_new(&to_server, &err));
  OK(tlsw_wrap_bio(ctx, to_client, to_server, TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_bio(server_context, to_server, to_client, TLSW_SERVER, NULL, server, &err));
  CHECK(!step(client) && !step(*server));
  tlsw_bio_free(to_client);
  tlsw_bio_free(to_server);
  return client;
}

int main(void) {
  tlsw_ctx *server_context = server_ctx(), *ctx = client_ctx(), *strange = NULL;
  tlsw_conn *server = NULL, *client = pair(ctx, server_context, &server);
  char said[2000];
  size_t len;
  CHECK(shake_hands_or_explain(client));
  tlsw_conn_free(client);
  tlsw_conn_free(server);

  OK(tlsw_ctx_new(TLSW_CLIENT, &strange, &err));
  OK(tlsw_ctx_load_ca_file(strange, pki("untrusted-root.pem"), &err));
  client = pair(strange, server_context, &server);
  CHECK(freopen("said", "w", stderr) != NULL);
  CHECK(!shake_hands_or_explain(client));
  CHECK(fflush(stderr) == 0);
  FILE *file = fopen("said", "r");
  CHECK(file != NULL);
  len = fread(said, 1, sizeof said - 1, file);
  said[len] = 0;
  fclose(file);
  CHECK(strstr(said, "  check 20 (unable to get local issuer certificate) at depth 1: "
                     "CN=tlswrap test intermediate,O=tlswrap, issued by CN=tlswrap test root,O=tlswrap"));
  tlsw_conn_free(client);
  tlsw_conn_free(server);
  tlsw_ctx_free(strange);
  tlsw_ctx_free(ctx);
  tlsw_ctx_free(server_context);
  return 0;
}
