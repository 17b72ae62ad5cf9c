/*
 * alloc [STEP [SCENE]]: memory that cannot be had. Each scene is run once to count its allocations, and then
 * in a child for every STEP-th of them (1: for each), in which that allocation fails, or that one
 * and all after it. Whatever comes of it is an error or the end of the process by Rust, which says
 * so; never a crash, a hang, a bug that was caught, wrong bytes, or a peer that nobody trusts.
 *
 * One crash is BoringSSL's own, and known: x509_name_get_cache uses a pointer that it has not looked
 * at. It is found out by addr2line, and counted.
 *
 * glibc only: malloc is this program's.
 */
#define _GNU_SOURCE
#include "../c/check.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- malloc ---- */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

/* What the bytes of sessions are sealed with. */
static const uint8_t sealing_key[32] = {1};

static long count, fails_at, fails_until;
static int counts;

static int fails(void) {
  if (!counts) {
    return 0;
  }
  count++;
  if (count < fails_at || count > fails_until) {
    return 0;
  }
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t count_, size_t size) { return fails() ? NULL : __libc_calloc(count_, size); }
void *realloc(void *old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }
void *aligned_alloc(size_t align, size_t size) {
  return fails() ? NULL : __libc_memalign(align, size);
}
void *memalign(size_t align, size_t size) { return fails() ? NULL : __libc_memalign(align, size); }
int posix_memalign(void **to, size_t align, size_t size) {
  if (fails()) {
    return ENOMEM;
  }
  *to = __libc_memalign(align, size);
  return *to == NULL ? ENOMEM : 0;
}

/* ---- What a scene comes to ---- */

enum outcome { WELL, AN_ERROR, A_BUG, WRONG_BYTES, TRUSTED };

static const char *const words[] = {"went well", "gave an error", "CAUGHT A BUG", "GAVE WRONG BYTES",
                                    "TRUSTED A STRANGER"};

/* Ends a scene at the first status that is none of these. */
#define TRY(call)                                                                            \
  do {                                                                                       \
    const tlsw_status status_ = (call);                                                      \
    if (status_ < 0) {                                                                       \
      outcome = status_ == TLSW_ERR_PANIC ? A_BUG : AN_ERROR;                                \
      goto out;                                                                              \
    }                                                                                        \
  } while (0)

/* What a scene is. */
enum { OF_12 = 1, UNTRUSTED = 2, MUTUAL = 4, HOOKS = 8, RESUMES = 16 };

static tlsw_status go_on(void *user, tlsw_conn *conn, const char *name, uint8_t *alert) {
  (void)user, (void)conn, (void)name, (void)alert;
  return TLSW_OK;
}

static tlsw_status verify(void *user, tlsw_conn *conn, int32_t verify_error, uint8_t *alert) {
  (void)user, (void)conn, (void)verify_error, (void)alert;
  return TLSW_OK;
}

static void message(void *user, tlsw_conn *conn, int32_t is_write, int32_t version, int32_t type,
                    const uint8_t *data, size_t len) {
  (void)user, (void)conn, (void)is_write, (void)version, (void)type, (void)data, (void)len;
}

static void info(void *user, tlsw_conn *conn, int32_t where, int32_t value) {
  (void)user, (void)conn, (void)where, (void)value;
}

static void key_log(void *user, tlsw_conn *conn, const char *line) {
  (void)user, (void)conn, (void)line;
}

static void keep_none(void *user, tlsw_conn *conn, tlsw_session *session) {
  (void)user, (void)conn;
  tlsw_session_free(session);
}

static char paths[8][512];
#define ROOT paths[0]
#define STRANGER paths[1]
#define CHAIN paths[2]
#define KEY paths[3]
#define CLIENT_CHAIN paths[4]
#define CLIENT_KEY paths[5]

struct ends {
  tlsw_ctx *client_ctx, *server_ctx;
  tlsw_conn *client, *server;
  int fds[2];
};

