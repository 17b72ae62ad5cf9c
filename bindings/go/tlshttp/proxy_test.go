package tlshttp_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go"
	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
	"github.com/tlswrap/tlswrap/bindings/go/tlshttp"
)

// A testProxy leads every connection to one server, whatever it was asked for, and notes the latter.
type testProxy struct {
	net.Listener
	to string

	mu   sync.Mutex
	seen []string
}

// newProxy starts a proxy of a scheme, and gives its URL.
func newProxy(t *testing.T, scheme, server string) (*testProxy, *url.URL) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	p := &testProxy{Listener: l, to: strings.TrimPrefix(server, "https://")}
	u := &url.URL{Scheme: scheme, Host: l.Addr().String(), User: url.UserPassword("me", "secret word")}
	if scheme == "https" {
		p.Listener = tls.NewListener(l, &tls.Config{
			Certificates: []tls.Certificate{testpki.Default().Server.TLS()}, NextProtos: []string{"h2", "http/1.1"},
		})
	}
	serve := p.http
	if scheme == "socks5" {
		serve = p.socks
	}
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		defer all.Done()
		for {
			conn, err := p.Accept()
			if err != nil {
				return
			}
			all.Add(1)
			go func() {
				defer all.Done()
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	t.Cleanup(func() {
		p.Close()
		all.Wait()
	})
	return p, u
}

func (p *testProxy) note(format string, arguments ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, fmt.Sprintf(format, arguments...))
}

func (p *testProxy) notes() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.seen, "; ")
}

func (p *testProxy) http(conn net.Conn) {
	from := bufio.NewReader(conn)
	r, err := http.ReadRequest(from)
	if err != nil {
		return
	}
	user, password, _ := basic(r.Header.Get("Proxy-Authorization"))
	p.note("%s %s of %s:%s %s", r.Method, r.RequestURI, user, password, r.Header.Get("X-Mine"))
	switch {
	case r.Method != http.MethodConnect:
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthe proxy")
	case strings.HasPrefix(r.Host, "refused."):
		fmt.Fprintf(conn, "HTTP/1.1 407 Not you\r\nX-Why: because\r\nContent-Length: 0\r\n\r\n")
	case strings.HasPrefix(r.Host, "silent."):
	default:
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n\r\n")
		p.pipe(conn, from)
	}
}

func basic(header string) (user, password string, ok bool) {
	r := http.Request{Header: http.Header{"Authorization": {header}}}
	return r.BasicAuth()
}

// socks speaks as much of RFC 1928 and 1929 as it takes.
func (p *testProxy) socks(conn net.Conn) {
	from := bufio.NewReader(conn)
	take := func(n byte) []byte {
		b := make([]byte, n)
		io.ReadFull(from, b)
		return b
	}
	take(take(2)[1])
	conn.Write([]byte{5, 2}) // user name and password
	user := take(take(2)[1])
	password := take(take(1)[0])
	conn.Write([]byte{1, 0})
	if head := take(4); head[3] != 3 {
		return // it must be a name
	}
	host := take(take(1)[0])
	port := binary.BigEndian.Uint16(take(2))
	p.note("SOCKS %s:%d of %s:%s", host, port, user, password)
	conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	p.pipe(conn, from)
}

func (p *testProxy) pipe(conn net.Conn, from io.Reader) {
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer server.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(server, from)
		server.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(conn, server)
	conn.Close()
	<-done
}

// The name in the certificate is the target's, and that of a proxy with https is the proxy's.
func TestProxies(t *testing.T) {
	for _, scheme := range []string{"http", "https", "socks5"} {
		t.Run(scheme, func(t *testing.T) {
			var at *url.URL
			settings := func(base *http.Transport) {
				base.Proxy = func(*http.Request) (*url.URL, error) { return at, nil }
				base.ProxyConnectHeader = http.Header{"X-Mine": {"mine"}}
			}
			seen := map[string]string{}
			each(t, settings, func(t *testing.T, client closer, http2 bool) {
				server, l := stock(t, http2, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto, " ", r.Host) })
				var proxy *testProxy
				proxy, at = newProxy(t, scheme, server)
				for range 3 {
					r := request("GET", "https://a.example/path", nil)
					response, err := client.RoundTrip(r)
					check(t, err)
					body, err := io.ReadAll(response.Body)
					check(t, err)
					response.Body.Close()
					if string(body) != protocols[http2]+" a.example" || response.Request != r ||
						response.TLS == nil || response.TLS.PeerCertificates[0].Subject.CommonName != "a.example" {
						t.Errorf("%s %v", body, response.TLS)
					}
				}
				if open, total, _ := l.counts(); open != 1 || total != 1 {
					t.Errorf("%d of %d connections are open", open, total)
				}
				if _, err := get(client, "https://b.example"); err == nil {
					t.Error("the certificate has no such name")
				}
				seen[strings.Fields(t.Name())[0]+protocols[http2]] = proxy.notes()
				client.CloseIdleConnections()
			})
			for who, notes := range seen {
				expected := "CONNECT a.example:443 of me:secret word mine; CONNECT b.example:443 of me:secret word mine"
				if scheme == "socks5" {
					expected = "SOCKS a.example:443 of me:secret word; SOCKS b.example:443 of me:secret word"
				}
				if notes != expected {
					t.Errorf("%s: the proxy saw %s", who, notes)
				}
			}
		})
	}
}

