package tlswrap

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

// shown gives the name in the certificate that a server shows, and its connection.
func shown(t *testing.T, server *Context) (string, *Conn) {
	t.Helper()
	c, s := connected(t, clientContext(t, Config{InsecureSkipVerify: true}), server)
	echo(t, c, s)
	return c.ConnectionState().PeerCertificates[0].Subject.CommonName, c
}

// A server renews its certificate while it runs: those who connect from then on get the new one.
func TestRenewedCertificate(t *testing.T) {
	pki := testpki.Default()
	contexts := map[string]*Context{
		"a.example": serverContext(t, Config{Certificates: []Certificate{ownCertificate(pki.A)}}),
		"b.example": serverContext(t, Config{Certificates: []Certificate{ownCertificate(pki.B)}}),
	}
	var current atomic.Pointer[Context]
	server := serverContext(t, Config{GetContext: func(*ClientHello) (*Context, error) { return current.Load(), nil }})
	if got, _ := shown(t, server); got != "localhost" {
		t.Errorf("without a newer one it shows %s", got)
	}
	var before []*Conn
	for _, name := range []string{"a.example", "b.example", "a.example"} {
		current.Store(contexts[name])
		got, conn := shown(t, server)
		if got != name {
			t.Errorf("it shows %s, and not %s", got, name)
		}
		before = append(before, conn)
	}
	for i, name := range []string{"a.example", "b.example", "a.example"} {
		if got := before[i].ConnectionState().PeerCertificates[0].Subject.CommonName; got != name {
			t.Errorf("a connection of before has %s, and not %s", got, name)
		}
	}
	// While others connect.
	var all sync.WaitGroup
	renew := make(chan struct{})
	all.Add(1)
	go func() {
		defer all.Done()
		for range renew {
			next, err := NewServerContext(&Config{Certificates: []Certificate{ownCertificate(pki.B)}})
			must(err)
			t.Cleanup(func() { next.Close() }) // not before: a client may have been given it just now
			current.Store(next)
		}
	}()
	for range 30 {
		renew <- struct{}{}
		if got, _ := shown(t, server); got != "a.example" && got != "b.example" {
			t.Errorf("it shows %s", got)
		}
	}
	close(renew)
	all.Wait()
}

// All certificates of a Config stay, those with keys of one type too: the first is shown.
func TestCertificatesOfOneType(t *testing.T) {
	pki := testpki.Default()
	for _, list := range [][]*testpki.Identity{{pki.A, pki.B}, {pki.B, pki.A}, {pki.Server, pki.A, pki.B}} {
		config := Config{}
		for _, identity := range list {
			config.Certificates = append(config.Certificates, ownCertificate(identity))
		}
		if got, _ := shown(t, serverContext(t, config)); got != list[0].Cert.Subject.CommonName {
			t.Errorf("it shows %s", got)
		}
	}
}

// A context with other application protocols has all else of the first.
func TestWithNextProtos(t *testing.T) {
	server := serverContext(t, Config{NextProtos: []string{"one", "two"}})
	first := clientContext(t, Config{NextProtos: []string{"one", "two"}})
	second, err := first.WithNextProtos("two")
	must(err)
	third, err := second.WithNextProtos()
	must(err)
	first.Close()
	defer second.Close()
	defer third.Close()
	for _, c := range []struct {
		ctx      *Context
		protocol string
	}{{second, "two"}, {third, ""}} {
		conn, _ := connected(t, c.ctx, server)
		state := conn.ConnectionState()
		if state.NegotiatedProtocol != c.protocol || len(state.VerifiedChain) == 0 {
			t.Errorf("%q, and %d certificates", state.NegotiatedProtocol, len(state.VerifiedChain))
		}
	}
	got := second.NextProtos()
	if len(got) != 1 || len(third.NextProtos()) != 0 {
		t.Error(got)
	}
	got[0] = "changed"
	if second.NextProtos()[0] != "two" {
		t.Error("the list is not a copy")
	}
}
