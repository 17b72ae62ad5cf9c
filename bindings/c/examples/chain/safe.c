/* Text from strangers, made harmless: whoever writes a certificate chooses its names. */
#define _POSIX_C_SOURCE 200809L

#include <langinfo.h>
#include <stdarg.h>
#include <string.h>

#include "chain.h"

size_t utf8_next(const char *text, size_t len, uint32_t *c) {
    const unsigned char *s = (const unsigned char *)text;
    const size_t size = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    *c = NOT_UTF8;
    if (size == 0 || size > len)
        return 1;
    uint32_t point = s[0] & lead_bits[size];
    for (size_t i = 1; i < size; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 1;
        point = point << 6 | (s[i] & 0x3Fu);
    }
    /* Overlong forms, surrogates and what lies beyond Unicode are not UTF-8. */
    if (point < smallest[size] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return 1;
    *c = point;
    return size;
}

int locale_is_utf8(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Nonzero for what acts on a terminal or a reader instead of being seen. */
static int is_unsafe(uint32_t c) {
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x0000, 0x001F}, {0x007F, 0x009F}, /* C0, DEL, C1 */
        {0x00AD, 0x00AD},                   /* soft hyphen */
        {0x061C, 0x061C},                   /* Arabic letter mark */
        {0x115F, 0x1160},                   /* Hangul fillers */
        {0x180B, 0x180F},                   /* Mongolian selectors and separator */
        {0x200B, 0x200F},                   /* zero width, direction marks */
        {0x2028, 0x202E},                   /* line and paragraph ends, bidi embedding and override */
        {0x2060, 0x206F},                   /* word joiner, invisible operators, bidi isolates */
        {0x3164, 0x3164},                   /* Hangul filler */
        {0xFE00, 0xFE0F},                   /* variation selectors */
        {0xFEFF, 0xFEFF},                   /* byte order mark */
        {0xFFF0, 0xFFFB},                   /* unassigned, interlinear annotation */
        {0xE0000, 0xE0FFF},                 /* tags, more selectors */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return 1;
    return 0;
}

void put_safe(FILE *out, const char *text, size_t len) {
    const int utf8 = locale_is_utf8();
    while (len > 0) {
        uint32_t c;
        const size_t size = utf8_next(text, len, &c);
        if (c == NOT_UTF8)
            fprintf(out, "<0x%02X>", (unsigned)(unsigned char)text[0]);
        else if (is_unsafe(c) || (c >= 0x80 && !utf8))
            fprintf(out, "<U+%04X>", (unsigned)c);
        else
            fwrite(text, 1, size, out);
        text += size;
        len -= size;
    }
}

void complain(const char *format, ...) {
    char message[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fputs("tlswrap-chain: ", stderr);
    put_safe(stderr, message, strlen(message));
    fputc('\n', stderr);
}
