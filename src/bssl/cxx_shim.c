/*
 * All that BoringSSL asks of a C++ runtime, so that the library needs none: neither
 * libstdc++ nor libc++ has to be where libtlswrap is loaded.
 *
 * BoringSSL keeps away from the runtime on purpose, and with exceptions and RTTI off
 * (.cargo/config.toml) the compilers leave just these symbols. None of them is ever
 * called; they are named by code that cannot run, and if it ran, going on would be worse
 * than stopping.
 *
 * Hidden, because a shared object must not offer them to the process. Weak, because a
 * real runtime that is linked into the same file knows better.
 */
#include <stdint.h>
#include <stdlib.h>

#define SHIM __attribute__((weak, visibility("hidden")))

/*
 * operator delete(void *), and the form with a size, which gcc and newer clangs use.
 * A class with a virtual destructor (SSLKeyShare, RecordNumberEncrypter, EvpPkeyCtx) has
 * one that deletes in its vtable, used or not. BoringSSL does not use it: bssl::Delete
 * calls the destructor alone, and OPENSSL_free for memory that free() may not be given.
 */
SHIM void _ZdlPv(void *memory) {
  (void)memory;
  abort();
}

#if SIZE_MAX == UINT32_MAX
#define SIZED_DELETE _ZdlPvj /* size_t is unsigned int */
#else
#define SIZED_DELETE _ZdlPvm /* size_t is unsigned long */
#endif

SHIM void SIZED_DELETE(void *memory, size_t size) {
  (void)memory;
  (void)size;
  abort();
}

/*
 * What stands in the vtable of an abstract class for a function that it leaves to others.
 * Only builds without optimisation write such a vtable out.
 */
SHIM void __cxa_pure_virtual(void) { abort(); }

/*
 * std::__throw_out_of_range_fmt(const char *, ...): libstdc++'s bounds check in
 * std::string_view::substr, which is called with positions that are in bounds by then.
 */
SHIM void _ZSt24__throw_out_of_range_fmtPKcz(const char *format, ...) {
  (void)format;
  abort();
}
