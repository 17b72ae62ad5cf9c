package tlswrap

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"
)

// An identity is a certificate, with its issuer's behind it, and its key.
type identity struct {
	chain, key []byte // PEM
	cert       *x509.Certificate
	signer     *ecdsa.PrivateKey
}

// pki is what the tests trust and show, made once: a root that is never sent, an intermediate, and
// leaves.
type pki struct {
	root, other, server, client, expired *identity
	hosts                                map[string]*identity
}

var testPKI = sync.OnceValue(func() *pki {
	root := issue(nil, x509.Certificate{Subject: pkix.Name{CommonName: "root"}, IsCA: true})
	middle := issue(root, x509.Certificate{Subject: pkix.Name{CommonName: "intermediate"}, IsCA: true})
	host := func(name string) *identity {
		return issue(middle, x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}})
	}
	return &pki{
		root:  root,
		other: issue(nil, x509.Certificate{Subject: pkix.Name{CommonName: "other root"}, IsCA: true}),
		server: issue(middle, x509.Certificate{
			Subject:     pkix.Name{CommonName: "localhost"},
			DNSNames:    []string{"localhost"},
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		}),
		client: issue(middle, x509.Certificate{Subject: pkix.Name{CommonName: "a client"}}),
		expired: issue(middle, x509.Certificate{
			Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
			NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(-24 * time.Hour),
		}),
		hosts: map[string]*identity{"a.example": host("a.example"), "b.example": host("b.example")},
	}
})

func issue(by *identity, template x509.Certificate) *identity {
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	must(err)
	template.SerialNumber = serial
	template.BasicConstraintsValid = true
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	if template.IsCA {
		template.KeyUsage = x509.KeyUsageCertSign
	}
	parent, key := &template, signer
	if by != nil {
		parent, key = by.cert, by.signer
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, signer.Public(), key)
	must(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(signer)
	must(err)
	made := &identity{
		chain:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:    pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		signer: signer,
	}
	made.cert, err = x509.ParseCertificate(der)
	must(err)
	if by != nil && by.cert.Issuer.String() != by.cert.Subject.String() {
		made.chain = append(made.chain, by.chain...)
	}
	return made
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (i *identity) ours() Certificate { return Certificate{Chain: i.chain, Key: i.key} }

func (i *identity) theirs() tls.Certificate {
	pair, err := tls.X509KeyPair(i.chain, i.key)
	must(err)
	return pair
}

// pool is the root for crypto/tls.
func (i *identity) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(i.cert)
	return pool
}

// clientContext trusts the test root.
func clientContext(t testing.TB, config Config) *Context {
	t.Helper()
	if config.CAs == nil && !config.InsecureSkipVerify {
		config.CAs = testPKI().root.chain
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
		config.Certificates = []Certificate{testPKI().server.ours()}
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
