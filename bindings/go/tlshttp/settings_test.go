package tlshttp_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go"
	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
	"github.com/tlswrap/tlswrap/bindings/go/tlshttp"
)

// Settings that say how to do TLS would not be heeded, so they are refused.
func TestRefusedSettings(t *testing.T) {
	dial := func(string, string) (net.Conn, error) { return nil, nil }
	neither := new(http.Protocols)
	neither.SetUnencryptedHTTP2(true)
	for name, base := range map[string]*http.Transport{
		"roots":     {TLSClientConfig: &tls.Config{RootCAs: testpki.Default().Root.Pool()}},
		"insecure":  {TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		"DialTLS":   {DialTLS: dial},
		"context":   {DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return nil, nil }},
		"functions": {TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{"h2": nil}},
		"protocols": {Protocols: neither},
		"nil":       nil,
	} {
		if _, err := tlshttp.NewTransportFrom(base, &tlswrap.Dialer{}); err == nil || !strings.HasPrefix(err.Error(), "tlshttp: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tlshttp.NewTransportFrom(&http.Transport{}, nil); err == nil {
		t.Error("without a dialer")
	}
}

// The transport that all programs have can be taken, used or not, and what is taken is a copy.
func TestDefaultTransport(t *testing.T) {
	url, _ := stock(t, true, nil)
	base := http.DefaultTransport.(*http.Transport)
	for _, taken := range []*http.Transport{base, base.Clone()} {
		client, err := tlshttp.NewTransportFrom(taken, &tlswrap.Dialer{Context: verifying(t)})
		check(t, err)
		taken = nil
		if body, err := get(client, url); err != nil || body != "HTTP/2.0" {
			t.Errorf("%s: %v", body, err)
		}
		client.CloseIdleConnections()
	}
	if base.DialTLSContext != nil || base.Proxy == nil {
		t.Error("http.DefaultTransport was changed")
	}
}

func TestVersions(t *testing.T) {
	protocols := func(http1, http2 bool) func(*http.Transport) {
		return func(base *http.Transport) {
			base.Protocols = new(http.Protocols)
			base.Protocols.SetHTTP1(http1)
			base.Protocols.SetHTTP2(http2)
		}
	}
	type settings struct {
		name    string
		set     func(*http.Transport)
		both    string // what the answer is from a server of both versions
		http1   string // and from one of HTTP/1.1 alone
		offered string
	}
	for _, s := range []settings{
		{"default", func(*http.Transport) {}, "HTTP/2.0", "HTTP/1.1", "[h2 http/1.1]"},
		{"both", protocols(true, true), "HTTP/2.0", "HTTP/1.1", "[h2 http/1.1]"},
		{"HTTP/1.1", protocols(true, false), "HTTP/1.1", "HTTP/1.1", "[http/1.1]"},
		{"HTTP/2", protocols(false, true), "HTTP/2.0", "", "[h2]"},
		{"empty map", func(base *http.Transport) {
			base.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		}, "HTTP/1.1", "HTTP/1.1", "[http/1.1]"},
	} {
		t.Run(s.name, func(t *testing.T) {
			client := from(t, s.set)
			defer client.CloseIdleConnections()
			both, _ := stock(t, true, nil)
			if body, err := get(client, both); body != s.both {
				t.Errorf("%q: %v", body, err)
			}
			// A server that chooses nothing at all, and tells what it was offered.
			var offered atomic.Value
			l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
				Certificates: []tls.Certificate{testpki.Default().Server.TLS()},
				GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
					offered.Store(fmt.Sprint(hello.SupportedProtos))
					return nil, nil
				},
			})
			check(t, err)
			srv := &http.Server{Handler: http.HandlerFunc(what), ErrorLog: quiet}
			go srv.Serve(l)
			defer srv.Close()
			body, err := get(client, "https://"+l.Addr().String())
			if !strings.HasPrefix(body, s.http1) || (err == nil) != (s.http1 != "") || offered.Load() != s.offered {
				t.Errorf("%q: %v; offered %v", body, err, offered.Load())
			}
		})
	}
}

// GODEBUG can take HTTP/2 from net/http when a program starts: no server is offered it then.
func TestWithoutHTTP2(t *testing.T) {
	const answer = "the answer: "
	if os.Getenv("TLSWRAP_TEST_WITHOUT") != "" {
		url, _ := stock(t, true, nil) // which has HTTP/2 all the same
		client := from(t, func(*http.Transport) {})
		defer client.CloseIdleConnections()
		body, err := get(client, url)
		check(t, err)
		fmt.Println(answer + body)
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestWithoutHTTP2$")
	child.Env = append(os.Environ(), "GODEBUG=http2client=0", "TLSWRAP_TEST_WITHOUT=1")
	if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), answer+"HTTP/1.1") {
		t.Errorf("%s (%v)", out, err)
	}
}

