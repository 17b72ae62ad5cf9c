/*
 * How much stack a handshake, reading and writing need: no more than docs/limits.md says, so that a
 * firmware can choose the size of its tasks' stacks by it.
 *
 * Also: static
 * Link: -lpthread
 */
#define _XOPEN_SOURCE 700
#include "check.h"

#include <pthread.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* A multiple of every page size in use. */
enum { SIZE = 1 << 20, PAINT = 0xa5 };

struct story {
  const char *groups;
  uint32_t version;
  size_t limit; /* the figure of docs/limits.md, in bytes */
  tlsw_ctx *client, *server;
};

static void *connect_and_talk(void *argument) {
  const struct story *story = (const struct story *)argument;
  tlsw_bio *up = NULL, *down = NULL;
  tlsw_conn *client = NULL, *server = NULL;
  tlsw_buf chain = {NULL, 0};
  OK(tlsw_bio_new(&up, &err));
  OK(tlsw_bio_new(&down, &err));
  OK(tlsw_wrap_bio(story->client, down, up, TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_bio(story->server, up, down, TLSW_SERVER, NULL, &server, &err));
  shake_hands(client, server);
  pass_hello(client, server);
  pass_hello(server, client);
  OK(tlsw_get_peer_chain_der(client, TLSW_CHAIN_VERIFIED, &chain, &err));
  tlsw_buf_free(&chain);
  tlsw_conn_free(client);
  tlsw_conn_free(server);
  tlsw_bio_free(up);
  tlsw_bio_free(down);
  return NULL;
}

/* How many bytes of a painted stack a thread has written to. The C library keeps the thread's own
   data at its upper end; that counts too, as it does for whoever chooses the size. */
static size_t stack_used(const struct story *story) {
  unsigned char *stack = NULL;
  pthread_attr_t attributes;
  pthread_t thread;
  size_t untouched = 0;
  void *memory = NULL;
  CHECK(posix_memalign(&memory, 65536, SIZE) == 0);
  stack = (unsigned char *)memory;
  memset(stack, PAINT, SIZE);
  CHECK(pthread_attr_init(&attributes) == 0);
  CHECK(pthread_attr_setstack(&attributes, stack, SIZE) == 0);
  CHECK(pthread_create(&thread, &attributes, connect_and_talk, (void *)story) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(pthread_attr_destroy(&attributes) == 0);
  while (untouched < SIZE && stack[untouched] == PAINT) {
    untouched++;
  }
  CHECK(untouched > 0); /* else more may have been used than there was */
  free(memory);
  return SIZE - untouched;
}

int main(void) {
  static struct story stories[] = {
      {"x25519:P-256", TLSW_TLS_1_2, 32 << 10, NULL, NULL},
      {"x25519:P-256", TLSW_TLS_1_3, 32 << 10, NULL, NULL},
      {"X25519MLKEM768", TLSW_TLS_1_3, 40 << 10, NULL, NULL},
      {"MLKEM1024", TLSW_TLS_1_3, 48 << 10, NULL, NULL},
  };
  size_t i;
  for (i = 0; i < sizeof stories / sizeof *stories; i++) {
    struct story *story = &stories[i];
    size_t used;
    story->client = client_ctx();
    story->server = server_ctx();
    OK(tlsw_ctx_set_groups(story->client, story->groups, &err));
    OK(tlsw_ctx_set_groups(story->server, story->groups, &err));
    OK(tlsw_ctx_set_max_version(story->client, story->version, &err));
    used = stack_used(story);
    printf("%-16s %#x %zu\n", story->groups, (unsigned)story->version, used);
#ifndef SANITIZED /* sanitizers put guards around what is on the stack */
    CHECK(used <= story->limit);
#endif
    tlsw_ctx_free(story->client);
    tlsw_ctx_free(story->server);
  }
  return 0;
}
