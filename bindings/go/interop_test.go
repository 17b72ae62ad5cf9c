package tlswrap

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

// What crypto/tls may be told, and we accordingly.
type agreement struct {
	name    string
	version uint16
	group   tls.CurveID
	ours    string
	mutual  bool
}

var agreements = []agreement{
	{"1.2", tls.VersionTLS12, tls.CurveP256, "secp256r1", false},
	{"1.2 mutual", tls.VersionTLS12, tls.CurveP256, "secp256r1", true},
	{"1.3", tls.VersionTLS13, tls.X25519, "x25519", false},
	{"1.3 mutual", tls.VersionTLS13, tls.CurveP384, "secp384r1", true},
	{"1.3 post-quantum", tls.VersionTLS13, tls.X25519MLKEM768, "X25519MLKEM768", false},
}

func (a agreement) theirs() *tls.Config {
	return &tls.Config{MinVersion: a.version, MaxVersion: a.version, CurvePreferences: []tls.CurveID{a.group}, NextProtos: []string{"tlswrap-test"}}
}

func (a agreement) config() Config {
	return Config{MinVersion: a.version, MaxVersion: a.version, Groups: a.ours, NextProtos: []string{"tlswrap-test"}}
}

// check looks at what our end and theirs say about the same connection.
func (a agreement) check(t *testing.T, our *Conn, their *tls.Conn, peer *testpki.Identity) {
	t.Helper()
	ours, theirs := our.ConnectionState(), their.ConnectionState()
	if got := ours.TLS().Version; !ours.HandshakeComplete || got != theirs.Version || got != a.version {
		t.Errorf("version %s, theirs is %s", ours.Version, tls.VersionName(theirs.Version))
	}
	if ours.Group != a.ours {
		t.Errorf("group %s, expected %s", ours.Group, a.ours)
	}
	if ours.NegotiatedProtocol != "tlswrap-test" || theirs.NegotiatedProtocol != "tlswrap-test" {
		t.Errorf("ALPN %q, theirs %q", ours.NegotiatedProtocol, theirs.NegotiatedProtocol)
	}
	if a.version == tls.VersionTLS13 && ours.TLS().CipherSuite != theirs.CipherSuite {
		t.Errorf("suite %s, theirs is %s", ours.CipherSuite, tls.CipherSuiteName(theirs.CipherSuite))
	}
	var chain []*x509.Certificate
	if peer != nil {
		if len(ours.PeerCertificates) != 2 || !ours.PeerCertificates[0].Equal(peer.Cert) {
			t.Errorf("the peer sent %d certificates", len(ours.PeerCertificates))
		}
		chain = append(ours.PeerCertificates, testpki.Default().Root.Cert)
	}
	if len(chain) != len(ours.VerifiedChain) {
		t.Fatalf("%d certificates were verified, expected %d", len(ours.VerifiedChain), len(chain))
	}
	for i, cert := range chain {
		if !cert.Equal(ours.VerifiedChain[i]) {
			t.Errorf("certificate %d of the verified chain is %v", i, ours.VerifiedChain[i].Subject)
		}
	}
	one, err := ours.ExportKeyingMaterial("EXPORTER-test", []byte("context"), 40)
	if err != nil {
		t.Fatal(err)
	}
	other, err := theirs.ExportKeyingMaterial("EXPORTER-test", []byte("context"), 40)
	if err != nil || !bytes.Equal(one, other) {
		t.Errorf("exported %x, theirs %x (%v)", one, other, err)
	}
	if binding, err := ours.ChannelBinding("tls-unique"); a.version == tls.VersionTLS12 && (err != nil || !bytes.Equal(binding, theirs.TLSUnique)) {
		t.Errorf("tls-unique %x, theirs %x (%v)", binding, theirs.TLSUnique, err)
	}
}

