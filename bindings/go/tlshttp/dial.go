package tlshttp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"

	"github.com/tlswrap/tlswrap/bindings/go"
)

// handshakeTimeout is the error after http.Transport.TLSHandshakeTimeout.
type handshakeTimeout struct{}

func (handshakeTimeout) Error() string   { return "tlshttp: TLS handshake timeout" }
func (handshakeTimeout) Timeout() bool   { return true }
func (handshakeTimeout) Temporary() bool { return true }

// dialFor makes the dialling function of a pool.
func (t *Transport) dialFor(v version) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if c, ok := ctx.Value(callKey{}).(*call); ok {
			return c.dial(ctx, v)
		}
		// The connection is to a proxy with https, for a URL with http.
		return t.secureProxy(ctx, addr)
	}
}

// dial gives a connection for the pool of a version. One of the other version that comes out is
// offered to the other pool, and the error says so.
func (c *call) dial(ctx context.Context, v version) (net.Conn, error) {
	if conn := c.take(c.key, v); conn != nil {
		return conn, nil
	}
	if c.allowed == c.Transport.allowed {
		learned, err := c.learn(ctx, c.key)
		if err != nil {
			return nil, err
		}
		defer learned()
	}
	// While MaxConnsPerHost had the request wait, another may have met the server.
	if chosen, known := c.lastChosen(c.key); known && chosen != v && c.allows(chosen) && !c.switched.Load() {
		return nil, &otherVersion{chosen}
	}
	raw, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := c.secure(ctx, raw, c.target, c.dialer.ServerName, c.allowed)
	if err != nil {
		return nil, err
	}
	chosen := versionOf(conn)
	if !c.allows(chosen) {
		conn.Close()
		return nil, errors.New("tlshttp: the server does not choose HTTP/2, and the transport's Protocols exclude HTTP/1.1")
	}
	if c.allowed == c.Transport.allowed {
		c.choose(c.key, chosen)
	}
	if chosen == v {
		return conn, nil
	}
	if !c.offer(conn) {
		conn.Close()
	}
	return nil, &otherVersion{chosen}
}

func (c *call) allows(v version) bool {
	return v == http1 && c.allowed.http1 || v == http2 && c.allowed.http2
}

// connect makes the connection below TLS.
func (c *call) connect(ctx context.Context) (net.Conn, error) {
	if c.proxy == nil {
		return c.dialRaw(ctx, "tcp", c.target)
	}
	return c.viaProxy(ctx)
}

// secure does the handshake over raw. An error has closed raw.
func (t *Transport) secure(
	ctx context.Context, raw net.Conn, addr, serverName string, allowed versions,
) (*tlswrap.Conn, error) {
	settings, err := t.context(allowed)
	if err != nil {
		raw.Close()
		return nil, err
	}
	if d := t.base.TLSHandshakeTimeout; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d, handshakeTimeout{})
		defer cancel()
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	dialer := tlswrap.Dialer{Context: settings, ServerName: serverName}
	conn, err := dialer.Over(ctx, raw, addr)
	if errors.Is(err, context.DeadlineExceeded) && context.Cause(ctx) == (handshakeTimeout{}) {
		err = handshakeTimeout{}
	}
	if trace != nil && trace.TLSHandshakeDone != nil {
		var state tls.ConnectionState
		if err == nil {
			own := conn.ConnectionState()
			state = *own.TLS()
		}
		trace.TLSHandshakeDone(state, err)
	}
	return conn, err
}
