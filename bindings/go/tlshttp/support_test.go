package tlshttp_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/tlswrap/tlswrap/bindings/go"
	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
	"github.com/tlswrap/tlswrap/bindings/go/tlshttp"
)

// How long a test waits for what has to come: it is the time of a machine that is very busy.
const patience = time.Minute

// A countingListener knows the connections that it accepted.
type countingListener struct {
	net.Listener
	gate func(accepted int) // called before a connection is handed out; may be nil

	mu          sync.Mutex
	open        map[net.Conn]bool
	total, most int
}

type countedConn struct {
	net.Conn
	listener *countingListener
}

func (l *countingListener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	conn := &countedConn{raw, l}
	l.mu.Lock()
	l.open[conn] = true
	l.total++
	l.most = max(l.most, len(l.open))
	total := l.total
	l.mu.Unlock()
	if l.gate != nil {
		l.gate(total)
	}
	return conn, nil
}

func (c *countedConn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.open, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}

func (l *countingListener) counts() (open, total, most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open), l.total, l.most
}

// end sends the end of the stream on all connections, without a word of TLS, and waits until the
// client has noticed.
func (l *countingListener) end(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	for conn := range l.open {
		conn.(*countedConn).Conn.(*net.TCPConn).CloseWrite()
	}
	l.mu.Unlock()
	l.comes(t, 0)
}

// comes waits until a number of connections are open.
func (l *countingListener) comes(t *testing.T, expected int) {
	t.Helper()
	open := -1
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if open, _, _ = l.counts(); open == expected {
			return
		}
	}
	t.Fatalf("%d connections are open, expected %d", open, expected)
}

// stock starts a server of net/http and crypto/tls, which answers with the version of HTTP unless a
// handler is given.
func stock(t *testing.T, http2 bool, handler http.HandlerFunc) (url string, l *countingListener) {
	t.Helper()
	return stockWith(t, http2, handler, nil)
}

func stockWith(t *testing.T, http2 bool, handler http.HandlerFunc, gate func(int)) (string, *countingListener) {
	t.Helper()
	if handler == nil {
		handler = func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, r.Proto)
		}
	}
	pki := testpki.Default()
	srv := httptest.NewUnstartedServer(handler)
	l := &countingListener{Listener: srv.Listener, open: map[net.Conn]bool{}, gate: gate}
	srv.Listener = l
	srv.EnableHTTP2 = http2
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{pki.Server.TLS(), pki.A.TLS()}}
	srv.Config.ErrorLog = quiet
	srv.StartTLS()
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	return srv.URL, l
}

// clients gives the transport of net/http and ours with the same settings: what one of them does is
// right for the other.
func clients(t *testing.T, settings func(*http.Transport)) map[string]closer {
	t.Helper()
	if settings == nil {
		settings = func(*http.Transport) {}
	}
	theirs := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: testpki.Default().Root.Pool()}}
	settings(theirs)
	all := map[string]closer{"net/http": theirs, "tlshttp": from(t, settings)}
	t.Cleanup(func() {
		for _, client := range all {
			client.CloseIdleConnections()
		}
	})
	return all
}

func from(t *testing.T, settings func(*http.Transport)) *tlshttp.Transport {
	t.Helper()
	base := &http.Transport{}
	settings(base)
	ours, err := tlshttp.NewTransportFrom(base, &tlswrap.Dialer{Context: verifying(t)})
	check(t, err)
	return ours
}

type closer interface {
	http.RoundTripper
	CloseIdleConnections()
}

// verifying is a context without a client's certificate.
func verifying(t *testing.T) *tlswrap.Context {
	t.Helper()
	ctx, err := tlswrap.NewClientContext(&tlswrap.Config{
		CAs: testpki.Default().Root.Chain, NextProtos: []string{"h2", "http/1.1"},
	})
	check(t, err)
	t.Cleanup(func() { ctx.Close() })
	return ctx
}

// do sends a request and gives status and body.
func do(transport http.RoundTripper, r *http.Request) (int, string, error) {
	response, err := transport.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func get(transport http.RoundTripper, url string) (string, error) {
	_, body, err := do(transport, request("GET", url, nil))
	return body, err
}

func request(method, url string, body io.Reader) *http.Request {
	r, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		panic(err)
	}
	return r
}

// protocols are the two versions, by whether a server has HTTP/2.
var protocols = map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"}
