/*
 * system [NAME]: what a system may do to a program: no descriptors left, a signal in every wait, a
 * disk that is full, pipes in the place of files, a peer that never stops and never ends. Nothing
 * blocks beyond its deadline, no signal ends the process, and a failure is over when its cause is.
 */
#define _GNU_SOURCE
#include "../c/check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char directory[64] = "/tmp/tlswrap-fault-XXXXXX";

static const char *in_directory(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  return path;
}

/* A handshake and five bytes each way, in this thread; its status. */
static tlsw_status try_once(tlsw_ctx *client_context, tlsw_ctx *server_context, tlsw_error *err) {
  tlsw_status here = TLSW_WANT_READ, there = TLSW_WANT_READ;
  tlsw_bio *up = NULL, *down = NULL;
  tlsw_conn *client = NULL, *server = NULL;
  int turns = 0;
  OK(tlsw_bio_new(&up, &err));
  OK(tlsw_bio_new(&down, &err));
  OK(tlsw_wrap_bio(client_context, down, up, TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_bio(server_context, up, down, TLSW_SERVER, NULL, &server, &err));
  while (here != TLSW_OK || there != TLSW_OK) {
    CHECK(turns++ < 20);
    here = here == TLSW_OK ? here : tlsw_conn_handshake(client, err);
    if (here < 0) {
      break;
    }
    there = there == TLSW_OK ? there : tlsw_conn_handshake(server, err);
    CHECK(there >= 0);
  }
  if (here == TLSW_OK) {
    pass_hello(client, server);
    pass_hello(server, client);
  }
  tlsw_conn_free(client);
  tlsw_conn_free(server);
  tlsw_bio_free(up);
  tlsw_bio_free(down);
  return here;
}

/* ---- No descriptors ---- */

static void descriptors(void) {
  struct rlimit few = {40, 40};
  tlsw_ctx *server_context = server_ctx(), *client_context = NULL, *other = NULL;
  int taken[64], n = 0, i;
  tlsw_error err;
  CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
  CHECK(setenv("SSL_CERT_FILE", pki("root.pem"), 1) == 0);
  while ((taken[n] = dup(0)) >= 0) {
    n++;
  }
  CHECK(errno == EMFILE);
  OK(tlsw_ctx_new(TLSW_CLIENT, &client_context, &err));
  OK(tlsw_ctx_new(TLSW_CLIENT, &other, &err));
  CHECK(tlsw_ctx_load_ca_file(other, pki("root.pem"), &err) == TLSW_ERR_IO);
  CHECK(err.os_error == EMFILE);
  CHECK(tlsw_ctx_set_keylog_file(other, in_directory("keys"), &err) == TLSW_ERR_IO);
  CHECK(err.os_error == EMFILE);
  /* Without its roots it trusts nobody. */
  CHECK(try_once(client_context, server_context, &err) < 0);
  for (i = 0; i < n; i++) {
    CHECK(close(taken[i]) == 0);
  }
  tlsw_ctx_free(client_context);
  /* Nothing of that is remembered. */
  OK(tlsw_ctx_new(TLSW_CLIENT, &client_context, &err));
  OK(try_once(client_context, server_context, &err));
  OK(tlsw_ctx_load_ca_file(other, pki("root.pem"), &err));
  OK(try_once(other, server_context, &err));
  tlsw_ctx_free(client_context);
  tlsw_ctx_free(other);
  tlsw_ctx_free(server_context);
}

/* ---- No memory for what the caller brings ---- */

static void memory(void) {
  const size_t size = (size_t)256 << 20;
  struct rlimit limit;
  tlsw_bio *bio = NULL;
  tlsw_error err;
  uint8_t byte = 'x';
  size_t n = 0;
  long pages = 0;
  FILE *usage = fopen("/proc/self/statm", "r");
  const uint8_t *data =
      (const uint8_t *)mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(data != MAP_FAILED && usage != NULL);
  CHECK(fscanf(usage, "%ld", &pages) == 1 && fclose(usage) == 0);
  OK(tlsw_bio_new(&bio, &err));
  OK(tlsw_bio_write(bio, &byte, 1, &err));
  /* What is used, and half of what would be needed. */
  limit.rlim_cur = limit.rlim_max = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + size / 2;
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
  CHECK(tlsw_bio_write(bio, data, size, &err) == TLSW_ERR_MEMORY);
  CHECK(strstr(err.message, "268435456 bytes") != NULL);
  CHECK(tlsw_bio_pending(bio) == 1);
  OK(tlsw_bio_write(bio, &byte, 1, &err));
  OK(tlsw_bio_read(bio, &byte, 1, &n, &err));
  CHECK(n == 1 && byte == 'x');
  tlsw_bio_free(bio);
}

/* ---- A signal in every wait ---- */

static volatile sig_atomic_t signals;

static void note_signal(int signal) {
  (void)signal;
  signals++;
}

enum { LENGTH = 1 << 20 };

static void *send_all(void *conn) {
  uint8_t *data = (uint8_t *)malloc(LENGTH);
  size_t i;
  CHECK(data != NULL);
  for (i = 0; i < LENGTH; i++) {
    data[i] = (uint8_t)(i * 7 + i / 251);
  }
  OK(tlsw_conn_handshake((tlsw_conn *)conn, &err));
  OK(tlsw_conn_write_all((tlsw_conn *)conn, data, LENGTH, &err));
  OK(tlsw_conn_shutdown((tlsw_conn *)conn, TLSW_SHUT_WRITE, &err));
  free(data);
  return NULL;
}

static void interrupted(void) {
  const struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
  tlsw_ctx *client_context = client_ctx(), *server_context = server_ctx();
  tlsw_conn *client = NULL, *server = NULL;
  struct sigaction action;
  pthread_t sender;
  uint8_t got[1000];
  tlsw_status status;
  tlsw_error err;
  size_t all = 0, n, i;
  int ends[2];
  memset(&action, 0, sizeof action);
  action.sa_handler = note_signal; /* without SA_RESTART */
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  OK(tlsw_wrap_fd(client_context, ends[0], TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_wrap_fd(server_context, ends[1], TLSW_SERVER, NULL, &server, &err));
  CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
  CHECK(pthread_create(&sender, NULL, send_all, server) == 0);
  while ((status = tlsw_conn_read(client, got, sizeof got, &n, &err)) == TLSW_OK) {
    for (i = 0; i < n; i++) {
      CHECK(got[i] == (uint8_t)((all + i) * 7 + (all + i) / 251));
    }
    all += n;
  }
  if (status < 0) {
    fprintf(stderr, "%s\n", err.message);
  }
  CHECK(status == TLSW_CLOSED && all == LENGTH);
  CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
  CHECK(pthread_join(sender, NULL) == 0);
  CHECK(signals > 0);
  tlsw_conn_free(client);
  tlsw_conn_free(server);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  tlsw_ctx_free(client_context);
  tlsw_ctx_free(server_context);
}

/* ---- A disk that is full ---- */

/* How many bytes a file has, and that it ends in a line's end. */
static long whole_lines(const char *path) {
  FILE *file = fopen(path, "rb");
  long size;
  CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
  size = ftell(file);
  CHECK(size == 0 || (fseek(file, -1, SEEK_END) == 0 && fgetc(file) == '\n'));
  CHECK(fclose(file) == 0);
  return size;
}

static void full_disk(void) {
  struct rlimit short_files = {600, RLIM_INFINITY};
  tlsw_ctx *server_context = server_ctx(), *client_context = client_ctx();
  tlsw_error err;
  int round;
  if (tlsw_ctx_set_keylog_file(client_context, "/dev/full", &err) == TLSW_OK) {
    OK(try_once(client_context, server_context, &err));
  }
  /* The signal of a file that may not grow (SIGXFSZ) would end the process. */
  CHECK(setrlimit(RLIMIT_FSIZE, &short_files) == 0);
  OK(tlsw_ctx_set_keylog_file(client_context, in_directory("short"), &err));
  for (round = 0; round < 3; round++) {
    OK(try_once(client_context, server_context, &err));
    CHECK(whole_lines(in_directory("short")) <= 600);
  }
  tlsw_ctx_free(client_context);
  tlsw_ctx_free(server_context);
}

/* ---- Pipes in the place of files ---- */

static void pipes(void) {
  tlsw_ctx *server_context = server_ctx(), *client_context = client_ctx();
  static char lines[4096];
  size_t total = 0;
  ssize_t got;
  int reader, round;
  CHECK(mkfifo(in_directory("pipe"), 0600) == 0);
  alarm(60); /* whoever waits for the other end waits for ever */
  /* No program has it open for reading: the lines stay in the pipe until it is full. */
  OK(tlsw_ctx_set_keylog_file(client_context, in_directory("pipe"), &err));
  for (round = 0; round < 150; round++) {
    OK(try_once(client_context, server_context, &err));
  }
  /* A program reads the whole of it and closes it: SIGPIPE would end the process. */
  reader = open(in_directory("pipe"), O_RDONLY | O_NONBLOCK);
  CHECK(reader >= 0);
  while ((got = read(reader, lines, sizeof lines)) > 0) {
    CHECK(memchr(lines, '\n', (size_t)got) != NULL);
    total += (size_t)got;
  }
  CHECK(total > 0);
  CHECK(close(reader) == 0);
  OK(try_once(client_context, server_context, &err));
  alarm(0);
  tlsw_ctx_free(client_context);
  tlsw_ctx_free(server_context);
}

/* ---- A peer that never stops, and never ends ---- */

static volatile int is_over;

/* Sends a record byte by byte, and the next, until nobody takes them. */
static void *drip(void *end) {
  /* The head of a handshake record, and of a message of 16 KiB in it. */
  static const uint8_t head[] = {22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc};
  const struct timespec moment = {0, 2000000};
  const int fd = *(int *)end;
  size_t at = 0;
  while (!is_over) {
    const uint8_t byte = at < sizeof head ? head[at] : 0;
    at++;
    if (send(fd, &byte, 1, MSG_NOSIGNAL) < 0) {
      break;
    }
    nanosleep(&moment, NULL);
  }
  return NULL;
}

static void endless(void) {
  tlsw_ctx *client_context = client_ctx();
  tlsw_conn *client = NULL;
  struct timespec begun, ended;
  pthread_t peer;
  tlsw_error err;
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  OK(tlsw_wrap_fd(client_context, ends[0], TLSW_CLIENT, "localhost", &client, &err));
  OK(tlsw_conn_set_timeout(client, 300, &err));
  CHECK(pthread_create(&peer, NULL, drip, &ends[1]) == 0);
  alarm(60);
  clock_gettime(CLOCK_MONOTONIC, &begun);
  CHECK(tlsw_conn_handshake(client, &err) == TLSW_ERR_TIMEOUT);
  clock_gettime(CLOCK_MONOTONIC, &ended);
  alarm(0);
  CHECK((ended.tv_sec - begun.tv_sec) * 1000 + (ended.tv_nsec - begun.tv_nsec) / 1000000 >= 299);
  is_over = 1;
  CHECK(pthread_join(peer, NULL) == 0);
  tlsw_conn_free(client);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  tlsw_ctx_free(client_context);
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*work)(void);
  } parts[] = {
      {"no descriptors", descriptors}, {"no memory", memory},
      {"a full disk", full_disk},      {"a signal in every wait", interrupted},
      {"pipes for files", pipes},      {"a peer without an end", endless},
  };
  size_t i, bad = 0;
  CHECK(mkdtemp(directory) != NULL);
  for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    pid_t child;
    int status;
    if (argc > 1 && strstr(parts[i].name, argv[1]) == NULL) {
      continue;
    }
    fflush(stdout);
    /* Each in a process of its own: limits stay, and so would what the library remembers. */
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      parts[i].work();
      return 0;
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (status == 0) {
      printf("ok      %s\n", parts[i].name);
    } else {
      printf("FAILED  %s: %s\n", parts[i].name,
             WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "see above");
      bad++;
    }
  }
  (void)!unlink(in_directory("pipe"));
  (void)!unlink(in_directory("short"));
  (void)!unlink(in_directory("keys"));
  (void)!rmdir(directory);
  return bad == 0 ? 0 : 1;
}
