package tlswrap

import (
	"net"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

func ownCertificate(i *testpki.Identity) Certificate { return Certificate{Chain: i.Chain, Key: i.Key} }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// clientContext trusts the test root.
func clientContext(t testing.TB, config Config) *Context {
	t.Helper()
	if config.CAs == nil && !config.InsecureSkipVerify {
		config.CAs = testpki.Default().Root.Chain
	}
	ctx, err := NewClientContext(&config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ctx.Close() })
	return ctx
}

// serverContext shows the certificate for localhost.
func serverContext(t testing.TB, config Config) *Context {
	t.Helper()
	if config.Certificates == nil {
		config.Certificates = []Certificate{ownCertificate(testpki.Default().Server)}
	}
	ctx, err := NewServerContext(&config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ctx.Close() })
	return ctx
}

// tcp is two ends of a connection over loopback.
func tcp(t testing.TB) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			close(accepted)
			return
		}
		accepted <- conn
	}()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server = <-accepted; server == nil {
		t.Fatal("nothing was accepted")
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// both makes a connection's two ends over a pair of the connections below; the handshake is not
// done.
func both(t testing.TB, client, server *Context, a, b net.Conn) (*Conn, *Conn) {
	t.Helper()
	c, err := Client(a, client, "localhost")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Server(b, server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); s.Close() })
	return c, s
}

// shake shakes hands on both ends: what each came to.
func shake(c, s interface{ Handshake() error }) (client, server error) {
	done := make(chan error, 1)
	go func() { done <- s.Handshake() }()
	client = c.Handshake()
	return client, <-done
}

// connected is a connection over loopback after its handshake.
func connected(t testing.TB, client, server *Context) (*Conn, *Conn) {
	t.Helper()
	a, b := tcp(t)
	c, s := both(t, client, server, a, b)
	if client, server := shake(c, s); client != nil || server != nil {
		t.Fatalf("client: %v, server: %v", client, server)
	}
	return c, s
}
