package tlshttp

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/net/idna"

	"github.com/tlswrap/tlswrap/bindings/go"
)

// A request goes from one pool to the other so often at most: once where a server keeps to its
// choice, more often where several servers with different choices answer at one address.
const maxSwitches = 8

// callKey is of the call in a request's context, which net/http hands on to the dialling functions.
type callKey struct{}

// A call is one request for a URL with https on its way through the pools.
type call struct {
	*Transport
	request *http.Request
	body    *heldBody // nil if there is none
	target  string    // host:port in ASCII
	proxy   *url.URL  // nil for none
	key     string    // of the connections that it may use; two requests of one key share them
	allowed versions

	switched atomic.Bool   // it has left a pool for the other
	conn     *tlswrap.Conn // what the response came over

	// Under mu of the transport.
	offered []*tlswrap.Conn // of those, what its own dialling has added to handover
	settled bool            // it has a connection, or has ended: it needs no other
}

// otherVersion is the error of a dialling function for the pool of another version.
type otherVersion struct{ chosen version }

func (e *otherVersion) Error() string {
	return "tlshttp: the servers at this address do not agree on a version of HTTP"
}

func (t *Transport) newCall(r *http.Request) (*call, error) {
	c := &call{Transport: t, request: r, allowed: t.allowed}
	if requiresHTTP1(r) {
		if !c.allowed.http1 {
			return nil, errors.New("tlshttp: a WebSocket needs HTTP/1.1, which the transport's Protocols exclude")
		}
		c.allowed.http2 = false
	}
	var err error
	if c.target, err = target(r.URL); err != nil {
		return nil, err
	}
	if t.base.Proxy != nil {
		if c.proxy, err = t.base.Proxy(r); err != nil {
			return nil, err
		}
	}
	c.key = c.target
	if c.proxy != nil {
		// Pools tell servers apart by the host in the URL alone, so the proxy has to be part of it.
		hash := hmac.New(sha256.New, t.hashKey)
		fmt.Fprintf(hash, "%s\n%s", c.proxy, c.target)
		c.key = hex.EncodeToString(hash.Sum(nil)[:16]) + ".proxied.invalid:443"
	}
	if r.Body != nil && r.Body != http.NoBody {
		c.body = &heldBody{ReadCloser: r.Body}
	}
	return c, nil
}

// requiresHTTP1 tells what only HTTP/1.1 can do, as net/http decides it.
func requiresHTTP1(r *http.Request) bool {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return false
	}
	for _, token := range strings.Split(r.Header.Get("Connection"), ",") {
		if strings.EqualFold(strings.TrimSpace(token), "upgrade") {
			return true
		}
	}
	return false
}

// target gives host and port of a URL, the host in ASCII.
func target(u *url.URL) (string, error) {
	host, port := u.Hostname(), u.Port()
	if host == "" {
		return "", errors.New("http: no Host in request URL")
	}
	if port == "" {
		port = "443"
	}
	for _, b := range []byte(host) {
		if b >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return "", fmt.Errorf("tlshttp: the host name %q: %w", host, err)
			}
			host = ascii
			break
		}
	}
	return net.JoinHostPort(host, port), nil
}

// do sends the request through one pool, and through the other if that is what the server wants.
func (c *call) do() (*http.Response, error) {
	defer c.settle()
	v, _ := c.lastChosen(c.key)
	if v == http2 && !c.allowed.http2 {
		v = http1
	} else if !c.allowed.http1 {
		v = http2
	}
	for switches := 0; ; switches++ {
		response, err := c.try(v)
		var other *otherVersion
		if !errors.As(err, &other) || switches == maxSwitches {
			c.body.release()
			return response, err
		}
		if err := c.body.again(c.request); err != nil {
			return nil, err
		}
		v = other.chosen
		c.switched.Store(true)
	}
}

func (c *call) try(v version) (*http.Response, error) {
	ctx := context.WithValue(c.request.Context(), callKey{}, c)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: c.got})
	r := c.request.WithContext(ctx)
	if c.body != nil {
		r.Body = c.body
	}
	if c.proxy != nil {
		if r.Host == "" {
			r.Host = r.URL.Host
		}
		there := *r.URL
		there.Host = c.key
		r.URL = &there
	}
	response, err := c.pools[v].RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Request = c.request
	if c.conn != nil {
		state := c.conn.ConnectionState()
		response.TLS = state.TLS()
	}
	return response, nil
}

// got is called when a pool has found a connection for the request.
func (c *call) got(info httptrace.GotConnInfo) {
	c.conn, _ = info.Conn.(*tlswrap.Conn)
	c.body.release()
	c.settle()
}

// offer leaves a connection to whatever request of the other pool needs one first: that will be this
// one, mostly. False if this one has no need any more.
func (c *call) offer(conn *tlswrap.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.settled {
		return false
	}
	c.offered = append(c.offered, conn)
	c.handover[c.key] = append(c.handover[c.key], conn)
	return true
}

// settle closes what was offered and that nobody took: net/http keeps connections that it has seen,
// and nobody would look after others.
func (c *call) settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.offered {
		if c.forget(c.key, conn) {
			go conn.Close() // which may have to wait for the peer
		}
	}
	c.offered, c.settled = nil, true
}

// A heldBody is the body of a request that may have to go to another pool: until a connection is
// found, a pool that closes it does not close what is below.
type heldBody struct {
	io.ReadCloser
	mu               sync.Mutex
	released, closed bool
}

func (b *heldBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if !b.released {
		return nil
	}
	return b.ReadCloser.Close()
}

// release lets Close through, the one that came before, too.
func (b *heldBody) release() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed && !b.released {
		b.ReadCloser.Close()
	}
	b.released = true
}

// again makes the body ready for another pool.
func (b *heldBody) again(r *http.Request) error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.released {
		b.closed = false
		return nil
	}
	// A connection that net/http had found was dead, and it has closed the body.
	if r.GetBody == nil {
		if !b.closed {
			b.ReadCloser.Close()
		}
		return errors.New("tlshttp: the server changed its version of HTTP, and the request has no GetBody to send its body again")
	}
	body, err := r.GetBody()
	if err == nil {
		b.ReadCloser, b.closed = body, false
	}
	return err
}
