package tlshttp

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/tlswrap/tlswrap/bindings/go"
)

// A Transport is an http.RoundTripper whose TLS is tlswrap's. It speaks HTTP/2 to the servers that
// choose it by ALPN, and HTTP/1.1 to all others. The context of its dialer must offer the protocols:
//
//	tlswrap.Config{NextProtos: []string{"h2", "http/1.1"}}
//
// Connections are kept, limited and closed by two transports of net/http's, one for each version of
// HTTP, which differ in nothing else. What a server chose last decides which of them is tried first.
// Each keeps MaxIdleConns by itself, and MaxConnsPerHost, which matters where a server does not keep
// to its choice.
type Transport struct {
	dialer  *tlswrap.Dialer
	dialRaw dialFunc
	base    *http.Transport // the settings; it makes no connection
	allowed versions        // for URLs with https
	pools   [2]*http.Transport
	hashKey []byte // of the names of connections through proxies

	mu       sync.Mutex
	chosen   map[string]version            // what a server chose last, by the key of its connections
	handover map[string][]*tlswrap.Conn    // made by one pool, and for the other
	learning map[string]chan struct{}      // closed when a server's choice may be known
	contexts map[versions]*tlswrap.Context // made of the dialer's, with fewer protocols
}

// A version is one of HTTP, and says which pool a connection belongs to.
type version int

const (
	http1 version = iota
	http2
)

func versionOf(conn *tlswrap.Conn) version {
	if state := conn.ConnectionState(); state.NegotiatedProtocol == "h2" {
		return http2
	}
	return http1
}

// versions is those that a request may use.
type versions struct{ http1, http2 bool }

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

// So many servers' choices are remembered at most.
const maxChosen = 4096

// NewTransport makes a transport that dials with dialer, with the settings that http.DefaultTransport
// has when a program starts: the proxies of the environment, and limits of time and number.
func NewTransport(dialer *tlswrap.Dialer) *Transport {
	t, err := NewTransportFrom(&http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}, dialer)
	if err != nil {
		panic(err) // these settings can be taken over
	}
	return t
}

// NewTransportFrom makes a transport with the settings of base, which is copied: http.DefaultTransport,
// say, or one of its clones. Proxies (HTTP, HTTPS and SOCKS5), limits, timeouts, Protocols and the
// settings of HTTP/2 mean what they mean there, but
//   - HTTP/2 is used as if ForceAttemptHTTP2 were set, unless Protocols excludes it or TLSNextProto is
//     an empty map;
//   - a proxy with https is verified by the context of dialer, under its own name;
//   - NetDialer of dialer, where there is one, is used in place of DialContext and Dial.
//
// What RegisterProtocol has added to base is not taken over, as Clone does not either.
//
// It is an error if base says how to do TLS, which would not be heeded: with DialTLS or
// DialTLSContext, functions in TLSNextProto, or a TLSClientConfig in which more is set than
// NextProtos.
func NewTransportFrom(base *http.Transport, dialer *tlswrap.Dialer) (*Transport, error) {
	if base == nil || dialer == nil {
		return nil, errors.New("tlshttp: NewTransportFrom needs a transport and a dialer")
	}
	settings := base.Clone()
	allowed, err := check(settings)
	if err != nil {
		return nil, err
	}
	t := &Transport{
		dialer:   dialer,
		dialRaw:  rawDialer(settings, dialer),
		allowed:  allowed,
		hashKey:  make([]byte, 32),
		chosen:   map[string]version{},
		handover: map[string][]*tlswrap.Conn{},
		learning: map[string]chan struct{}{},
		contexts: map[versions]*tlswrap.Context{},
	}
	rand.Read(t.hashKey)
	settings.TLSClientConfig = nil
	t.base = settings.Clone()
	t.pools[http1] = t.pool(settings, http1)
	t.pools[http2] = t.pool(settings, http2)
	return t, nil
}

// pool makes the transport of one version.
func (t *Transport) pool(settings *http.Transport, v version) *http.Transport {
	pool := settings.Clone()
	pool.Protocols = new(http.Protocols)
	pool.TLSNextProto = nil
	if v == http2 {
		// To net/http a connection that is not crypto/tls's is in the clear.
		pool.Protocols.SetUnencryptedHTTP2(true)
	} else {
		pool.Protocols.SetHTTP1(true)
	}
	// A proxy for https is ours to talk to, for net/http would do its own TLS over it.
	if proxy := settings.Proxy; proxy != nil {
		pool.Proxy = func(r *http.Request) (*url.URL, error) {
			if r.URL.Scheme == "https" {
				return nil, nil
			}
			return proxy(r)
		}
	}
	pool.Dial = nil
	pool.DialContext = t.dialRaw
	pool.DialTLSContext = t.dialFor(v)
	return pool
}

// RoundTrip does what http.RoundTripper says. The response has TLS set, as far as
// tlswrap.ConnectionState.TLS goes.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL == nil || r.URL.Scheme != "https" {
		return t.pools[t.inTheClear()].RoundTrip(r)
	}
	call, err := t.newCall(r)
	if err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	return call.do()
}

// inTheClear gives the version for URLs with http.
func (t *Transport) inTheClear() version {
	if p := t.base.Protocols; p != nil && p.UnencryptedHTTP2() && !p.HTTP1() {
		return http2
	}
	return http1
}

// CloseIdleConnections closes the connections that no request uses.
func (t *Transport) CloseIdleConnections() {
	for _, pool := range t.pools {
		pool.CloseIdleConnections()
	}
}

// lastChosen gives what the server of a key chose last, if anything is known.
func (t *Transport) lastChosen(key string) (v version, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, known = t.chosen[key]
	return v, known
}

// choose remembers what the server of a key chose.
func (t *Transport) choose(key string, v version) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.chosen) >= maxChosen {
		clear(t.chosen) // the next connections tell
	}
	t.chosen[key] = v
}

// learn waits until what the server of a key chooses is known, or until nobody else is about to learn
// it; the caller calls done when it has. Only a limit makes it wait: connections that are made only
// to learn the version count in one pool, and those that follow in the other.
func (t *Transport) learn(ctx context.Context, key string) (done func(), err error) {
	if t.base.MaxConnsPerHost <= 0 {
		return func() {}, nil
	}
	for {
		t.mu.Lock()
		_, known := t.chosen[key]
		other := t.learning[key]
		if known || other == nil {
			mine := make(chan struct{})
			if !known {
				t.learning[key] = mine
			}
			t.mu.Unlock()
			return func() { t.learned(key, mine) }, nil
		}
		t.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// learned lets go on who waits in learn.
func (t *Transport) learned(key string, mine chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.learning[key] == mine {
		delete(t.learning, key)
	}
	close(mine)
}

// take gives a connection of the key that the other pool made.
func (t *Transport) take(key string, v version) *tlswrap.Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, conn := range t.handover[key] {
		if versionOf(conn) == v {
			t.forget(key, conn)
			return conn
		}
	}
	return nil
}

// forget takes a connection out of those to hand over; false if it is not among them. The caller
// holds mu.
func (t *Transport) forget(key string, conn *tlswrap.Conn) bool {
	conns := t.handover[key]
	for i := range conns {
		if conns[i] == conn {
			if len(conns) == 1 {
				delete(t.handover, key)
			} else {
				t.handover[key] = append(conns[:i:i], conns[i+1:]...)
			}
			return true
		}
	}
	return false
}