// HTTP/2 in the clear, with a transport that has no HTTP/1.1.
func TestHTTP2InTheClear(t *testing.T) {
	srv := &http.Server{Protocols: new(http.Protocols), Handler: http.HandlerFunc(what)}
	srv.Protocols.SetUnencryptedHTTP2(true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	go srv.Serve(l)
	defer srv.Close()
	client := from(t, func(base *http.Transport) {
		base.Protocols = new(http.Protocols)
		base.Protocols.SetUnencryptedHTTP2(true)
		base.Protocols.SetHTTP2(true)
	})
	defer client.CloseIdleConnections()
	if body, err := get(client, "http://"+l.Addr().String()); err != nil || body != "HTTP/2.0 nobody false 0" {
		t.Errorf("%s: %v", body, err)
	}
}

// A WebSocket begins in HTTP/1.1, with a server too that would rather have HTTP/2.
func TestUpgrade(t *testing.T) {
	for name, client := range clients(t, nil) {
		t.Run(name, func(t *testing.T) {
			url, _ := stock(t, true, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Upgrade") == "" {
					fmt.Fprint(w, r.Proto)
					return
				}
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					return
				}
				defer conn.Close()
				fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
				io.CopyN(conn, conn, 4)
			})
			// Before and after the server is known for HTTP/2.
			for range 2 {
				r := request("GET", url, nil)
				r.Header.Set("Connection", "keep-alive, Upgrade")
				r.Header.Set("Upgrade", "WebSocket")
				response, err := client.RoundTrip(r)
				check(t, err)
				conn, ok := response.Body.(io.ReadWriteCloser)
				if response.StatusCode != http.StatusSwitchingProtocols || !ok {
					t.Fatalf("%d, to be written to: %v", response.StatusCode, ok)
				}
				_, err = conn.Write([]byte("ping"))
				check(t, err)
				if echo, err := io.ReadAll(conn); err != nil || string(echo) != "ping" {
					t.Errorf("%q: %v", echo, err)
				}
				conn.Close()
				if body, err := get(client, url); err != nil || body != "HTTP/2.0" {
					t.Errorf("%s: %v", body, err)
				}
			}
		})
	}
}

// A server whose versions change with every connection gets every request, with its body.
func TestServersThatDisagree(t *testing.T) {
	var made atomic.Int32
	pki := testpki.Default()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	srv := &http.Server{ErrorLog: quiet, Handler: http.HandlerFunc(what)}
	config := &tls.Config{Certificates: []tls.Certificate{pki.Server.TLS()}, NextProtos: []string{"h2", "http/1.1"}}
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		other := &tls.Config{Certificates: config.Certificates, NextProtos: []string{"http/1.1"}}
		if made.Add(1)%2 == 0 {
			other.NextProtos = []string{"h2"}
		}
		return other, nil
	}
	srv.TLSConfig = config
	go srv.ServeTLS(l, "", "")
	defer srv.Close()
	client := from(t, func(base *http.Transport) { base.MaxIdleConnsPerHost = -1 })
	for i := range 40 {
		body := &watchedBody{Reader: strings.NewReader("0123456789")} // which cannot be had again
		_, text, err := do(client, request("POST", "https://"+l.Addr().String(), body))
		if err != nil || !strings.HasSuffix(text, " 10") {
			t.Fatalf("request %d: %q: %v", i, text, err)
		}
		if i%2 == 0 {
			client.CloseIdleConnections()
		}
	}
	client.CloseIdleConnections()
}

// The body of a request is closed whatever happens to it.
func TestBodyIsClosed(t *testing.T) {
	each(t, nil, func(t *testing.T, client closer, http2 bool) {
		url, _ := stock(t, http2, nil)
		for name, change := range map[string]func(*http.Request){
			"fine":         func(*http.Request) {},
			"nobody":       func(r *http.Request) { r.URL.Host = "127.0.0.1:1" },
			"no host":      func(r *http.Request) { r.URL.Host = "" },
			"no such name": func(r *http.Request) { r.URL.Host = "name.invalid" },
			"scheme":       func(r *http.Request) { r.URL.Scheme = "ftp" },
			"header":       func(r *http.Request) { r.Header.Set("a b", "c") },
		} {
			closed := make(chan struct{}, 9)
			r := request("POST", url, &signallingBody{Reader: strings.NewReader("x"), closed: closed})
			change(r)
			_, _, err := do(client, r)
			if (err == nil) != (name == "fine") {
				t.Errorf("%s: %v", name, err)
			}
			<-closed // net/http may do it a little later
		}
	})
}

type signallingBody struct {
	io.Reader
	closed chan<- struct{}
}

func (b *signallingBody) Close() error {
	b.closed <- struct{}{}
	return nil
}

// What comes back tells whose certificate was verified.
func TestResponseTLS(t *testing.T) {
	each(t, nil, func(t *testing.T, client closer, http2 bool) {
		url, _ := stock(t, http2, nil)
		for range 2 { // of a new connection, and of one that was there
			r := request("GET", url, nil)
			response, err := client.RoundTrip(r)
			check(t, err)
			io.Copy(io.Discard, bufio.NewReader(response.Body))
			response.Body.Close()
			if response.Request != r || response.TLS == nil || !response.TLS.HandshakeComplete ||
				response.TLS.VerifiedChains[0][0].Subject.CommonName != "localhost" {
				t.Errorf("%v", response.TLS)
			}
		}
	})
}