static enum outcome set_up(struct ends *ends, int kind) {
  enum outcome outcome = WELL;
  tlsw_error err;
  const char *trusted = kind & UNTRUSTED ? STRANGER : ROOT;
  TRY(tlsw_ctx_new(TLSW_SERVER, &ends->server_ctx, &err));
  TRY(tlsw_ctx_load_cert_chain_file(ends->server_ctx, CHAIN, KEY, NULL, 0, &err));
  TRY(tlsw_ctx_set_alpn_protocols(ends->server_ctx, (const uint8_t *)"\2h2\10http/1.1", 12, &err));
  TRY(tlsw_ctx_new(TLSW_CLIENT, &ends->client_ctx, &err));
  TRY(tlsw_ctx_load_ca_file(ends->client_ctx, trusted, &err));
  TRY(tlsw_ctx_set_alpn_protocols(ends->client_ctx, (const uint8_t *)"\2h2", 3, &err));
  if (kind & OF_12) {
    TRY(tlsw_ctx_set_max_version(ends->client_ctx, TLSW_TLS_1_2, &err));
  }
  if (kind & MUTUAL) {
    TRY(tlsw_ctx_load_ca_file(ends->server_ctx, kind & UNTRUSTED ? STRANGER : ROOT, &err));
    TRY(tlsw_ctx_set_verify_mode(ends->server_ctx, TLSW_CERT_REQUIRED, &err));
    TRY(tlsw_ctx_load_cert_chain_file(ends->client_ctx, CLIENT_CHAIN, CLIENT_KEY, NULL, 0, &err));
    if (kind & UNTRUSTED) { /* the server alone is to refuse */
      TRY(tlsw_ctx_load_ca_file(ends->client_ctx, ROOT, &err));
    }
  }
  if (kind & HOOKS) {
    TRY(tlsw_ctx_set_sni_hook(ends->server_ctx, go_on, NULL, NULL, &err));
    TRY(tlsw_ctx_set_verify_hook(ends->client_ctx, verify, NULL, NULL, &err));
    TRY(tlsw_ctx_set_msg_hook(ends->client_ctx, message, NULL, NULL, &err));
    TRY(tlsw_ctx_set_info_hook(ends->client_ctx, info, NULL, NULL, &err));
    TRY(tlsw_ctx_set_keylog_hook(ends->server_ctx, key_log, NULL, NULL, &err));
    TRY(tlsw_ctx_set_session_hook(ends->client_ctx, keep_none, NULL, NULL, &err));
  }
out:
  return outcome;
}

static void take_down(struct ends *ends) {
  tlsw_conn_free(ends->client);
  tlsw_conn_free(ends->server);
  ends->client = ends->server = NULL;
  close(ends->fds[0]);
  close(ends->fds[1]);
}

/* A connection, from the handshake to its end; gives a session for another. */
static enum outcome connect_once(struct ends *ends, int kind, tlsw_session **session) {
  static uint8_t data[20000], got[20000];
  enum outcome outcome = WELL;
  tlsw_status client = TLSW_WANT_READ, server = TLSW_WANT_READ, refused;
  tlsw_buf buf = {NULL, 0};
  tlsw_error err;
  size_t n, all = 0, turns;
  ends->fds[0] = ends->fds[1] = -1;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends->fds) != 0) {
    return AN_ERROR;
  }
  TRY(tlsw_wrap_fd(ends->client_ctx, ends->fds[0], TLSW_CLIENT, "localhost", &ends->client, &err));
  TRY(tlsw_wrap_fd(ends->server_ctx, ends->fds[1], TLSW_SERVER, NULL, &ends->server, &err));
  if (*session != NULL) {
    TRY(tlsw_conn_set_session(ends->client, *session, &err));
    tlsw_session_free(*session);
    *session = NULL;
  }
  for (turns = 0; turns < 30 && (client > 0 || server > 0); turns++) {
    if (client > 0) {
      client = tlsw_conn_handshake(ends->client, &err);
    }
    if (server > 0) {
      server = tlsw_conn_handshake(ends->server, &err);
    }
    if (client < 0 || server < 0) {
      break;
    }
  }
  refused = kind & MUTUAL ? server : client;
  if ((kind & UNTRUSTED) && refused == TLSW_OK) {
    return TRUSTED;
  }
  TRY(client);
  TRY(server);
  if (client != TLSW_OK || server != TLSW_OK) {
    return AN_ERROR;
  }
  for (n = 0; n < sizeof data; n++) {
    data[n] = (uint8_t)(n * 7 + n / 251);
  }
  TRY(tlsw_conn_write(ends->server, data, sizeof data, &n, &err));
  while (all < n) {
    size_t some = 0;
    const tlsw_status status = tlsw_conn_read(ends->client, got + all, sizeof got - all, &some, &err);
    TRY(status);
    if (status != TLSW_OK) {
      return WRONG_BYTES;
    }
    all += some;
  }
  if (all != n || memcmp(data, got, n) != 0) {
    return WRONG_BYTES;
  }
  TRY(tlsw_get_peer_chain_der(ends->client, TLSW_CHAIN_SENT, &buf, &err));
  tlsw_buf_free(&buf);
  TRY(tlsw_get_peer_chain_der(ends->client, TLSW_CHAIN_VERIFIED, &buf, &err));
  tlsw_buf_free(&buf);
  TRY(tlsw_get_report_json(ends->client, &buf, &err));
  tlsw_buf_free(&buf);
  if (kind & RESUMES) {
    TRY(tlsw_get_session(ends->client, session, &err));
    if (*session != NULL) {
      TRY(tlsw_session_to_bytes(*session, sealing_key, &buf, &err));
      tlsw_session_free(*session);
      *session = NULL;
      TRY(tlsw_session_from_bytes(ends->client_ctx, buf.data, buf.len, sealing_key, session, &err));
    }
  }
  TRY(tlsw_conn_shutdown(ends->client, TLSW_SHUT_WRITE, &err));
  {
    const tlsw_status status = tlsw_conn_read(ends->server, got, sizeof got, &n, &err);
    TRY(status);
    if (status != TLSW_CLOSED) {
      return WRONG_BYTES;
    }
  }
