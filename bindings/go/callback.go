package tlswrap

// #include "native.h"
import "C"

import "runtime/cgo"

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
