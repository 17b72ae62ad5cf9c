/* The runner's numbers for groups, suites and versions, and our names for them. */
#include <string.h>

#include "shim.h"

typedef struct {
    int id;
    const char *name;
} named;

static const named GROUPS[] = {
    {23, "secp256r1"}, {24, "secp384r1"},          {25, "secp521r1"},
    {29, "x25519"},    {0x11ec, "X25519MLKEM768"}, {0x0202, "MLKEM1024"},
};

static const named SUITES[] = {
    {0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    {0x008c, "TLS_PSK_WITH_AES_128_CBC_SHA"},
    {0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA"},
    {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    {0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xc035, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA"},
    {0xc036, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA"},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256"},
};

static const named VERSIONS[] = {
    {TLSW_TLS_1_0, "TLSv1"},
    {TLSW_TLS_1_1, "TLSv1.1"},
    {TLSW_TLS_1_2, "TLSv1.2"},
    {TLSW_TLS_1_3, "TLSv1.3"},
};

#define LEN(table) (sizeof(table) / sizeof *(table))

static const char *name_of(const named *table, size_t len, int id) {
    for (size_t i = 0; i < len; i++)
        if (table[i].id == id)
            return table[i].name;
    return NULL;
}

static int id_of(const named *table, size_t len, const char *name) {
    for (size_t i = 0; name != NULL && i < len; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].id;
    return 0;
}

const char *group_name(int id) { return name_of(GROUPS, LEN(GROUPS), id); }

const char *suite_name(int id) { return name_of(SUITES, LEN(SUITES), id); }

int suite_id(const char *name) { return id_of(SUITES, LEN(SUITES), name); }

int version_of(const tlsw_conn *conn) {
    return id_of(VERSIONS, LEN(VERSIONS), tlsw_get_version(conn));
}
