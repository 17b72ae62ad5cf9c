/* driver TABLE DIR: makes every connection of the table with the certificates in DIR and prints
 * what a C program observes, as README.md says. It calls nothing but the C API, so it is what the
 * drivers of the other languages are compared with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlswrap.h>

enum { CLIENT, SERVER, SIDES };
static const char *const sides[SIDES] = {"client", "server"};
static const char *const hello[SIDES] = {"hello from the client", "hello from the server"};

struct end {
    tlsw_ctx *ctx;
    tlsw_bio *incoming;
    tlsw_conn *conn;
    tlsw_status handshake, talk, end; /* WANT_READ: not come to an end */
    tlsw_error why, talk_why;
};

static const char *directory, *scenario, *settings;

static void die(const char *what, const char *why) {
    fprintf(stderr, "driver: %s: %s: %s\n", scenario ? scenario : "", what, why);
    exit(2);
}

/* The value of a setting, in memory of ours; NULL if the scenario does not have it. */
static const char *setting(int side, const char *key) {
    static char values[8][256];
    static unsigned next;
    char name[64];
    if (side < SIDES)
        snprintf(name, sizeof name, "%s.%s=", sides[side], key);
    else
        snprintf(name, sizeof name, "%s=", key);
    for (const char *at = settings; at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL)
        if (strncmp(at, name, strlen(name)) == 0) {
            char *value = values[next++ % 8];
            const char *from = at + strlen(name);
            snprintf(value, sizeof values[0], "%.*s", (int)strcspn(from, " "), from);
            return value;
        }
    return NULL;
}

static const char *file(const char *name, const char *ending) {
    static char paths[4][1024];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s%s", directory, name, ending);
    return path;
}

static void must(tlsw_status status, const tlsw_error *err, const char *what) {
    if (status != TLSW_OK)
        die(what, status < 0 ? err->message : tlsw_status_name(status));
}

static int32_t version(const char *text) {
    return strcmp(text, "1.2") == 0 ? TLSW_TLS_1_2 : TLSW_TLS_1_3;
}

/* A context with the settings of a side, and with the certificate `cert`, or NULL for none. */
static tlsw_ctx *make_context(int side, const char *cert) {
    const char *value;
    tlsw_ctx *ctx = NULL;
    tlsw_error err;
    must(tlsw_ctx_new(side == CLIENT ? TLSW_CLIENT : TLSW_SERVER, &ctx, &err), &err, "context");
    if (cert)
        must(tlsw_ctx_load_cert_chain_file(ctx, file(cert, ".chain.pem"), file(cert, ".key.pem"), NULL, 0, &err), &err, cert);
    if ((value = setting(side, "ca")) != NULL)
        must(tlsw_ctx_load_ca_file(ctx, file(value, ""), &err), &err, value);
    if ((value = setting(side, "verify")) != NULL) {
        const int none = strcmp(value, "none") == 0;
        if (none && side == CLIENT)
            must(tlsw_ctx_set_check_hostname(ctx, 0, &err), &err, value);
        must(tlsw_ctx_set_verify_mode(ctx, none ? TLSW_CERT_NONE : strcmp(value, "optional") == 0 ? TLSW_CERT_OPTIONAL : TLSW_CERT_REQUIRED, &err), &err, value);
    }
    if ((value = setting(side, "min")) != NULL)
        must(tlsw_ctx_set_min_version(ctx, version(value), &err), &err, value);
    if ((value = setting(side, "max")) != NULL)
        must(tlsw_ctx_set_max_version(ctx, version(value), &err), &err, value);
    if ((value = setting(side, "groups")) != NULL)
        must(tlsw_ctx_set_groups(ctx, value, &err), &err, value);
    if ((value = setting(side, "ciphers")) != NULL)
        must(tlsw_ctx_set_ciphers(ctx, value, &err), &err, value);
    if ((value = setting(side, "alpn")) != NULL) {
        uint8_t wire[256];
        size_t len = 0;
        while (*value) {
            const size_t size = strcspn(value, ",");
            wire[len++] = (uint8_t)size;
            memcpy(wire + len, value, size);
            len += size;
            value += size + (value[size] == ',');
        }
        must(tlsw_ctx_set_alpn_protocols(ctx, wire, len, &err), &err, "alpn");
    }
    return ctx;
}

/* Puts a connection under the other context if its client asks for that one's name. */
struct other {
    char name[64];
    tlsw_ctx *ctx;
};

static tlsw_status choose(void *user, tlsw_conn *conn, const char *server_name, uint8_t *alert) {
    const struct other *other = user;
    (void)alert;
    return server_name && strcmp(server_name, other->name) == 0 ? tlsw_conn_set_ctx(conn, other->ctx, NULL) : TLSW_OK;
}

