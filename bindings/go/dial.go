package tlswrap

import (
	"context"
	"net"
	"net/netip"
)

// A Dialer connects and does the handshake. Its DialContext fits http.Transport.DialTLSContext.
type Dialer struct {
	// NetDialer makes the connections below; nil is the zero net.Dialer.
	NetDialer *net.Dialer

	// Context is what connections are made from; nil is one with the defaults.
	Context *Context

	// ServerName is what the certificate must carry; "" is the host that is dialled.
	ServerName string
}

// DialContext connects to addr and does the handshake, both before ctx is done.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err // not a *Conn that is nil
	}
	return conn, nil
}

// Over does the handshake over raw, a connection that leads to addr through a proxy, say, before ctx
// is done. Only the host of addr counts, unless ServerName is set. An error has closed raw.
func (d *Dialer) Over(ctx context.Context, raw net.Conn, addr string) (*Conn, error) {
	name, err := d.serverName(addr)
	if err != nil {
		raw.Close()
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

func (d *Dialer) dial(ctx context.Context, network, addr string) (*Conn, error) {
	if _, err := d.serverName(addr); err != nil {
		return nil, err
	}
	dialer := d.NetDialer
	if dialer == nil {
		dialer = &net.Dialer{}
	}
	raw, err := dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return d.Over(ctx, raw, addr)
}

// serverName gives the name that the certificate of addr must carry.
func (d *Dialer) serverName(addr string) (string, error) {
	if d.ServerName != "" {
		return d.ServerName, nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.WithZone("").String(), nil // certificates know no zones
	}
	return host, nil
}

// Dial connects to addr, "example.com:443" say, and does the handshake. A nil ctx is a context with the
// defaults.
func Dial(network, addr string, ctx *Context) (*Conn, error) {
	return DialContext(context.Background(), network, addr, ctx)
}

// DialContext is Dial until ctx is done.
func DialContext(ctx context.Context, network, addr string, settings *Context) (*Conn, error) {
	d := Dialer{Context: settings}
	return d.dial(ctx, network, addr)
}
