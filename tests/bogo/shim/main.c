/* The program that BoringSSL's test runner starts for each of its tests: it makes the connections
 * that the command line describes, one after the other, and does with them what that says. The
 * runner is the peer. Everything goes through tlswrap.h, so that the runner judges what users of
 * the library have.
 *
 * The behaviour is that of BoringSSL's own shim, ssl/test/bssl_shim.cc. Exit status 0: all was as
 * the command line expects; 1: it was not, with the error on the standard error; 89: the library
 * has no way to what the test wants; 90: a promise of the library was broken, whatever the test
 * expects. */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

/* Contexts of the connections being made. A server that is asked for names takes the certificates
 * from the second one. */
static tlsw_ctx *ctx, *second_ctx;

static bool make_contexts(const config *config) {
    const bool two = config->server && config->use_early_callback;
    tlsw_ctx_free(ctx);
    tlsw_ctx_free(second_ctx);
    ctx = second_ctx = NULL;
    return (ctx = make_context(config, !two)) != NULL &&
           (!two || (second_ctx = make_context(config, true)) != NULL);
}

/* Moves a session to another context, by the way for sessions that leave the process. */
static bool move_session(tlsw_session **session) {
    tlsw_buf data = {NULL, 0};
    tlsw_session *moved = NULL;
    tlsw_error err;
    tlsw_status status = tlsw_session_to_bytes(*session, NULL, &data, &err);
    if (status == TLSW_OK)
        status = tlsw_session_from_bytes(ctx, data.data, data.len, NULL, &moved, &err);
    if (status != TLSW_OK)
        say_status("moving the session", status, &err);
    tlsw_buf_free(&data);
    tlsw_session_free(*session);
    *session = moved;
    return status == TLSW_OK;
}

static bool offer_session(connection *connection, tlsw_session *session) {
    tlsw_error err;
    const tlsw_status status = tlsw_conn_set_session(connection->conn, session, &err);
    if (status != TLSW_OK)
        say_status("tlsw_conn_set_session", status, &err);
    return status == TLSW_OK;
}

static bool check_messages(const connection *connection) {
    const char *wanted = connection->config->expect_msg_callback;
    const char *found = connection->messages != NULL ? connection->messages : "";
    if (connection->messages_bad)
        return false;
    return wanted == NULL || strcmp(found, wanted) == 0 ||
           fail("The message hook saw this:\n%s\nand not this:\n%s", found, wanted);
}

/* Makes a connection. A client offers `*session`, and finds there the one it was given. */
static bool connect_once(const config *config, bool resumes, tlsw_session **session) {
    connection connection = {0};
    connection.config = config;
    connection.second_ctx = second_ctx;
    connection.alert_read = connection.alert_written = -1;
    connection.fd = -1;
    current = &connection;
    bool good = open_transport(ctx, &connection);
    if (good && *session != NULL)
        good = offer_session(&connection, *session);
    tlsw_session_free(*session);
    *session = NULL;
    good = good && exchange(&connection, resumes, session) && check_messages(&connection);
    close_transport(&connection);
    current = NULL;
    tlsw_session_free(connection.session);
    free(connection.messages);
    return good;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_DFL); /* the library must not raise it */
    parse_flags(argc, argv);
    /* Beside ALPN it is not used, so a test with both is about ALPN. */
    if (first_config.advertise_npn != NULL && first_config.select_alpn == NULL)
        unimplemented("NPN");
    if (first_config.server && first_config.fail_ocsp)
        unimplemented("a hook that chooses the OCSP response");
    if (!choose_transport(getenv("TLSW_BOGO_TRANSPORT")))
        return 1;

    tlsw_session *session = NULL;
    bool good = true;
    for (int i = 0; good && i <= first_config.resume_count; i++) {
        const config *config = i == 0 ? &first_config : &later_config;
        if (i == 0 || (i == 1 && !same_context(&first_config, &later_config)))
            good = make_contexts(config) && (session == NULL || move_session(&session));
        if (good && i > 0 && !config->server && session == NULL)
            good = fail("There is no session to offer.");
        good = good && connect_once(config, i > 0, &session);
        if (!good)
            fail("Connection %d failed.", i + 1);
    }
    tlsw_session_free(session);
    tlsw_ctx_free(ctx);
    tlsw_ctx_free(second_ctx);
    return good ? 0 : 1;
}
