//go:build linux

// Package cmem counts the memory that C has, for tests that look for leaks.
package cmem

// #include <malloc.h>
// static size_t in_use(void) { struct mallinfo2 info = mallinfo2(); return info.uordblks + info.hblkhd; }
import "C"

// InUse is how many bytes are allocated.
func InUse() int { return int(C.in_use()) }
