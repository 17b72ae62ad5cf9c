/* TLS without sockets: a client and a server shake hands through two pipes in memory, as a
 * program does that has its own event loop or its own wire.
 *
 *     memory CERT KEY CAFILE NAME
 *
 * The server shows CERT, the client trusts CAFILE and expects NAME. */
#include <stdio.h>
#include <string.h>

#include <tlswrap.h>

struct side {
    tlsw_ctx *ctx;
    tlsw_conn *conn;
};

static void side_free(struct side *side) {
    tlsw_conn_free(side->conn);
    tlsw_ctx_free(side->ctx);
}

static tlsw_status make_client(struct side *client, const char *cafile, const char *name, tlsw_bio *in, tlsw_bio *out,
                               tlsw_error *err) {
    tlsw_status status = tlsw_ctx_new(TLSW_CLIENT, &client->ctx, err);
    if (status == TLSW_OK)
        status = tlsw_ctx_load_ca_file(client->ctx, cafile, err);
    if (status == TLSW_OK)
        status = tlsw_wrap_bio(client->ctx, in, out, TLSW_CLIENT, name, &client->conn, err);
    return status;
}

static tlsw_status make_server(struct side *server, const char *cert, const char *key, tlsw_bio *in, tlsw_bio *out,
                               tlsw_error *err) {
    tlsw_status status = tlsw_ctx_new(TLSW_SERVER, &server->ctx, err);
    if (status == TLSW_OK)
        status = tlsw_ctx_load_cert_chain_file(server->ctx, cert, key, NULL, 0, err);
    if (status == TLSW_OK)
        status = tlsw_wrap_bio(server->ctx, in, out, TLSW_SERVER, NULL, &server->conn, err);
    return status;
}

/* Each side goes as far as the bytes allow and then says TLSW_WANT_READ: the other's turn. */
static tlsw_status shake_hands(tlsw_conn *client, tlsw_conn *server, tlsw_error *err) {
    tlsw_status c, s;
    do {
        c = tlsw_conn_handshake(client, err);
        if (c < 0)
            return c;
        s = tlsw_conn_handshake(server, err);
        if (s < 0)
            return s;
    } while (c != TLSW_OK || s != TLSW_OK);
    return TLSW_OK;
}

static tlsw_status print_facts(tlsw_conn *client, tlsw_error *err) {
    tlsw_buf chain;
    tlsw_cert *leaf = NULL;
    size_t used = 0;
    memset(&chain, 0, sizeof chain);
    tlsw_status status = tlsw_get_peer_chain_der(client, TLSW_CHAIN_VERIFIED, &chain, err);
    if (status == TLSW_OK)
        status = tlsw_cert_new(chain.data, chain.len, &used, &leaf, err);
    if (status == TLSW_OK)
        printf("%s, %s, talking to %s\n", tlsw_get_version(client), tlsw_get_cipher(client), tlsw_cert_subject(leaf));
    tlsw_cert_free(leaf);
    tlsw_buf_free(&chain);
    return status;
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: memory CERT KEY CAFILE NAME\n");
        return 2;
    }
    struct side client = {NULL, NULL}, server = {NULL, NULL};
    tlsw_bio *to_client = NULL, *to_server = NULL;
    tlsw_error err;
    tlsw_status status = tlsw_bio_new(&to_client, &err);
    if (status == TLSW_OK)
        status = tlsw_bio_new(&to_server, &err);
    if (status == TLSW_OK)
        status = make_client(&client, argv[3], argv[4], to_client, to_server, &err);
    if (status == TLSW_OK)
        status = make_server(&server, argv[1], argv[2], to_server, to_client, &err);
    if (status == TLSW_OK)
        status = shake_hands(client.conn, server.conn, &err);
    if (status == TLSW_OK)
        status = print_facts(client.conn, &err);
    if (status != TLSW_OK)
        fprintf(stderr, "memory: %s\n", status < 0 ? err.message : tlsw_status_name(status));
    side_free(&client);
    side_free(&server);
    tlsw_bio_free(to_client);
    tlsw_bio_free(to_server);
    return status != TLSW_OK;
}