static void set_other(tlsw_ctx *server, struct other *other) {
    const char *sni = setting(SERVER, "sni");
    tlsw_error err;
    if (!sni)
        return;
    const char *cert = strchr(sni, ':') + 1;
    snprintf(other->name, sizeof other->name, "%.*s", (int)(cert - 1 - sni), sni);
    other->ctx = make_context(SERVER, cert);
    must(tlsw_ctx_set_sni_hook(server, choose, other, NULL, &err), &err, "sni");
}

static void connect_ends(struct end *ends, const tlsw_session *session) {
    tlsw_error err;
    for (int side = 0; side < SIDES; side++)
        must(tlsw_bio_new(&ends[side].incoming, &err), &err, "pipe");
    for (int side = 0; side < SIDES; side++) {
        struct end *end = &ends[side];
        end->handshake = end->talk = end->end = TLSW_WANT_READ;
        must(tlsw_wrap_bio(end->ctx, end->incoming, ends[!side].incoming, side == CLIENT ? TLSW_CLIENT : TLSW_SERVER,
                           side == CLIENT ? setting(CLIENT, "name") : NULL, &end->conn, &err), &err, "connection");
    }
    if (session)
        must(tlsw_conn_set_session(ends[CLIENT].conn, session, &err), &err, "session");
}

static void disconnect(struct end *ends) {
    for (int side = 0; side < SIDES; side++) {
        tlsw_conn_free(ends[side].conn);
        tlsw_bio_free(ends[side].incoming);
    }
}

/* The end's transport ends: nothing more comes to the other. */
static void cut(struct end *ends, int side) {
    tlsw_error err;
    must(tlsw_bio_write_eof(ends[!side].incoming, &err), &err, "end of pipe");
}

static void shake_hands(struct end *ends) {
    /* Either has an end after a few turns: who is done or has failed leaves the other nothing to wait for. */
    for (int turn = 0; turn < 40; turn++) {
        struct end *end = &ends[turn % 2];
        if (end->handshake != TLSW_WANT_READ)
            continue;
        end->handshake = tlsw_conn_handshake(end->conn, &end->why);
        if (end->handshake < 0)
            cut(ends, turn % 2);
    }
}

static tlsw_status read_text(struct end *end, const char *expected) {
    char text[64];
    size_t len = 0, n = 0;
    tlsw_status status = TLSW_OK;
    while (status == TLSW_OK && len < strlen(expected)) {
        status = tlsw_conn_read(end->conn, (uint8_t *)text + len, sizeof text - len, &n, &end->talk_why);
        len += status == TLSW_OK ? n : 0;
    }
    if (status == TLSW_OK && (len != strlen(expected) || memcmp(text, expected, len) != 0))
        die("read", "something else than was written");
    return status;
}

static tlsw_status write_text(struct end *end, const char *text) {
    size_t n;
    return tlsw_conn_write(end->conn, (const uint8_t *)text, strlen(text), &n, &end->talk_why);
}

static void talk(struct end *ends) {
    struct end *client = &ends[CLIENT], *server = &ends[SERVER];
    if (server->handshake == TLSW_OK)
        server->talk = write_text(server, hello[SERVER]);
    if (client->handshake == TLSW_OK) {
        client->talk = read_text(client, hello[SERVER]);
        if (client->talk == TLSW_OK)
            client->talk = write_text(client, hello[CLIENT]);
    }
    if (server->talk == TLSW_OK)
        server->talk = read_text(server, hello[CLIENT]);
}

static void part(struct end *ends) {
    struct end *client = &ends[CLIENT], *server = &ends[SERVER];
    uint8_t byte;
    size_t n;
    tlsw_error err;
    if (client->talk != TLSW_OK || server->talk != TLSW_OK)
        return;
    must(tlsw_conn_shutdown(client->conn, TLSW_SHUT_WRITE, &err), &err, "goodbye");
    server->end = tlsw_conn_read(server->conn, &byte, 1, &n, &err);
    cut(ends, SERVER);
    client->end = tlsw_conn_read(client->conn, &byte, 1, &n, &err);
}

/* ---- what is printed ---- */

static void put(const char *side, const char *key, const char *value) {
    printf("%s\t%s%s%s\t%s\n", scenario, side, *side ? "." : "", key, value && *value ? value : "-");
}

static void put_number(const char *side, const char *key, long number) {
    char text[24];
    snprintf(text, sizeof text, "%ld", number);
    put(side, key, text);
}

static void put_failure(const char *side, const char *step, const tlsw_error *why) {
    char key[64];
    const int handshake = strcmp(step, "handshake") == 0;
    snprintf(key, sizeof key, "%s.reason", step);
    put(side, key, why->reason);
    if (handshake) {
        put_number(side, "handshake.verify_error", why->verify_error);
        put_number(side, "handshake.verify_depth", why->verify_depth);
    }
    snprintf(key, sizeof key, "%s.alert", step);
    put_number(side, key, why->alert);
    snprintf(key, sizeof key, "%s.message", step);
    put(side, key, why->message);
}

