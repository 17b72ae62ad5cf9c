/*
 * Once the handshake is done, reading and writing allocate nothing: neither here nor in what
 * BoringSSL does for them, whatever the sizes, over pipes in memory and over a socket.
 *
 * Also: static
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/socket.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static unsigned long allocations;

#ifdef __cplusplus
#define NO_THROW noexcept
extern "C" {
#else
#define NO_THROW
#endif

#ifdef SANITIZED

/* The sanitizer's malloc tells whoever asks. */
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static void on_malloc(const volatile void *memory, size_t size) {
  (void)memory;
  (void)size;
  allocations++;
}

static void on_free(const volatile void *memory) { (void)memory; }

static void start_counting(void) {
  CHECK(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0);
}

#elif defined(__GLIBC__)

/* The names of a program come before those of the C library, for the shared object too. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) NO_THROW {
  allocations++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) NO_THROW {
  allocations++;
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) NO_THROW {
  allocations++;
  return __libc_realloc(memory, size);
}

static void start_counting(void) {}

#else

#define CANNOT_COUNT 1

#endif

#ifdef __cplusplus
}
#endif

#ifdef CANNOT_COUNT

int main(void) { return 0; }

#else

enum { RECORD = 16384 };

static uint8_t sent[RECORD], received[RECORD];

static void send_all(tlsw_conn *conn, size_t len) {
  size_t at, n;
  for (at = 0; at < len; at += n) {
    OK(tlsw_conn_write(conn, sent + at, len - at, &n, &err));
  }
}

/* Reads `len` bytes, at most `piece` with a call. */
static void receive_all(tlsw_conn *conn, size_t len, size_t piece) {
  size_t at, n;
  for (at = 0; at < len; at += n) {
    OK(tlsw_conn_read(conn, received + at, len - at < piece ? len - at : piece, &n, &err));
  }
  CHECK(memcmp(sent, received, len) == 0);
}

static void work(tlsw_conn *client, tlsw_conn *server, int round_trips, int records) {
  tlsw_status status;
  size_t n;
  int i;
  for (i = 0; i < round_trips; i++) {
    /* Sizes of all kinds: 1 byte, a line, a page. */
    const size_t len = 1 + (size_t)i * 37 % 5000;
    send_all(client, len);
    receive_all(server, len, RECORD);
    send_all(server, len);
    receive_all(client, len, RECORD);
    /* And a call that finds nothing. */
    status = tlsw_conn_read(client, received, 1, &n, NULL);
    CHECK(status == TLSW_WANT_READ);
  }
  for (i = 0; i < records; i++) {
    send_all(client, RECORD);
    receive_all(server, RECORD, RECORD);
    send_all(server, RECORD);
    receive_all(client, RECORD, 1000);
  }
}

/* Counts what a connection does once it has done all of it. */
static void check(const char *over, tlsw_conn *client, tlsw_conn *server) {
  unsigned long before;
  shake_hands(client, server);
  work(client, server, 200, 2);
  before = allocations;
  work(client, server, 1000, 100);
  if (allocations != before) {
    fprintf(stderr, "%s: %lu allocations\n", over, allocations - before);
    exit(1);
  }
  tlsw_conn_free(client);
  tlsw_conn_free(server);
}

static void over_memory(tlsw_ctx *client_context, tlsw_ctx *server_context) {
  tlsw_bio *up = NULL, *down = NULL;
  tlsw_conn *client = NULL, *server = NULL;
  OK(tlsw_bio_new(&up, &err));
  OK(tlsw_bio_new(&down, &err));
  OK(tlsw_wrap_bio(client_context, down, up, TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_bio(server_context, up, down, TLSW_SERVER, NULL, &server, &err));
  check("memory", client, server);
  tlsw_bio_free(up);
  tlsw_bio_free(down);
}

static void over_socket(tlsw_ctx *client_context, tlsw_ctx *server_context, int ahead) {
  tlsw_conn *client = NULL, *server = NULL;
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  OK(tlsw_wrap_fd(client_context, ends[0], TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_fd(server_context, ends[1], TLSW_SERVER, NULL, &server, &err));
  OK(tlsw_conn_set_timeout(client, 0, &err));
  OK(tlsw_conn_set_timeout(server, 0, &err));
  OK(tlsw_conn_set_read_ahead(client, ahead, &err));
  OK(tlsw_conn_set_read_ahead(server, ahead, &err));
  check(ahead ? "a socket, reading ahead" : "a socket", client, server);
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  const uint32_t versions[] = {TLSW_TLS_1_2, TLSW_TLS_1_3};
  unsigned long before;
  size_t i;
  start_counting();
  for (i = 0; i < RECORD; i++) {
    sent[i] = (uint8_t)(i ^ i >> 8);
  }
  for (i = 0; i < sizeof versions / sizeof *versions; i++) {
    tlsw_ctx *client_context = client_ctx(), *server_context = server_ctx();
    OK(tlsw_ctx_set_max_version(client_context, versions[i], &err));
    before = allocations;
    over_memory(client_context, server_context);
    CHECK(allocations > before); /* it does count */
    over_socket(client_context, server_context, 0);
    over_socket(client_context, server_context, 1);
    tlsw_ctx_free(client_context);
    tlsw_ctx_free(server_context);
  }
  return 0;
}

#endif
