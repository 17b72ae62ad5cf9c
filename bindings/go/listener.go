package tlswrap

import "net"

type listener struct {
	net.Listener
	ctx *Context
}

// NewListener makes TLS connections of those that inner accepts; each of them is a *Conn, and
// shakes hands when it is first read or written, so that a slow peer holds up nobody else.
func NewListener(inner net.Listener, ctx *Context) net.Listener {
	return &listener{inner, ctx}
}

// Listen listens on an address, and makes a TLS connection of each that comes in.
func Listen(network, addr string, ctx *Context) (net.Listener, error) {
	inner, err := net.Listen(network, addr)
	if err != nil {
		return nil, err
	}
	return NewListener(inner, ctx), nil
}

func (l *listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	conn, err := Server(raw, l.ctx)
	if err != nil {
		raw.Close()
		return nil, err
	}
	return conn, nil
}
