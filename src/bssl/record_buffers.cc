/*
 * BoringSSL's ssl_buffer.cc once more, with another malloc.
 *
 * It takes the buffer of every record that comes or goes from malloc and frees it when it is
 * empty, which is why an idle connection has none, and offers no other way. Here the buffers
 * come from a few that the process has, so that reading and writing allocate nothing. When
 * they are all in use, because so many records wait half received or half sent, or where one
 * is too small, malloc serves as before.
 *
 * They cost what was in use at once: of memory that nobody has written to the system has none.
 * Like BoringSSL, which sees nothing in them that is worth it, this does not wipe them.
 */
#include <openssl/base.h>

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>

/* All that ssl_buffer.cc includes, before `malloc` means something else. */
#include "crypto/internal.h"
#include "ssl/internal.h"

namespace {

/* What BoringSSL puts before the body of a record: three bytes for alignment, and the header. */
constexpr size_t kBefore = 8;
/* A buffer begins so that the body begins a line of the cache, which makes copies a quarter faster. */
constexpr size_t kLine = 64, kStart = kLine - kBefore;
/* A full record of 2^14 bytes, what protects it, and alignment. */
constexpr size_t kSize = 17 * 1024;
constexpr int kCount = sizeof(unsigned long) * CHAR_BIT;

alignas(kLine) uint8_t buffers[kCount][kSize];
/* A bit for each: whether it is in use. */
std::atomic<unsigned long> used{0};

void *take(size_t size) {
  unsigned long now = used.load(std::memory_order_relaxed);
  while (size <= kSize - kStart && ~now != 0) {
    /* The lowest, so that as few as possible are ever touched. */
    const int first = __builtin_ctzl(~now);
    if (used.compare_exchange_weak(now, now | 1ul << first, std::memory_order_acquire,
                                   std::memory_order_relaxed)) {
      return buffers[first] + kStart;
    }
  }
  return malloc(size);
}

void give_back(void *buffer) {
  /* As numbers: pointers into different objects have no order. Below the first is far above. */
  const uintptr_t offset = reinterpret_cast<uintptr_t>(buffer) - reinterpret_cast<uintptr_t>(buffers);
  if (offset >= sizeof buffers) {
    free(buffer);
    return;
  }
  used.fetch_and(~(1ul << offset / kSize), std::memory_order_release);
}

} /* namespace */

#define malloc take
#define free give_back
#include "ssl/ssl_buffer.cc"