// Requests share connections if their proxies are the same, and only then.
func TestProxyForEachRequest(t *testing.T) {
	server, l := stock(t, false, nil)
	_, one := newProxy(t, "http", server)
	_, two := newProxy(t, "http", server)
	type key struct{}
	client := from(t, func(base *http.Transport) {
		base.Proxy = func(r *http.Request) (*url.URL, error) {
			if err, ok := r.Context().Value(key{}).(error); ok {
				return nil, err
			}
			return r.Context().Value(key{}).(*url.URL), nil
		}
	})
	defer client.CloseIdleConnections()
	for _, u := range []*url.URL{one, two, nil, one, two, nil} {
		address := "https://a.example"
		if u == nil {
			address = server
		}
		r := request("GET", address, nil)
		_, _, err := do(client, r.WithContext(context.WithValue(r.Context(), key{}, u)))
		check(t, err)
	}
	if _, total, _ := l.counts(); total != 3 {
		t.Errorf("%d connections for two proxies and none", total)
	}
	own := errors.New("mine")
	body := &watchedBody{Reader: strings.NewReader("x")}
	r := request("POST", server, body)
	if _, _, err := do(client, r.WithContext(context.WithValue(r.Context(), key{}, own))); err != own || body.closed.Load() != 1 {
		t.Errorf("%v, and the body closed %d times", err, body.closed.Load())
	}
}

func TestProxyRefuses(t *testing.T) {
	server, _ := stock(t, true, nil)
	var at *url.URL
	var told, target string
	settings := func(base *http.Transport) {
		base.Proxy = func(*http.Request) (*url.URL, error) { return at, nil }
		base.OnProxyConnectResponse = func(_ context.Context, proxy *url.URL, r *http.Request, response *http.Response) error {
			told = fmt.Sprint(proxy == at, r.Method, response.StatusCode, response.Header.Get("X-Why"))
			if response.StatusCode == http.StatusOK {
				return errors.New("not through this one")
			}
			return nil
		}
		base.GetProxyConnectHeader = func(_ context.Context, _ *url.URL, to string) (http.Header, error) {
			target = to
			return http.Header{"X-Mine": {"dynamic"}}, nil
		}
	}
	for name, client := range clients(t, settings) {
		t.Run(name, func(t *testing.T) {
			var proxy *testProxy
			proxy, at = newProxy(t, "http", server)
			_, err := get(client, "https://refused.example:8443")
			if err == nil || !strings.Contains(err.Error(), "Not you") || strings.Contains(err.Error(), "secret") ||
				told != "trueCONNECT407because" || target != "refused.example:8443" ||
				!strings.HasSuffix(proxy.notes(), "dynamic") {
				t.Errorf("%v; told %s; %s; %s", err, told, target, proxy.notes())
			}
			if _, err = get(client, "https://a.example"); err == nil || err.Error() != "not through this one" {
				t.Error(err)
			}
			if _, err = get(client, "https://silent.example"); err == nil {
				t.Error("nobody answered")
			}
			at = &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
			var op *net.OpError
			if _, err = get(client, "https://a.example"); !errors.As(err, &op) || op.Op != "proxyconnect" {
				t.Error(err)
			}
		})
	}
}

// A proxy may ask for https for URLs with http, too.
func TestProxyInTheClear(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		var at *url.URL
		settings := func(base *http.Transport) {
			base.Proxy = func(*http.Request) (*url.URL, error) { return at, nil }
		}
		for name, client := range clients(t, settings) {
			if scheme == "https" && name == "net/http" {
				continue // it takes the proxy's word for HTTP/2, which cannot be spoken to a proxy
			}
			t.Run(name+" "+scheme, func(t *testing.T) {
				var proxy *testProxy
				proxy, at = newProxy(t, scheme, "")
				body, err := get(client, "http://a.example/path")
				if err != nil || body != "the proxy" || proxy.notes() != "GET http://a.example/path of me:secret word " {
					t.Errorf("%s (%v); the proxy saw %s", body, err, proxy.notes())
				}
			})
		}
	}
}

func TestProxyOfUnknownScheme(t *testing.T) {
	client := from(t, func(base *http.Transport) {
		base.Proxy = http.ProxyURL(&url.URL{Scheme: "gopher", Host: "127.0.0.1:1", User: url.UserPassword("me", "secret")})
	})
	if _, err := get(client, "https://a.example"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

// The environment is read once in a process, so a process of its own asks.
func TestProxyOfEnvironment(t *testing.T) {
	const answer = "the answer: "
	if ca := os.Getenv("TLSWRAP_TEST_CA"); ca != "" {
		ctx, err := tlswrap.NewClientContext(&tlswrap.Config{CAs: []byte(ca)})
		check(t, err)
		defer ctx.Close()
		transport := tlshttp.NewTransport(&tlswrap.Dialer{Context: ctx})
		defer transport.CloseIdleConnections()
		body, err := get(transport, "https://a.example")
		check(t, err)
		fmt.Println(answer + body)
		return
	}
	server, _ := stock(t, false, nil)
	proxy, at := newProxy(t, "http", server)
	child := exec.Command(os.Args[0], "-test.run=^TestProxyOfEnvironment$")
	child.Env = append(os.Environ(), "HTTPS_PROXY="+at.String(), "https_proxy=", "NO_PROXY=", "no_proxy=",
		"TLSWRAP_TEST_CA="+string(testpki.Default().Root.Chain))
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), answer+"HTTP/1.1") {
		t.Errorf("%s (%v)", out, err)
	}
	if got := proxy.notes(); got != "CONNECT a.example:443 of me:secret word " {
		t.Errorf("the proxy saw %s", got)
	}
}
