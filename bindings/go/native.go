package tlswrap

/*
#cgo !tlsw_static pkg-config: tlswrap
#cgo tlsw_static pkg-config: --static tlswrap
#cgo tlsw_static LDFLAGS: -l:libtlswrap.a -Wl,--as-needed
#cgo CFLAGS: -std=c11 -O2
#include "native.h"
*/
import "C"

import (
	"fmt"
	"net"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// The library and this package must agree on what the structs and numbers mean.
func init() {
	if abi() != C.TLSW_ABI {
		panic(fmt.Sprintf("tlswrap: the library's ABI is number %d, this program was built for %d", abi(), C.TLSW_ABI))
	}
}

func abi() uint32 { return uint32(C.tlsw_abi()) }

// Version is the version of the library.
func Version() string { return C.GoString(C.tlsw_version()) }

// Has tells whether the library can do what feature names, such as "x25519mlkem768".
func Has(feature string) bool {
	name := C.CString(feature)
	defer C.free(unsafe.Pointer(name))
	return C.tlsw_has(name) == 1
}

// A handle counts who is inside of C with an object, so that closing it while others use it is
// safe: the last one out frees it.
type handle struct {
	object unsafe.Pointer
	free   func(unsafe.Pointer)
	// How many are inside, and the bit closed.
	users atomic.Int64
}

const closed = 1 << 62

// enter fails once the handle was closed. Who entered leaves.
func (h *handle) enter() error {
	for {
		users := h.users.Load()
		if users&closed != 0 {
			return net.ErrClosed
		}
		if h.users.CompareAndSwap(users, users+1) {
			return nil
		}
	}
}

func (h *handle) leave() {
	if h.users.Add(-1) == closed {
		h.free(h.object)
	}
}

// number is the object as a number, which cgo does not look behind at each call.
func (h *handle) number() C.uintptr_t { return C.uintptr_t(uintptr(h.object)) }

// close lets nobody in any more; again it does nothing.
func (h *handle) close() {
	if h.users.Or(closed) == 0 {
		h.free(h.object)
	}
}

// onLoss closes h when owner was forgotten without a Close.
func onLoss[T any](owner *T, h *handle) runtime.Cleanup {
	return runtime.AddCleanup(owner, func(h *handle) { h.close() }, h)
}

// pointer is the bytes of b for C, which knows an empty array as NULL.
func pointer(b []byte) (*C.uint8_t, C.size_t) {
	if len(b) == 0 {
		return nil, 0
	}
	return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))), C.size_t(len(b))
}

// taken is the bytes of a buffer, which is freed.
func taken(buf *C.tlsw_buf) []byte {
	defer C.tlsw_buf_free(buf)
	return C.GoBytes(unsafe.Pointer(buf.data), C.int(buf.len))
}

// text is a text that lives as long as the program, "" for NULL.
func text(s *C.char) string {
	if s == nil {
		return ""
	}
	return C.GoString(s)
}
