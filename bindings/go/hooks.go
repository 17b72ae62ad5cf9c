package tlswrap

// #include "native.h"
import "C"

// hooks is what a connection's calls back into Go share.
type hooks struct{}

func (h *hooks) failed() bool   { return false }
func (h *hooks) takeErr() error { return nil }

// prepare sets what a connection has of its own.
func (c *Conn) prepare(ctx *Context, conn *C.tlsw_conn, serverName string) error { return nil }
