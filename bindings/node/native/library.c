/* Finding the library and its functions. */
#include <stdio.h>

#include "tlswrap_node.h"

#ifdef _WIN32
#include <windows.h>
static void *open_library(const char *path) { return (void *)LoadLibraryA(path); }
static void *find(void *library, const char *name) { return (void *)GetProcAddress((HMODULE)library, name); }
static const char *open_error(void) { return "it cannot be loaded"; }
#else
#include <dlfcn.h>
/* RTLD_LOCAL: the library exports nothing but tlsw_*, and its BoringSSL is hidden, so that Node's OpenSSL
 * and it do not see each other. */
static void *open_library(const char *path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL); }
static void *find(void *library, const char *name) { return dlsym(library, name); }
static const char *open_error(void) {
    const char *error = dlerror();
    return error ? error : "it cannot be loaded";
}
#endif

const char *library_load(struct api *api, const char *path, char *why, size_t size) {
    void *library = open_library(path);
    if (!library) {
        snprintf(why, size, "%s", open_error());
        return why;
    }
#define FIND(name) \
    if (!(*(void **)&api->name = find(library, #name))) { \
        snprintf(why, size, "it has no function " #name); \
        return why; \
    }
    TLSW_FUNCTIONS(FIND)
#undef FIND
    if (api->tlsw_abi() != TLSW_ABI) {
        snprintf(why, size, "its ABI is number %u, and %u is wanted", api->tlsw_abi(), (unsigned)TLSW_ABI);
        return why;
    }
    return NULL;
}
