package tlswrap

// #include "native.h"
import "C"

import (
	"net"
	"runtime/cgo"
	"sync"
)

// A ClientHello is what a client asks for, before anything is chosen.
type ClientHello struct {
	ServerName string   // "" if it names none
	Conn       net.Conn // the connection below; not to be read or written
}

// hooks is what the library's calls back into Go find of a connection: C keeps a cgo.Handle of it.
// So it must not hold the Conn, which could never be forgotten.
type hooks struct {
	native     *handle
	raw        net.Conn
	sessionKey string

	mu    sync.Mutex
	err   error // of a function of the caller's, which ended the handshake
	panic any   // likewise
}

// failed tells whether a function of the caller's has ended the handshake.
func (h *hooks) failed() bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err != nil || h.panic != nil
}

// end is why the library's call ended, if it was a function of the caller's. A panic in one goes
// on here: it must not cross C.
func (h *hooks) end() error {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.panic != nil {
		panic(h.panic)
	}
	return h.err
}

// call runs a function of the caller's inside of a call of the library's.
func (h *hooks) call(function func() error) (status C.tlsw_status) {
	var err error
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if panicked := recover(); err != nil || panicked != nil {
			h.err, h.panic = err, panicked
			status = C.TLSW_ERR_HOOK
		}
	}()
	err = function()
	return C.TLSW_OK
}

// hasHooks tells whether connections of the context call back into Go.
func (c *Config) hasHooks() bool {
	return c.GetContext != nil || c.VerifyConnection != nil || c.KeyLogWriter != nil || c.SessionCache != nil ||
		c.ClientPSK != nil || c.ServerPSK != nil
}

// hook sets the functions of a context that the library calls.
func (s *settings) hook(config *Config) {
	kept := *config // of the Context itself there must be no handle: it could never be forgotten
	for _, hook := range []struct {
		kind C.int
		on   bool
	}{
		{C.GO_SNI, config.GetContext != nil},
		{C.GO_VERIFY, config.VerifyConnection != nil},
		{C.GO_KEYLOG, config.KeyLogWriter != nil},
		{C.GO_SESSION, config.SessionCache != nil},
		{C.GO_CLIENT_PSK, config.ClientPSK != nil},
		{C.GO_SERVER_PSK, config.ServerPSK != nil},
	} {
		if !hook.on {
			continue
		}
		user := cgo.NewHandle(&kept)
		if status := C.go_set_hook(s.ctx, hook.kind, C.uintptr_t(user), &s.err); status < 0 {
			user.Delete()
			s.set(status)
		}
	}
}

// prepare sets what a connection has of its own.
func (c *Conn) prepare(ctx *Context, conn *C.tlsw_conn, serverName string) error {
	if !ctx.config.hasHooks() {
		return nil
	}
	c.hooks = &hooks{native: c.native, raw: c.raw, sessionKey: serverName}
	user := cgo.NewHandle(c.hooks)
	var err C.tlsw_error
	if status := C.go_set_user(conn, C.uintptr_t(user), &err); status < 0 {
		user.Delete()
		return failure(&err)
	}
	cache := ctx.config.SessionCache
	if cache == nil {
		return nil
	}
	if serverName == "" {
		c.hooks.sessionKey = c.raw.RemoteAddr().String()
	}
	if session, ok := cache.Get(c.hooks.sessionKey); ok {
		resume(conn, session)
	}
	return nil
}

func configOf(user C.uintptr_t) *Config { return cgo.Handle(user).Value().(*Config) }

func hooksOf(conn *C.tlsw_conn) *hooks { return cgo.Handle(C.go_get_user(conn)).Value().(*hooks) }
