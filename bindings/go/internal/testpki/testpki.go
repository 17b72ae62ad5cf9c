// Package testpki makes certificates for tests, anew in each run.
package testpki

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
	"time"
)

// An Identity is a certificate, with its issuer's behind it, and its key.
type Identity struct {
	Chain, Key []byte // PEM
	Cert       *x509.Certificate
	signer     *ecdsa.PrivateKey
}

// A PKI is what tests trust and show: a root that is never sent, and leaves below an intermediate.
type PKI struct {
	Root, Other             *Identity // the one that is trusted, and another
	Server, Expired, Client *Identity // for localhost and 127.0.0.1; for localhost; a client's
	A, B                    *Identity // for a.example and b.example
	Overreaching            *Identity // for localhost; it says that it may sign certificates
}

// Default is the PKI of the process.
var Default = sync.OnceValue(func() *PKI {
	root := Issue(nil, x509.Certificate{Subject: pkix.Name{CommonName: "root"}, IsCA: true})
	middle := Issue(root, x509.Certificate{Subject: pkix.Name{CommonName: "intermediate"}, IsCA: true})
	host := func(name string) x509.Certificate {
		return x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}}
	}
	local, old := host("localhost"), host("localhost")
	local.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	old.NotBefore, old.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	over := host("localhost")
	over.KeyUsage = x509.KeyUsageCertSign
	return &PKI{
		Overreaching: Issue(middle, over),

		Root:    root,
		Other:   Issue(nil, x509.Certificate{Subject: pkix.Name{CommonName: "other root"}, IsCA: true}),
		Server:  Issue(middle, local),
		Expired: Issue(middle, old),
		Client:  Issue(middle, x509.Certificate{Subject: pkix.Name{CommonName: "a client"}}),
		A:       Issue(middle, host("a.example")),
		B:       Issue(middle, host("b.example")),
	}
})

// Issue makes a certificate, signed by another or by itself.
func Issue(by *Identity, template x509.Certificate) *Identity {
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	must(err)
	template.BasicConstraintsValid = true
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	if template.IsCA {
		template.KeyUsage = x509.KeyUsageCertSign
	} else {
		template.KeyUsage |= x509.KeyUsageDigitalSignature
	}
	parent, key := &template, signer
	if by != nil {
		parent, key = by.Cert, by.signer
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, signer.Public(), key)
	must(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(signer)
	must(err)
	made := &Identity{
		Chain:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:    pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		signer: signer,
	}
	made.Cert, err = x509.ParseCertificate(der)
	must(err)
	if by != nil && by.Cert.Issuer.String() != by.Cert.Subject.String() {
		made.Chain = append(made.Chain, by.Chain...)
	}
	return made
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// TLS is the identity for crypto/tls.
func (i *Identity) TLS() tls.Certificate {
	pair, err := tls.X509KeyPair(i.Chain, i.Key)
	must(err)
	return pair
}

// Pool is a root for crypto/tls.
func (i *Identity) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(i.Cert)
	return pool
}
