package tlshttp_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go"
	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
	"github.com/tlswrap/tlswrap/bindings/go/tlshttp"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// what a request came over, as the handlers here tell it.
func what(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	peer := "nobody"
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		peer = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	fmt.Fprintf(w, "%s %s %v %d", r.Proto, peer, r.TLS != nil && r.TLS.HandshakeComplete, len(body))
}

// serve runs a server of net/http on a listener of ours, and gives its address.
func serve(t *testing.T, configure bool, protocols ...string) string {
	t.Helper()
	pki := testpki.Default()
	ctx, err := tlswrap.NewServerContext(&tlswrap.Config{
		Certificates: []tlswrap.Certificate{{Chain: pki.Server.Chain, Key: pki.Server.Key}},
		CAs:          pki.Root.Chain,
		ClientAuth:   tlswrap.VerifyClientCertIfGiven,
		NextProtos:   protocols,
	})
	check(t, err)
	l, err := tlswrap.Listen("tcp", "127.0.0.1:0", ctx)
	check(t, err)
	srv := &http.Server{Handler: http.HandlerFunc(what)}
	if configure {
		tlshttp.ConfigureServer(srv)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		srv.Serve(l)
	}()
	t.Cleanup(func() {
		srv.Close()
		<-done
		ctx.Close()
	})
	return "https://" + l.Addr().String()
}

func clientContext(t *testing.T, protocols ...string) *tlswrap.Context {
	t.Helper()
	pki := testpki.Default()
	ctx, err := tlswrap.NewClientContext(&tlswrap.Config{
		CAs:          pki.Root.Chain,
		Certificates: []tlswrap.Certificate{{Chain: pki.Client.Chain, Key: pki.Client.Key}},
		NextProtos:   protocols,
	})
	check(t, err)
	t.Cleanup(func() { ctx.Close() })
	return ctx
}

// ask posts a megabyte and gives the answer.
func ask(t *testing.T, transport http.RoundTripper, url string) string {
	t.Helper()
	client := http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	response, err := client.Post(url, "text/plain", bytes.NewReader(make([]byte, 1<<20)))
	check(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	check(t, err)
	return string(text)
}

// crypto/tls as the client of our server.
func TestServer(t *testing.T) {
	pki := testpki.Default()
	for name, c := range map[string]struct {
		configure bool
		protocols []string
		expected  string
	}{
		"plain":    {false, nil, "HTTP/1.1 nobody false 1048576"},
		"HTTP/1.1": {true, []string{"http/1.1"}, "HTTP/1.1 a client true 1048576"},
		"HTTP/2":   {true, []string{"h2", "http/1.1"}, "HTTP/2.0 a client true 1048576"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, &http.Transport{
				TLSClientConfig:   &tls.Config{RootCAs: pki.Root.Pool(), Certificates: []tls.Certificate{pki.Client.TLS()}},
				ForceAttemptHTTP2: true,
			}, serve(t, c.configure, c.protocols...))
			if got != c.expected {
				t.Errorf("%s, expected %s", got, c.expected)
			}
		})
	}
}

// Our client against the server of net/http and crypto/tls.
func TestClient(t *testing.T) {
	pki := testpki.Default()
	for _, http2 := range []bool{false, true} {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(what))
		srv.EnableHTTP2 = http2
		srv.TLS = &tls.Config{
			Certificates: []tls.Certificate{pki.Server.TLS()},
			ClientCAs:    pki.Root.Pool(), ClientAuth: tls.VerifyClientCertIfGiven,
		}
		srv.StartTLS()
		defer srv.Close()
		expected := "HTTP/1.1 a client true 1048576"
		if got := ask(t, &http.Transport{DialTLSContext: (&tlswrap.Dialer{Context: clientContext(t)}).DialContext}, srv.URL); got != expected {
			t.Errorf("DialTLSContext: %s", got)
		}
		if http2 {
			expected = "HTTP/2.0 a client true 1048576"
		}
		transport := tlshttp.NewTransport(&tlswrap.Dialer{Context: clientContext(t, "h2", "http/1.1")})
		if got := ask(t, transport, srv.URL); got != expected {
			t.Errorf("Transport: %s, expected %s", got, expected)
		}
	}
}

// Both ends ours, many at once: they share one connection if it is HTTP/2.
func TestTransport(t *testing.T) {
	url := serve(t, true, "h2", "http/1.1")
	transport := tlshttp.NewTransport(&tlswrap.Dialer{Context: clientContext(t, "h2", "http/1.1")})
	if got := ask(t, transport, url); got != "HTTP/2.0 a client true 1048576" {
		t.Error(got)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Add(1)
		go func() {
			defer all.Done()
			if got := ask(t, transport, url); got != "HTTP/2.0 a client true 1048576" {
				t.Error(got)
			}
		}()
	}
	all.Wait()
	if _, err := (&http.Client{Transport: transport}).Get("https://127.0.0.1:1/"); err == nil {
		t.Error("nobody answered")
	}
}

func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	url := serve(t, true, "h2", "http/1.1")
	features, err := exec.Command("curl", "--version").Output()
	check(t, err)
	for argument, proto := range map[string]string{"--http1.1": "HTTP/1.1", "--http2": "HTTP/2.0"} {
		if argument == "--http2" && !strings.Contains(string(features), "HTTP2") {
			continue
		}
		// The name would have to be resolved; what is verified is in the tests above.
		got, err := exec.Command("curl", "--silent", "--show-error", "--insecure", argument, "--data", "hello", url).CombinedOutput()
		if err != nil || string(got) != proto+" nobody true 5" {
			t.Errorf("%s: %s (%v)", argument, got, err)
		}
	}
}
