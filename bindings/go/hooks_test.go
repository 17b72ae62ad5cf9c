package tlswrap

import (
	"bytes"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
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
	client := clientContext(t, Config{NextProtos: []string{"default", "a.example", "b.example"}, InsecureSkipHostname: true})
	for name, expected := range map[string]string{"a.example": "a.example", "b.example": "b.example", "localhost": "default", "127.0.0.1": "default", "b\u00fccher.example": "default"} {
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
		switch name {
		case "127.0.0.1":
			asked = ""
		case "b\u00fccher.example":
			asked = "xn--bcher-kva.example"
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

func TestVerifyConnection(t *testing.T) {
	pki := testpki.Default()
	mine := errors.New("not this one")
	for name, c := range map[string]struct {
		config     Config
		shown      *testpki.Identity
		asked      bool
		answer     error
		verifyCode int // that the state tells
		chain      int
	}{
		"accepted":          {Config{}, pki.Server, true, nil, 0, 3},
		"refused":           {Config{}, pki.Server, true, mine, 0, 3},
		"refused before":    {Config{}, pki.Expired, false, nil, 0, 0},
		"insecure":          {Config{InsecureSkipVerify: true, CAs: pki.Root.Chain}, pki.Expired, true, nil, 10, 0},
		"insecure, refused": {Config{InsecureSkipVerify: true, CAs: pki.Root.Chain}, pki.Expired, true, mine, 10, 0},
	} {
		t.Run(name, func(t *testing.T) {
			asked := false
			c.config.VerifyConnection = func(state ConnectionState) error {
				asked = true
				if state.HandshakeComplete || len(state.PeerCertificates) != 2 || !state.PeerCertificates[0].Equal(c.shown.Cert) {
					t.Errorf("asked about %+v", state)
				}
				if len(state.VerifiedChain) != c.chain {
					t.Errorf("%d certificates were verified", len(state.VerifiedChain))
				}
				if (state.VerifyErr != nil) != (c.verifyCode != 0) || (state.VerifyErr != nil && state.VerifyErr.Code != c.verifyCode) {
					t.Errorf("the verdict is %v", state.VerifyErr)
				}
				return c.answer
			}
			a, b := tcp(t)
			conn, s := both(t, clientContext(t, c.config), serverContext(t, Config{Certificates: []Certificate{ownCertificate(c.shown)}}), a, b)
			client, server := shake(conn, s)
			if asked != c.asked {
				t.Errorf("asked: %v", asked)
			}
			switch {
			case c.answer != nil && client != c.answer, c.asked && c.answer == nil && client != nil, !c.asked && !errors.Is(client, ErrVerify):
				t.Errorf("client: %v", client)
			case (client == nil) != (server == nil):
				t.Errorf("server: %v", server)
			}
		})
	}
}

// What is logged are the lines that crypto/tls logs for the same connection.
func TestKeyLog(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		var ours, theirs bytes.Buffer
		a, b := tcp(t)
		c, err := Client(a, clientContext(t, Config{KeyLogWriter: &ours, MaxVersion: version}), "localhost")
		must(err)
		s := tls.Server(b, &tls.Config{Certificates: []tls.Certificate{testpki.Default().Server.TLS()}, KeyLogWriter: &theirs})
		if client, server := shake(c, s); client != nil || server != nil {
			t.Fatalf("client: %v, server: %v", client, server)
		}
		c.Close()
		s.Close()
		lines := func(log *bytes.Buffer) []string {
			lines := slices.Sorted(strings.Lines(log.String()))
			// Each has lines of its own, too.
			return slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "EXPORTER_SECRET") })
		}
		if got, expected := lines(&ours), lines(&theirs); len(got) == 0 || !slices.Equal(got, expected) {
			t.Errorf("%s:\n%q, expected\n%q", tls.VersionName(version), got, expected)
		}
	}
}

// countingCache counts the sessions that it is given.
type countingCache struct {
	SessionCache
	puts atomic.Int32
}

func (c *countingCache) Put(key string, session *Session) {
	c.puts.Add(1)
	c.SessionCache.Put(key, session)
}

// Sessions come while the connection lives: the next need not wait for its end.
func TestSessionsComeAtOnce(t *testing.T) {
	cache := &countingCache{SessionCache: NewLRUSessionCache(1)}
	client, server := clientContext(t, Config{SessionCache: cache}), serverContext(t, Config{})
	c, s := connected(t, client, server)
	echo(t, c, s)
	if got := cache.puts.Load(); got != 2 { // a server sends two tickets
		t.Errorf("%d sessions came", got)
	}
	next, _ := connected(t, client, server)
	if !next.ConnectionState().DidResume {
		t.Error("it was not resumed")
	}
	// A session goes through bytes, and resumes only what it is of.
	session, _ := cache.Get("localhost")
	data, err := session.Bytes()
	must(err)
	again, err := client.ParseSession(data)
	must(err)
	cache.SessionCache.Put("localhost", again)
	if next, _ := connected(t, client, server); !next.ConnectionState().DidResume {
		t.Error("it was not resumed from bytes")
	}
	// Sealed, it opens with its key alone.
	key, wrong := [32]byte{1}, [32]byte{2}
	sealed, err := session.Seal(key)
	must(err)
	again, err = client.OpenSession(sealed, key)
	must(err)
	cache.SessionCache.Put("localhost", again)
	if next, _ := connected(t, client, server); !next.ConnectionState().DidResume {
		t.Error("it was not resumed from sealed bytes")
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	for what, open := range map[string]func() (*Session, error){
		"with another key": func() (*Session, error) { return client.OpenSession(sealed, wrong) },
		"altered":          func() (*Session, error) { return client.OpenSession(altered, key) },
		"not sealed":       func() (*Session, error) { return client.OpenSession(data, key) },
		"without the key":  func() (*Session, error) { return client.ParseSession(sealed) },
	} {
		if _, err := open(); !errors.Is(err, ErrDecode) {
			t.Errorf("%s: %v", what, err)
		}
	}
	cache.SessionCache.Put("localhost", again)
	other := clientContext(t, Config{SessionCache: cache})
	if next, _ := connected(t, other, server); next.ConnectionState().DidResume {
		t.Error("another context's session was resumed")
	}
	if _, err := client.ParseSession([]byte("?")); !errors.Is(err, ErrDecode) {
		t.Errorf("parsing nonsense: %v", err)
	}
	if _, err := NewServerContext(&Config{SessionCache: cache}); !errors.Is(err, ErrArgument) {
		t.Errorf("a server's session cache: %v", err)
	}
}

func TestLRU(t *testing.T) {
	cache := NewLRUSessionCache(2)
	a, b, c := &Session{}, &Session{}, &Session{}
	cache.Put("a", a)
	cache.Put("b", b)
	cache.Get("a")
	cache.Put("c", c)
	cache.Put("a", c)
	for key, expected := range map[string]*Session{"a": c, "b": nil, "c": c} {
		if got, ok := cache.Get(key); got != expected || ok != (expected != nil) {
			t.Errorf("%s is another, or there: %v", key, ok)
		}
	}
}

func TestPanicInVerify(t *testing.T) {
	client := clientContext(t, Config{VerifyConnection: func(ConnectionState) error { panic("mine") }})
	a, b := tcp(t)
	c, s := both(t, client, serverContext(t, Config{}), a, b)
	go s.Handshake()
	defer func() {
		if got := recover(); got != "mine" {
			t.Errorf("out of the handshake came %v", got)
		}
	}()
	c.Handshake()
}
