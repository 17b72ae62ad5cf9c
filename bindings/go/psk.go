package tlswrap

// #include "native.h"
import "C"

import (
	"fmt"
	"strings"
	"unsafe"
)

// A PreSharedKey is for TLS 1.3 to import (RFC 9258). All of it must be the same on both sides.
type PreSharedKey struct {
	Identity string // whose it is
	Key      []byte // at least 16 bytes, all of them random
	Context  string // what both sides use it for; "" for nothing
	SHA384   bool   // the key is bound to SHA-384, not to SHA-256
}

func (s *settings) preSharedKeys(config *Config) {
	for _, psk := range config.PreSharedKeys {
		identity, identityLen := pointer([]byte(psk.Identity))
		key, keyLen := pointer(psk.Key)
		context, contextLen := pointer([]byte(psk.Context))
		var hash *C.char
		if psk.SHA384 {
			hash = C.CString("SHA-384")
		}
		s.set(C.tlsw_ctx_add_psk(s.ctx, identity, identityLen, key, keyLen, context, contextLen, hash, &s.err))
		C.free(unsafe.Pointer(hash))
	}
	if config.PSKIdentityHint != "" {
		s.text(config.PSKIdentityHint, func(hint *C.char) C.tlsw_status {
			return C.tlsw_ctx_set_psk_identity_hint(s.ctx, hint, &s.err)
		})
	}
}

// fits puts what a function of the caller's gave into the library's room for it.
func fits(what string, given []byte, room unsafe.Pointer, size C.size_t) error {
	if len(given) > int(size) {
		return &Error{Status: ErrArgument, Message: fmt.Sprintf("%s has %d bytes, and may have %d", what, len(given), size), Alert: -1}
	}
	copy(unsafe.Slice((*byte)(room), int(size)), given)
	return nil
}

//export goClientPSK
func goClientPSK(user C.uintptr_t, conn *C.tlsw_conn, hint, identity *C.char, identitySize C.size_t, key *C.uint8_t, keySize C.size_t, keyLen *C.size_t) C.tlsw_status {
	return hooksOf(conn).call(func() error {
		name, secret, err := configOf(user).ClientPSK(text(hint))
		if err != nil {
			return err
		}
		if strings.Contains(name, "\x00") {
			return &Error{Status: ErrArgument, Message: "the identity of a pre-shared key has a NUL byte", Alert: -1}
		}
		// A NUL stands behind the identity.
		if err := fits("the identity of a pre-shared key", []byte(name), unsafe.Pointer(identity), identitySize-1); err != nil {
			return err
		}
		*keyLen = C.size_t(len(secret))
		return fits("a pre-shared key", secret, unsafe.Pointer(key), keySize)
	})
}

//export goServerPSK
func goServerPSK(user C.uintptr_t, conn *C.tlsw_conn, identity *C.char, key *C.uint8_t, keySize C.size_t, keyLen *C.size_t) C.tlsw_status {
	return hooksOf(conn).call(func() error {
		secret, err := configOf(user).ServerPSK(text(identity))
		if err != nil {
			return err
		}
		*keyLen = C.size_t(len(secret))
		return fits("a pre-shared key", secret, unsafe.Pointer(key), keySize)
	})
}
