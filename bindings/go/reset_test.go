package tlswrap

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"syscall"
	"testing"

	"github.com/tlswrap/tlswrap/bindings/go/internal/testpki"
)

// A resettingConn sends what is written when something is to be read, and resets the connection once
// so many flights have left.
type resettingConn struct {
	net.Conn
	unsent  bytes.Buffer
	flights int
}

func (c *resettingConn) Write(b []byte) (int, error) { return c.unsent.Write(b) }

func (c *resettingConn) Read(b []byte) (int, error) {
	c.flush()
	return c.Conn.Read(b)
}

func (c *resettingConn) flush() {
	if c.unsent.Len() == 0 {
		return
	}
	c.Conn.Write(c.unsent.Bytes())
	c.unsent.Reset()
	if c.flights--; c.flights == 0 {
		reset(c.Conn)
	}
}

// reset closes a connection so that the peer gets a reset instead of an end.
func reset(conn net.Conn) {
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

// What ended the handshake is told, also where the peer has reset the connection meanwhile.
func TestRefusedAndReset(t *testing.T) {
	pki := testpki.Default()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		refused := func(conn *Conn, peer func()) {
			t.Helper()
			done := make(chan struct{})
			go func() {
				defer close(done)
				peer()
			}()
			err := conn.Handshake()
			<-done
			var refusal *VerifyError
			if !errors.As(err, &refusal) || refusal.Certificate == nil {
				t.Errorf("%x: %v", version, err)
			}
			state := conn.ConnectionState()
			if len(state.PeerCertificates) == 0 || state.VerifyErr == nil {
				t.Errorf("%x: %d certificates; %v", version, len(state.PeerCertificates), state.VerifyErr)
			}
		}
		a, b := tcp(t)
		client, err := Client(a, clientContext(t, Config{}), "localhost")
		must(err)
		defer client.Close()
		refused(client, func() {
			tls.Server(&resettingConn{Conn: b, flights: 1}, &tls.Config{
				Certificates: []tls.Certificate{pki.Expired.TLS()}, MaxVersion: version,
			}).Handshake()
		})

		a, b = tcp(t)
		server, err := Server(b, serverContext(t, Config{ClientAuth: RequireAndVerifyClientCert, CAs: pki.Other.Chain}))
		must(err)
		defer server.Close()
		refused(server, func() {
			raw := &resettingConn{Conn: a, flights: 2}
			tls.Client(raw, &tls.Config{
				RootCAs: pki.Root.Pool(), ServerName: "localhost", MaxVersion: version,
				// Whatever authorities the server names.
				GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
					own := pki.Client.TLS()
					return &own, nil
				},
			}).Handshake()
			raw.flush()
		})
	}
}

func TestNotTLSAndReset(t *testing.T) {
	for words, reason := range map[string]string{
		"HTTP/1.1 400 Bad Request\r\n\r\n": "WRONG_VERSION_NUMBER",
		"\x15\x03\x01\x00\x02\x02\x28":     "SSLV3_ALERT_HANDSHAKE_FAILURE",
		"":                                 "",
	} {
		a, b := tcp(t)
		client, err := Client(a, clientContext(t, Config{}), "localhost")
		must(err)
		defer client.Close()
		go func() {
			b.Read(make([]byte, 1<<16))
			b.Write([]byte(words))
			reset(b)
		}()
		err = client.Handshake()
		var failure *Error
		if errors.As(err, &failure) != (words != "") || failure != nil && failure.Reason != reason {
			t.Errorf("%q: %v", words, err)
		}
		if words == "" && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%v", err)
		}
	}
}
