package tlswrap

// #include "native.h"
import "C"

// hooks is what a connection's calls back into Go share.
type hooks struct{}

func (h *hooks) failed() bool   { return false }
func (h *hooks) takeErr() error { return nil }

// prepare sets what a connection has of its own.
func (c *Conn) prepare(ctx *Context, conn *C.tlsw_conn, serverName string) error {
	cache := ctx.config.SessionCache
	if cache == nil || ctx.role != C.TLSW_CLIENT {
		return nil
	}
	c.sessions, c.sessionKey = cache, serverName
	if serverName == "" {
		c.sessionKey = c.raw.RemoteAddr().String()
	}
	if session, ok := cache.Get(c.sessionKey); ok {
		resume(conn, session)
	}
	return nil
}

// keepSession puts the newest session into the cache.
func (c *Conn) keepSession() {
	if c.sessions == nil || c.native.enter() != nil {
		return
	}
	defer c.native.leave()
	var session *C.tlsw_session
	if C.tlsw_get_session((*C.go_conn)(c.native.object).conn, &session, nil) == C.TLSW_OK {
		c.sessions.Put(c.sessionKey, newSession(session))
	}
}