// echo writes much to c and reads it back from s, and the same the other way.
func echo(t *testing.T, c, s io.ReadWriter) {
	t.Helper()
	data := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	for _, way := range [][2]io.ReadWriter{{c, s}, {s, c}} {
		sent := make(chan error, 1)
		go func() {
			_, err := way[0].Write(data)
			sent <- err
		}()
		got := make([]byte, len(data))
		if _, err := io.ReadFull(way[1], got); err != nil || !bytes.Equal(got, data) {
			t.Errorf("what was written did not come (%v)", err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
}

func TestInteropClient(t *testing.T) {
	for _, a := range agreements {
		t.Run(a.name, func(t *testing.T) {
			config, theirs := a.config(), a.theirs()
			theirs.Certificates = []tls.Certificate{testpki.Default().Server.TLS()}
			if a.mutual {
				config.Certificates = []Certificate{ownCertificate(testpki.Default().Client)}
				theirs.ClientAuth, theirs.ClientCAs = tls.RequireAndVerifyClientCert, testpki.Default().Root.Pool()
			}
			a1, b1 := tcp(t)
			c, err := Client(a1, clientContext(t, config), "localhost")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			s := tls.Server(b1, theirs)
			if client, server := shake(c, s); client != nil || server != nil {
				t.Fatalf("client: %v, server: %v", client, server)
			}
			a.check(t, c, s, testpki.Default().Server)
			if a.mutual && !s.ConnectionState().PeerCertificates[0].Equal(testpki.Default().Client.Cert) {
				t.Error("the client showed another certificate")
			}
			if name := s.ConnectionState().ServerName; name != "localhost" {
				t.Errorf("the server was asked for %q", name)
			}
			echo(t, c, s)
			end(t, c, s)
		})
	}
}

func TestInteropServer(t *testing.T) {
	for _, a := range agreements {
		t.Run(a.name, func(t *testing.T) {
			config, theirs := a.config(), a.theirs()
			theirs.RootCAs, theirs.ServerName = testpki.Default().Root.Pool(), "localhost"
			var peer *testpki.Identity
			if a.mutual {
				config.CAs, config.ClientAuth = testpki.Default().Root.Chain, RequireAndVerifyClientCert
				theirs.Certificates = []tls.Certificate{testpki.Default().Client.TLS()}
				peer = testpki.Default().Client
			}
			a1, b1 := tcp(t)
			c := tls.Client(a1, theirs)
			s, err := Server(b1, serverContext(t, config))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if client, server := shake(c, s); client != nil || server != nil {
				t.Fatalf("client: %v, server: %v", client, server)
			}
			a.check(t, s, c, peer)
			echo(t, c, s)
			end(t, c, s)
		})
	}
}

type halfCloser interface {
	io.ReadWriter
	CloseWrite() error
}

// end says goodbye on both sides, one after the other.
func end(t *testing.T, c, s halfCloser) {
	t.Helper()
	for _, way := range [][2]halfCloser{{c, s}, {s, c}} {
		if err := way[0].CloseWrite(); err != nil {
			t.Error(err)
		}
		if n, err := way[1].Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("after the goodbye came %d bytes, %v", n, err)
		}
	}
}

func TestInteropResumption(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Run("our client", func(t *testing.T) {
				ctx := clientContext(t, Config{MaxVersion: version, SessionCache: NewLRUSessionCache(0)})
				theirs := &tls.Config{Certificates: []tls.Certificate{testpki.Default().Server.TLS()}}
				for i := range 3 {
					a, b := tcp(t)
					c, err := Client(a, ctx, "localhost")
					if err != nil {
						t.Fatal(err)
					}
					s := tls.Server(b, theirs)
					if client, server := shake(c, s); client != nil || server != nil {
						t.Fatalf("client: %v, server: %v", client, server)
					}
					echo(t, c, s)
					state := c.ConnectionState()
					if resumed := i > 0; state.DidResume != resumed || s.ConnectionState().DidResume != resumed {
						t.Errorf("connection %d: resumed %v, theirs %v", i, state.DidResume, s.ConnectionState().DidResume)
					}
					if len(state.PeerCertificates) != 2 || len(state.VerifiedChain) != 3 {
						t.Errorf("connection %d: %d certificates sent, %d verified", i, len(state.PeerCertificates), len(state.VerifiedChain))
					}
					c.Close()
				}
			})
			t.Run("our server", func(t *testing.T) {
				ctx := serverContext(t, Config{MaxVersion: version})
				theirs := &tls.Config{RootCAs: testpki.Default().Root.Pool(), ServerName: "localhost", ClientSessionCache: tls.NewLRUClientSessionCache(0)}
				for i := range 3 {
					a, b := tcp(t)
					c := tls.Client(a, theirs)
					s, err := Server(b, ctx)
					if err != nil {
						t.Fatal(err)
					}
					if client, server := shake(c, s); client != nil || server != nil {
						t.Fatalf("client: %v, server: %v", client, server)
					}
					echo(t, c, s)
					if resumed := i > 0; s.ConnectionState().DidResume != resumed || c.ConnectionState().DidResume != resumed {
						t.Errorf("connection %d: resumed %v, theirs %v", i, s.ConnectionState().DidResume, c.ConnectionState().DidResume)
					}
					s.Close()
				}
			})
		})
	}
}

func TestInteropOCSP(t *testing.T) {
	staple := []byte("an answer of the authority")
	own := ownCertificate(testpki.Default().Server)
	own.OCSPStaple = staple
	theirs := testpki.Default().Server.TLS()
	theirs.OCSPStaple = staple

	a, b := tcp(t)
	c := tls.Client(a, &tls.Config{RootCAs: testpki.Default().Root.Pool(), ServerName: "localhost"})
	s, err := Server(b, serverContext(t, Config{Certificates: []Certificate{own}}))
	must(err)
	defer s.Close()
	if client, server := shake(c, s); client != nil || server != nil {
		t.Fatalf("client: %v, server: %v", client, server)
	}
	if got := c.ConnectionState().OCSPResponse; !bytes.Equal(got, staple) {
		t.Errorf("crypto/tls got %q", got)
	}
	for _, asks := range []bool{true, false} {
		a, b := tcp(t)
		c, err := Client(a, clientContext(t, Config{RequestOCSP: asks}), "localhost")
		must(err)
		defer c.Close()
		s := tls.Server(b, &tls.Config{Certificates: []tls.Certificate{theirs}})
		if client, server := shake(c, s); client != nil || server != nil {
			t.Fatalf("client: %v, server: %v", client, server)
		}
		if got := c.ConnectionState().OCSPResponse; bytes.Equal(got, staple) != asks {
			t.Errorf("we asked: %v, and got %q", asks, got)
		}
	}
}

// A peer of crypto/tls that asks for new keys in the middle of a stream, TLS 1.3's KeyUpdate, cannot
// be had from crypto/tls; but ours answers what its server does after the handshake: tickets.
func TestInteropTicketsBeforeData(t *testing.T) {
	a, b := tcp(t)
	c, err := Client(a, clientContext(t, Config{}), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s := tls.Server(b, &tls.Config{Certificates: []tls.Certificate{testpki.Default().Server.TLS()}})
	go func() {
		for i := range 100 {
			fmt.Fprintf(s, "%03d", i)
		}
		s.Close()
	}()
	got, err := io.ReadAll(c)
	if err != nil || len(got) != 300 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