out:
  tlsw_buf_free(&buf);
  return outcome;
}

static enum outcome scene(int kind) {
  struct ends ends;
  tlsw_session *session = NULL;
  enum outcome outcome;
  memset(&ends, 0, sizeof ends);
  outcome = set_up(&ends, kind);
  if (outcome == WELL) {
    outcome = connect_once(&ends, kind, &session);
    take_down(&ends);
  }
  if (outcome == WELL && (kind & RESUMES)) {
    outcome = connect_once(&ends, kind, &session);
    take_down(&ends);
  }
  tlsw_session_free(session);
  tlsw_ctx_free(ends.client_ctx);
  tlsw_ctx_free(ends.server_ctx);
  return outcome;
}

/* ---- Each scene with each failure ---- */

/* Whether what a child has written says that Rust had no memory, and ended it. */
static int is_rusts_end(int fd) {
  static const char start[] = "memory allocation of ";
  char text[4096];
  ssize_t len;
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  len = read(fd, text, sizeof text);
  return len > (ssize_t)sizeof start && memcmp(text, start, sizeof start - 1) == 0 &&
         memmem(text, (size_t)len, "panic", 5) == NULL;
}

/* Prints what a child has written. */
static void show(int fd) {
  char text[1024];
  ssize_t len;
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  len = read(fd, text, sizeof text - 1);
  text[len > 0 ? len : 0] = 0;
  fputs(text, stdout);
}

/* Tells where it crashed, as offsets in the library, and ends. */
static void crash(int signal) {
  void *frames[12];
  Dl_info info;
  char text[24 * 12];
  size_t len = 0;
  int i, n = backtrace(frames, 12);
  for (i = 0; i < n; i++) {
    if (dladdr(frames[i], &info) != 0 && strstr(info.dli_fname, "libtlswrap") != NULL) {
      len += (size_t)snprintf(text + len, sizeof text - len, "%#lx ",
                              (unsigned long)((char *)frames[i] - (char *)info.dli_fbase));
    }
  }
  (void)!write(2, text, len);
  _exit(128 + signal);
}

/* Whether a child crashed where BoringSSL is known to. */
static int is_boringssls(int fd) {
  Dl_info info;
  char text[24 * 12 + 1], command[1024], line[512];
  FILE *names;
  ssize_t len;
  int found = 0;
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  len = read(fd, text, sizeof text - 1);
  text[len > 0 ? len : 0] = 0;
  CHECK(dladdr((void *)(size_t)&tlsw_abi, &info) != 0);
  snprintf(command, sizeof command, "addr2line -f -e '%s' %s 2>&1", info.dli_fname, text);
  names = popen(command, "r");
  CHECK(names != NULL);
  while (fgets(line, sizeof line, names) != NULL) {
    found = found || strstr(line, "x509_name_get_cache") != NULL;
  }
  pclose(names);
  return found;
}

