/* What C does in one call for Go: crossing costs more than the calls themselves. */
#ifndef TLSWRAP_GO_NATIVE_H
#define TLSWRAP_GO_NATIVE_H

#include <stdint.h>
#include <stdlib.h>
#include <tlswrap.h>

/* What a step over memory came to. err is malloc'ed, and NULL unless the status is negative. */
typedef struct {
    tlsw_status status;
    size_t n;       /* plain bytes that moved */
    size_t drained; /* bytes for the peer that were put into the caller's room */
    size_t left;    /* bytes for the peer that are still in the pipe */
    int hungry;     /* nothing more can be read before something comes */
    tlsw_error *err;
} go_step;

typedef struct {
    tlsw_conn *conn;
    tlsw_bio *incoming, *outgoing;
} go_conn;

/* The steps get a go_conn as a number, take what came from the peer (NULL, 0: nothing), do their
 * part, and put what is for the peer into the room that they are given. */
go_step go_handshake(uintptr_t conn, const uint8_t *came, size_t came_len, uint8_t *room, size_t size);
go_step go_read(uintptr_t conn, const uint8_t *came, size_t came_len, uint8_t *buf, size_t len);
go_step go_write(uintptr_t conn, const uint8_t *data, size_t len, uint8_t *room, size_t size);
go_step go_shutdown(uintptr_t conn, uint8_t *room, size_t size);
go_step go_drain(uintptr_t conn, uint8_t *room, size_t size);

/* Gives NULL and fills *err if it fails. */
go_conn *go_conn_new(tlsw_ctx *ctx, uint32_t role, const char *server_hostname, tlsw_error *err);
void go_conn_free(go_conn *c);

/* A function of Go's for the library to call; user is a cgo.Handle, which is deleted when the library
 * lets go of it. */
enum { GO_SNI, GO_VERIFY, GO_KEYLOG, GO_SESSION, GO_CLIENT_PSK, GO_SERVER_PSK };
tlsw_status go_set_hook(tlsw_ctx *ctx, int kind, uintptr_t user, tlsw_error *err);
tlsw_status go_set_user(tlsw_conn *conn, uintptr_t user, tlsw_error *err);
uintptr_t go_get_user(const tlsw_conn *conn);

#endif
