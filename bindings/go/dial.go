package tlswrap

import (
	"context"
	"net"
	"net/netip"
)

// A Dialer connects and shakes hands. Its DialContext is what http.Transport.DialTLSContext wants.
type Dialer struct {
	// NetDialer makes the connections below; nil is the zero net.Dialer.
	NetDialer *net.Dialer

	// Context is what connections are made from; nil is one with the defaults.
	Context *Context

	// ServerName is what the certificate must carry; "" is the host that is dialled.
	ServerName string
}

// DialContext connects to addr and shakes hands, both before ctx is done.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err // not a *Conn that is nil
	}
	return conn, nil
}

func (d *Dialer) dial(ctx context.Context, network, addr string) (*Conn, error) {
	name := d.ServerName
	if name == "" {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		name = host
		if ip, err := netip.ParseAddr(host); err == nil {
			name = ip.WithZone("").String() // which certificates do not know
		}
	}
	dialer := d.NetDialer
	if dialer == nil {
		dialer = &net.Dialer{}
	}
	raw, err := dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	conn, err := Client(raw, d.Context, name)
	if err != nil {
		raw.Close()
		return nil, err
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// Dial connects to addr, "example.com:443" say, and shakes hands. A nil ctx is a context with the
// defaults.
func Dial(network, addr string, ctx *Context) (*Conn, error) {
	return DialContext(context.Background(), network, addr, ctx)
}

// DialContext is Dial until ctx is done.
func DialContext(ctx context.Context, network, addr string, settings *Context) (*Conn, error) {
	d := Dialer{Context: settings}
	return d.dial(ctx, network, addr)
}
