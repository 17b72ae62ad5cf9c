package tlshttp

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/tlswrap/tlswrap/bindings/go"
)

// A Transport is an http.RoundTripper that speaks HTTP/2 to the servers that choose it by ALPN, and
// HTTP/1.1 to all others. The context of its dialer must offer the protocols.
type Transport struct {
	dialer *tlswrap.Dialer
	h1, h2 *http.Transport

	mu    sync.Mutex
	known map[string]*http.Transport // which of the two a server wants
	ready map[string][]*tlswrap.Conn // dialled to learn that, and not used yet
}

// NewTransport makes a transport that dials with dialer.
func NewTransport(dialer *tlswrap.Dialer) *Transport {
	t := &Transport{dialer: dialer, known: map[string]*http.Transport{}, ready: map[string][]*tlswrap.Conn{}}
	t.h1 = &http.Transport{Proxy: nil}
	t.h1.DialTLSContext = t.dialFor(t.h1)
	// HTTP/2 alone, over what net/http takes for a connection in the clear.
	t.h2 = &http.Transport{Protocols: new(http.Protocols)}
	t.h2.Protocols.SetUnencryptedHTTP2(true)
	t.h2.DialTLSContext = t.dialFor(t.h2)
	return t
}

// RoundTrip does what http.RoundTripper says.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return t.h1.RoundTrip(r)
	}
	addr := r.URL.Host
	if r.URL.Port() == "" {
		addr = net.JoinHostPort(r.URL.Hostname(), "443")
	}
	wanted, err := t.learn(r.Context(), addr)
	if err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	return wanted.RoundTrip(r)
}

// CloseIdleConnections closes the connections that no request uses.
func (t *Transport) CloseIdleConnections() {
	t.mu.Lock()
	ready := t.ready
	t.ready = map[string][]*tlswrap.Conn{}
	t.mu.Unlock()
	for _, conns := range ready {
		for _, conn := range conns {
			conn.Close()
		}
	}
	t.h1.CloseIdleConnections()
	t.h2.CloseIdleConnections()
}

// learn tells which transport a server wants, by asking it the first time.
func (t *Transport) learn(ctx context.Context, addr string) (*http.Transport, error) {
	t.mu.Lock()
	wanted := t.known[addr]
	t.mu.Unlock()
	if wanted != nil {
		return wanted, nil
	}
	conn, wanted, err := t.dial(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[addr] = wanted
	t.ready[addr] = append(t.ready[addr], conn)
	return wanted, nil
}

func (t *Transport) dial(ctx context.Context, network, addr string) (*tlswrap.Conn, *http.Transport, error) {
	conn, err := t.dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, nil, err
	}
	wanted := t.h1
	if conn.(*tlswrap.Conn).ConnectionState().NegotiatedProtocol == "h2" {
		wanted = t.h2
	}
	return conn.(*tlswrap.Conn), wanted, nil
}

// dialFor makes connections for one of the two transports.
func (t *Transport) dialFor(transport *http.Transport) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if conn := t.take(addr, transport); conn != nil {
			return conn, nil
		}
		conn, wanted, err := t.dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if wanted != transport {
			conn.Close()
			t.mu.Lock()
			delete(t.known, addr) // the next request asks again
			t.mu.Unlock()
			return nil, fmt.Errorf("tlshttp: %s has changed its protocol", addr)
		}
		return conn, nil
	}
}

func (t *Transport) take(addr string, transport *http.Transport) *tlswrap.Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	ready := t.ready[addr]
	if len(ready) == 0 || t.known[addr] != transport {
		return nil
	}
	t.ready[addr] = ready[:len(ready)-1]
	return ready[len(ready)-1]
}
