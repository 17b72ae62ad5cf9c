/* The plain-text talk before TLS: RFC 3207 (SMTP), 9051 (IMAP), 2595 (POP3), 4217 (FTP). */
#define _POSIX_C_SOURCE 200809L

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "chain.h"

#ifndef MSG_NOSIGNAL /* not on macOS: there a server that goes away may end us by SIGPIPE */
#define MSG_NOSIGNAL 0
#endif

/* What seems to answer, by how it begins. */
static const struct {
    const char *begin, *protocol;
} known[] = {
    {"* OK", "IMAP"}, {"* PREAUTH", "IMAP"}, {"* BYE", "IMAP"}, {"+OK", "POP3"}, {"-ERR", "POP3"},
    {"220", "SMTP or FTP"}, {"554", "SMTP or FTP"}, {"421", "SMTP or FTP"}, {"SSH-", "SSH"}, {"HTTP/", "HTTP"},
    {"RFB ", "VNC"}, {"\x15\x03", "TLS"}, {"\x16\x03", "TLS"},
};

/* By enum starttls. */
static const char *const names[] = {"", "SMTP", "IMAP", "POP3", "FTP"};

/* Says what was answered, and by what, if it seems to be another protocol than is asked for. */
static void complain_of(const char *about, enum starttls wanted, const char *answer) {
    const char *protocol = NULL;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strncmp(answer, known[i].begin, strlen(known[i].begin)) == 0)
            protocol = known[i].protocol;
    if (!protocol || strstr(protocol, names[wanted]))
        complain("%s: the server answered \"%.200s\"", about, answer);
    else if (strcmp(protocol, "TLS") == 0)
        complain("%s: the server speaks TLS at once; leave --starttls out", about);
    else
        complain("%s: the server answered \"%.200s\"; that is %s, not %s", about, answer, protocol, names[wanted]);
}

/* An answer may have many lines; each protocol marks the last one in its own way. */

static int code(const char *line) {
    return isdigit((unsigned char)line[0]) && isdigit((unsigned char)line[1]) && isdigit((unsigned char)line[2]);
}

static int code_without_dash(const char *line) {
    return code(line) && line[3] != '-';
}

/* What another line than the last may be. */

static int is_untagged(const char *line) {
    return line[0] == '*' || line[0] == '+';
}

static int tagged(const char *line) {
    return strncmp(line, "a1 ", 3) == 0;
}

static int any(const char *line) {
    (void)line;
    return 1;
}

struct step {
    const char *say; /* NULL: the server speaks first */
    int (*is_first)(const char *line); /* whether an answer may begin so */
    int (*is_last)(const char *line);
    const char *want; /* how the last line of a good answer begins */
};

enum { STEPS = 3 };

/* By enum starttls; a step without `want` ends the talk. */
static const struct step steps[][STEPS] = {
    {{NULL, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL}},
    {{NULL, code, code_without_dash, "220"},
     {"EHLO tlswrap-chain.invalid", code, code_without_dash, "250"},
     {"STARTTLS", code, code_without_dash, "220"}},
    {{NULL, any, any, "* OK"}, {"a1 STARTTLS", is_untagged, tagged, "a1 OK"}, {NULL, NULL, NULL, NULL}},
    {{NULL, any, any, "+OK"}, {"STLS", any, any, "+OK"}, {NULL, NULL, NULL, NULL}},
    {{NULL, code, code_without_dash, "220"}, {"AUTH TLS", code, code_without_dash, "234"}, {NULL, NULL, NULL, NULL}},
};

struct talk {
    int fd;
    enum starttls protocol;
    int64_t deadline;
    const char *about; /* for messages: what is to be answered */
    size_t len;
    char buffer[2048]; /* received and not yet taken */
};

static int send_line(struct talk *talk, const char *text) {
    char line[64];
    size_t len = (size_t)snprintf(line, sizeof line, "%s\r\n", text), sent = 0;
    while (sent < len) {
        const ssize_t n = send(talk->fd, line + sent, len - sent, MSG_NOSIGNAL);
        if (n >= 0)
            sent += (size_t)n;
        else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (net_wait(talk->fd, POLLOUT, talk->deadline) <= 0) {
                complain("%s: the server did not take it in time", talk->about);
                return -1;
            }
        } else if (errno != EINTR) {
            complain("%s: %s", talk->about, strerror(errno));
            return -1;
        }
    }
    return 0;
}

/* Says why no answer came; a part of one says more than that it is not whole. */
static void complain_of_none(const struct talk *talk, const char *why) {
    char part[201];
    size_t len = talk->len < sizeof part - 1 ? talk->len : sizeof part - 1;
    memcpy(part, talk->buffer, len);
    part[len] = '\0';
    if (len > 0)
        complain_of(talk->about, talk->protocol, part);
    complain("%s: %s", talk->about, why);
}

/* Fills `line`, which is as large as the buffer, without its end of line. */
static int read_line(struct talk *talk, char *line) {
    char *end;
    while (!(end = (char *)memchr(talk->buffer, '\n', talk->len))) {
        if (talk->len == sizeof talk->buffer) {
            complain("%s: the server answered with a line of more than %u bytes", talk->about, (unsigned)talk->len);
            return -1;
        }
        const ssize_t n = recv(talk->fd, talk->buffer + talk->len, sizeof talk->buffer - talk->len, 0);
        if (n > 0)
            talk->len += (size_t)n;
        else if (n == 0) {
            complain_of_none(talk, "the server closed the connection instead of answering");
            return -1;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (net_wait(talk->fd, POLLIN, talk->deadline) <= 0) {
                complain_of_none(talk, "the server did not answer in time; one that speaks TLS at once waits for the "
                                       "client (leave --starttls out then)");
                return -1;
            }
        } else if (errno != EINTR) {
            complain("%s: %s", talk->about, strerror(errno));
            return -1;
        }
    }
    size_t taken = (size_t)(end - talk->buffer), len = taken;
    while (len > 0 && talk->buffer[len - 1] == '\r')
        len--;
    memcpy(line, talk->buffer, len);
    line[len] = '\0';
    taken++;
    talk->len -= taken;
    memmove(talk->buffer, talk->buffer + taken, talk->len);
    return 0;
}

int starttls_begin(int fd, enum starttls protocol, int64_t deadline) {
    struct talk talk;
    char line[sizeof talk.buffer];
    talk.fd = fd;
    talk.protocol = protocol;
    talk.deadline = deadline;
    talk.len = 0;
    for (const struct step *step = steps[protocol]; step < steps[protocol] + STEPS && step->want; step++) {
        talk.about = step->say ? step->say : "greeting";
        if (step->say && send_line(&talk, step->say) < 0)
            return -1;
        int lines = 0, is_answer = 1;
        do {
            if (read_line(&talk, line) < 0)
                return -1;
            if (lines++ == 0)
                is_answer = step->is_first(line);
        } while (is_answer && !step->is_last(line));
        if (strncmp(line, step->want, strlen(step->want)) != 0) {
            complain_of(talk.about, protocol, line);
            return -1;
        }
    }
    /* Whoever is between may have added commands or answers to the plain text; nothing of
     * it may be taken for what was said under TLS. */
    if (talk.len > 0) {
        complain("%s: the server sent more than its answer before TLS", talk.about);
        return -1;
    }
    return 0;
}
