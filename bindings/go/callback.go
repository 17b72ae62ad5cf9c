package tlswrap

// #include "native.h"
import "C"

import (
	"io"
	"runtime/cgo"
	"sync"
)

// What the library calls, through the functions at the end of native.c.

//export goFreeUser
func goFreeUser(user C.uintptr_t) { cgo.Handle(user).Delete() }

//export goSNI
func goSNI(user C.uintptr_t, conn *C.tlsw_conn, name *C.char) C.tlsw_status {
	hooks := hooksOf(conn)
	return hooks.call(func() error {
		ctx, err := configOf(user).GetContext(&ClientHello{ServerName: text(name), Conn: hooks.raw})
		if err != nil || ctx == nil {
			return err
		}
		if err := ctx.native.enter(); err != nil {
			return err
		}
		defer ctx.native.leave()
		var failed C.tlsw_error
		return failureOf(C.tlsw_conn_set_ctx(conn, (*C.tlsw_ctx)(ctx.native.object), &failed), &failed)
	})
}

//export goVerify
func goVerify(user C.uintptr_t, conn *C.tlsw_conn, verifyError C.int32_t) C.tlsw_status {
	config, hooks := configOf(user), hooksOf(conn)
	if verifyError != 0 && !config.InsecureSkipVerify {
		return C.TLSW_OK // refused already
	}
	return hooks.call(func() error {
		state := stateOf(hooks.native)
		state.parse()
		return config.VerifyConnection(state.ConnectionState)
	})
}

// Lines of connections that shake hands at once must not mix.
var keyLog sync.Mutex

//export goKeyLog
func goKeyLog(user C.uintptr_t, conn *C.tlsw_conn, line *C.char) {
	hooksOf(conn).call(func() error {
		keyLog.Lock()
		defer keyLog.Unlock()
		io.WriteString(configOf(user).KeyLogWriter, text(line)+"\n")
		return nil
	})
}

//export goSession
func goSession(user C.uintptr_t, conn *C.tlsw_conn, session *C.tlsw_session) {
	hooks := hooksOf(conn)
	hooks.call(func() error {
		configOf(user).SessionCache.Put(hooks.sessionKey, newSession(session))
		return nil
	})
}