static long count(const tlsw_conn *conn, uint32_t which) {
    tlsw_buf chain = {NULL, 0};
    tlsw_cert *cert;
    tlsw_error err;
    size_t used;
    long found = 0;
    if (tlsw_get_peer_chain_der(conn, which, &chain, &err) == TLSW_OK)
        for (size_t at = 0; at < chain.len; at += used, found++) {
            must(tlsw_cert_new(chain.data + at, chain.len - at, &used, &cert, &err), &err, "chain");
            tlsw_cert_free(cert);
        }
    tlsw_buf_free(&chain);
    return found;
}

static void put_end(const struct end *end, const char *side) {
    tlsw_buf text = {NULL, 0};
    tlsw_error err;
    put(side, "handshake", tlsw_status_name(end->handshake));
    if (end->handshake < 0)
        put_failure(side, "handshake", &end->why);
    else {
        put(side, "talk", tlsw_status_name(end->talk));
        if (end->talk < 0)
            put_failure(side, "talk", &end->talk_why);
    }
    if (end->end != TLSW_WANT_READ)
        put(side, "end", tlsw_status_name(end->end));
    put(side, "version", tlsw_get_version(end->conn));
    put(side, "cipher", tlsw_get_cipher(end->conn));
    put(side, "group", tlsw_get_group(end->conn));
    put(side, "alpn", tlsw_get_alpn(end->conn, &text, &err) == TLSW_OK ? (const char *)text.data : NULL);
    tlsw_buf_free(&text);
    put_number(side, "resumed", tlsw_get_session_reused(end->conn));
    put_number(side, "sent", count(end->conn, TLSW_CHAIN_SENT));
    put_number(side, "verified", count(end->conn, TLSW_CHAIN_VERIFIED));
    must(tlsw_get_report_json(end->conn, &text, &err), &err, "report");
    put(side, "report", (const char *)text.data);
    tlsw_buf_free(&text);
}

static void put_shared(const char *key, tlsw_status status, const tlsw_buf *client, const tlsw_buf *server) {
    const int equal = client->len == server->len && memcmp(client->data, server->data, client->len) == 0;
    put("", key, status == TLSW_NONE ? "-" : status != TLSW_OK ? tlsw_status_name(status) : equal ? "equal" : "differ");
}

static void put_secrets(const struct end *ends) {
    static const char *const types[] = {"tls-unique", "tls-server-end-point", "tls-exporter"};
    tlsw_buf bytes[SIDES];
    tlsw_status status[SIDES];
    for (int i = 0; i < 4; i++) {
        memset(bytes, 0, sizeof bytes);
        for (int side = 0; side < SIDES; side++)
            status[side] = i < 3 ? tlsw_get_channel_binding(ends[side].conn, types[i], &bytes[side], NULL)
                                 : tlsw_export_keying_material(ends[side].conn, "EXPORTER-tlswrap-scenarios", NULL, 0, 32, &bytes[side], NULL);
        put_shared(i < 3 ? types[i] : "exported", status[CLIENT], &bytes[CLIENT], &bytes[SERVER]);
        tlsw_buf_free(&bytes[CLIENT]);
        tlsw_buf_free(&bytes[SERVER]);
    }
}

static void run(void) {
    struct end ends[SIDES];
    struct other other;
    tlsw_session *session = NULL;
    tlsw_error err;
    memset(ends, 0, sizeof ends);
    memset(&other, 0, sizeof other);
    for (int side = 0; side < SIDES; side++)
        ends[side].ctx = make_context(side, setting(side, "cert"));
    set_other(ends[SERVER].ctx, &other);
    if (setting(SIDES, "resume")) {
        connect_ends(ends, NULL);
        shake_hands(ends);
        talk(ends);
        must(tlsw_get_session(ends[CLIENT].conn, &session, &err), &err, "session");
        disconnect(ends);
    }
    connect_ends(ends, session);
    shake_hands(ends);
    talk(ends);
    part(ends);
    for (int side = 0; side < SIDES; side++)
        put_end(&ends[side], sides[side]);
    if (ends[CLIENT].handshake == TLSW_OK && ends[SERVER].handshake == TLSW_OK)
        put_secrets(ends);
    disconnect(ends);
    tlsw_session_free(session);
    for (int side = 0; side < SIDES; side++)
        tlsw_ctx_free(ends[side].ctx);
    tlsw_ctx_free(other.ctx);
}

int main(int argc, char **argv) {
    static char line[4096];
    FILE *table = argc == 3 ? fopen(argv[1], "r") : NULL;
    if (!table) {
        fprintf(stderr, "usage: driver TABLE DIR\n");
        return 2;
    }
    directory = argv[2];
    while (fgets(line, sizeof line, table)) {
        if (*line == '#' || *line == '\n')
            continue;
        scenario = strtok(line, "\t");
        settings = strtok(NULL, "\t");
        if (!settings)
            die("table", "a line without settings");
        run();
    }
    fclose(table);
    return fflush(stdout) == 0 ? 0 : 2;
}
