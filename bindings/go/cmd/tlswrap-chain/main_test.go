package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// serve shows a certificate whose names are not harmless, and gives the address and a file with its
// root.
func serve(t *testing.T) (addr, cafile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "r\u00f6\u00f6t \U0001f512 <&> \x7f"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "a\x1b[31m", Organization: []string{"\u202e\u2028\"\\"}},
		NotBefore: root.NotBefore, NotAfter: root.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		OCSPServer: []string{"http://ocsp.example/"}, CRLDistributionPoints: []string{"http://crl.example/a.crl"},
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	check(t, err)
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), key)
	check(t, err)
	cafile = filepath.Join(t.TempDir(), "root.pem")
	check(t, os.WriteFile(cafile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), 0o600))
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER}, PrivateKey: key}},
		NextProtos:   []string{"h2"},
	})
	check(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_ = conn.(*tls.Conn).Handshake()
				_, _ = conn.Read(make([]byte, 1))
			}()
		}
	}()
	return l.Addr().String(), cafile
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The same arguments come to the same bytes and the same exit status in both commands.
func TestSameAsC(t *testing.T) {
	command := os.Getenv("TLSWRAP_CHAIN")
	if command == "" {
		var err error
		if command, err = exec.LookPath("tlswrap-chain"); err != nil {
			t.Skip("the C command is not installed; TLSWRAP_CHAIN can say where it is")
		}
	}
	addr, cafile := serve(t)
	_, port, _ := net.SplitHostPort(addr)
	for name, c := range map[string]struct {
		args   []string
		status int
		silent bool
	}{
		"verified":     {[]string{addr, "--cafile", cafile}, verified, false},
		"by name":      {[]string{"localhost:" + port, "--cafile", cafile}, verified, false},
		"agreed":       {[]string{addr, "--cafile", cafile, "--alpn", "h2,http/1.1", "--min-tls", "1.3"}, verified, false},
		"untrusted":    {[]string{addr}, unverified, false},
		"wrong name":   {[]string{addr, "--cafile", cafile, "--servername", "other.example"}, unverified, false},
		"insecure":     {[]string{addr, "--insecure"}, verified, false},
		"no such file": {[]string{addr, "--cafile", "/nonexistent"}, usage, true},
		"no name":      {[]string{addr, "--servername", "a b"}, usage, true},
		"bad port":     {[]string{"localhost:0"}, usage, true},
	} {
		t.Run(name, func(t *testing.T) {
			var ours, theirs, complaints bytes.Buffer
			c1 := exec.Command(command, append(c.args, "--json")...)
			c1.Stdout = &theirs
			status := 0
			if err := c1.Run(); err != nil {
				var exit *exec.ExitError
				if !errors.As(err, &exit) {
					t.Fatal(err)
				}
				status = exit.ExitCode()
			}
			if got := run(c.args, &ours, &complaints); got != c.status || got != status {
				t.Errorf("status %d, C's is %d, expected %d: %s", got, status, c.status, complaints.String())
			}
			if ours.String() != theirs.String() || (ours.Len() == 0) != c.silent {
				t.Errorf("Go prints\n%sC prints\n%s", ours.String(), theirs.String())
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	addr := l.Addr().String()
	l.Close()
	var out, complaints bytes.Buffer
	if status := run([]string{addr}, &out, &complaints); status != noTLS || out.Len() > 0 || complaints.Len() == 0 {
		t.Errorf("status %d, %q, %q", status, out.String(), complaints.String())
	}
}

func TestQuote(t *testing.T) {
	for text, expected := range map[string]string{
		"localhost":            `"localhost"`,
		"a\"\\\b\n<&>\x7f":     `"a\"\\\b\n<&>\u007f"`,
		"\u00e9\U0001f512\xff": `"\u00e9\ud83d\udd12\ufffd"`,
	} {
		if got := quote(text); got != expected {
			t.Errorf("%q: %s, expected %s", text, got, expected)
		}
	}
}
