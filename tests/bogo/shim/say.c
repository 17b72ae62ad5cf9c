/* What goes to the standard error, where the runner looks for the names of errors. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "reasons.h" /* made by ../reasons.py: REASONS */
#include "shim.h"

/* The runner takes this status for a failure that no test may expect. */
enum { STATUS_BROKEN = 90 };

bool fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return false;
}

void broken(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(STATUS_BROKEN);
}

/* BoringSSL's name for a packed error code: its library and its number in that. */
static const char *reason_name(uint32_t code) {
    const int library = (int)(code >> 24), number = (int)(code & 0xfff);
    for (size_t i = 0; code != 0 && i < sizeof REASONS / sizeof *REASONS; i++)
        if (REASONS[i].number == number &&
            (REASONS[i].library == library || REASONS[i].library == ANY_LIBRARY))
            return REASONS[i].name;
    return NULL;
}

void say_status(const char *call, tlsw_status status, const tlsw_error *err) {
    fprintf(stderr, "%s: %s", call, tlsw_status_name(status));
    if (status < 0) {
        const char *name = reason_name(err->code);
        fprintf(stderr, " :%s: alert %d, verify error %d, errno %d: %s",
                name != NULL ? name : err->reason, err->alert, err->verify_error, err->os_error,
                err->message);
    }
    fputc('\n', stderr);
}