/* Runs a scene in which the allocations `from` to `until` fail; says what came of it if it must not. */
static int is_borne(const char *name, int kind, long from, long until, int errors, long ends[2]) {
  int status;
  pid_t child;
  CHECK(ftruncate(errors, 0) == 0 && lseek(errors, 0, SEEK_SET) == 0);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    enum outcome outcome;
    alarm(60);
    dup2(errors, 2);
    signal(SIGSEGV, crash);
    signal(SIGBUS, crash);
    fails_at = from, fails_until = until, count = 0, counts = 1;
    outcome = scene(kind);
    counts = 0;
    _exit((int)outcome);
  }
  CHECK(waitpid(child, &status, 0) == child);
  if (WIFEXITED(status) && WEXITSTATUS(status) <= AN_ERROR) {
    return 1;
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && is_rusts_end(errors)) {
    ends[0]++;
    return 1;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGSEGV && is_boringssls(errors)) {
    ends[1]++;
    return 1;
  }
  printf("FAILED  %s, the allocations %ld to %ld: %s\n", name, from, until,
         WIFSIGNALED(status)              ? strsignal(WTERMSIG(status))
         : WEXITSTATUS(status) <= TRUSTED ? words[WEXITSTATUS(status)]
         : WEXITSTATUS(status) > 128      ? strsignal(WEXITSTATUS(status) - 128)
                                          : "ended by itself");
  show(errors);
  return 0;
}

static int run(const char *name, int kind, long step, int errors) {
  const enum outcome expected = kind & UNTRUSTED ? AN_ERROR : WELL;
  long total, from, tried = 0, bad = 0, ends[2] = {0, 0};
  enum outcome outcome;
  fails_at = 1, fails_until = 0, count = 0, counts = 1;
  outcome = scene(kind);
  counts = 0;
  total = count;
  if (outcome != expected) {
    printf("FAILED  %s, with all the memory: %s\n", name, words[outcome]);
    return 0;
  }
  if (step > total) {
    printf("FAILED  %s: it makes %ld allocations, so a step of %ld tests none\n", name, total, step);
    return 0;
  }
  for (from = 1 + (total % step); from <= total; from += step, tried++) {
    bad += !is_borne(name, kind, from, from, errors, ends);
    /* One that everything fails after is mostly the same, so it is tried less often. */
    if (tried % 4 == 0) {
      bad += !is_borne(name, kind, from, total * 10, errors, ends);
    }
  }
  printf("%s  %s: %ld of %ld allocations failed; Rust ended the process %ld times, BoringSSL %ld\n",
         bad == 0 ? "ok    " : "FAILED", name, tried, total, ends[0], ends[1]);
  fflush(stdout);
  return bad == 0;
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    int kind;
  } scenes[] = {
      {"TLS 1.3", 0},
      {"TLS 1.2", OF_12},
      {"TLS 1.3, a stranger", UNTRUSTED},
      {"TLS 1.2, a stranger", OF_12 | UNTRUSTED},
      {"TLS 1.3, both show certificates", MUTUAL},
      {"TLS 1.2, a client that is a stranger", OF_12 | MUTUAL | UNTRUSTED},
      {"TLS 1.3, a client that is a stranger", MUTUAL | UNTRUSTED},
      {"TLS 1.3, with hooks", HOOKS},
      {"TLS 1.2, with hooks", OF_12 | HOOKS},
      {"TLS 1.3, a session that is resumed", RESUMES},
      {"TLS 1.2, a session that is resumed", OF_12 | RESUMES},
  };
  const long step = argc > 1 ? atol(argv[1]) : 1;
  const char *only = argc > 2 ? argv[2] : "";
  const struct rlimit no_core = {0, 0};
  const int errors = memfd_create("errors", 0);
  void *first_use;
  size_t i, good = 0;
  CHECK(step >= 1 && errors >= 0);
  CHECK(setrlimit(RLIMIT_CORE, &no_core) == 0);
  CHECK(backtrace(&first_use, 1) == 1); /* it loads what it needs */
  strcpy(ROOT, pki("root.pem"));
  strcpy(STRANGER, pki("untrusted-root.pem"));
  strcpy(CHAIN, pki("localhost.chain.pem"));
  strcpy(KEY, pki("localhost.key.pem"));
  strcpy(CLIENT_CHAIN, pki("client.chain.pem"));
  strcpy(CLIENT_KEY, pki("client.key.pem"));
  setvbuf(stdout, NULL, _IOLBF, 0);
  CHECK(setenv("RUST_BACKTRACE", "0", 1) == 0);
  for (i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
    good += strstr(scenes[i].name, only) == NULL || run(scenes[i].name, scenes[i].kind, step, errors);
  }
  return good == sizeof scenes / sizeof scenes[0] ? 0 : 1;
}
