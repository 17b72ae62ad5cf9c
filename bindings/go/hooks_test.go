package tlswrap

import (
	"errors"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

// hosts is a server that has a context for each of two names, and one for all others.
func hosts(t *testing.T, get func(*ClientHello, map[string]*Context) (*Context, error)) *Context {
	t.Helper()
	pki := testpki.Default()
	contexts := map[string]*Context{}
	for name, own := range map[string]*testpki.Identity{"a.example": pki.A, "b.example": pki.B} {
		contexts[name] = serverContext(t, Config{Certificates: []Certificate{ownCertificate(own)}, NextProtos: []string{name}})
	}
	return serverContext(t, Config{
		GetContext: func(hello *ClientHello) (*Context, error) { return get(hello, contexts) },
		NextProtos: []string{"default"},
	})
}

func TestGetContext(t *testing.T) {
	server := hosts(t, func(hello *ClientHello, contexts map[string]*Context) (*Context, error) {
		if hello.Conn.RemoteAddr() == nil {
			t.Error("it is over nothing")
		}
		return contexts[hello.ServerName], nil
	})
	client := clientContext(t, Config{NextProtos: []string{"default", "a.example", "b.example"}})
	for name, expected := range map[string]string{"a.example": "a.example", "b.example": "b.example", "localhost": "default", "127.0.0.1": "default"} {
		a, b := tcp(t)
		c, err := Client(a, client, name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Server(b, server)
		if err != nil {
			t.Fatal(err)
		}
		if client, server := shake(c, s); client != nil || server != nil {
			t.Fatalf("%s: client: %v, server: %v", name, client, server)
		}
		if got := c.ConnectionState().NegotiatedProtocol; got != expected {
			t.Errorf("%s came to %s", name, got)
		}
		asked := name
		if name == "127.0.0.1" {
			asked = ""
		}
		if got := s.ConnectionState().ServerName; got != asked {
			t.Errorf("the server was asked for %q, expected %q", got, asked)
		}
		c.Close()
		s.Close()
	}
}

func TestGetContextRefuses(t *testing.T) {
	mine := errors.New("nobody by that name")
	server := hosts(t, func(*ClientHello, map[string]*Context) (*Context, error) { return nil, mine })
	a, b := tcp(t)
	c, s := both(t, clientContext(t, Config{}), server, a, b)
	client, got := shake(c, s)
	if got != mine || !errors.Is(client, ErrTLS) {
		t.Errorf("client: %v, server: %v", client, got)
	}
	if err := s.Handshake(); err != mine {
		t.Errorf("the second time: %v", err)
	}
}

func TestGetContextClosed(t *testing.T) {
	gone := serverContext(t, Config{})
	gone.Close()
	server := hosts(t, func(*ClientHello, map[string]*Context) (*Context, error) { return gone, nil })
	a, b := tcp(t)
	c, s := both(t, clientContext(t, Config{}), server, a, b)
	if client, server := shake(c, s); client == nil || server == nil {
		t.Error("a context that was closed was used")
	}
}

func TestPanicInHook(t *testing.T) {
	server := hosts(t, func(*ClientHello, map[string]*Context) (*Context, error) { panic("mine") })
	a, b := tcp(t)
	c, s := both(t, clientContext(t, Config{}), server, a, b)
	panicked := make(chan any)
	go func() {
		defer func() { panicked <- recover() }()
		s.Handshake()
	}()
	if err := c.Handshake(); !errors.Is(err, ErrTLS) {
		t.Errorf("client: %v", err)
	}
	if got := <-panicked; got != "mine" {
		t.Errorf("out of the handshake came %v", got)
	}
}
